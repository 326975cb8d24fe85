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

export const records = "/Workspace/Shared/.lakeform/test";
const inWorkspace = { profileSettings: { backend: "workspace" } };

/** A stack with one job and one notebook. */
export function stack(
  name: string,
  { job = name, more = {}, lifecycle = {}, backend = {} } = {},
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
      ...more,
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

export async function deployed(
  stacks: Record<string, object>,
  root = makeProject(stacks),
): Promise<string> {
  setStacks(root, stacks);
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  return root;
}

export const names = async (): Promise<string[]> => {
  const answer = await fetch(`${workspace.host}/api/2.2/jobs/list`, {
    headers: { authorization: `Bearer ${workspace.token}` },
  });
  const { jobs = [] } = (await answer.json()) as { jobs?: { settings: { name: string } }[] };
  return jobs.map(({ settings }) => settings.name).sort();
};

export const keep = { "keep-local": stack("keep-local") };

export function git(root: string, ...words: string[]): string {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...author, ...words], { cwd: root, encoding: "utf8" }).trim();
}

/** Moves the state of a renamed stack, and deploys it under its new name. */
export async function renameStack(backend: object): Promise<void> {
  const root = await deployed({ "old-local": stack("old-local", { job: "etl", backend }) });
  const ids = async (): Promise<unknown> =>
    (await lakeform(root, ["api", "GET", "2.2/jobs/list", "--environment", "local"], env)).stdout;
  const before = /"job_id": ?(\d+)/.exec(String(await ids()))?.[1];
  setStacks(root, { "new-local": stack("new-local", { job: "etl", backend }) });
  const moved = await lakeform(root, ["state", "migrate", "new-local", "--from-stack", "old-local"], env); // prettier-ignore
  expectExit(moved, 0);
  const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit(deploy, 0);
  expect(deploy.stdout).toContain("new-local: 0 create, 1 update, 0 replace, 0 destroy");
  expect(/"job_id": ?(\d+)/.exec(String(await ids()))?.[1]).toBe(before);
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
}
