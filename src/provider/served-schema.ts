/**
 * The schema that this process serves. A `lakeform` command passes a file with the cut; under plain
 * `terraform` the provider computes one itself, from configuration and state. All processes of one
 * Terraform must serve the same schema: Terraform reads it from the first one only.
 */
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { keptJson } from "../exact-json";
import { identity, isRunning } from "../processes";
import {
  cutName,
  cutFile,
  readConfiguration,
  readCutFile,
  usesOf,
  type NamedCut,
} from "../resources/cut/cut-file";
import { cutSchemas, type Uses } from "../resources/cut/schema-cut";
import type { ResourceSchema } from "../resources/shape/schema";
import { writePrivate } from "../private-files";
import { parentCommand, type ParentCommand } from "./parent-command";

export interface ServedSchema {
  readonly schemas: ReadonlyMap<string, ResourceSchema>;
  /** Hash of the cut, or `full`; recorded in plans. */
  readonly name: string;
  /** Why a given cut is not used, in one line. */
  readonly warning?: string;
  /**
   * Records that a type needs its full schema, for the next Terraform process in this folder, if no
   * command restarts with a wider cut.
   */
  widen?(type: string): void;
}

const full = (warning?: string): ServedSchema => ({
  schemas: cutSchemas(undefined),
  name: "full",
  ...defined({ warning }),
});

export function servedSchema(
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): ServedSchema {
  const handed = env["LAKEFORM_SCHEMA_CUT"] ?? "";
  if (handed === "full") return full();
  if (handed !== "") {
    const found = readCutFile(handed, directory, env["LAKEFORM_SCHEMA_CUT_OF_PLAN"]);
    if ("unusable" in found)
      return full(`SCHEMA_CUT_UNUSABLE: the full schema is served: ${found.unusable} (${handed})`);
    return { schemas: cutSchemas(found.cut), name: found.name };
  }
  return plain(directory, env) ?? full();
}

/** The schema for a `terraform` process that lakeform did not start. */
function plain(directory: string, env: NodeJS.ProcessEnv): ServedSchema | undefined {
  const command = parentCommand(process.ppid);
  if (command === undefined || !canBeCut(command, env)) return undefined;
  const data = path.resolve(directory, env["TF_DATA_DIR"] ?? ".terraform");
  const terraform = identity(process.ppid);
  const file = path.join(data, `lakeform-schema-cut-${terraform.pid}-${terraform.started ?? ""}`);
  const wide = path.join(data, "lakeform-schema-whole");
  const found = fs.existsSync(file)
    ? kept(file, directory)
    : made(directory, data, env, { file, wide });
  if (found === undefined) return undefined;
  return {
    schemas: cutSchemas(found.cut),
    name: found.name,
    widen: (type) => fs.appendFileSync(wide, `${type}\n`),
  };
}

function kept(file: string, directory: string): NamedCut | undefined {
  const content = fs.readFileSync(file, "utf8");
  if (content === "") return undefined;
  const found = readCutFile(file, directory, cutName(content));
  return "unusable" in found ? undefined : found;
}

function made(
  directory: string,
  data: string,
  env: NodeJS.ProcessEnv,
  { file, wide }: { file: string; wide: string },
): NamedCut | undefined {
  sweep(data);
  const configuration = readConfiguration(directory);
  const uses = usesOf(configuration);
  const complete =
    configuration !== undefined &&
    uses !== undefined &&
    addState(uses, configuration.files, directory, data, env);
  // The other provider processes of this Terraform process also serve the full schema.
  if (!complete || uses.none) {
    writePrivate(file, "");
    return undefined;
  }
  if (fs.existsSync(wide))
    for (const type of fs.readFileSync(wide, "utf8").trim().split("\n")) uses.whole(type);
  const content = cutFile(directory, configuration.hash, uses.cut());
  writePrivate(file, content);
  return { cut: uses.cut(), name: cutName(content) };
}

function sweep(data: string): void {
  if (!fs.existsSync(data)) return;
  for (const name of fs.readdirSync(data)) {
    const maker = /^lakeform-schema-cut-(\d+)-(\d*)$/.exec(name);
    if (maker === null) continue;
    const [, pid, started = ""] = maker;
    if (!isRunning({ pid: Number(pid), ...(started === "" ? {} : { started }) }))
      fs.rmSync(path.join(data, name), { force: true });
  }
}

/**
 * Commands that read only the configuration and state of this folder. Not a saved plan: another
 * Terraform applies it, possibly with another configuration. Not an import: it reads objects
 * outside configuration and state.
 */
function canBeCut({ name, options }: ParentCommand, env: NodeJS.ProcessEnv): boolean {
  if (!["plan", "apply", "destroy", "refresh", "validate"].includes(name)) return false;
  if (name === "apply" && options.some((word) => !word.startsWith("-"))) return false;
  const more = Object.entries(env).flatMap(([variable, value]) =>
    variable.startsWith("TF_CLI_ARGS") ? (value ?? "").split(/\s+/) : [],
  );
  return ![...options, ...more].some((word) => /^--?(state|out|generate-config-out)\b/.test(word));
}

interface Backend {
  readonly type: string;
  readonly path?: string;
  readonly workspaceDir?: string;
}

/** @returns false if the state is not in a local file */
function addState(
  uses: Uses,
  files: readonly unknown[],
  directory: string,
  data: string,
  env: NodeJS.ProcessEnv,
): boolean {
  const backend = backendOf(data);
  if (backend === undefined ? usesBackend(files) : backend.type !== "local") return false;
  const workspace = workspaceOf(data, env);
  const { path: file = "terraform.tfstate", workspaceDir = "terraform.tfstate.d" } = backend ?? {};
  const state = path.resolve(
    directory,
    workspace === "default" ? file : path.join(workspaceDir, workspace, "terraform.tfstate"),
  );
  return !fs.existsSync(state) || addStateText(uses, fs.readFileSync(state, "utf8"));
}

/** The backend configured by `init`. */
function backendOf(data: string): Backend | undefined {
  const file = path.join(data, "terraform.tfstate");
  const { backend } =
    keptJson<{
      backend: {
        type?: string;
        config?: { path?: string | null; workspace_dir?: string | null } | null;
      };
    }>(file) ?? {};
  if (backend?.type === undefined) return undefined;
  const { path: at, workspace_dir: folder } = backend.config ?? {};
  return {
    type: backend.type,
    ...(at ? { path: at } : {}),
    ...(folder ? { workspaceDir: folder } : {}),
  };
}

function usesBackend(files: readonly unknown[]): boolean {
  return files.some((json) =>
    /"(backend|cloud)"/.test(
      JSON.stringify((json as { terraform?: unknown } | null)?.terraform ?? null),
    ),
  );
}

function workspaceOf(data: string, env: NodeJS.ProcessEnv): string {
  const named = env["TF_WORKSPACE"] ?? "";
  if (named !== "") return named;
  const file = path.join(data, "environment");
  return (fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : "") || "default";
}

/** Max size of a state for a schema cut, because each process has to read the complete state. */
const maxBytes = 100_000_000;

function addStateText(uses: Uses, text: string): boolean {
  if (text.length > maxBytes) return false;
  if (text.trim() === "") return true;
  try {
    const { version, resources } = JSON.parse(text) as {
      version?: number;
      resources?: readonly StateResource[];
    };
    if (version !== 4) return false;
    for (const { type, mode, instances } of resources ?? [])
      for (const { attributes } of instances) uses.state(type, mode, attributes ?? {});
    return true;
  } catch {
    return false; // Terraform reports the problem
  }
}

interface StateResource {
  readonly type: string;
  readonly mode: string;
  readonly instances: readonly { readonly attributes?: Readonly<Record<string, unknown>> }[];
}
