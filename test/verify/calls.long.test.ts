/**
 * The number of calls of a verification: for most kinds, one list shows many objects, or that they
 * have not changed since the deploy.
 */
import { kinds } from "../../src/resources";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { randomResources, type RandomPrerequisites } from "../support/random-kinds";
import { openIsolated, prepareLab, verifiedRecord } from "./all-kinds";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

/**
 * The number of calls for each object of a kind, as long as there are few of them: no list returns
 * access lists, grants and all settings, and a container is searched for unmanaged objects. `few-calls.long.test.ts` has many of each kind.
 */
const knownCosts: Readonly<Record<string, number>> = {
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
/** The calls for each object without a deployment record: also for content, secret values, and fields that lists omit. */
const knownCostsWithoutRecord: Readonly<Record<string, number>> = {
  ...knownCosts,
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
let prerequisites: RandomPrerequisites;
beforeAll(async () => {
  lab = await openLab();
  prerequisites = await prepareLab(lab, many);
});
afterAll(() => lab.close());

/** Returns a deploy of only the first resources of a kind. */
function firstResources({ stack, state }: Deployed, type: string, count: number): Deployed {
  const named = Object.fromEntries(Object.entries(stack.resource?.[type] ?? {}).slice(0, count));
  const resources = state.resources.filter((resource) => resource.name in named);
  return { stack: { resource: { [type]: named } }, state: { ...state, resources } };
}

test("a further object costs no call, except for the listed kinds", async () => {
  const costs: Record<string, number> = {};
  const costsWithoutRecord: Record<string, number> = {};
  for (const { type, traits } of kinds) {
    const configs = randomResources(type, prerequisites, many, 7).map(({ config }) => ({
      ...config,
      ...openIsolated(config),
    }));
    // A workspace can have only one or two of these.
    if (configs.length < many) continue;
    const deployed = await deployDirect(lab, {
      [type]: Object.fromEntries(configs.map((config, index) => [`r${index}`, config])),
    });
    const measure = async (record?: DeploymentRecord): Promise<number> => {
      const options = record === undefined ? {} : { record };
      const small = await check(lab, firstResources(deployed, type, few), options);
      const large = await check(lab, deployed, options);
      const findings = summary(large).filter((line) => !line.startsWith("unverifiable"));
      expect([type, findings]).toEqual([type, []]);
      return (large.calls - small.calls) / (many - few);
    };
    const each = await measure();
    if (each !== 0) costsWithoutRecord[type] = each;
    const hasVersions = traits?.listedVersions !== undefined;
    const recorded = hasVersions ? await measure(await verifiedRecord(lab, deployed)) : each;
    if (recorded !== 0) costs[type] = recorded;
  }
  expect(costsWithoutRecord).toEqual(knownCostsWithoutRecord);
  expect(costs).toEqual(knownCosts);
});
