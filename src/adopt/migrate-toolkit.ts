/** Migrates a project from one toolkit to the other. The deployed resources stay the same. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LakeformError } from "../errors";
import type { Project } from "../terraform/project";
import { readStacks, type StackJson } from "../terraform/stack";
import {
  bindingsOf,
  dependenciesOf,
  otherToolkit,
  toolkits,
  type Toolkit,
} from "../terraform/toolkit";
import { compilerOf } from "./syntax/compiler";
import { commandFor, manifestFor, packageFor, sourceFor, unpinned } from "./syntax/toolkit-edits";

export interface ToolkitMove {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Bindings of other providers, which get the version `latest`. */
  readonly unpinned: readonly string[];
  /** Files that mention the old toolkit and are not edited: pipelines, scripts, docs. */
  readonly mentions: readonly string[];
}

/**
 * Computes the file changes of a migration.
 * @throws LakeformError TOOLKIT_NOT_USED, NO_TYPESCRIPT, TYPESCRIPT_TOO_NEW
 */
export function planToolkitMove(project: Project, to: Toolkit): ToolkitMove {
  const { root } = project;
  const packages = Object.keys(dependenciesOf(root));
  const toolkitPackages = packages.filter((name) => packageFor(name, to) !== undefined);
  if (toolkitPackages.length === 0 && packages.includes(to))
    return { files: [], unpinned: [], mentions: [] };
  if (toolkitPackages.length === 0) {
    throw new LakeformError(
      "TOOLKIT_NOT_USED",
      "package.json does not depend on a toolkit to migrate from",
      {
        value: path.join(root, "package.json"),
        allowed: toolkits.map((toolkit) => `${toolkit} with ${bindingsOf(toolkit)}`).join(", or "),
        fix: "run it in the folder of a project that has one of them among its dependencies",
      },
    );
  }
  const compiler = compilerOf(root);
  const readText = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
  const manifest = manifestFor(readText("package.json"), to);
  const app = readText("cdktf.json");
  const movedApp = app.replace(
    /("app"\s*:\s*")((?:[^"\\]|\\.)*)"/,
    (_, prefix: string, command: string) => `${prefix}${commandFor(command, to)}"`,
  );
  const files = [
    { path: "package.json", content: manifest },
    ...(movedApp === app ? [] : [{ path: "cdktf.json", content: movedApp }]),
  ];
  const mentions: string[] = [];
  const from = otherToolkit(to);
  const name = new RegExp(`(?<![\\w./-])${from}(?![\\w./])|@${from}/`);
  for (const file of projectFiles(project)) {
    if (files.some((entry) => entry.path === file)) continue;
    const oldContent = readText(file);
    const content = /\.[cm]?[jt]sx?$/.test(file)
      ? sourceFor(compiler, path.join(root, file), oldContent, to)
      : undefined;
    if (content !== undefined) files.push({ path: file, content });
    if (name.test(content ?? oldContent)) mentions.push(file);
  }
  return { files, unpinned: unpinned(manifest, to), mentions };
}

/** Writes the files of a migration. */
export function writeToolkitMove(project: Project, move: ToolkitMove): void {
  for (const { path: file, content } of move.files)
    fs.writeFileSync(path.join(project.root, file), content);
}

const textFile = /\.([cm]?[jt]sx?|json|ya?ml|md|sh)$|^(Makefile|Jenkinsfile|Dockerfile)$/;

/**
 * Returns the relative paths of the project's files that Git does not ignore. If there is no Git,
 * skips the folders that never contain source.
 */
function projectFiles({ root, outdir }: Project): string[] {
  const files = gitFiles(root) ?? [...walk(root, outdir)].map((file) => path.relative(root, file));
  const locks = new Set(["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml"]);
  return files
    .filter((file) => textFile.test(path.basename(file)) && !locks.has(path.basename(file)))
    .sort();
}

function gitFiles(root: string): string[] | undefined {
  try {
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const output = execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1e8,
    });
    return output
      .split("\0")
      .filter(
        (file) =>
          file !== "" && !file.includes("node_modules/") && fs.existsSync(path.join(root, file)),
      );
  } catch {
    return undefined; // Git is not installed, or this is not a repository.
  }
}

function* walk(folder: string, outdir: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const fullPath = path.join(folder, entry.name);
    if (
      entry.isDirectory() &&
      entry.name !== "node_modules" &&
      !entry.name.startsWith(".") &&
      fullPath !== outdir
    )
      yield* walk(fullPath, outdir);
    else if (entry.isFile()) yield fullPath;
  }
}

/** Returns the install command of the project's package manager. */
export function installCommand(root: string): readonly [command: string, ...args: string[]] {
  const exists = (file: string): boolean => fs.existsSync(path.join(root, file));
  if (exists("pnpm-lock.yaml")) return ["pnpm", "install", "--no-frozen-lockfile"];
  return exists("yarn.lock") ? ["yarn", "install"] : ["npm", "install", "--no-audit", "--no-fund"];
}

/** Returns the synth output, by stack. */
export function readSynthOutput(project: Project): ReadonlyMap<string, StackJson> {
  return new Map(readStacks(project).map(({ name, json }) => [name, json]));
}

type Sections = Readonly<Record<string, unknown>>;

/**
 * Lists the differences between two synth outputs: `etl-local: databricks_job.etl`. Ignores the
 * metadata, and the versions of toolkit and provider.
 */
export function contentChanges(
  before: ReadonlyMap<string, Sections>,
  after: ReadonlyMap<string, Sections>,
): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    const [leftEntries, rightEntries] = [entriesOf(before.get(name)), entriesOf(after.get(name))];
    const keys = [...new Set([...leftEntries.keys(), ...rightEntries.keys()])];
    return keys
      .filter((key) => !isDeepStrictEqual(leftEntries.get(key), rightEntries.get(key)))
      .map((key) => `${name}: ${key}`);
  });
}

/** Returns the resources, data sources and other sections of a stack, by address or name. */
function entriesOf(json: Sections | undefined): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const [section, content] of Object.entries(json ?? {})) {
    if (section === "//") continue;
    if (section === "terraform")
      entries.set("backend", (content as Record<string, unknown>)["backend"]);
    else if (section !== "resource" && section !== "data") entries.set(section, content);
    else
      for (const [type, resourcesByName] of Object.entries(
        content as NonNullable<StackJson["resource"]>,
      ))
        for (const [name, body] of Object.entries(resourcesByName))
          entries.set(`${section === "data" ? "data." : ""}${type}.${name}`, withoutTrace(body));
  }
  return entries;
}

/** Drops the toolkit's metadata about the construct's position in the code. */
function withoutTrace({ "//": _, ...body }: Readonly<Record<string, unknown>>): unknown {
  return body;
}
