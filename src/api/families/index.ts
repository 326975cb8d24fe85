/**
 * This folder has one file per API family, with its REST types. `scripts/import-order.cjs` lists
 * what it may import.
 */
import type { Client } from "../client";
import { Clusters } from "./clusters";
import { Dbfs } from "./dbfs";
import { Files } from "./files";
import { Jobs } from "./jobs";
import { Libraries } from "./libraries";
import { whoAmI } from "./me";
import { Permissions } from "./permissions";
import { Policies } from "./policies";
import { Pools } from "./pools";
import { Repos } from "./repos";
import { Runs } from "./runs";
import { Secrets } from "./secrets";
import { Tokens } from "./tokens";
import { UnityCatalog } from "./unity-catalog";
import { Warehouses } from "./warehouses";
import { Workspace } from "./workspace";

/** Returns all API families for one client. */
export function families(client: Client) {
  return {
    jobs: new Jobs(client),
    runs: new Runs(client),
    clusters: new Clusters(client),
    policies: new Policies(client),
    pools: new Pools(client),
    libraries: new Libraries(client),
    secrets: new Secrets(client),
    dbfs: new Dbfs(client),
    files: new Files(client),
    workspace: new Workspace(client),
    tokens: new Tokens(client),
    warehouses: new Warehouses(client),
    unityCatalog: new UnityCatalog(client),
    permissions: new Permissions(client),
    repos: new Repos(client),
    me: () => whoAmI(client),
  };
}

export type Families = ReturnType<typeof families>;
