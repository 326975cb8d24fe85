/** A stack whose state is in an HTTP backend of the user, which fails. Runs the real command. */
import fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders } from "../support/project";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let backend: Server;
let state: string | undefined;
let isWritable = false;
/** The lock that a Terraform process holds which could not release it. */
let lock: string | undefined;

beforeAll(async () => {
  backend = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      if (request.method === "LOCK" && lock !== undefined) return response.writeHead(423).end(lock);
      if (request.method === "POST" && isWritable) state = body;
      const isMissing = request.method === "GET" && state === undefined;
      response.writeHead(isMissing ? 404 : request.method === "POST" && !isWritable ? 403 : 200);
      response.end(request.method === "GET" ? state : undefined);
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  backend.close();
  removeFolders();
});

test("the state that a failing backend did not accept is written by the next deploy", async () => {
  const address = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/state`;
  const job = {
    name: "a",
    tags: { lakeform: "test/etl-local" },
    task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  };
  const root = makeProject({
    "etl-local": {
      resource: { databricks_job: { a: job } },
      terraform: {
        required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
        backend: {
          http: { address, lock_address: address, unlock_address: address, retry_max: 0 },
        },
      },
    },
  });
  const env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  const deploy = (): Promise<CliResult> =>
    lakeform(root, ["deploy", "local", "--auto-approve"], env);
  const errored = path.join(root, "cdktf.out", "stacks", "etl-local", "errored.tfstate");

  const failed = await deploy();
  expectExit(failed, 1);
  expect(failed.stderr).toContain(`Terraform has saved the state in ${errored}`);
  expect(failed.stderr).not.toContain("terraform state push");
  expect(fs.existsSync(errored)).toBe(true);

  isWritable = true;
  lock = '{"ID":"left"}';
  const locked = await deploy();
  expectExit(locked, 1);
  expect(locked.stderr).toMatch(
    /^STATE_LOCKED: .*etl-local\n {2}given: {3}lock left\n {2}fix: .*terraform -chdir=\S+ force-unlock left$/m,
  );
  expect(fs.existsSync(errored)).toBe(true);

  lock = undefined;
  const next = await deploy();
  expectExit(next, 0);
  expect(next.stderr).toMatch(/that Terraform could not write has now been written \(serial \d+\)/);
  expect(fs.existsSync(errored)).toBe(false);
  expect(state).toContain('"databricks_job"');
  const { jobs } = (await callRest(workspace, "GET", "/api/2.2/jobs/list")) as { jobs: unknown[] };
  expect(jobs).toHaveLength(1);
}, 60_000);
