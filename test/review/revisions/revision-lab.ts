/** A repository with an app in `infra`, in which the tests of against-revision compare revisions. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Review } from "../../../src/review";
import { reviewAgainst } from "../../../src/review/revisions/against-revision";
import { findProject } from "../../../src/terraform/project";
import { synthesize } from "../../../src/terraform/synth";

/** An app without packages that writes cdktf's output. */
export const app = `
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

/** The folder of the repository. */
export let folder: string;
export const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
/** Writes files of the app. */
export const write = (files: Readonly<Record<string, string>>): void =>
  Object.entries(files).forEach(([name, text]) =>
    fs.writeFileSync(path.join(folder, "infra", name), text),
  );
/** Builds the app, and compares it with a revision. */
export async function reviewRevision(
  ref: string,
  selection: readonly string[] = [],
): Promise<Review> {
  const project = findProject(path.join(folder, "infra"));
  await synthesize(project, process.env);
  return reviewAgainst(project, { ref, selection, env: process.env });
}

export function useRepository(): void {
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
}
