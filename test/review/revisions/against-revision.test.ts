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
  const reviewed = async (ref: string, selection: readonly string[] = []) => {
    const project = findProject(path.join(folder, "infra"));
    await synthesize(project, process.env);
    return reviewAgainst(project, { ref, selection: selection, env: process.env });
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

  it("are compared without a workspace and with files by content, leaving nothing behind", async () => {
    write({ "workers.txt": "5", "n.py": "a = 1\nb = 3\n", "environments.txt": "dev test" });
    const review = await reviewed("HEAD");
    expect(review).toMatchObject({ mode: "base", base: "HEAD" });
    expect(
      review.stacks.map(({ stack, counts }) => [
        stack,
        counts.create,
        counts.update,
        counts.delete,
      ]),
    ).toEqual([
      ["etl-dev", 0, 2, 0],
      ["etl-prod", 0, 0, 4],
      ["etl-test", 4, 0, 0],
    ]);
    expect(review.stacks[0]?.changes.flatMap(({ fields }) => fields)).toMatchObject([
      { path: "content", diff: expect.stringContaining("-b = 2\n+b = 3") as string },
      { path: "num_workers", before: 2, after: 5 },
    ]);
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(git("status", "--porcelain", "--untracked-files=no").trim().split("\n")).toHaveLength(3);
  });

  it("list a removed stack with its constructs and a note that a deploy does not destroy it", async () => {
    write({ "environments.txt": "dev" });
    const [, gone] = (await reviewed("HEAD")).stacks;
    expect(gone).toMatchObject({ stack: "etl-prod", environment: "prod", suppressions: [] });
    expect(gone?.changes.map(({ action, path: at }) => [action, at])).toContainEqual([
      "delete",
      "etl-prod/cluster",
    ]);
    expect(gone?.notes).toEqual([
      expect.stringContaining("a deploy does not destroy it"),
      expect.stringContaining("only the code was compared"),
      "uncommitted files are part of the new side: 1 file",
    ]);
  });

  it("show replacements, with the field that forces each", async () => {
    write({ "schema.txt": "raw_events", "permission.txt": "WRITE" });
    const [stack] = (await reviewed("HEAD", ["dev"])).stacks;
    expect(stack?.counts).toMatchObject({ create: 0, update: 0, replace: 2, delete: 0 });
    expect(stack?.changes).toMatchObject([
      { address: "databricks_schema.s", action: "replace", forcedBy: ["name"] },
      { address: "databricks_secret_acl.a", action: "replace", forcedBy: ["permission"] },
    ]);
    expect(stack?.flags.map(({ kind }) => kind)).toEqual(["stateful", "permissions"]);
  });

  it("have no changes if they are equal", async () => {
    const review = await reviewed("HEAD", ["dev"]);
    expect(review.stacks.map(({ stack, changes }) => [stack, changes])).toEqual([["etl-dev", []]]);
  });

  it.each([
    ["an unknown revision", "nowhere", [], "UNKNOWN_REVISION"],
    ["an option as a revision", "--all", [], "UNKNOWN_REVISION"],
    ["an unknown stack", "HEAD", ["qa"], "UNKNOWN_STACK"],
  ])("rejects %s", async (_, ref, selection, code) => {
    await expect(reviewed(ref, selection)).rejects.toMatchObject({ code });
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });
});
