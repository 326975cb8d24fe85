/**
 * A deployed project with two jobs, whose state the tests remove, damage and replace. For
 * stuck-state.test.ts and stuck-state.long.test.ts.
 */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, setResource } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

export const recordFolder = "/Workspace/Shared/.lakeform/test/etl-local";
export const job = (name: string, description = "1"): object => ({
  name,
  description,
  tags: { lakeform: "test/etl-local" },
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
});
export const jobsOf = (description: string): object => ({
  databricks_job: { a: job("a", description), b: job("b", description) },
});

export let workspace: ReturnType<typeof useWorkspace>;
export let root: string;
export let env: NodeJS.ProcessEnv;
/** The path of the state. */
export let state: string;
/** The content of the state after the last deploy that {@link rememberState} followed. */
export let completeState: string;

/** Deploys the project twice before the tests of the file, so that the state has a backup. */
export function useDeployedProject(): void {
  workspace = useWorkspace();
  beforeAll(async () => {
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      HOME: makeHome(),
    };
    root = makeProject({ "etl-local": { resource: jobsOf("1") } });
    state = path.join(root, ".lakeform", "state", "etl-local.tfstate");
    expectExit(await deploy(), 0);
    setResource(root, "etl-local", jobsOf("2"));
    expectExit(await deploy(), 0);
    rememberState();
  }, 120_000);
  afterEach(() => workspace.faults.clear());
  afterAll(removeFolders);
}

export function rememberState(): void {
  completeState = fs.readFileSync(state, "utf8");
}

export function restoreState(): void {
  fs.writeFileSync(state, completeState);
}

export const run = (...args: string[]): Promise<CliResult> =>
  lakeform(root, [...args, "--quiet"], env);
/** @param variables additional environment variables */
export const deploy = (variables: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  lakeform(root, ["deploy", "local", "--auto-approve"], { ...env, ...variables });

export const call = (
  method: string,
  route: string,
  body?: unknown,
): Promise<Record<string, unknown>> => callRest(workspace, method, route, body);

interface ListedJob {
  readonly job_id: number;
  readonly settings: { readonly name: string };
}
export const listJobs = async (): Promise<readonly ListedJob[]> =>
  ((await call("GET", "/api/2.2/jobs/list?limit=100")).jobs ?? []) as ListedJob[];
export const jobNames = async (): Promise<string[]> =>
  (await listJobs()).map(({ settings }) => settings.name).sort();

/** Writes a file into the folder of the deployment record. */
export const writeRecordFile = (name: string, text: string): Promise<unknown> =>
  call("POST", "/api/2.0/workspace/import", {
    path: `${recordFolder}/${name}`,
    format: "AUTO",
    overwrite: true,
    content: Buffer.from(text).toString("base64"),
  });
export const deleteRecordFile = (name: string): Promise<unknown> =>
  call("POST", "/api/2.0/workspace/delete", { path: `${recordFolder}/${name}` });

/** Runs `work` while a deploy of another machine holds the lock of the stack. */
export async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const lock = { id: "other", by: "ann", since: "2026-01-01T00:00:00Z", host: "another", pid: 1 };
  await writeRecordFile("lock.json", JSON.stringify(lock));
  try {
    return await work();
  } finally {
    await deleteRecordFile("lock.json");
  }
}

export interface StateFile {
  serial: number;
  lineage: string;
  resources: { name: string }[];
}
/** Returns the complete state with a change. */
export const changedState = (change: (parsed: StateFile) => void): string => {
  const parsed = JSON.parse(completeState) as StateFile;
  change(parsed);
  return `${JSON.stringify(parsed, null, 2)}\n`;
};

/** Fails unless the command rejects the state and changes no job. @returns the error text */
export async function expectRejected(result: Promise<CliResult>): Promise<string> {
  const { code, stderr } = await result;
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^STATE_NOT_DEPLOYED: etl-local is deployed/m),
  ]);
  expect(stderr).toMatch(/use the deployed state[^]*terraform -chdir=\S+ import /);
  expect(await jobNames()).toEqual(["a", "b"]);
  return stderr;
}
