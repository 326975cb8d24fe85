import fc from "fast-check";
import { startWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "./cli";
import { editedJob } from "./edited-jobs";
import { makeProject, setResource } from "./project";
import type { JsonObject } from "./replay-format";

/** An edited job as REST returns it, and a new job that was created from the same code. */
export interface JobPair {
  readonly edited: JsonObject;
  readonly fresh: JsonObject;
}

export interface EditedDeploys {
  readonly pairs: readonly JobPair[];
  /** The exit code of a second `deploy --heal`, and its lines about healed objects. */
  readonly secondDeploy: { readonly code: number; readonly healed: readonly string[] };
  /** The number of values that the deploy inherited from other elements by position. */
  readonly inherited: number;
}

/**
 * Deploys random jobs, edits their lists, deploys with `--heal`, and reads each edited job and a new
 * job with the same code. The provider is that of the CLI configuration; the stack uses the official
 * provider, so the mirror and the reduced schema of the embedded one are not involved.
 */
export async function deployEdits(
  cliConfigFile: string,
  count: number,
  seed: number,
): Promise<EditedDeploys> {
  const jobs = fc.sample(editedJob(), { numRuns: count, seed });
  const jobConfigs = (prefix: string, version: "before" | "after"): JsonObject =>
    Object.fromEntries(
      jobs.map((job, index) => [
        `${prefix}${index}`,
        { name: `${prefix} ${index}`, ...job[version] },
      ]),
    );
  const stack = "edits-local";
  const root = makeProject({
    [stack]: { provider: "official", resource: { databricks_job: jobConfigs("edited", "before") } },
  });
  const workspace = await startWorkspace();
  const env = {
    TF_CLI_CONFIG_FILE: cliConfigFile,
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  };
  const deploy = (...args: string[]): ReturnType<typeof lakeform> =>
    lakeform(root, ["deploy", stack, "--auto-approve", ...args], env);
  const get = async (path: string): Promise<JsonObject> => {
    const response = await fetch(workspace.host + path, {
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as JsonObject;
  };
  try {
    expectExit(await deploy(), 0);
    setResource(root, stack, {
      databricks_job: { ...jobConfigs("edited", "after"), ...jobConfigs("fresh", "after") },
    });
    const review = await lakeform(root, ["review", stack, "--format", "json"], env);
    expectExit(review, 0);
    expectExit(await deploy("--heal"), 0);
    const secondDeploy = await deploy("--heal");
    const { jobs: allJobs } = (await get("/api/2.2/jobs/list?limit=100")) as {
      jobs: { job_id: number; settings: { name: string } }[];
    };
    const getSettings = async (name: string): Promise<JsonObject> => {
      const id = allJobs.find(({ settings }) => settings.name === name)?.job_id;
      return withSortedTasks(
        (await get(`/api/2.2/jobs/get?job_id=${id}`))["settings"] as JsonObject,
      );
    };
    const pairs: JobPair[] = [];
    for (const index of jobs.keys())
      pairs.push({
        edited: await getSettings(`edited ${index}`),
        fresh: await getSettings(`fresh ${index}`),
      });
    const [stackReview] = (JSON.parse(review.stdout) as { stacks: { inherited: unknown[] }[] })
      .stacks;
    return {
      pairs,
      secondDeploy: { code: secondDeploy.code, healed: healedObjects(secondDeploy.stderr) },
      inherited: stackReview?.inherited.length ?? 0,
    };
  } finally {
    await workspace.close();
  }
}

const healedObjects = (progress: string): string[] =>
  progress.split("\n").filter((line) => line.trim().startsWith("healed "));

/**
 * Returns a job without its name and with sorted tasks: a create sends them sorted by key, an
 * update in the order of the configuration.
 */
function withSortedTasks({ name: _name, ...settings }: JsonObject): JsonObject {
  const tasks = (settings["tasks"] as JsonObject[]).toSorted((a, b) =>
    (a["task_key"] as string) < (b["task_key"] as string) ? -1 : 1,
  );
  return { ...settings, tasks };
}
