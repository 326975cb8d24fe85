/**
 * Kills deploys and destroys of many objects, for which lakeform serves the local state: lakeform
 * (and with it the server of the state), Terraform, or both. The next deploy exits with 0, and
 * every object exists once.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository, setStacks } from "../support/project";
import { scaled } from "../support/scale";

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.close());
afterAll(removeFolders);

const victims = ["lakeform", "terraform", "both"] as const;
const commands = ["first deploy", "change", "destroy"] as const;
const names = Array.from({ length: 50 }, (_, i) => `job-${String(i).padStart(2, "0")}`);

function setJobs(root: string, description: string): void {
  const tags = { lakeform: "test/etl-local" };
  const task = [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }];
  const jobs = names.map((name) => [name, { name, description, tags, task }]);
  const resource = { databricks_job: Object.fromEntries(jobs) as Record<string, object> };
  setStacks(root, { "etl-local": { environment: "local", resource } });
}

const env = (home: string): NodeJS.ProcessEnv => ({
  LAKEFORM_LOCAL_HOST: workspace.host,
  LAKEFORM_LOCAL_TOKEN: workspace.token,
  HOME: home,
});

async function jobNames(): Promise<readonly string[]> {
  const result: string[] = [];
  for (let token = ""; ;) {
    const response = await fetch(`${workspace.host}/api/2.2/jobs/list?limit=100${token}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    const { jobs = [], next_page_token: nextToken } = (await response.json()) as {
      readonly jobs?: readonly { readonly settings: { readonly name: string } }[];
      readonly next_page_token?: string;
    };
    result.push(...jobs.map(({ settings }) => settings.name));
    if (nextToken === undefined || nextToken === "") return result.sort();
    token = `&page_token=${encodeURIComponent(nextToken)}`;
  }
}

interface Kill {
  /** The words of the command. */
  readonly args: readonly string[];
  readonly home: string;
  readonly writeNumber: number;
  readonly victim: (typeof victims)[number];
}

/**
 * Kills a process while the workspace delays the write `writeNumber` of the command.
 * @returns whether the command made that many writes
 */
async function killAtWrite(
  root: string,
  { args, home, writeNumber, victim }: Kill,
): Promise<boolean> {
  const rule = workspace.faults.add({
    method: "POST",
    path: "/api/2.2/jobs/*",
    nth: writeNumber,
    when: writeNumber % 2 === 0 ? "before" : "after",
    delay_ms: 3_000,
  });
  const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env(home) },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const hasFired = (): boolean =>
    workspace.faults.list().some(({ id, fired }) => id === rule.id && fired > 0);
  while (!hasFired() && child.exitCode === null) await sleep(20);
  const isReached = hasFired();
  await sleep(100);
  const pid = child.pid ?? 0;
  const lakeformPids = isReached && victim !== "terraform" ? [pid] : [];
  const terraformPids = isReached && victim !== "lakeform" ? childrenOf(pid) : [];
  for (const processId of [...terraformPids, ...lakeformPids]) process.kill(processId, "SIGKILL");
  await ended;
  workspace.faults.clear();
  return isReached;
}

test("a killed command is completed by the next deploy", async () => {
  const problems: string[] = [];
  let killedCount = 0;
  for (let run = 0; run < scaled(45, 2); run += 1) {
    const victim = victims[run % 3] ?? "both";
    const command = commands[(run + Math.floor(run / 3)) % 3] ?? "change";
    const [home, root] = [makeHome(), makeProject()];
    setJobs(root, "before");
    const deploy = ["deploy", "local", "--auto-approve"];
    if (command !== "first deploy") expectExit(await lakeform(root, deploy, env(home)), 0);
    setJobs(root, "after");
    const args = command === "destroy" ? ["destroy", "local", "--auto-approve"] : deploy;
    const writeNumber = 1 + ((run * 17) % 48);
    if (await killAtWrite(root, { args, home, writeNumber, victim })) killedCount += 1;
    const caseName = `${command}, ${victim} at write ${writeNumber}`;
    const plainDeploy = await lakeform(root, deploy, env(home));
    if (plainDeploy.code !== 0)
      problems.push(`${caseName}: ${plainDeploy.code}\n${plainDeploy.stderr}${plainDeploy.stdout}`);
    const actualNames = await jobNames();
    if (actualNames.join() !== names.join()) problems.push(`${caseName}: ${actualNames.join()}`);
    const verify = await lakeform(root, ["verify", "local"], env(home));
    if (verify.code !== 0) problems.push(`${caseName}: verify\n${verify.stderr}${verify.stdout}`);
    expectExit(await lakeform(root, ["destroy", "local", "--auto-approve"], env(home)), 0);
    expect(await jobNames()).toEqual([]);
  }
  expect(killedCount).toBeGreaterThan(0);
  expect(problems).toEqual([]);
}, 3_600_000);
