import type { Connection } from "../../src/api";
import { clientOf } from "../support/adopted";
import { removeFolders } from "../support/project";
import { prepareRandom, randomResources, type RandomPrerequisites } from "../support/random-kinds";
import { deployAll, roundTrip, unexplainedDifferences } from "../support/round-trip";
import { useWorkspace } from "../support/workspace";

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
];
const workspace = useWorkspace();
let api: Connection;
let prerequisites: RandomPrerequisites;

beforeAll(async () => {
  api = clientOf(workspace);
  const call = (method: string, route: string, body?: unknown): Promise<unknown> =>
    method === "GET"
      ? api.get(route)
      : method === "PATCH"
        ? api.patch(route, body)
        : method === "PUT"
          ? api.put(route, body)
          : api.post(route, body);
  prerequisites = await prepareRandom({ call } as never, 3);
});
afterAll(removeFolders);

test.each(types)(
  "random configurations of %s are adopted with a plan of imports only",
  async (type) => {
    const resources = await deployAll(api, type, randomResources(type, prerequisites, 3, 20));
    expect(unexplainedDifferences(await roundTrip(api, resources))).toEqual({
      creates: [],
      changes: [],
      raw: [],
    });
  },
);
