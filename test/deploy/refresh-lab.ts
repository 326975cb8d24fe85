/** A deployed project and its reviews, for the tests of the refresh of a plan. */
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const task = (path: string): unknown => ({ task_key: "a", notebook_task: { notebook_path: path } });
export const resourcesOf = (notebook: string): Record<string, unknown> => ({
  databricks_secret_scope: { s: { name: "refresh" } },
  databricks_job: {
    j: { name: "refresh", max_concurrent_runs: 2, task: [task(notebook)] },
    other: { name: "other", task: [task("/Shared/other")] },
  },
  databricks_permissions: {
    p: {
      job_id: "${databricks_job.j.id}",
      access_control: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    },
  },
});

export const workspace = useWorkspace();
export let env: NodeJS.ProcessEnv;
export let root: string;

/** Deploys the project before the first test. */
export function useDeployedProject(): void {
  beforeAll(async () => {
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    root = makeProject({ "etl-local": { resource: resourcesOf("/Shared/a") } });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
  });
  afterAll(removeFolders);
}

export const review = async (...options: string[]): Promise<CliResult & { digest: string }> => {
  const result = await lakeform(root, ["review", "local", "--format", "json", ...options], env);
  expectExit(result, 0);
  return { ...result, digest: (JSON.parse(result.stdout) as { digest: string }).digest };
};
export const noRefresh = "without a refresh: verify found no difference from the state";
