/** Stacks that are deployed but no longer in the code. */
import { execFileSync } from "node:child_process";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, setStacks } from "../support/project";
import { SavedDeploy } from "../support/saved-deploy";

/** The workspace of the running test. */
export let workspace: RunningWorkspace;
/** The environment variables of its commands. */
export let env: NodeJS.ProcessEnv;

let home: string;
/** The projects of {@link deployedProject} by their stacks, each with its folder. */
const savedDeploys = new Map<string, { readonly root: string; readonly deploy: SavedDeploy }>();

/** Starts a workspace for each test of the suite. */
export function useWorkspacePerTest(): void {
  beforeAll(() => (home = makeHome()));
  beforeEach(async () => useWorkspace(await startWorkspace()));
  afterEach(() => workspace.close());
  afterAll(removeFolders);
}

function useWorkspace(startedWorkspace: RunningWorkspace): void {
  workspace = startedWorkspace;
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: home,
  };
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

/** Deploys the stacks of a project to the running workspace. */
export async function deployStacks(stacks: Record<string, object>, root: string): Promise<void> {
  setStacks(root, stacks);
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
}

/**
 * Creates a project whose stacks are deployed, in another workspace than the one before. Each set
 * of stacks is deployed only once in a suite, starting from the set without its last stack.
 * @returns the project's folder
 */
export async function deployedProject(stacks: Record<string, object>): Promise<string> {
  const key = JSON.stringify(stacks);
  const saved = savedDeploys.get(key);
  if (saved !== undefined) {
    await workspace.close();
    useWorkspace(await saved.deploy.restore());
    setStacks(saved.root, stacks);
    return saved.root;
  }
  const otherStacks = Object.entries(stacks).slice(0, -1);
  const root =
    otherStacks.length === 0
      ? makeProject()
      : await deployedProject(Object.fromEntries(otherStacks));
  await deployStacks(stacks, root);
  savedDeploys.set(key, { root, deploy: new SavedDeploy(root, workspace) });
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
  const root = await deployedProject({
    "old-local": stackOf("old-local", { job: "etl", backend }),
  });
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
