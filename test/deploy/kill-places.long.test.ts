/**
 * lakeform and Terraform killed at each write of a command (the lock, the attempt, each object, the
 * state, the record, the history, the removal of the lock), before and after it took effect: one
 * plain deploy afterwards exits with 0, every object exists once, and no lock is left.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { expectExit, lakeform } from "../support/cli";
import {
  makeHome,
  makeProject,
  removeFolders,
  repository,
  setStacks,
  type StackContent,
} from "../support/project";
import { longScale } from "../support/scale";

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.close());
afterAll(removeFolders);

type Backend = "local" | "workspace";

function stacksOf(backend: Backend, description: string): Record<string, StackContent> {
  const job = (name: string): object => ({
    name,
    description,
    tags: { lakeform: "test/etl-local" },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  const content: StackContent = {
    environment: "local",
    profileSettings: { backend },
    resource: {
      databricks_job: { a: job("a"), b: job("b") },
      databricks_secret_scope: { s: { name: "s" } },
    },
  };
  if (backend === "local") return { "etl-local": content };
  const required = { databricks: { source: "databricks/databricks", version: "1.99.0" } };
  return {
    "etl-local": {
      ...content,
      terraform: { required_providers: required, backend: { http: { username: "etl-local" } } },
    },
  };
}

const env = (home: string): NodeJS.ProcessEnv => ({
  LAKEFORM_LOCAL_HOST: workspace.host,
  LAKEFORM_LOCAL_TOKEN: workspace.token,
  HOME: home,
});
const get = async (route: string): Promise<Record<string, unknown>> =>
  (await (
    await fetch(`${workspace.host}${route}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    })
  ).json()) as Record<string, unknown>;

async function listJobNames(): Promise<string[]> {
  const { jobs: list = [] } = (await get("/api/2.2/jobs/list")) as {
    jobs?: { settings: { name: string } }[];
  };
  return list.map(({ settings }) => settings.name).sort();
}

async function listLocks(folder = "/Workspace/Shared/.lakeform"): Promise<string[]> {
  const { objects = [] } = (await get(`/api/2.0/workspace/list?path=${folder}`)) as {
    objects?: { path: string; object_type: string }[];
  };
  const lockFiles: string[] = [];
  for (const { path: objectPath, object_type } of objects) {
    if (object_type === "DIRECTORY") lockFiles.push(...(await listLocks(objectPath)));
    else if (/\/lock/.test(objectPath)) lockFiles.push(objectPath);
  }
  return lockFiles;
}

/**
 * Kills a command and its children before or after its `nth` write takes effect.
 * @returns whether the command made that many writes
 */
async function killAtWrite(
  root: string,
  words: readonly string[],
  home: string,
  nth: number,
  when: "before" | "after",
): Promise<boolean> {
  const rule = workspace.faults.add({
    method: "POST",
    path: "/api/*",
    nth,
    when,
    delay_ms: 600_000,
  });
  const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), ...words], {
    cwd: root,
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", ...env(home) },
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const hasFired = (): boolean =>
    workspace.faults.list().some(({ id, fired }) => id === rule.id && fired > 0);
  while (!hasFired() && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const isReached = hasFired();
  // A call is counted before it takes effect.
  if (isReached && when === "after") await new Promise((resolve) => setTimeout(resolve, 100));
  if (isReached)
    for (const pid of [...childrenOf(child.pid ?? 0), child.pid ?? 0]) process.kill(pid, "SIGKILL");
  await ended;
  workspace.faults.clear();
  return isReached;
}

/**
 * With a small LAKEFORM_LONG_SCALE, tests only every n-th write, with a different offset in each
 * phase.
 */
const stride = Math.max(1, Math.round(1.5 / longScale));
/** The offset of the tested writes in each phase. */
const offsets = { "first deploy": 28, change: 17, destroy: 9 } as const;

test.each(
  (["local", "workspace"] as const).flatMap((backend) =>
    (["first deploy", "change", "destroy"] as const).map((phase) => [backend, phase] as const),
  ),
)(
  "a kill at each write is repaired by the next deploy (state: %s, %s)",
  async (backend, phase) => {
    const problems: string[] = [];
    let writeNumber = 0;
    for (let nth = 1, isReached = true; isReached; nth += 1)
      for (const when of ["before", "after"] as const) {
        writeNumber += 1;
        if (writeNumber % stride !== offsets[phase] % stride) continue;
        const home = makeHome();
        const root = makeProject(stacksOf(backend, "1"));
        if (phase !== "first deploy")
          expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env(home)), 0);
        if (phase === "change") setStacks(root, stacksOf(backend, "2"));
        isReached = await killAtWrite(
          root,
          [phase === "destroy" ? "destroy" : "deploy", "local", "--auto-approve"],
          home,
          nth,
          when,
        );
        if (isReached) {
          const caseName = `write ${nth}, ${when}`;
          const plainDeploy = await lakeform(
            root,
            ["deploy", "local", "--auto-approve"],
            env(home),
          );
          if (plainDeploy.code !== 0)
            problems.push(
              `${caseName}: ${plainDeploy.code}\n${plainDeploy.stderr}${plainDeploy.stdout}`,
            );
          const [jobNames, lockFiles] = [await listJobNames(), await listLocks()];
          if (jobNames.join() !== "a,b") problems.push(`${caseName}: ${jobNames.join()}`);
          if (lockFiles.length > 0) problems.push(`${caseName}: ${lockFiles.join()}`);
          const verify = await lakeform(root, ["verify", "local"], env(home));
          if (verify.code !== 0)
            problems.push(`${caseName}: verify ${verify.code}\n${verify.stderr}${verify.stdout}`);
        }
        await lakeform(root, ["destroy", "local", "--auto-approve"], env(home));
        await workspace.close();
        workspace = await startWorkspace();
      }
    expect(writeNumber).toBeGreaterThan(8);
    expect(problems).toEqual([]);
  },
  3_600_000,
);
