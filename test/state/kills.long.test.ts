/**
 * Kills deploys of several stacks with states in the workspace at random moments: lakeform (and with
 * it the server of the states), Terraform, or both.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository } from "../support/project";
import { scaled } from "../support/scale";
import { teamStacks } from "./team";

const kills = scaled(20, 2);
const size = { jobStacks: 2, jobs: 3, environments: ["local"] };
const victims = ["lakeform", "terraform", "both"] as const;

/** Returns the random numbers of a seed, so that each run kills after the same times. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.close());
afterAll(removeFolders);

const get = async (
  route: string,
): Promise<Record<string, readonly Record<string, unknown>[] | undefined>> =>
  (await (
    await fetch(`${workspace.host}${route}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    })
  ).json()) as never;

/** Kills a process or, with a negative id, its group. It may have ended. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

test.each(Array.from({ length: kills }, (_, index) => index + 1))(
  "after kill %i, the next deploy succeeds, and nothing is created twice",
  async (seed) => {
    const random = randomFrom(seed * 7919);
    const root = makeProject(teamStacks(size));
    const env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      HOME: makeHome(),
    };
    const child = spawn(
      process.execPath,
      [path.join(repository, "bin", "lakeform.js"), "deploy", "local", "--auto-approve", "--quiet"],
      {
        cwd: root,
        env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env },
        stdio: "ignore",
      },
    );
    const ended = new Promise((resolve) => child.once("close", resolve));
    // The delay makes most kills hit a step in progress.
    workspace.faults.add({ path: "/api/*", delay_ms: 30 });
    await Promise.race([ended, sleep(500 + random() * 14_000)]);
    const victim = victims[Math.floor(random() * victims.length)] ?? "both";
    const terraformPids = childrenOf(child.pid ?? 0);
    if (victim !== "terraform") child.kill("SIGKILL");
    // Terraform has a separate process group, which includes its provider.
    if (victim !== "lakeform") for (const pid of terraformPids) kill(-pid);
    await ended;
    workspace.faults.clear();

    const secondDeploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(secondDeploy, 0);
    const { jobs = [] } = await get("/api/2.2/jobs/list");
    const names = jobs.map(({ settings }) => (settings as { name: string }).name).sort();
    expect(names).toEqual(["jobs0-0", "jobs0-1", "jobs0-2", "jobs1-0", "jobs1-1", "jobs1-2"]);
    expect((await get("/api/2.0/instance-pools/list")).instance_pools).toHaveLength(1);
    for (const stack of ["platform-local", "jobs0-local", "jobs1-local"]) {
      const stateList = await lakeform(root, ["state", "list", stack], env);
      expectExit(stateList, 0);
      expect(stateList.stdout).not.toContain("locked");
    }
    // Another machine can read the complete state.
    const otherDeploy = await lakeform(
      makeProject(teamStacks(size)),
      ["deploy", "local", "--auto-approve"],
      env,
    );
    expectExit(otherDeploy, 0);
    expect(otherDeploy.stdout).toContain("nothing to do");
    expect(
      fs
        .readdirSync(path.join(root, "cdktf.out", "stacks", "jobs0-local"))
        .filter((name) => name.startsWith("errored")),
    ).toEqual([]);
  },
  300_000,
);
