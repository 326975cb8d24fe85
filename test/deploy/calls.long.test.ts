/** Counts the calls of a first deploy. Its protection against lost responses makes no calls. */
import type { RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, setResource } from "../support/project";
import { useWorkspace } from "../support/workspace";

// Each test project has its own workspace: the stack of the other project would count as removed.
const workspaces = [useWorkspace(), useWorkspace()] as const;
afterAll(removeFolders);

let env: NodeJS.ProcessEnv;

/** Returns `count` jobs. @param firstJobFields further fields of the first job */
function jobsOf(count: number, firstJobFields: object = {}): Record<string, object> {
  const job = (index: number): object => ({
    name: `calls${count}-${index}`,
    tags: { lakeform: `test/calls${count}-local` },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
    ...(index === 0 && firstJobFields),
  });
  return Object.fromEntries(
    Array.from({ length: count }, (_none, index) => [`j${index}`, job(index)]),
  );
}

/** Deploys a new stack with `count` jobs. @returns the number of calls by method */
async function deployAndCount(
  count: number,
  workspace: RunningWorkspace,
): Promise<{ readonly root: string; readonly calls: Readonly<Record<string, number>> }> {
  const stack = `calls${count}-local`;
  const root = makeProject({ [stack]: { resource: { databricks_job: jobsOf(count) } } });
  // Fault rules that never apply count the calls.
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
    workspace.faults.add({ id: method, method, path: "/api/*", nth: 1_000_000_000, status: 500 });
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  const calls = Object.fromEntries(workspace.faults.list().map((fault) => [fault.id, fault.seen]));
  workspace.faults.clear();
  return { root, calls };
}

test("a deploy makes one create and one read for a new job, and plans only the job that changed", async () => {
  const smallDeploy = await deployAndCount(3, workspaces[0]);
  const { root, calls } = await deployAndCount(23, workspaces[1]);
  const callsPerJob = Object.fromEntries(
    Object.entries(calls).map(([method, count]) => [
      method,
      (count - (smallDeploy.calls[method] ?? 0)) / 20,
    ]),
  );
  expect(callsPerJob).toEqual({ GET: 1, POST: 1, PUT: 0, PATCH: 0, DELETE: 0 });
  setResource(root, "calls23-local", { databricks_job: jobsOf(23, { description: "changed" }) });
  const { stderr, ...result } = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit({ stderr, ...result }, 0);
  expect(stderr).toContain("; 1 of 23 resources)");
  const review = await lakeform(root, ["review", "local", "--full"], env);
  expect(review.stdout).toContain("calls23-local: 0 create, 0 update, 0 replace, 0 destroy");
});
