import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { makeProject, removeFolders, type StackContent } from "../support/project";

const required_providers = { databricks: { source: "databricks/databricks", version: "1.99.0" } };
const resource = { databricks_secret_scope: { s: { name: "served" } } };
const inWorkspace: StackContent = {
  resource,
  profileSettings: { backend: "workspace" },
  terraform: { required_providers, backend: { http: { username: "etl-local" } } },
};

let workspace: RunningWorkspace;
let env: NodeJS.ProcessEnv;
const cleanUps: (() => unknown)[] = [];
beforeAll(async () => {
  workspace = await startWorkspace();
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
});
afterAll(async () => {
  for (const cleanUp of cleanUps) cleanUp();
  await workspace.close();
  removeFolders();
});

/** Starts an HTTP backend, as an example of the backends that lakeform reads through Terraform. */
async function startHttpBackend(): Promise<{
  readonly address: string;
  state(): string;
  close(): void;
}> {
  let state = "";
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (request.method === "POST") state = Buffer.concat(parts).toString("utf8");
      if (request.method === "GET" && state === "") response.statusCode = 404;
      response.end(request.method === "GET" ? state : "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => server.close());
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    state: () => state,
    close: () => void server.close(),
  };
}

test("state migrate copies the state from a file to an HTTP backend, to the workspace, and back", async () => {
  const stackWith = (content: StackContent): Record<string, StackContent> => ({
    "move-local": { ...content, resource: { databricks_secret_scope: { s: { name: "moved" } } } },
  });
  const root = makeProject(stackWith({}));
  const setContent = (content: StackContent): void => {
    const newProject = makeProject(stackWith(content));
    fs.copyFileSync(path.join(newProject, "stacks.json"), path.join(root, "stacks.json"));
  };
  const migrate = async (route: string): Promise<void> => {
    const migrateResult = await lakeform(root, ["state", "migrate", "move-local"], env);
    expectExit(migrateResult, 0);
    expect(migrateResult.stdout).toContain(`was copied from ${route}`);
  };
  const redeploy = async (): Promise<void> => {
    const deployResult = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployResult, 0);
    expect(deployResult.stdout).toContain("nothing to do");
  };
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  const file = path.join(root, ".lakeform", "state", "move-local.tfstate");
  const stateBefore = fs.readFileSync(file, "utf8");
  const sameBackendResult = await lakeform(root, ["state", "migrate", "move-local"], env);
  expectExit(sameBackendResult, 1);
  expect(sameBackendResult.stderr).toContain("SAME_BACKEND");

  const httpBackend = await startHttpBackend();
  setContent({
    terraform: { required_providers, backend: { http: { address: httpBackend.address } } },
  });
  const reviewResult = await lakeform(root, ["review", "local"], env);
  expectExit(reviewResult, 1);
  expect(reviewResult.stderr).toMatch(
    /BACKEND_CHANGED[^]*local -> http; state in the old one: serial 1; in the new one: none[^]*lakeform state migrate move-local/,
  );
  await migrate("local to http");
  // Terraform increments the serial for the two writes that keep the lineage.
  const expectedState = {
    ...(JSON.parse(stateBefore) as Record<string, unknown>),
    serial: (JSON.parse(httpBackend.state()) as { serial: number }).serial,
  };
  expect(JSON.parse(httpBackend.state())).toEqual(expectedState);
  fs.rmSync(file);
  await redeploy();

  setContent({
    ...inWorkspace,
    terraform: { required_providers, backend: { http: { username: "move-local" } } },
  });
  await migrate("http to workspace");
  httpBackend.close();
  expect(JSON.parse((await lakeform(root, ["state", "pull", "move-local"], env)).stdout)).toEqual(
    expectedState,
  );
  await redeploy();

  setContent({});
  await migrate("workspace to local");
  expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual(expectedState);
  const finalReview = await lakeform(root, ["review", "local", "--quiet"], env);
  expectExit(finalReview, 0);
  expect(finalReview.stdout).toContain("0 create, 0 update, 0 replace, 0 destroy (1 unchanged)");
}, 120_000);
