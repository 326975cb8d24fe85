import type { Connection } from "../../src/api";
import { startWorkspace } from "../../src/workspace/server";
import { clientOf } from "../support/adopted";
import { removeFolders } from "../support/project";
import { prepareRandom, randomResources } from "../support/random-kinds";
import {
  deployAll,
  roundTrip,
  unexplainedDifferences,
  type DeployedObject,
} from "../support/round-trip";
import { scaled } from "../support/scale";

const types = [
  "databricks_job",
  "databricks_cluster",
  "databricks_cluster_policy",
  "databricks_instance_pool",
  "databricks_sql_endpoint",
  "databricks_secret_scope",
  "databricks_catalog",
  "databricks_schema",
  "databricks_volume",
  "databricks_notebook",
  "databricks_workspace_file",
  "databricks_repo",
  // These kinds are written with the class of the bindings.
  "databricks_alert",
  "databricks_group",
  "databricks_instance_profile",
  "databricks_ip_access_list",
  "databricks_mlflow_experiment",
  "databricks_mlflow_model",
  "databricks_pipeline",
  "databricks_query",
  "databricks_registered_model",
  "databricks_vector_search_endpoint",
];
/** The number of configurations of each kind, 500 in total. */
const count = scaled(23, 3);
const seed = Number(process.env.LAKEFORM_SEED ?? 16);

afterAll(removeFolders);

async function inWorkspace(work: (api: Connection) => Promise<void>): Promise<void> {
  const workspace = await startWorkspace();
  try {
    await work(clientOf(workspace));
  } finally {
    await workspace.close();
  }
}

test(`${count} random configurations of each kind are adopted with a plan of imports only (LAKEFORM_SEED=${seed})`, async () => {
  await inWorkspace(async (api) => {
    const call = (method: string, route: string, body?: unknown): Promise<unknown> =>
      method === "GET"
        ? api.get(route)
        : method === "PATCH"
          ? api.patch(route, body)
          : method === "PUT"
            ? api.put(route, body)
            : api.post(route, body);
    const prerequisites = await prepareRandom({ call } as never, count);
    const resources: DeployedObject[] = [];
    for (const type of types)
      resources.push(
        ...(await deployAll(api, type, randomResources(type, prerequisites, count, seed))),
      );
    expect(unexplainedDifferences(await roundTrip(api, resources))).toEqual({
      creates: [],
      changes: [],
      raw: [],
    });
  });
});
