/** Being safe on bad days costs no call on good ones: the calls of a first deploy, counted by the workspace. */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders } from "../support/project";

let workspace: RunningWorkspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(async () => {
  await workspace.close();
  removeFolders();
});

/** The calls of a first deploy of a stack with so many jobs, by method. */
async function callsOf(count: number): Promise<Record<string, number>> {
  const stack = `calls${count}-local`;
  const job = (index: number): object => ({
    name: `calls${count}-${index}`,
    tags: { lakeform: `test/${stack}` },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  const jobs = Object.fromEntries(Array.from({ length: count }, (_none, index) => [`j${index}`, job(index)]));
  const root = makeProject({ [stack]: { resource: { databricks_job: jobs } } });
  // Rules that never apply count the calls.
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
    workspace.faults.add({ id: method, method, path: "/api/*", nth: 1_000_000_000, status: 500 });
  const env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token, HOME: makeHome() };
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  const seen = Object.fromEntries(workspace.faults.list().map((one) => [one.id, one.seen]));
  workspace.faults.clear();
  return seen;
}

test("one more job is one create and one read more", async () => {
  const [few, many] = [await callsOf(3), await callsOf(13)];
  const more = Object.fromEntries(Object.entries(many).map(([method, count]) => [method, (count - (few[method] ?? 0)) / 10]));
  expect(more).toEqual({ GET: 1, POST: 1, PUT: 0, PATCH: 0, DELETE: 0 });
});
