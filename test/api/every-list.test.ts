/**
 * Each list is read as long as a page has a token, even if `has_more` is false or the page is
 * empty.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type Connection } from "../../src/api";
import { families } from "../../src/api";
import { all } from "../../src/api/transport/paging";
import { failOnActiveRuns } from "../../src/deploy/active-runs";
import { findKind, kinds } from "../../src/resources";
import { allLibraryStatuses } from "../../src/resources/families/libraries";
import { treeItems } from "../../src/verify/remote/tree";

const largeId = "9007199254740993";
/** The items of the lists, by the end of the path. */
const items: readonly (readonly [RegExp, string, string])[] = [
  [/\/jobs\/list$/, "jobs", `{"job_id": ${largeId}, "settings": {"name": "x", "tasks": []}}`],
  [/\/runs\/list$/, "runs", `{"run_id": ${largeId}, "job_id": 1}`],
  [/2\.\d\/clusters\/list$/, "clusters", `{"cluster_id": "x", "cluster_source": "UI"}`],
  [/\/policies\/clusters\/list$/, "policies", `{"policy_id": "x", "name": "x"}`],
  [/\/instance-pools\/list$/, "instance_pools", `{"instance_pool_id": "x"}`],
  [/\/sql\/warehouses$/, "warehouses", `{"id": "x", "name": "x"}`],
  [/\/scopes\/list$/, "scopes", `{"name": "x"}`],
  [/\/secrets\/list$/, "secrets", `{"key": "x", "last_updated_timestamp": 1}`],
  [/\/acls\/list$/, "items", `{"principal": "x", "permission": "READ"}`],
  [/\/token\/list$/, "token_infos", `{"token_id": "x", "comment": "x"}`],
  [
    /\/workspace\/list$/,
    "objects",
    `{"path": "/x", "object_type": "REPO", "object_id": ${largeId}}, {"path": "/n", "object_type": "NOTEBOOK"}, {"path": "/d", "object_type": "DIRECTORY"}, {"path": "/f", "object_type": "FILE"}`,
  ],
  [/\/dbfs\/list$/, "files", `{"path": "/x", "is_dir": false, "file_size": 1}`],
  [
    /\/fs\/directories/,
    "contents",
    `{"path": "/Volumes/a/b/c/x", "is_directory": false, "name": "x"}`,
  ],
  [/\/repos$/, "repos", `{"id": ${largeId}, "path": "/Repos/x", "url": "https://x"}`],
  [/\/git-credentials$/, "credentials", `{"credential_id": ${largeId}, "git_provider": "gitHub"}`],
  [/\/catalogs$/, "catalogs", `{"name": "x"}`],
  [/\/schemas$/, "schemas", `{"name": "x", "catalog_name": "c", "full_name": "c.x"}`],
  [/\/tables$/, "tables", `{"name": "x", "catalog_name": "c", "schema_name": "s"}`],
  [/\/volumes$/, "volumes", `{"name": "x", "full_name": "c.s.x"}`],
  [
    /\/all-cluster-statuses$/,
    "statuses",
    `{"cluster_id": "x", "library_statuses": [{"library": {"jar": "dbfs:/x"}, "status": "INSTALLED"}]}`,
  ],
  [
    /\/cluster-status$/,
    "library_statuses",
    `{"library": {"jar": "dbfs:/x"}, "status": "INSTALLED"}`,
  ],
];

/**
 * The field names of the other kinds' lists: the server returns all of them, and each kind reads
 * its own.
 */
const otherNames = [
  "apps",
  "connections",
  "credentials",
  "dashboards",
  "endpoints",
  "experiments",
  "external_locations",
  "instance_profiles",
  "ip_access_lists",
  "metastores",
  "policies",
  "providers",
  "recipients",
  "registered_models",
  "results",
  "scripts",
  "shares",
  "statuses",
  "storage_credentials",
  "webhooks",
];
const otherItem = `{"id": "x", "name": "x", "full_name": "c.s.x", "display_name": "x", "pipeline_id": "x", "script_id": "x", "list_id": "x", "experiment_id": "x", "dashboard_id": "x", "id": "x", "metastore_id": "x", "policy_id": "x", "instance_profile_arn": "arn:x", "lifecycle_state": "ACTIVE", "purpose": "SERVICE"}`;

/** The kinds whose lists are in the table `items`. */
const types = new Set([
  "databricks_job",
  "databricks_cluster",
  "databricks_cluster_policy",
  "databricks_instance_pool",
  "databricks_library",
  "databricks_sql_endpoint",
  "databricks_sql_table",
  "databricks_catalog",
  "databricks_dbfs_file",
  "databricks_directory",
  "databricks_file",
  "databricks_git_credential",
  "databricks_notebook",
  "databricks_repo",
  "databricks_secret",
  "databricks_secret_acl",
  "databricks_secret_scope",
  "databricks_token",
  "databricks_schema",
  "databricks_volume",
  "databricks_workspace_file",
]);

let server: Server;
let client: Connection;
const requestedPages = new Set<string>();
beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    if (url.pathname === "/.well-known/databricks-config") {
      response.end(`{"account_id": "a"}`);
      return;
    }
    const [, name, item] =
      (!url.pathname.includes("/unity-catalog/credentials") &&
        items.find(([route]) => route.test(url.pathname))) ||
      [];
    // The parameter with the token has this name in the official SDKs.
    const [page] = url.searchParams.getAll(
      url.pathname.endsWith("/repos") ? "next_page_token" : "page_token",
    );
    if (name === undefined) {
      const lists = otherNames
        .map((other) => `"${other}": [${page === "p3" ? otherItem : ""}]`)
        .join(", ");
      const nextToken =
        page === "p3" ? "" : `, "next_page_token": "${page === undefined ? "p2" : "p3"}"`;
      response.end(`{${lists}, "has_more": false${nextToken}}`);
      return;
    }
    requestedPages.add(`${name} ${page ?? "first"}`);
    response.end(
      page === "p3"
        ? `{"${name}": [${item}], "has_more": false}`
        : `{"${page === undefined ? "other" : name}": [], "next_page_token": "${page === undefined ? "p2" : "p3"}", "has_more": false}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = connect({
    env: {},
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: "t",
  });
});
afterAll(async () => {
  await client.close();
  server.close();
});

test.each(kinds.filter(({ type }) => types.has(type)).map(({ type }) => type))(
  "%s",
  async (type) => {
    const parent =
      type === "databricks_catalog" ? undefined : type === "databricks_volume" ? "c.s" : "within";
    const list = findKind(type)?.list?.(client, parent);
    if (list === undefined) throw new Error("no list");
    const listed = await all(list);
    expect(listed).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toContain("9007199254740992");
  },
);

const newerKinds = kinds.filter(
  (kind) =>
    kind.list !== undefined &&
    !types.has(kind.type) &&
    !/group|user|service_principal/.test(kind.type),
);
test.each(newerKinds.map(({ type }) => type))("%s, a newer kind", async (type) => {
  const list = findKind(type)?.list?.(
    client,
    type === "databricks_registered_model" ? "c.s" : undefined,
  );
  if (list === undefined) throw new Error("no list");
  expect(await all(list)).toHaveLength(1);
});

test("the lists of the client are read completely", async () => {
  const {
    jobs,
    runs,
    clusters,
    policies,
    pools,
    warehouses,
    secrets,
    tokens,
    workspace,
    dbfs,
    repos,
    unityCatalog,
  } = families(client);
  const counts = [
    await all(jobs.list()),
    await all(runs.list()),
    await all(clusters.list()),
    await all(policies.list()),
    await all(pools.list()),
    await all(warehouses.list()),
    await secrets.scopes(),
    await secrets.list("s"),
    await secrets.acls("s"),
    await tokens.list(),
    await dbfs.list("/"),
    await all(repos.list()),
    await all(unityCatalog.catalogs()),
    await all(unityCatalog.schemas("c")),
    await all(unityCatalog.volumes("c", "s")),
  ].map(({ length }) => length);
  expect(counts).toEqual(counts.map(() => 1));
  expect(await workspace.list("/")).toHaveLength(4);
});

test("the verifier's workspace tree, the libraries of clusters, and the runs that block a deploy are read completely", async () => {
  expect((await treeItems(client, "/")).map(({ remote }) => remote.id)).toEqual([
    largeId,
    "/n",
    "/d",
    "/f",
  ]);
  expect([...(await allLibraryStatuses(client)).keys()]).toEqual(["x"]);
  const review = {
    stacks: [
      { stack: "s", changes: [{ type: "databricks_job", id: "1", action: "update", path: "s/j" }] },
    ],
  };
  const target = { client, stack: { name: "s" } };
  await expect(failOnActiveRuns([target] as never, review as never)).rejects.toMatchObject({
    details: { value: `s/j (run ${largeId})` },
  });
  const healed = { stack: "s", address: "databricks_job.k", id: "2", path: "s/k" };
  await expect(
    failOnActiveRuns([target] as never, { stacks: [] } as never, [healed]),
  ).rejects.toMatchObject({
    details: { value: `s/k (run ${largeId})` },
  });
});

test("each list of the table was read to its last page", () => {
  expect(items.map(([, name]) => `${name} p3`).filter((page) => !requestedPages.has(page))).toEqual(
    [],
  );
});
