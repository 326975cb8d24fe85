/** A project with two jobs and a scope, deployed by the real command, for bad-days*.test.ts. */
import { lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

export const folder = "/Workspace/Shared/.lakeform/test/etl-local";
const job = (name: string, description = "1"): object => ({
  name,
  description,
  tags: { lakeform: "test/etl-local" },
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
});
export const resource = (description: string): object => ({
  databricks_job: { a: job("a", description), b: job("b", description) },
  databricks_secret_scope: { s: { name: "s" } },
});
/** Returns the resources, and a notebook with a name in the code. */
export const withNotebook = (description: string, name: string): object => ({
  ...resource(description),
  databricks_notebook: {
    [name]: { path: "/Shared/renamed", language: "PYTHON", content_base64: "cHJpbnQoMSk=" },
  },
});

export const workspace = useWorkspace();
export let root: string;
export let env: NodeJS.ProcessEnv;
export const deploy = (...options: string[]): Promise<CliResult> =>
  lakeform(root, ["deploy", "local", "--auto-approve", ...options], env);

/** Creates the project, which no test has deployed yet. */
export function useBadDaysProject(): void {
  beforeAll(() => {
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    root = makeProject({ "etl-local": { resource: resource("1") } });
  });
  afterEach(() => workspace.faults.clear());
  afterAll(removeFolders);
}

export const call = (
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> => callRest(workspace, method, path, body);
export const readRecordFile = async (name: string): Promise<string | undefined> => {
  const query = new URLSearchParams({ path: `${folder}/${name}`, format: "AUTO" }).toString();
  const { content } = await call("GET", `/api/2.0/workspace/export?${query}`);
  return typeof content === "string" ? Buffer.from(content, "base64").toString("utf8") : undefined;
};
