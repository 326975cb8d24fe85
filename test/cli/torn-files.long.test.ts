/**
 * Truncates every file of a project, the cache and the local workspace, as a killed process may.
 * The command then names the file or writes it again, and never fails with an unexpected error.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders, repository } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;
let home: string;
const run = (...args: string[]): Promise<CliResult> =>
  lakeform(root, args, {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: home,
  });

beforeAll(async () => {
  home = makeHome();
  root = makeProject({
    "etl-local": { resource: { databricks_secret_scope: { s: { name: "s" } } } },
  });
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
}, 120_000);
afterAll(removeFolders);

const cuts: readonly ((bytes: Buffer) => Buffer)[] = [
  () => Buffer.alloc(0),
  (bytes) => bytes.subarray(0, bytes.length / 2),
  () => Buffer.from("null"),
  () => Buffer.from("[]"),
];

/**
 * Lists the files that lakeform or Terraform has written, except the shims of the mirror, which are
 * compared before each use.
 */
function writtenFiles(): string[] {
  return [path.join(root, ".lakeform"), path.join(root, "cdktf.out"), home].flatMap((folder) =>
    fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("mirror"))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !file.includes("/providers/")),
  );
}

test("verify and deploy work, or report the file, if a written file is truncated", async () => {
  const files = writtenFiles();
  // A state, its backup, the synth output, the configuration of the backend, the stored review, …
  expect(files.length).toBeGreaterThan(8);
  const failures: string[] = [];
  for (const file of files) {
    const original = fs.readFileSync(file);
    for (const [index, cut] of cuts.entries()) {
      fs.writeFileSync(file, cut(original));
      const result = await run("verify", "local", "--quiet");
      if (/UNEXPECTED/.test(result.stderr))
        failures.push(`${path.relative(root, file)}, cut ${index}: ${result.stderr}`);
    }
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, original);
  }
  expect(failures).toEqual([]);
  // If all files except the state are truncated at once, a deploy writes them again.
  for (const file of files.filter(
    (file) => !file.includes("tfstate") || file.includes(".terraform"),
  ))
    if (fs.existsSync(file)) fs.writeFileSync(file, fs.readFileSync(file).subarray(0, 10));
  const secondDeploy = await run("deploy", "local", "--auto-approve");
  expectExit(secondDeploy, 0);
  expect(secondDeploy.stderr).not.toContain("UNEXPECTED");
}, 180_000);

describe("the server file of the local workspace", () => {
  const project = makeProject();
  const serverFile = path.join(project, ".lakeform", "workspace", "server.json");
  const local = (...args: string[]): Promise<CliResult> =>
    lakeform(project, args, { HOME: makeHome() });
  const start = (): void => {
    const args = [
      path.join(repository, "bin", "lakeform.js"),
      "workspace",
      "start",
      "--detach",
      "--port",
      "0",
    ];
    execFileSync(process.execPath, args, {
      cwd: project,
      env: { PATH: process.env.PATH, HOME: makeHome() },
    });
  };

  test.each(["", '{"host":"http://127.0.0.1:1","to', "null", "[]", "{}"])(
    "is reported with a fix if it contains %j",
    async (text) => {
      fs.mkdirSync(path.dirname(serverFile), { recursive: true });
      fs.writeFileSync(serverFile, text);
      for (const args of [
        ["verify", "local"],
        ["env", "local"],
        ["clusters", "list", "--on", "local"],
      ]) {
        const { code, stderr } = await local(...args);
        expect([args, code, stderr]).toEqual([
          args,
          1,
          expect.stringMatching(
            /^WORKSPACE_NOT_RUNNING: the file of the local workspace cannot be read[^]*server\.json/m,
          ),
        ]);
      }
      expectExit(await local("workspace", "stop"), 0);
    },
  );

  test("is restored by a stop and a start if it was truncated: the folder's lock identifies the server", async () => {
    fs.rmSync(serverFile, { force: true });
    start();
    fs.truncateSync(serverFile, 20);
    expect((await local("verify", "local")).stderr).toContain(
      "lakeform workspace stop, then lakeform workspace start --detach",
    );
    expect((await local("workspace", "stop")).stderr).toContain("stopped the local workspace of");
    start();
    expectExit(await local("workspace", "stop"), 0);
  });
});
