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

beforeAll(async () => {
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
  root = makeProject({ "etl-local": { resource: resource("1") } });
  expectExit(await deploy(), 0);
});
afterEach(() => workspace.faults.clear());
afterAll(removeFolders);

const call = (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> =>
  callRest(workspace, method, path, body);
const file = async (name: string): Promise<string | undefined> => {
  const query = new URLSearchParams({ path: `${folder}/${name}`, format: "AUTO" }).toString();
  const { content } = await call("GET", `/api/2.0/workspace/export?${query}`);
  return typeof content === "string" ? Buffer.from(content, "base64").toString("utf8") : undefined;
};
const write = (name: string, text: string): Promise<unknown> =>
  call("POST", "/api/2.0/workspace/import", {
    path: `${folder}/${name}`,
    format: "AUTO",
    overwrite: true,
    content: Buffer.from(text).toString("base64"),
  });

test("a failed resource is reported first, the warnings of the clean-up after it", async () => {
  setResource(root, "etl-local", resource("3"));
  workspace.faults.add({ method: "POST", path: "/api/2.2/jobs/reset", status: 403 });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/import",
    nth: 3,
    times: 100,
    status: 403,
  });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/delete",
    times: 100,
    status: 403,
  });
  const result = await deploy();
  expectExit(result, 1);
  expect(result.stderr).toMatch(
    /TERRAFORM_FAILED: [^]*cannot update job[^]*also: .*could not be recorded[^]*also: .*lock of this deploy could not be removed/,
  );
  workspace.faults.clear();
  await call("POST", "/api/2.0/workspace/delete", { path: `${folder}/lock.json` });
  expectExit(await deploy(), 0);
});

test.each(["attempt.json", "record.json"])("a truncated %s is rewritten", async (name) => {
  await write(name, '{"version":1,"id');
  expectExit(await deploy("--quiet"), 0);
  expect(JSON.parse((await file(name)) ?? "")).toMatchObject({ version: 1 });
});

test("other entries of the history stay readable if one is truncated", async () => {
  await write("history/2026-01-01T00-00-00.000Z.json", '{"version":1,"id');
  expectExit(await lakeform(root, ["promotions", "local"], env), 0);
});
