/**
 * An object is created, and then a further call fails: with the real terraform, it is tainted in
 * the state, and the next apply repairs it.
 */
import { prepare } from "../support/every-kind";
import type { JsonObject } from "../support/replay-format";
import { noChanges, Stack } from "../support/stack";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.open();
  await prepare(stack);
}, 60_000);
afterAll(() => stack.close());

const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
const text = Buffer.from("one").toString("base64");

/**
 * The created object, which is named after the step that fails, and the request that fails: the
 * n-th with this method and path (default: the first).
 */
const cases: readonly (readonly [
  type: string,
  name: string,
  config: JsonObject,
  fails: { method: string; path: string; nth?: number },
])[] = [
  [
    "databricks_job",
    "run",
    {
      name: "partial",
      always_running: true,
      max_concurrent_runs: 1,
      task: [{ task_key: "t", notebook_task: { notebook_path: "/t" }, new_cluster: cluster }],
    },
    { method: "POST", path: "/api/2.2/jobs/run-now" },
  ],
  [
    "databricks_cluster",
    "pin",
    { cluster_name: "pinned", ...cluster, is_pinned: true },
    { method: "POST", path: "/api/2.1/clusters/pin" },
  ],
  [
    "databricks_cluster",
    "library",
    { cluster_name: "library", ...cluster, library: [{ pypi: [{ package: "requests" }] }] },
    { method: "POST", path: "/api/2.0/libraries/install" },
  ],
  [
    "databricks_catalog",
    "owner",
    { name: "partial", owner: "team", force_destroy: true },
    { method: "PATCH", path: "/api/2.1/unity-catalog/catalogs/partial" },
  ],
  [
    "databricks_schema",
    "owner",
    { catalog_name: "base", name: "partial", owner: "team" },
    { method: "PATCH", path: "/api/2.1/unity-catalog/schemas/base.partial" },
  ],
  [
    "databricks_volume",
    "owner",
    {
      catalog_name: "base",
      schema_name: "one",
      name: "partial",
      volume_type: "MANAGED",
      owner: "team",
    },
    { method: "PATCH", path: "/api/2.1/unity-catalog/volumes/base.one.partial" },
  ],
  [
    "databricks_repo",
    "branch",
    { url: "https://github.com/acme/partial.git", path: "/Repos/team/partial", branch: "release" },
    { method: "PATCH", path: "/api/2.0/repos/*" },
  ],
  [
    "databricks_sql_endpoint",
    "wait",
    { name: "partial", cluster_size: "2X-Small" },
    { method: "GET", path: "/api/2.0/sql/warehouses/*" },
  ],
  // After the creation of these kinds, the only further call is a read.
  [
    "databricks_token",
    "read",
    { comment: "partial" },
    { method: "GET", path: "/api/2.0/token/list" },
  ],
  [
    "databricks_grants",
    "read",
    { schema: "base.one", grant: [{ principal: "team", privileges: ["USE_SCHEMA"] }] },
    { method: "GET", path: "/api/2.1/unity-catalog/permissions/schema/base.one", nth: 2 },
  ],
  [
    "databricks_grant",
    "read",
    { schema: "base.two", principal: "team", privileges: ["USE_SCHEMA"] },
    { method: "GET", path: "/api/2.1/unity-catalog/permissions/schema/base.two", nth: 2 },
  ],
  [
    "databricks_workspace_file",
    "read",
    { path: "/Shared/partial.txt", content_base64: text },
    { method: "GET", path: "/api/2.0/workspace/get-status" },
  ],
  [
    "databricks_dbfs_file",
    "read",
    { path: "/tmp/partial.txt", content_base64: text },
    { method: "GET", path: "/api/2.0/dbfs/get-status" },
  ],
];
const addresses = cases.map(([type, name]) => `${type}.${name}`).sort();

test("a partially created object is tainted in the state", async () => {
  const resource: Record<string, JsonObject> = {};
  for (const [type, name, config, fails] of cases) {
    resource[type] = { ...resource[type], [name]: config };
    stack.workspace.faults.add({
      nth: 1,
      ...fails,
      when: "before",
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: `no ${type}` },
    });
  }
  stack.write(resource);
  const { errors } = await stack.apply("-parallelism=40");
  expect(
    errors
      .map((error) =>
        error.split("\n")[0]?.replace(/^(\S+): cannot (create|read) .*: no (\S+)$/, "$1 $3"),
      )
      .sort(),
  ).toEqual(cases.map(([type, name]) => `${type}.${name} ${type}`).sort());
  const savedState = stack.directory.readState();
  expect(
    savedState
      .filter(({ instances }) => instances[0]?.status === "tainted")
      .map(({ type, name }) => `${type}.${name}`),
  ).toEqual(addresses);
  expect(savedState.map(({ instances }) => typeof instances[0]?.attributes["id"])).toEqual(
    addresses.map(() => "string"),
  );
}, 120_000);

test("a tainted object is replaced by the next apply, and each job, cluster, warehouse and token exists once", async () => {
  stack.workspace.faults.clear();
  const { actions, errors } = await stack.apply("-parallelism=40");
  expect(errors).toEqual([]);
  expect(actions).toEqual(Object.fromEntries(addresses.map((address) => [address, "replace"])));
  expect(await stack.plan()).toEqual(noChanges);
  const { jobs } = (await stack.call("GET", "/api/2.2/jobs/list?name=partial")) as {
    jobs: unknown[];
  };
  const { clusters } = (await stack.call("GET", "/api/2.1/clusters/list")) as {
    clusters: { cluster_name: string; cluster_source: string }[];
  };
  const { warehouses } = (await stack.call("GET", "/api/2.0/sql/warehouses")) as {
    warehouses: unknown[];
  };
  const { token_infos } = (await stack.call("GET", "/api/2.0/token/list")) as {
    token_infos: { comment: string }[];
  };
  expect({
    jobs: jobs.length,
    // The run has its own cluster.
    clusters: clusters
      .flatMap((cluster) =>
        cluster.cluster_source === "JOB" || cluster.cluster_name === "base"
          ? []
          : [cluster.cluster_name],
      )
      .sort(),
    warehouses: warehouses.length,
    tokens: token_infos.filter(({ comment }) => comment === "partial").length,
  }).toEqual({ jobs: 1, clusters: ["library", "pinned"], warehouses: 1, tokens: 1 });
}, 120_000);
