/** A deploy is interrupted, and its clean-up releases the lock slowly. Runs the real command. */
import { spawn } from "node:child_process";
import path from "node:path";
import { makeHome, makeProject, removeFolders, repository } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

const countFired = (): number => workspace.faults.list().reduce((sum, { fired }) => sum + fired, 0);

test("the interrupt is reported once, as the last message", async () => {
  const route = "/api/2.0/workspace/export";
  workspace.faults.add({ path: route, delay_ms: 600, times: 100 });
  const child = spawn(
    process.execPath,
    [path.join(repository, "bin", "lakeform.js"), "deploy", "local", "--auto-approve"],
    {
      cwd: makeProject({ "etl-local": {} }),
      env: {
        PATH: process.env.PATH,
        HOME: makeHome(),
        LAKEFORM_LOCAL_HOST: workspace.host,
        LAKEFORM_LOCAL_TOKEN: workspace.token,
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const end = new Promise((resolve) => child.once("close", resolve));
  const waitUntil = async (isReady: () => boolean): Promise<void> => {
    while (!isReady() && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  // The lock is held, and the deployment record is being read: the third export.
  await waitUntil(() => countFired() > 2);
  // The clean-up reads the lock first. The command gets to its next step before the clean-up ends.
  workspace.faults.clear();
  workspace.faults.add({ path: route, nth: 1, delay_ms: 3000 });
  child.kill("SIGINT");
  expect(await end).toBe(130);
  expect(stderr.match(/INTERRUPTED/g)).toHaveLength(1);
  expect(stderr.trimEnd()).toMatch(
    /INTERRUPTED: stopped by a signal[^\n]*\n {2}given: [^\n]*\n {2}fix: [^\n]*$/,
  );
}, 60_000);
