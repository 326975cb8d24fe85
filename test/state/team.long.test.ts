/**
 * Deploys, changes, promotes and destroys a team's project. Each command has an empty folder, so all
 * states are in the workspaces.
 */
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";
import { longScale } from "../support/scale";
import { checkout, teamStacks, type TeamSize } from "./team";

const sizes: readonly TeamSize[] =
  longScale < 1
    ? [{ jobStacks: 1, jobs: 1, environments: ["dev", "staging"] }]
    : [
        { jobStacks: 1, jobs: 1, environments: ["dev", "staging", "prod"] },
        { jobStacks: 6, jobs: 20, environments: ["dev", "staging", "prod"] },
      ];

afterAll(removeFolders);

test.each(sizes)(
  "a platform stack and $jobStacks stacks of $jobs jobs are deployed, changed, promoted and destroyed in $environments",
  async (size) => {
    const { environments, jobStacks, jobs } = size;
    const workspaces = new Map<string, RunningWorkspace>();
    const env: Record<string, string> = {};
    for (const name of environments) {
      const workspace = await startWorkspace();
      workspaces.set(name, workspace);
      env[`LAKEFORM_${name.toUpperCase()}_HOST`] = workspace.host;
      env[`LAKEFORM_${name.toUpperCase()}_TOKEN`] = workspace.token;
    }
    let stacks = teamStacks(size);
    const durations: Record<string, number> = {};
    /** Each command has a separate folder and home. */
    const run = async (...words: string[]): Promise<CliResult> => {
      const root = checkout(stacks);
      const started = performance.now();
      const result = await lakeform(root, words, env);
      durations[words.slice(0, 3).join(" ")] = Math.round((performance.now() - started) / 100) / 10;
      expectExit(result, 0);
      expect(fs.existsSync(path.join(root, ".lakeform", "state"))).toBe(false);
      return result;
    };
    const readObjects = async (name: string): Promise<{ jobs: string[]; pools: string[] }> => {
      const { host = "", token = "" } = workspaces.get(name) ?? {};
      const get = async (
        route: string,
      ): Promise<Record<string, { job_id: number; instance_pool_id: string }[] | undefined>> =>
        (await (
          await fetch(`${host}${route}`, { headers: { authorization: `Bearer ${token}` } })
        ).json()) as never;
      const jobTexts: string[] = [];
      for (let offset = 0, pageSize = 100; pageSize === 100; offset += pageSize) {
        const { jobs: page = [] } = await get(
          `/api/2.1/jobs/list?limit=100&offset=${offset}&expand_tasks=true`,
        );
        pageSize = page.length;
        jobTexts.push(...page.map((job) => JSON.stringify(job)));
      }
      const { instance_pools: pools = [] } = await get("/api/2.0/instance-pools/list");
      return { jobs: jobTexts, pools: pools.map(({ instance_pool_id }) => instance_pool_id) };
    };
    const expectComplete = async (name: string): Promise<string> => {
      const { jobs: jobTexts, pools } = await readObjects(name);
      expect([jobTexts.length, pools.length]).toEqual([jobStacks * jobs, 1]);
      expect(jobTexts.filter((job) => !job.includes(pools[0] ?? "none"))).toEqual([]);
      return pools[0] ?? "";
    };
    try {
      const [firstEnvironment = ""] = environments;
      await run("deploy", firstEnvironment, "--auto-approve");
      const poolBefore = await expectComplete(firstEnvironment);
      expect((await run("deploy", firstEnvironment, "--auto-approve")).stdout).toContain(
        "nothing to do",
      );

      // The pool is replaced, and every job has the new id.
      stacks = teamStacks(size, "Standard_DS4_v2");
      await run("deploy", firstEnvironment, "--auto-approve");
      expect(await expectComplete(firstEnvironment)).not.toBe(poolBefore);
      await run("verify", firstEnvironment, "--deep");

      for (const [index, target] of environments.slice(1).entries()) {
        const from = environments[index] ?? "";
        await run("run", from, "jobs0-0");
        const result = await run(
          "promote",
          from,
          target,
          "--auto-approve",
          "--no-run",
          "--job",
          "jobs0-0",
        );
        expect(result.stdout).toContain(`promoted ${from} to ${target}`);
        await expectComplete(target);
      }
      for (const name of environments) {
        await run("destroy", name, "--auto-approve");
        expect(await readObjects(name)).toEqual({ jobs: [], pools: [] });
      }
      console.info(
        `1 + ${jobStacks} stacks of ${jobs} jobs, seconds: ${JSON.stringify(durations)}`,
      );
    } finally {
      for (const workspace of workspaces.values()) await workspace.close();
    }
  },
  1_800_000,
);
