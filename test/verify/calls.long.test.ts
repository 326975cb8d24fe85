/**
 * The number of calls of a verification: for most kinds, one list shows many objects, or that they
 * have not changed since the deploy.
 */
import { kinds } from "../../src/resources";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { randomResources, type RandomPrerequisites } from "../support/random-kinds";
import { open, prepareLab, verifiedRecord } from "./all-kinds";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

/**
 * Kinds that need calls for each object, with their number, as long as there are few of them: no
 * list returns access lists, grants and all settings, and a container is searched for unmanaged
 * objects. `few-calls.long.test.ts` has many of each kind.
 */
const costs: Readonly<Record<string, number>> = {
  databricks_alert: 1,
  databricks_catalog: 1,
  databricks_dashboard: 2,
  databricks_directory: 1,
  databricks_grants: 1,
  databricks_mlflow_model: 1,
  databricks_notification_destination: 1,
  databricks_permissions: 1,
  databricks_pipeline: 1,
  databricks_schema: 1,
  databricks_secret_scope: 2,
};
/** The same without a deployment record: content, secret values, and fields that lists omit. */
const costsWithoutRecord: Readonly<Record<string, number>> = {
  ...costs,
  databricks_dbfs_file: 1,
  databricks_file: 1,
  databricks_global_init_script: 1,
  databricks_model_serving: 1,
  databricks_notebook: 1,
  databricks_online_table: 1,
  databricks_secret: 1,
  databricks_share: 1,
  databricks_vector_search_index: 1,
  databricks_workspace_file: 1,
};
const [few, many] = [2, 4];

let lab: Lab;
let ground: RandomPrerequisites;
beforeAll(async () => {
  lab = await openLab();
  ground = await prepareLab(lab, many);
});
afterAll(() => lab.close());

/** Returns the first resources of a kind. */
function part({ stack, state }: Deployed, type: string, count: number): Deployed {
  const named = Object.fromEntries(Object.entries(stack.resource?.[type] ?? {}).slice(0, count));
  const resources = state.resources.filter((resource) => resource.name in named);
  return { stack: { resource: { [type]: named } }, state: { ...state, resources } };
}

test("a further object of most kinds costs no call", async () => {
  const found: Record<string, number> = {};
  const foundWithoutRecord: Record<string, number> = {};
  for (const { type, traits } of kinds) {
    const configs = randomResources(type, ground, many, 7).map(({ config }) => ({
      ...config,
      ...open(config),
    }));
    // A workspace can have only one or two of these.
    if (configs.length < many) continue;
    const deployed = await deployDirect(lab, {
      [type]: Object.fromEntries(configs.map((config, index) => [`r${index}`, config])),
    });
    const measure = async (record?: DeploymentRecord): Promise<number> => {
      const options = record === undefined ? {} : { record };
      const small = await check(lab, part(deployed, type, few), options);
      const large = await check(lab, deployed, options);
      const different = summary(large).filter((line) => !line.startsWith("unverifiable"));
      expect([type, different]).toEqual([type, []]);
      return (large.calls - small.calls) / (many - few);
    };
    const each = await measure();
    if (each !== 0) foundWithoutRecord[type] = each;
    const hasVersions = traits?.listedVersions !== undefined;
    const recorded = hasVersions ? await measure(await verifiedRecord(lab, deployed)) : each;
    if (recorded !== 0) found[type] = recorded;
  }
  expect(foundWithoutRecord).toEqual(costsWithoutRecord);
  expect(found).toEqual(costs);
});
