import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fillCaches, keepCaches } from "./provider-cache";

/** The root of the source checkout. */
export const repository = path.join(__dirname, "..", "..");

const folders: string[] = [];
const homes: string[] = [];

/** Creates an empty folder, which {@link removeFolders} removes. */
export function makeFolder(name = "test"): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `lakeform-${name}-`));
  folders.push(folder);
  return folder;
}

/** Creates a HOME with the provider's caches. */
export function makeHome(): string {
  const home = makeFolder("home");
  fillCaches(home);
  homes.push(home);
  return home;
}

export function removeFolders(): void {
  homes.splice(0).forEach(keepCaches);
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * Creates a project whose app writes the synth output directly with a few lines of JavaScript, for
 * tests of code that reads this output and where constructs would only take time. `stacks` has the
 * contents of cdk.tf.json by name; missing metadata is added. While a test has not edited the files
 * itself, a shell script copies the output, as starting Node takes 20 times as long.
 */
export function makeProject(
  stacks: Readonly<Record<string, StackContent>> = { "etl-local": {} },
  app?: string,
): string {
  const root = makeFolder("project");
  fs.writeFileSync(
    path.join(root, "cdktf.json"),
    JSON.stringify({
      language: "typescript",
      app: app ?? `/bin/sh ${prewrittenSynth} ${prewrittenFolder(root)}`,
    }),
  );
  fs.writeFileSync(path.join(root, "app.js"), appSource);
  setStacks(root, stacks);
  return root;
}

const prewrittenSynth = path.join(repository, "test", "support", "prewritten-synth.sh");
const prewrittenFolder = (root: string): string => `${root}.prewritten`;
const appSource = `const fs = require("fs"), path = require("path");
const out = process.env.CDKTF_OUTDIR || "cdktf.out";
const stacks = JSON.parse(fs.readFileSync("stacks.json", "utf8"));
for (const [name, json] of Object.entries(stacks)) {
  fs.mkdirSync(path.join(out, "stacks", name), { recursive: true });
  fs.writeFileSync(path.join(out, "stacks", name, "cdk.tf.json"), JSON.stringify(json, null, 2));
}
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ version: "0.21.0", stacks: Object.fromEntries(Object.keys(stacks).map((name) => [name, { name }])) }));
`;

/** Rewrites all stacks of {@link makeProject}. */
export function setStacks(root: string, stacks: Readonly<Record<string, StackContent>>): void {
  const contents = Object.fromEntries(
    Object.entries(stacks).map(([name, content]) => [name, stackJson(name, content)]),
  );
  writeStacks(root, contents);
}

/** Writes the input of the app, and the output that it would write. */
function writeStacks(root: string, contents: Readonly<Record<string, unknown>>): void {
  const stacksJson = JSON.stringify(contents);
  fs.writeFileSync(path.join(root, "stacks.json"), stacksJson);
  const folder = prewrittenFolder(root);
  if (!folders.includes(folder)) folders.push(folder);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, "out"), { recursive: true });
  fs.writeFileSync(path.join(folder, "stacks.json"), stacksJson);
  fs.writeFileSync(path.join(folder, "app.js"), appSource);
  const written = JSON.parse(stacksJson) as Readonly<Record<string, unknown>>;
  for (const [name, json] of Object.entries(written)) {
    fs.mkdirSync(path.join(folder, "out", "stacks", name), { recursive: true });
    fs.writeFileSync(
      path.join(folder, "out", "stacks", name, "cdk.tf.json"),
      JSON.stringify(json, null, 2),
    );
  }
  const stacks = Object.fromEntries(Object.keys(contents).map((name) => [name, { name }]));
  fs.writeFileSync(
    path.join(folder, "out", "manifest.json"),
    JSON.stringify({ version: "0.21.0", stacks }),
  );
}

/** Changes the resources of a stack of {@link makeProject}. */
export function setResource(root: string, stack: string, resource: unknown): void {
  const file = path.join(root, "stacks.json");
  const stacks = JSON.parse(fs.readFileSync(file, "utf8")) as Record<
    string,
    Record<string, unknown>
  >;
  writeStacks(root, { ...stacks, [stack]: { ...stacks[stack], resource } });
}

export interface StackContent {
  readonly environment?: string;
  readonly provider?: "embedded" | "official";
  readonly host?: string;
  readonly variables?: Readonly<Record<string, { environment: string }>>;
  readonly resource?: unknown;
  readonly data?: unknown;
  readonly output?: unknown;
  readonly variable?: unknown;
  readonly terraform?: unknown;
  readonly profileSettings?: unknown;
  readonly recordFolder?: string;
}

function stackJson(name: string, content: StackContent): unknown {
  const environment = content.environment ?? name.slice(name.lastIndexOf("-") + 1);
  return {
    "//": {
      lakeform: {
        version: 1,
        project: "test",
        environment,
        stack: name,
        provider: content.provider ?? "embedded",
        ...(content.host !== undefined && { host: content.host }),
        stamp: `test/${name}`,
        recordFolder: content.recordFolder ?? `/Workspace/Shared/.lakeform/test/${name}`,
        resources: {},
        variables: content.variables ?? {},
        ignores: [],
        suppressions: [],
        ...(content.profileSettings !== undefined && { profileSettings: content.profileSettings }),
      },
    },
    ...(content.resource !== undefined && { resource: content.resource }),
    ...(content.data !== undefined && { data: content.data }),
    ...(content.output !== undefined && { output: content.output }),
    ...(content.variable !== undefined && { variable: content.variable }),
    terraform: content.terraform ?? {
      required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
      backend: { local: { path: `../../../.lakeform/state/${name}.tfstate` } },
    },
  };
}
