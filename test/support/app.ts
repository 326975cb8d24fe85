import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { lakeform } from "./cli";
import { makeFolder, repository } from "./project";

/**
 * Creates a project like `lakeform init`, with the packages of this checkout, in a Git repository.
 * All environments use the embedded provider, so that each can be a local workspace.
 */
export async function makeApp(name = "etl"): Promise<string> {
  const root = path.join(makeFolder("app"), name);
  fs.mkdirSync(root);
  const init = await lakeform(root, ["init", "--name", name, "--toolkit", "cdktf"]);
  if (init.code !== 0) throw new Error(init.stderr);
  linkPackages(root);
  edit(path.join(root, "stacks", "environments.ts"), (text) =>
    text.replaceAll(
      /\{ ?\n?\s*name: "(dev|staging|prod)",/g,
      (match) => `${match} provider: "embedded",`,
    ),
  );
  git(root, "init", "-q", "-b", "main");
  commit(root, "first");
  return root;
}

/**
 * Makes the project's synth cached: its app runs only if its files or its environment have changed,
 * and without npx and ts-node, whose start takes a second of processor time.
 */
export function useCachedSynth(root: string): void {
  const cached = path.join(repository, "test", "support", "cached-synth.cjs");
  edit(path.join(root, "cdktf.json"), (text) => text.replace("npx ts-node", `node ${cached}`));
}

/**
 * Copies this repository's own stacks (the guide's daily ETL) to a separate folder, so that the
 * checkout's state and synth output do not change.
 */
export function copyRepositoryStacks(): string {
  const root = path.join(makeFolder("stacks"), "daily-etl");
  fs.mkdirSync(root);
  for (const entry of ["cdktf.json", "tsconfig.json", "package.json", "stacks"])
    fs.cpSync(path.join(repository, entry), path.join(root, entry), { recursive: true });
  for (const entry of ["constructs", "node_modules"])
    fs.symlinkSync(path.join(repository, entry), path.join(root, entry));
  return root;
}

export function linkPackages(root: string): void {
  const modules = path.join(root, "node_modules");
  fs.mkdirSync(modules);
  for (const entry of fs.readdirSync(path.join(repository, "node_modules"))) {
    fs.symlinkSync(path.join(repository, "node_modules", entry), path.join(modules, entry));
  }
  fs.symlinkSync(repository, path.join(modules, "lakeform"));
}

export function edit(file: string, change: (text: string) => string): void {
  const before = fs.readFileSync(file, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`nothing changed in ${file}`);
  fs.writeFileSync(file, after);
}

export function git(root: string, ...args: string[]): string {
  return execFileSync(
    "git",
    ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args],
    { cwd: root, encoding: "utf8" },
  );
}

export function commit(root: string, message: string): void {
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", message);
}
