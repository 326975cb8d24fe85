/** Stacks that are deployed but no longer in the code. */
import { execFileSync } from "node:child_process";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, setStacks } from "../support/project";

/** The workspace of the running test. */
export let workspace: RunningWorkspace;
/** The environment variables of its commands. */
export let env: NodeJS.ProcessEnv;

/** Starts a workspace for each test of the suite. */
export function useWorkspacePerTest(): void {
  let home: string;
  beforeAll(() => (home = makeHome()));
  beforeEach(async () => {
    workspace = await startWorkspace();
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      HOME: home,
    };
  });
  afterEach(() => workspace.close());
  afterAll(removeFolders);
}

export const recordFolder = "/Workspace/Shared/.lakeform/test";
const inWorkspace = { profileSettings: { backend: "workspace" } };

/** A stack with one job and one notebook. */
export function stackOf(
  name: string,
  { job = name, otherResources = {}, lifecycle = {}, backend = {} } = {},
): object {
  return {
    resource: {
      databricks_job: {
        a: {
          name: job,
          tags: { lakeform: `test/${name}` },
          task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
          ...lifecycle,
        },
      },
      databricks_notebook: {
        n: { path: `/Shared/${job}`, language: "PYTHON", content_base64: "cHJpbnQoMSk=" },
      },
      ...otherResources,
    },
    ...("http" in backend && {
      ...inWorkspace,
      terraform: {
        required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
        backend: { http: { username: name } },
      },
    }),
  };
}

export async function deployStacks(
  stacks: Record<string, object>,
  root = makeProject(stacks),
): Promise<string> {
  setStacks(root, stacks);
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  return root;
}

export const jobNames = async (): Promise<string[]> => {
  const response = await fetch(`${workspace.host}/api/2.2/jobs/list`, {
    headers: { authorization: `Bearer ${workspace.token}` },
  });
  const { jobs = [] } = (await response.json()) as { jobs?: { settings: { name: string } }[] };
  return jobs.map(({ settings }) => settings.name).sort();
};

export const keptStack = { "keep-local": stackOf("keep-local") };

export function git(root: string, ...args: string[]): string {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...author, ...args], { cwd: root, encoding: "utf8" }).trim();
}

/** Moves the state of a renamed stack, and deploys it under its new name. */
export async function checkRename(backend: object): Promise<void> {
  const root = await deployStacks({ "old-local": stackOf("old-local", { job: "etl", backend }) });
  const listJobs = async (): Promise<unknown> =>
    (await lakeform(root, ["api", "GET", "2.2/jobs/list", "--environment", "local"], env)).stdout;
  const idBefore = /"job_id": ?(\d+)/.exec(String(await listJobs()))?.[1];
  setStacks(root, { "new-local": stackOf("new-local", { job: "etl", backend }) });
  const migration = ["state", "migrate", "new-local", "--from-stack", "old-local"];
  const migrateResult = await lakeform(root, migration, env);
  expectExit(migrateResult, 0);
  const deployResult = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit(deployResult, 0);
  expect(deployResult.stdout).toContain("new-local: 0 create, 1 update, 0 replace, 0 destroy");
  expect(/"job_id": ?(\d+)/.exec(String(await listJobs()))?.[1]).toBe(idBefore);
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
}
