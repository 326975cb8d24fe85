/** A job with a secret in its settings, for secret-paths.test.ts and secret-paths.long.test.ts. */
import { openLab, type Deployed, type Lab } from "../verify/harness";

export const secret = "dapi7f3a9c0b1e5d84f2a6-Qx";
/** The resources through which the value of {@link secret} is known to be a secret. */
export const secretResources = {
  databricks_secret_scope: { etl: { name: "etl" } },
  databricks_secret: { index: { scope: "etl", key: "index", string_value: secret } },
};
const cluster = "0101-000000-aaaaaaaa";
export const task = (key: string, fields: object = {}): Record<string, unknown> => ({
  task_key: key,
  notebook_task: [{ notebook_path: "/Shared/a" }],
  existing_cluster_id: cluster,
  ...fields,
});

/** Returns a task with another notebook, in the format of the API. */
export const editedTask = (key: string): object => ({
  task_key: key,
  notebook_task: { notebook_path: "/Shared/b" },
  existing_cluster_id: cluster,
});

/** The lab of the running test. */
export let lab: Lab;

export function useLabPerTest(): void {
  beforeEach(async () => {
    lab = await openLab();
  });
  afterEach(() => lab.close());
}

/** Changes the settings of the deployed job in the workspace. */
export async function changeJob({ state }: Deployed, settings: object): Promise<void> {
  const job = state.resources.find(({ type }) => type === "databricks_job");
  const { id } = job?.instances[0]?.attributes as { readonly id: string };
  await lab.client.post("/api/2.2/jobs/update", { job_id: Number(id), new_settings: settings });
}
