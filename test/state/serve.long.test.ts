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
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  workspace = await startWorkspace();
  env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
});
afterAll(async () => {
  for (const end of ends) end();
  await workspace.close();
  removeFolders();
});

/** Any other backend is read through Terraform: this one represents them. */
async function plainBackend(): Promise<{
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
  ends.push(() => server.close());
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    state: () => state,
    close: () => void server.close(),
  };
}

test("state migrate copies the state between any two backends", async () => {
  const stack = (content: StackContent): Record<string, StackContent> => ({
    "move-local": { ...content, resource: { databricks_secret_scope: { s: { name: "moved" } } } },
  });
  const root = makeProject(stack({}));
  const change = (content: StackContent): void => {
    const other = makeProject(stack(content));
    fs.copyFileSync(path.join(other, "stacks.json"), path.join(root, "stacks.json"));
  };
  const migrate = async (words: string): Promise<void> => {
    const migrated = await lakeform(root, ["state", "migrate", "move-local"], env);
    expectExit(migrated, 0);
    expect(migrated.stdout).toContain(`was copied from ${words}`);
  };
  const redeploy = async (): Promise<void> => {
    const deployed = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployed, 0);
    expect(deployed.stdout).toContain("nothing to do");
  };
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  const file = path.join(root, ".lakeform", "state", "move-local.tfstate");
  const before = fs.readFileSync(file, "utf8");
  const early = await lakeform(root, ["state", "migrate", "move-local"], env);
  expectExit(early, 1);
  expect(early.stderr).toContain("SAME_BACKEND");

  const plain = await plainBackend();
  change({ terraform: { required_providers, backend: { http: { address: plain.address } } } });
  const tooEarly = await lakeform(root, ["review", "local"], env);
  expectExit(tooEarly, 1);
  expect(tooEarly.stderr).toMatch(
    /BACKEND_CHANGED[^]*local -> http; state in the old one: serial 1; in the new one: none[^]*lakeform state migrate move-local/,
  );
  await migrate("local to http");
  // Terraform increments the serial for the two writes that keep the lineage.
  const raised = {
    ...(JSON.parse(before) as Record<string, unknown>),
    serial: (JSON.parse(plain.state()) as { serial: number }).serial,
  };
  expect(JSON.parse(plain.state())).toEqual(raised);
  fs.rmSync(file);
  await redeploy();

  change({
    ...inWorkspace,
    terraform: { required_providers, backend: { http: { username: "move-local" } } },
  });
  await migrate("http to workspace");
  plain.close();
  expect(JSON.parse((await lakeform(root, ["state", "pull", "move-local"], env)).stdout)).toEqual(
    raised,
  );
  await redeploy();

  change({});
  await migrate("workspace to local");
  expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual(raised);
  const again = await lakeform(root, ["review", "local", "--quiet"], env);
  expectExit(again, 0);
  expect(again.stdout).toContain("0 create, 0 update, 0 replace, 0 destroy (1 unchanged)");
}, 120_000);
