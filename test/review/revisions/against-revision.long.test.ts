import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { reviewAgainst } from "../../../src/review/revisions/against-revision";
import { findProject } from "../../../src/terraform/project";
import { synthesize } from "../../../src/terraform/synth";

/** An app without packages that writes cdktf's output. */
const app = `
const fs = require("node:fs"), path = require("node:path");
const out = process.env.CDKTF_OUTDIR, workers = Number(fs.readFileSync("workers.txt", "utf8")) + require("shared-sizes");
const stacks = {};
for (const environment of fs.readFileSync("environments.txt", "utf8").trim().split(" ")) {
  const name = "etl-" + environment, folder = path.join(out, "stacks", name);
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync("n.py", path.join(folder, "n.py"));
  const metadata = { version: 1, project: "acme", environment, stack: name, provider: "embedded", stamp: "x", recordFolder: "/x", resources: { "databricks_cluster.c": { path: name + "/cluster", source: "app.js:1", stamped: true } }, variables: {}, ignores: [], suppressions: [{ path: name, rule: "retries", reason: "x", expires: "2099-01-01" }] };
  const resource = { databricks_cluster: { c: { num_workers: workers } }, databricks_notebook: { n: { path: "/n", source: "n.py" } }, databricks_schema: { s: { catalog_name: "main", name: fs.readFileSync("schema.txt", "utf8"), comment: "raw" } }, databricks_secret_acl: { a: { scope: "s", principal: "ops", permission: fs.readFileSync("permission.txt", "utf8") } } };
  fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ "//": { lakeform: metadata }, resource }));
  stacks[name] = { name };
}
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ stacks }));
`;

describe("the revisions of a comparison", () => {
  let folder: string;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  const write = (files: Readonly<Record<string, string>>): void =>
    Object.entries(files).forEach(([name, text]) =>
      fs.writeFileSync(path.join(folder, "infra", name), text),
    );
  const reviewed = async (ref: string, wanted: readonly string[] = []) => {
    const project = findProject(path.join(folder, "infra"));
    await synthesize(project, process.env);
    return reviewAgainst(project, { ref, selection: wanted, env: process.env });
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-base-test-"));
    fs.mkdirSync(path.join(folder, "infra"));
    git("init", "-q");
    write({
      "cdktf.json": '{"app":"node app.js"}',
      "app.js": app,
      "workers.txt": "2",
      "schema.txt": "raw",
      "permission.txt": "READ",
      "environments.txt": "dev prod",
      "n.py": "a = 1\nb = 2\n",
      ".gitignore": "cdktf.out\n",
    });
    fs.writeFileSync(path.join(folder, ".gitignore"), "node_modules\n");
    // A package of the repository itself, linked like npm workspaces, next to one from a registry.
    fs.mkdirSync(path.join(folder, "sizes"));
    fs.writeFileSync(
      path.join(folder, "sizes", "package.json"),
      '{"name":"shared-sizes","main":"index.js"}',
    );
    fs.writeFileSync(path.join(folder, "sizes", "index.js"), "module.exports = 0;");
    fs.mkdirSync(path.join(folder, "node_modules", "other"), { recursive: true });
    fs.symlinkSync("../sizes", path.join(folder, "node_modules", "shared-sizes"));
    fs.writeFileSync(path.join(folder, "package-lock.json"), "1");
    git("add", "-A");
    git("commit", "-qm", "base");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it("use their own version of a package in the repository; a different lock file is reported", async () => {
    fs.writeFileSync(path.join(folder, "sizes", "index.js"), "module.exports = 10;");
    fs.writeFileSync(path.join(folder, "package-lock.json"), "2");
    git("commit", "-qam", "bigger");
    const [stack] = (await reviewed("HEAD~1", ["dev"])).stacks;
    expect(stack?.changes).toMatchObject([
      { path: "etl-dev/cluster", fields: [{ path: "num_workers", before: 2, after: 12 }] },
    ]);
    expect(stack?.notes.slice(1)).toEqual([
      expect.stringMatching(/^package-lock.json differs in the base: /),
    ]);
    git("rm", "-q", "--cached", "sizes/index.js");
    git("commit", "-qm", "built, not committed");
    expect((await reviewed("HEAD", ["dev"])).stacks[0]?.notes.at(-1)).toMatch(
      /^sizes is not in the base, or not built there/,
    );
  });

  it("are read without running the repository's hooks or changing the index of a commit in progress", async () => {
    fs.writeFileSync(
      path.join(folder, ".git", "hooks", "post-checkout"),
      "#!/bin/sh\ntouch ../hooked\n",
      { mode: 0o755 },
    );
    const index = path.join(folder, ".git", "next-index");
    process.env.GIT_INDEX_FILE = index;
    try {
      expect((await reviewed("HEAD", ["dev"])).stacks).toHaveLength(1);
    } finally {
      delete process.env.GIT_INDEX_FILE;
    }
    expect(
      [index, path.join(folder, "hooked"), path.join(folder, "..", "hooked")].filter((file) =>
        fs.existsSync(file),
      ),
    ).toEqual([]);
  });

  it("are rejected with the build output if the base does not build", async () => {
    write({ "app.js": "throw new Error('no such luck')" });
    git("commit", "-qam", "broken");
    write({ "app.js": app });
    await expect(reviewed("HEAD")).rejects.toMatchObject({
      code: "SYNTH_FAILED",
      message: expect.stringContaining("no such luck") as string,
    });
  });
});
