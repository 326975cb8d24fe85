import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import {
  makeFolder,
  makeProject,
  removeFolders,
  repository,
  setResource,
} from "../support/project";
import { useWorkspace } from "../support/workspace";

const scope = { databricks_secret_scope: { s: { name: "s" } } };

/** Checks that an error has its code and a fix, and no stack trace. */
function expectError(result: CliResult, code: string): void {
  expectExit(result, 1);
  expect(result.stderr).toContain(`${code}: `);
  expect(result.stderr).toMatch(/fix: {5}\S/);
  expect(result.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(result.stdout).toBe("");
}

describe("bad input", () => {
  const workspace = useWorkspace();
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
  });
  afterAll(removeFolders);

  test.each([
    [["jobz"], "unknown command 'jobz'", "lakeform --help"],
    [
      ["workspace", "strt"],
      "unknown command 'strt'",
      "did you mean start? (lakeform workspace --help)",
    ],
    [
      ["run", "local", "--formt"],
      "unknown option '--formt'",
      "did you mean --format? (lakeform run --help)",
    ],
    [["verify", "--format", "xml"], "allowed: text, json,", "lakeform verify --help"],
    [["fs", "cp", "a"], "missing required argument 'to'", "lakeform fs --help"],
    [["run", "local", "--timeout", "-1"], "a number of seconds above 0", "lakeform run --help"],
  ])("reports invalid arguments %j", async (args, problem, fix) => {
    const result = await lakeform(makeFolder(), args);
    expectError(result, "USAGE");
    expect(result.stderr).toContain(problem);
    expect(result.stderr).toContain(`fix:     ${fix}`);
  });

  test("prints help and the version with exit code 0", async () => {
    const help = await lakeform(makeFolder(), ["help", "runs", "show"]);
    expect(help).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("Usage: lakeform runs show") as string,
    });
    expect((await lakeform(makeFolder(), ["help"])).stdout).toBe(
      (await lakeform(makeFolder(), ["--help"])).stdout,
    );
    const { version } = JSON.parse(
      fs.readFileSync(path.join(repository, "package.json"), "utf8"),
    ) as { version: string };
    expect(await lakeform(makeFolder(), ["--version"])).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("rejects a machine without an engine", async () => {
    const root = makeProject();
    await lakeform(root, ["synth"]);
    const binFolder = makeFolder("path");
    fs.symlinkSync(process.execPath, path.join(binFolder, "node"));
    expectError(
      await lakeform(root, ["deploy", "local"], { ...env, PATH: binFolder }),
      "NO_ENGINE",
    );
  });

  test("rejects an engine that is too old", async () => {
    const root = makeProject();
    const oldEngine = path.join(makeFolder("old"), "terraform");
    fs.writeFileSync(oldEngine, `#!/bin/sh\necho '{"terraform_version":"1.3.9"}'\n`, {
      mode: 0o755,
    });
    expectError(
      await lakeform(root, ["deploy", "local"], { ...env, TERRAFORM_BINARY_NAME: oldEngine }),
      "ENGINE_TOO_OLD",
    );
  });

  test("scripts/ensure.mjs reports an old Node, and a machine without an engine", () => {
    const ensure = path.join(repository, "scripts", "ensure.mjs");
    const oldNode = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.19.0"})`;
    const runWithOldNode = spawnSync(process.execPath, ["--import", oldNode, ensure], {
      encoding: "utf8",
    });
    expect(runWithOldNode).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^NODE_TOO_OLD: .*\n {2}fix: /) as string,
    });
    const runWithoutEngine = spawnSync(process.execPath, [ensure], {
      encoding: "utf8",
      env: { PATH: makeFolder("path") },
    });
    expect(runWithoutEngine).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^NO_ENGINE: .*\n {2}fix: /) as string,
    });
  });

  test("rejects a folder without a project, and an unknown stack", async () => {
    expectError(await lakeform(makeFolder(), ["deploy", "local"]), "NO_PROJECT");
    const unknown = await lakeform(makeProject(), ["deploy", "prod"], env);
    expect(unknown.stderr).toContain("allowed: stacks etl-local; environments local");
    expectExit(unknown, 1);
  });

  test("rejects a failing app, and keeps the last output", async () => {
    const root = makeProject(
      { "etl-local": {} },
      "node -e 'console.error(\"DUPLICATE_TASK: etl-local/pipeline has two tasks ingest\"); process.exit(1)'",
    );
    const lastOutput = path.join(root, "cdktf.out", "manifest.json");
    fs.mkdirSync(path.dirname(lastOutput), { recursive: true });
    fs.writeFileSync(lastOutput, "{}");
    const result = await lakeform(root, ["synth"]);
    expectExit(result, 1);
    expect(fs.readFileSync(lastOutput, "utf8")).toBe("{}");
    expect(result.stderr).toContain("DUPLICATE_TASK: etl-local/pipeline has two tasks ingest");
  });

  test("rejects a secret without a value, and names its variable", async () => {
    const root = makeProject({
      "etl-local": {
        variables: { API_KEY: { environment: "API_KEY" } },
        variable: { API_KEY: { sensitive: true, type: "string" } },
      },
    });
    const result = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(result, 1);
    expect(result.stderr).toContain("MISSING_SECRET");
    expect(result.stderr).toContain("not set: API_KEY");
  });

  test("rejects a local workspace that was never started or has stopped", async () => {
    const root = makeProject();
    expectExit(await lakeform(root, ["synth"]), 0);
    expectError(await lakeform(root, ["deploy", "local", "--quiet"]), "WORKSPACE_NOT_RUNNING");
    const folder = path.join(root, ".lakeform", "workspace");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(
      path.join(folder, "server.json"),
      JSON.stringify({ host: "http://127.0.0.1:1", token: "t", pid: 2 ** 22 + 1 }),
    );
    expectError(await lakeform(root, ["deploy", "local", "--quiet"]), "WORKSPACE_NOT_RUNNING");
  });

  test("rejects a wrong token, and a host without a server, before Terraform runs", async () => {
    const root = makeProject({ "etl-local": { resource: scope } });
    expectExit(await lakeform(root, ["synth"]), 0);
    const wrongToken = await lakeform(root, ["deploy", "local", "--auto-approve"], {
      ...env,
      LAKEFORM_LOCAL_TOKEN: "dapi-canary-wrong",
    });
    expectError(wrongToken, "API_UNAUTHENTICATED");
    expect(wrongToken.stderr).not.toContain("dapi-canary-wrong");
    const unreachable = await lakeform(root, ["deploy", "local", "--auto-approve"], {
      LAKEFORM_LOCAL_HOST: `http://127.0.0.1:${await findFreePort()}`,
      LAKEFORM_LOCAL_TOKEN: "x",
    });
    expectExit(unreachable, 1);
    expect(unreachable.stderr).toMatch(/fix: {5}\S/);
    expect(
      fs.existsSync(path.join(root, "cdktf.out", "stacks", "etl-local", ".terraform-embedded")),
    ).toBe(false);
  });

  test("rejects a DATABRICKS_HOST that differs from the environment's", async () => {
    const root = makeProject({ "etl-dev": { host: "https://dev.example.com" } });
    expectExit(await lakeform(root, ["synth"]), 0);
    expectError(
      await lakeform(root, ["deploy", "dev"], {
        DATABRICKS_HOST: "https://prod.example.com",
        DATABRICKS_TOKEN: "x",
      }),
      "HOST_MISMATCH",
    );
  });

  test("rejects the variables that lakeform env exported for another environment", async () => {
    const root = makeProject({
      "etl-local": { resource: scope },
      "etl-prod": { provider: "official" },
    });
    expectExit(await lakeform(root, ["synth"]), 0);
    const exports = await lakeform(root, ["env", "local"], env);
    expectExit(exports, 0);
    const variables = Object.fromEntries(
      [...exports.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [
        name,
        value,
      ]),
    );
    expect(variables["LAKEFORM_ENVIRONMENT"]).toBe("local");
    const deploy = await lakeform(root, ["deploy", "prod", "--auto-approve"], variables);
    expectError(deploy, "OTHER_ENVIRONMENT");
    expect(deploy.stderr).toContain("set LAKEFORM_PROD_HOST");
  });

  test("rejects a truncated state and leaves it unchanged", async () => {
    const root = makeProject({ "etl-local": { resource: scope } });
    expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
    const state = path.join(root, ".lakeform", "state", "etl-local.tfstate");
    const truncated = fs.readFileSync(state, "utf8").slice(0, 200);
    fs.writeFileSync(state, truncated);
    const result = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(result, 1);
    expect(result.stderr).toContain("BROKEN_STATE");
    expect(fs.readFileSync(state, "utf8")).toBe(truncated);
  });

  test("rejects stale synth output with --no-synth", async () => {
    const root = makeProject();
    expectExit(await lakeform(root, ["synth"]), 0);
    setResource(root, "etl-local", scope);
    expectError(await lakeform(root, ["deploy", "local", "--no-synth"], env), "STALE_SYNTH");
  });

  test("exits with 2 and changes nothing for a deploy without a terminal and an approval", async () => {
    const root = makeProject({
      "other-local": { resource: { databricks_secret_scope: { s: { name: "never" } } } },
    });
    const result = await lakeform(root, ["deploy", "local"], env);
    expectExit(result, 2);
    expect(result.stderr).toContain("NOT_APPROVED");
    const scopes = await fetch(`${workspace.host}/api/2.0/secrets/scopes/list`, {
      headers: { Authorization: `Bearer ${workspace.token}` },
    });
    expect(await scopes.text()).not.toContain("never");
  });

  test("names the construct and its source line in an error of the workspace", async () => {
    const root = makeProject({
      "acl-local": {
        resource: {
          databricks_secret_acl: {
            a: { scope: "not-there", principal: "users", permission: "READ" },
          },
        },
      },
    });
    const metadata = JSON.parse(fs.readFileSync(path.join(root, "stacks.json"), "utf8")) as Record<
      string,
      { "//": { lakeform: { resources: unknown } } }
    >;
    const stack = metadata["acl-local"];
    if (stack === undefined) throw new Error("no stack");
    stack["//"].lakeform.resources = {
      "databricks_secret_acl.a": {
        path: "acl-local/secrets/readers",
        source: "stacks/etl.ts:7",
        stamped: false,
      },
    };
    fs.writeFileSync(path.join(root, "stacks.json"), JSON.stringify(metadata));
    const result = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(result, 1);
    expect(result.stderr).toContain("TERRAFORM_FAILED");
    expect(result.stderr).toContain(
      "acl-local/secrets/readers (databricks_secret_acl.a) at stacks/etl.ts:7",
    );
  });

  test("prints the stack trace with --debug", async () => {
    const result = await lakeform(makeFolder(), ["deploy", "local", "--debug"]);
    expect(result.stderr).toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  });

  test("names an unknown command, and shows examples with --help", () => {
    const bin = path.join(repository, "bin", "lakeform.js");
    expect(spawnSync(process.execPath, [bin, "deplyo"], { encoding: "utf8" })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did you mean deploy?") as string,
    });
    const help = execFileSync(process.execPath, [bin, "--help"], { encoding: "utf8" });
    for (const word of [
      "synth",
      "review",
      "deploy",
      "verify",
      "promote",
      "workspace",
      "Exit codes",
    ])
      expect(help).toContain(word);
  });
});

async function findFreePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
