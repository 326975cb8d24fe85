/**
 * The number of calls of a verification: kinds with lists of complete objects need one call for
 * many objects.
 */
import { kinds } from "../../src/resources";
import { randomResources, prepareRandom, type RandomPrerequisites } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import type { Caller } from "../support/stack";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

/**
 * Kinds that need calls for each object, with their number: content, secret values, access lists,
 * grants, and objects whose list omits fields. A container is searched for unmanaged objects.
 */
const costs: Readonly<Record<string, number>> = {
  databricks_alert: 1,
  databricks_catalog: 1,
  databricks_dashboard: 2,
  databricks_dbfs_file: 2,
  databricks_directory: 1,
  databricks_file: 2,
  databricks_global_init_script: 1,
  databricks_grants: 1,
  databricks_mlflow_model: 1,
  databricks_model_serving: 1,
  databricks_notebook: 1,
  databricks_notification_destination: 1,
  databricks_online_table: 1,
  databricks_permissions: 1,
  databricks_pipeline: 1,
  databricks_schema: 1,
  databricks_secret: 1,
  databricks_secret_scope: 2,
  databricks_share: 1,
  databricks_vector_search_index: 1,
  databricks_workspace_file: 1,
};
const [few, many] = [2, 4];

let lab: Lab;
let ground: RandomPrerequisites;
beforeAll(async () => {
  lab = await openLab();
  const caller: Caller = {
    call: async (method, path, body) => {
      const sent = body === undefined ? {} : { body: body as JsonObject };
      return (await lab.client.exchange({ method: method as "GET" | "POST", path, ...sent }))
        .body as JsonObject;
    },
  };
  const timing = {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    library_install_ms: 0,
    warehouse_start_ms: 0,
  };
  await caller.call("PUT", "/_lakeform/timing", timing);
  ground = await prepareRandom(caller, many);
});
afterAll(() => lab.close());

/** Returns the first resource of a kind. */
function part({ stack, state }: Deployed, type: string, count: number): Deployed {
  const named = Object.fromEntries(Object.entries(stack.resource?.[type] ?? {}).slice(0, count));
  const resources = state.resources.filter((resource) => resource.name in named);
  return { stack: { resource: { [type]: named } }, state: { ...state, resources } };
}

test("a further object of most kinds costs no call", async () => {
  const found: Record<string, number> = {};
  for (const { type } of kinds) {
    const configs = randomResources(type, ground, many, 7).map(({ config }) => ({
      ...config,
      ...open(config),
    }));
    // A workspace can have only one or two of these.
    if (configs.length < many) continue;
    const deployed = await deployDirect(lab, {
      [type]: Object.fromEntries(configs.map((config, index) => [`r${index}`, config])),
    });
    const [a, b] = [await check(lab, part(deployed, type, few)), await check(lab, deployed)];
    const each = (b.calls - a.calls) / (many - few);
    if (each !== 0) found[type] = each;
    expect([type, summary(b).filter((line) => !line.startsWith("unverifiable"))]).toEqual([
      type,
      [],
    ]);
  }
  expect(found).toEqual(costs);
});

/** Isolated objects have bindings, which cost one call per object. */
const open = ({ isolation_mode }: JsonObject): JsonObject =>
  isolation_mode === "ISOLATED" ? { isolation_mode: "OPEN" } : {};
