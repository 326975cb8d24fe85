import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace } from "../src/workspace/server";
import { makeFolder, removeFolders, repository } from "./support/project";

const execute = promisify(execFile);

/** What a user of the package writes: the library form of verify, and the matcher. */
const verifiedTest = `import fs from "node:fs";
import { verify } from "lakeform/verify";
import { verifyMatchers, type VerifyReport } from "lakeform/testing";
expect.extend(verifyMatchers);
test("the workspace is what the code says", async () => {
  const [stack] = fs.readdirSync("cdktf.out/stacks").filter((name) => name.endsWith("-local"));
  const report: VerifyReport = await verify(\`cdktf.out/stacks/\${stack}\`);
  expect(report).toBeVerified();
  expect(report.counts.match).toBeGreaterThan(0);
});
`;

describe("npm pack", () => {
  afterAll(removeFolders);

  test("installed into an empty folder: help, types, init, deploy, verify", async () => {
    const folder = makeFolder("pack");
    await execute("npm", ["pack", "--pack-destination", folder], { cwd: repository });
    const tarball = fs.readdirSync(folder).find((file) => file.endsWith(".tgz"));
    if (tarball === undefined) throw new Error("no tarball");
    const root = path.join(folder, "app");
    fs.mkdirSync(root);
    const env = { ...process.env, HOME: makeFolder("home"), npm_config_audit: "false", npm_config_fund: "false" };
    // Not the synchronous kind: the workspace serves from this very process.
    const run = async (command: string, ...words: string[]): Promise<string> =>
      (await execute(command, words, { cwd: root, env, maxBuffer: 1e8 })).stdout;

    fs.writeFileSync(path.join(root, "package.json"), "{}");
    await run("npm", "install", path.join(folder, tarball));
    expect(await run("npx", "lakeform", "--help")).toContain("Databricks as code");
    fs.rmSync(path.join(root, "package.json"));
    await run("npx", "lakeform", "init", "--name", "packed");
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { dependencies: Record<string, string> };
    manifest.dependencies.lakeform = `file:${path.join(folder, tarball)}`;
    fs.writeFileSync(path.join(root, "package.json"), JSON.stringify(manifest));
    await run("npm", "install");
    await run("npx", "tsc", "-p", ".");
    await run("npx", "jest");

    const workspace = await startWorkspace();
    try {
      Object.assign(env, { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token });
      expect(await run("npx", "lakeform", "deploy", "local", "--auto-approve")).toContain("the workspace is what the code says");
      await run("npx", "lakeform", "verify", "local");
      fs.writeFileSync(path.join(root, "test", "verified.test.ts"), verifiedTest);
      await run("npx", "jest", "test/verified.test.ts");
      await run("npx", "tsc", "--noEmit", "-p", ".");
      await run("npx", "lakeform", "destroy", "local", "--auto-approve");
    } finally {
      await workspace.close();
    }
  });
});
