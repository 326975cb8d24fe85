/**
 * Lost or wrong responses during a deploy: the next deploy succeeds, and usually this one, too.
 * Runs the real command.
 */
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const folder = "/Workspace/Shared/.lakeform/test/etl-local";
const job = (name: string, description = "1"): object => ({
  name,
  description,
  tags: { lakeform: "test/etl-local" },
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
});
const resource = (description: string): object => ({
  databricks_job: { a: job("a", description), b: job("b", description) },
  databricks_secret_scope: { s: { name: "s" } },
});

const workspace = useWorkspace();
let root: string;
let env: NodeJS.ProcessEnv;
const deploy = (...options: string[]): Promise<CliResult> =>
  lakeform(root, ["deploy", "local", "--auto-approve", ...options], env);

beforeAll(() => {
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
  root = makeProject({ "etl-local": { resource: resource("1") } });
});
afterEach(() => workspace.faults.clear());
afterAll(removeFolders);

const call = (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> =>
  callRest(workspace, method, path, body);
const jobs = async (): Promise<string[]> =>
  ((await call("GET", "/api/2.2/jobs/list?limit=100")).jobs as { settings: { name: string } }[])
    .map(({ settings }) => settings.name)
    .sort();
const file = async (name: string): Promise<string | undefined> => {
  const query = new URLSearchParams({ path: `${folder}/${name}`, format: "AUTO" }).toString();
  const { content } = await call("GET", `/api/2.0/workspace/export?${query}`);
  return typeof content === "string" ? Buffer.from(content, "base64").toString("utf8") : undefined;
};

test("a deploy adopts objects whose creates took effect but returned 503, 500 or a gateway's page", async () => {
  workspace.faults.add({
    method: "POST",
    path: "/api/2.2/jobs/create",
    nth: 1,
    when: "after",
    status: 503,
  });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/secrets/scopes/create",
    nth: 1,
    when: "after",
    status: 500,
  });
  expectExit(await deploy(), 0);
  expect(await jobs()).toEqual(["a", "b"]);
});

test("a deploy that cannot write the record succeeds with a warning, and the next one writes the record", async () => {
  setResource(root, "etl-local", resource("2"));
  // The writes in order: the lock, the attempt, and then the record.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/import",
    nth: 3,
    times: 100,
    status: 403,
  });
  const result = await deploy();
  expectExit(result, 0);
  expect(result.stderr).toMatch(
    /warning: the deploy of etl-local succeeded, but could not be recorded in the workspace .*: deploy again/,
  );
  workspace.faults.clear();
  expect(await file("record.json")).not.toContain('"description":"2"');
  expectExit(await deploy(), 0);
  expect(await file("record.json")).toContain('"description":"2"');
  expect(JSON.parse((await file("attempt.json")) ?? "")).toMatchObject({
    outcome: "succeeded",
    fence: 3,
  });
});

test("a duplicate object is reported with the command that removes it, even if the plan is empty", async () => {
  const { job_id: id } = await call("POST", "/api/2.2/jobs/create", {
    name: "a",
    tags: { lakeform: "test/etl-local" },
    tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  const result = await deploy();
  expectExit(result, 2);
  expect(result.stdout).toContain("nothing to deploy, but the workspace does not match the code");
  expect(result.stdout).not.toContain("nothing to do: the workspace matches the code");
  expect(result.stdout).toMatch(
    new RegExp(`lakeform api POST /api/2.2/jobs/delete .*${String(id)}`),
  );
  await call("POST", "/api/2.2/jobs/delete", { job_id: id });
});
