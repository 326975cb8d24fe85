import fc from "fast-check";
import { startWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "./cli";
import { editedJob } from "./edited-jobs";
import { makeProject, setResource } from "./project";
import type { JsonObject } from "./replay-format";

/** A job as REST returns it, next to another one created from the same code. */
export interface Twins {
  readonly edited: JsonObject;
  readonly fresh: JsonObject;
}

export interface EditedDeploys {
  readonly twins: readonly Twins[];
  /** The exit code of a second `deploy --heal`, and the objects that it healed. */
  readonly again: { readonly code: number; readonly healed: readonly string[] };
  /** The number of values that the deploy inherited from other elements by position. */
  readonly inherited: number;
}

/**
 * Deploys random jobs, edits their lists, and deploys with `--heal`, through the provider that a
 * CLI configuration names; each edited job is compared with a new copy. The stack uses the official
 * provider: the embedded provider's mechanisms (mirror, reduced schema) are not involved.
 */
export async function deployEdits(
  cliConfigFile: string,
  count: number,
  seed: number,
): Promise<EditedDeploys> {
  const jobs = fc.sample(editedJob(), { numRuns: count, seed });
  const named = (prefix: string, which: "before" | "after"): JsonObject =>
    Object.fromEntries(
      jobs.map((job, i) => [`${prefix}${i}`, { name: `${prefix} ${i}`, ...job[which] }]),
    );
  const stack = "edits-local";
  const root = makeProject({
    [stack]: { provider: "official", resource: { databricks_job: named("edited", "before") } },
  });
  const workspace = await startWorkspace();
  const env = {
    TF_CLI_CONFIG_FILE: cliConfigFile,
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  };
  const deploy = (...more: string[]): ReturnType<typeof lakeform> =>
    lakeform(root, ["deploy", stack, "--auto-approve", ...more], env);
  const get = async (path: string): Promise<JsonObject> => {
    const answer = await fetch(workspace.host + path, {
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as JsonObject;
  };
  try {
    expectExit(await deploy(), 0);
    setResource(root, stack, {
      databricks_job: { ...named("edited", "after"), ...named("fresh", "after") },
    });
    const review = await lakeform(root, ["review", stack, "--format", "json"], env);
    expectExit(review, 0);
    expectExit(await deploy("--heal"), 0);
    const again = await deploy("--heal");
    const { jobs: listed } = (await get("/api/2.2/jobs/list?limit=100")) as {
      jobs: { job_id: number; settings: { name: string } }[];
    };
    const settingsOf = async (name: string): Promise<JsonObject> => {
      const id = listed.find(({ settings }) => settings.name === name)?.job_id;
      return inOrder((await get(`/api/2.2/jobs/get?job_id=${id}`))["settings"] as JsonObject);
    };
    const twins: Twins[] = [];
    for (const i of jobs.keys())
      twins.push({
        edited: await settingsOf(`edited ${i}`),
        fresh: await settingsOf(`fresh ${i}`),
      });
    const [reviewed] = (JSON.parse(review.stdout) as { stacks: { inherited: unknown[] }[] }).stacks;
    return {
      twins,
      again: { code: again.code, healed: healedIn(again.stderr) },
      inherited: reviewed?.inherited.length ?? 0,
    };
  } finally {
    await workspace.close();
  }
}

const healedIn = (progress: string): string[] =>
  progress.split("\n").filter((line) => line.trim().startsWith("healed "));

/**
 * Returns a job without its name and with sorted tasks: a create sends them sorted by key, an
 * update in the order of the configuration.
 */
function inOrder({ name: _name, ...settings }: JsonObject): JsonObject {
  const tasks = (settings["tasks"] as JsonObject[]).toSorted((a, b) =>
    (a["task_key"] as string) < (b["task_key"] as string) ? -1 : 1,
  );
  return { ...settings, tasks };
}
