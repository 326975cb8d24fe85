import { readSavedJson, parseExact } from "../exact-json";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { didYouMean } from "../suggestion";
import type { Project } from "./project";
import type { StackMetadata } from "./metadata";

/** The content of a stack's cdk.tf.json. */
export interface StackJson {
  readonly "//"?: { readonly lakeform?: StackMetadata };
  readonly resource?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly data?: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly variable?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly terraform?: Readonly<Record<string, unknown>>;
  readonly [block: string]: unknown;
}

export interface SynthesizedStack {
  readonly name: string;
  /** The folder with cdk.tf.json; Terraform runs in it. */
  readonly directory: string;
  readonly json: StackJson;
  readonly metadata: StackMetadata;
}

/**
 * Returns the names of the stacks in the synth output, in the manifest's order.
 * @throws LakeformError NOT_SYNTHESIZED, BROKEN_SYNTH_OUTPUT
 */
export function stackNames(project: Pick<Project, "outdir">): string[] {
  return Object.keys(readManifest(project));
}

/**
 * Returns the warnings of these stacks' constructs as printable lines, without duplicates:
 * annotations from cdktf's manifest.
 */
export function warningsOf(project: Project, names: readonly string[]): string[] {
  const manifest = readManifest(project);
  const warnings = names
    .flatMap((name) => manifest[name]?.annotations ?? [])
    .filter(({ level }) => level === "@cdktf/warn");
  return [
    ...new Set(
      warnings.map(({ constructPath, message }) => {
        const [first = "", ...furtherLines] = message.split("\n");
        return [
          `warning ${/^[A-Z][A-Z0-9_]+: /.test(first) ? "" : "ANNOTATION: "}${first}`,
          `  at:      ${constructPath}`,
          ...furtherLines,
        ].join("\n");
      }),
    ),
  ];
}

interface ManifestEntry {
  readonly annotations?: readonly {
    readonly constructPath: string;
    readonly level: string;
    readonly message: string;
  }[];
}

function readManifest(project: Pick<Project, "outdir">): Readonly<Record<string, ManifestEntry>> {
  const file = path.join(project.outdir, "manifest.json");
  if (!fs.existsSync(file)) {
    throw new LakeformError("NOT_SYNTHESIZED", "no synth output", {
      value: project.outdir,
      fix: "lakeform synth",
    });
  }
  return (parseFile(file) as { stacks?: Record<string, ManifestEntry> }).stacks ?? {};
}

/**
 * Reads one stack of the synth output.
 * @throws LakeformError BROKEN_SYNTH_OUTPUT (truncated or not JSON), NO_METADATA (not built with
 * lakeform's WorkspaceStack)
 */
export function readStack(project: Pick<Project, "outdir">, name: string): SynthesizedStack {
  const stack = readStackFolder(path.join(project.outdir, "stacks", name), name);
  if (stack === undefined) {
    throw new LakeformError(
      "NO_METADATA",
      "the stack was not built with WorkspaceStack, so its environment is unknown",
      {
        value: name,
        fix: "extend WorkspaceStack of lakeform/constructs, and rerun synth",
      },
    );
  }
  return stack;
}

/**
 * Reads a synthesized stack from its folder; undefined if it was not built with lakeform.
 * @throws LakeformError BROKEN_SYNTH_OUTPUT, NEWER_METADATA
 */
export function readStackFolder(
  directory: string,
  knownName?: string,
): SynthesizedStack | undefined {
  const file = path.join(directory, "cdk.tf.json");
  if (knownName === undefined && !fs.existsSync(file)) return undefined;
  const json = parseFile(file) as StackJson;
  const metadata = json["//"]?.lakeform;
  if (metadata === undefined) return undefined;
  const name = knownName ?? metadata.stack;
  if (metadata.version !== 1) {
    throw new LakeformError("NEWER_METADATA", "the stack was synthesized by a newer lakeform", {
      value: `metadata version ${String(metadata.version)}`,
      allowed: "1",
      fix: "use the same version of lakeform for synth and for this command",
    });
  }
  return { name, directory, json, metadata };
}

/** Splits names of the command line into stacks and environments of the code, and unknown names. */
export function splitSelection(
  project: Pick<Project, "outdir">,
  names: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const stacks = stackNames(project).map((name) => readStack(project, name));
  const isKnown = (word: string): boolean =>
    stacks.some(({ name, metadata }) => name === word || metadata.environment === word);
  return {
    known: names.filter(isKnown),
    unknown: [...new Set(names.filter((word) => !isKnown(word)))],
  };
}

/** Returns the environment in the code with which a stack's name ends: `<name>-<environment>`. */
export function environmentOf(project: Pick<Project, "outdir">, stack: string): string | undefined {
  const environments = stackNames(project).map(
    (name) => readStack(project, name).metadata.environment,
  );
  return environments
    .filter((environment) => stack.endsWith(`-${environment}`))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * Selects stacks by name, or by the name of their environment (all of its stacks).
 * @param searchedFolders folders without the record of a stack that the code no longer has
 * @throws LakeformError UNKNOWN_STACK with the allowed names
 */
export function selectStacks(
  project: Project,
  names: readonly string[],
  searchedFolders?: readonly string[],
): SynthesizedStack[] {
  const stacks = stackNames(project).map((name) => readStack(project, name));
  const selected = new Map<string, SynthesizedStack>();
  const unknown: string[] = [];
  for (const selector of names) {
    const matches = stacks.filter(
      (stack) => stack.name === selector || stack.metadata.environment === selector,
    );
    if (matches.length === 0) unknown.push(selector);
    for (const stack of matches) selected.set(stack.name, stack);
  }
  if (unknown.length > 0) {
    const environments = [...new Set(stacks.map((stack) => stack.metadata.environment))];
    throw new LakeformError(
      "UNKNOWN_STACK",
      unknown.length === 1 ? "no such stack or environment" : "no such stacks or environments",
      {
        value: unknown.join(", "),
        allowed: `stacks ${stacks.map((stack) => stack.name).join(", ")}; environments ${environments.join(", ")}`,
        fix:
          removedStackFix(project, unknown, searchedFolders) ??
          `${noRecord(searchedFolders)}${didYouMean(unknown[0] ?? "", [...stacks.map((stack) => stack.name), ...environments])}check the name; if you have just added the stack: lakeform synth`,
      },
    );
  }
  return [...selected.values()];
}

/**
 * Returns the fix for a stack that is no longer in the code, or for an environment without stacks
 * in the code, if a local state shows that it was deployed from this folder.
 */
function removedStackFix(
  { privateFolder }: Project,
  unknown: readonly string[],
  searchedFolders: readonly string[] | undefined,
): string | undefined {
  const folder = path.join(privateFolder, "state");
  const stateOf = (name: string): { lineage?: string; resources?: readonly unknown[] } =>
    readSavedJson(path.join(folder, `${name}.tfstate`)) ?? {};
  const hasObjects = (name: string): boolean => (stateOf(name).resources?.length ?? 0) > 0;
  const states = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    .filter((file) => file.endsWith(".tfstate"))
    .map((file) => path.basename(file, ".tfstate"));
  const names = unknown
    .flatMap((selector) =>
      states.filter((name) => name === selector || name.endsWith(`-${selector}`)),
    )
    .filter(hasObjects);
  const [first] = names;
  if (first === undefined) return undefined;
  const { lineage } = stateOf(first);
  const newName = states.find(
    (name) => !names.includes(name) && lineage !== undefined && stateOf(name).lineage === lineage,
  );
  if (newName !== undefined)
    return `${first} was renamed (lakeform state migrate): ${newName} has its state and its objects`;
  const wasDeployed = `${names.join(", ")} ${names.length > 1 ? "were deployed from here and still have" : "was deployed from here and still has"} objects`;
  if (searchedFolders?.length === 0)
    return `${wasDeployed}, but the code has no stack of the same environment, which has the workspace and the backend: put one back into the code, then try again`;
  if (searchedFolders !== undefined)
    return `${wasDeployed}. ${noRecord(searchedFolders)}if the stack had another recordFolder: --record-folder FOLDER; otherwise put the stack back into the code first`;
  return `${wasDeployed}: lakeform destroy ${names.join(" ")}; if that does not find its deployment record, put the stack back into the code first`;
}

const noRecord = (searchedFolders: readonly string[] = []): string =>
  searchedFolders.length === 0
    ? ""
    : `there is no deployment record in ${searchedFolders.join(", ")}; `;

/** The cache of parsed files, with their bytes; undefined if it is off. */
let parsedFiles: Map<string, { readonly bytes: Buffer; readonly value: unknown }> | undefined;

/**
 * Starts to cache parsed files, for a command that reads the same output twice. A changed file is
 * parsed again.
 * @returns a function that clears the cache
 */
export function keepParsed(): () => void {
  parsedFiles = new Map();
  return () => (parsedFiles = undefined);
}

function parseFile(file: string): unknown {
  try {
    const bytes = fs.readFileSync(file);
    const cached = parsedFiles?.get(file);
    if (cached?.bytes.equals(bytes) === true) return cached.value;
    const value = parseExact(bytes.toString("utf8"));
    parsedFiles?.set(file, { bytes, value });
    return value;
  } catch (error) {
    throw new LakeformError("BROKEN_SYNTH_OUTPUT", "cannot read the synth output", {
      value: `${file}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "lakeform synth",
      cause: error,
    });
  }
}
