import { clusterRoutes } from "./compute/cluster-routes";
import { libraryRoutes } from "./compute/libraries";
import { policyRoutes } from "./compute/policies";
import { poolRoutes } from "./compute/pools";
import { controlRoutes } from "./control";
import type { Faults } from "./faults";
import { dbfsRoutes } from "./files/dbfs";
import { meRoutes } from "./identity/me";
import { oauthRoutes } from "./identity/oauth";
import { permissionRoutes } from "./identity/permission-routes";
import { scimRoutes } from "./identity/scim";
import { tokenRoutes } from "./identity/tokens";
import { jobsRoutes } from "./jobs";
import type { Journal } from "./journal";
import { gitCredentialRoutes } from "./objects/git-credentials";
import { repoRoutes } from "./objects/repos";
import { workspaceRoutes } from "./objects/routes";
import type { WorkspaceApp } from "./routes";
import { secretsRoutes } from "./secrets/routes";
import { statementRoutes } from "./sql/statements";
import { warehouseRoutes } from "./sql/warehouses";
import { webRoutes } from "./web";

/** Registers every family's routes. */
export function families(app: WorkspaceApp, parts: { readonly journal: Journal; readonly faults: Faults }): void {
  controlRoutes(app, parts);
  meRoutes(app);
  const jobs = jobsRoutes(app);
  webRoutes(app, { journal: parts.journal, service: jobs });
  tokenRoutes(app);
  workspaceRoutes(app);
  dbfsRoutes(app);
  secretsRoutes(app);
  policyRoutes(app);
  poolRoutes(app);
  clusterRoutes(app);
  libraryRoutes(app);
  permissionRoutes(app);
  warehouseRoutes(app);
  statementRoutes(app);
  repoRoutes(app);
  gitCredentialRoutes(app);
  scimRoutes(app);
  oauthRoutes(app);
}
