/** Reads the synth output: the manifest and the stacks. */
import { parseExact } from "../exact-json";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
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

/** Reads all stacks of the synth output. @throws as `stackNames` and `readStack` do */
export function readStacks(project: Pick<Project, "outdir">): SynthesizedStack[] {
  return stackNames(project).map((name) => readStack(project, name));
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
