/**
 * Determines the schema that this process serves: the full one, or a cut, which has only the fields
 * that the stack uses. A `lakeform` command passes a file with the cut; for plain `terraform`, the
 * provider computes one from configuration and state. All provider processes of a Terraform process
 * must serve the same schema, because Terraform reads it only from the first one.
 */
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { readSavedJson } from "../exact-json";
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
import { terraformWorkspace } from "../terraform-workspace";
import { parentCommand, type ParentCommand } from "./parent-command";

export interface ServedSchema {
  readonly schemas: ReadonlyMap<string, ResourceSchema>;
  /** Hash of the cut, or `full`. Plans record it. */
  readonly name: string;
  /** Why the cut of a `lakeform` command is not used, in one line. */
  readonly warning?: string;
  /**
   * Records that a type needs its full schema, for the next Terraform process in this folder. Absent
   * if a `lakeform` command passed the cut, because it runs again with a wider one.
   */
  widen?(type: string): void;
}

const fullSchema = (warning?: string): ServedSchema => ({
  schemas: cutSchemas(undefined),
  name: "full",
  ...defined({ warning }),
});

export function servedSchema(
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): ServedSchema {
  const cutPath = env["LAKEFORM_SCHEMA_CUT"] ?? "";
  if (cutPath === "full") return fullSchema();
  if (cutPath !== "") {
    const cut = readCutFile(cutPath, directory, env["LAKEFORM_SCHEMA_CUT_OF_PLAN"]);
    if ("unusable" in cut)
      return fullSchema(
        `SCHEMA_CUT_UNUSABLE: the full schema is served: ${cut.unusable} (${cutPath})`,
      );
    return { schemas: cutSchemas(cut.cut), name: cut.name };
  }
  return schemaOfPlainTerraform(directory, env) ?? fullSchema();
}

/**
 * Returns the cut schema for a `terraform` process that lakeform did not start. The first provider
 * process of that `terraform` process computes the cut and writes it to a file for the others.
 * @returns undefined if the full schema must be served
 */
function schemaOfPlainTerraform(
  directory: string,
  env: NodeJS.ProcessEnv,
): ServedSchema | undefined {
  const command = parentCommand(process.ppid);
  if (command === undefined || !canBeCut(command, env)) return undefined;
  const data = path.resolve(directory, env["TF_DATA_DIR"] ?? ".terraform");
  const terraform = identity(process.ppid);
  const file = path.join(data, `lakeform-schema-cut-${terraform.pid}-${terraform.started ?? ""}`);
  const fullSchemaFile = path.join(data, "lakeform-schema-whole");
  const cut = fs.existsSync(file)
    ? readSavedCut(file, directory)
    : computeCut(directory, data, env, { file, fullSchemaFile });
  if (cut === undefined) return undefined;
  return {
    schemas: cutSchemas(cut.cut),
    name: cut.name,
    widen: (type) => fs.appendFileSync(fullSchemaFile, `${type}\n`),
  };
}

function readSavedCut(file: string, directory: string): NamedCut | undefined {
  const content = fs.readFileSync(file, "utf8");
  if (content === "") return undefined;
  const cut = readCutFile(file, directory, cutName(content));
  return "unusable" in cut ? undefined : cut;
}

function computeCut(
  directory: string,
  data: string,
  env: NodeJS.ProcessEnv,
  { file, fullSchemaFile }: { file: string; fullSchemaFile: string },
): NamedCut | undefined {
  removeOutdatedCuts(data);
  const configuration = readConfiguration(directory);
  const uses = usesOf(configuration);
  const isComplete =
    configuration !== undefined &&
    uses !== undefined &&
    addState(uses, configuration.files, directory, data, env);
  if (!isComplete || uses.isEmpty) {
    // An empty file makes the other provider processes serve the full schema, too.
    writePrivate(file, "");
    return undefined;
  }
  if (fs.existsSync(fullSchemaFile))
    for (const type of fs.readFileSync(fullSchemaFile, "utf8").trim().split("\n"))
      uses.addType(type);
  const content = cutFile(directory, configuration.hash, uses.cut());
  writePrivate(file, content);
  return { cut: uses.cut(), name: cutName(content) };
}

/** Removes the cuts of Terraform processes that have ended. */
function removeOutdatedCuts(data: string): void {
  if (!fs.existsSync(data)) return;
  for (const name of fs.readdirSync(data)) {
    const match = /^lakeform-schema-cut-(\d+)-(\d*)$/.exec(name);
    if (match === null) continue;
    const [, pid, started = ""] = match;
    if (!isRunning({ pid: Number(pid), ...(started === "" ? {} : { started }) }))
      fs.rmSync(path.join(data, name), { force: true });
  }
}

/**
 * Whether a command uses only the configuration and state of this folder. A saved plan may be
 * applied when the configuration has changed, and an import reads objects that are in neither.
 */
function canBeCut({ name, options }: ParentCommand, env: NodeJS.ProcessEnv): boolean {
  if (!["plan", "apply", "destroy", "refresh", "validate"].includes(name)) return false;
  if (name === "apply" && options.some((word) => !word.startsWith("-"))) return false;
  const environmentOptions = Object.entries(env).flatMap(([variable, value]) =>
    variable.startsWith("TF_CLI_ARGS") ? (value ?? "").split(/\s+/) : [],
  );
  return ![...options, ...environmentOptions].some((word) =>
    /^--?(state|out|generate-config-out)\b/.test(word),
  );
}

interface Backend {
  readonly type: string;
  readonly path?: string;
  readonly workspaceDir?: string;
}

/** @returns false if the state is not in a local file, or cannot be used */
function addState(
  uses: Uses,
  files: readonly unknown[],
  directory: string,
  data: string,
  env: NodeJS.ProcessEnv,
): boolean {
  const backend = backendOf(data);
  if (backend === undefined ? usesBackend(files) : backend.type !== "local") return false;
  const workspace = terraformWorkspace(data, env["TF_WORKSPACE"]);
  const { path: file = "terraform.tfstate", workspaceDir = "terraform.tfstate.d" } = backend ?? {};
  const state = path.resolve(
    directory,
    workspace === "default" ? file : path.join(workspaceDir, workspace, "terraform.tfstate"),
  );
  return !fs.existsSync(state) || addStateText(uses, fs.readFileSync(state, "utf8"));
}

/** Returns the backend that `init` has configured. */
function backendOf(data: string): Backend | undefined {
  const file = path.join(data, "terraform.tfstate");
  const { backend } =
    readSavedJson<{
      backend: {
        type?: string;
        config?: { path?: string | null; workspace_dir?: string | null } | null;
      };
    }>(file) ?? {};
  if (backend?.type === undefined) return undefined;
  const { path: statePath, workspace_dir: folder } = backend.config ?? {};
  return {
    type: backend.type,
    ...(statePath ? { path: statePath } : {}),
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

/** For a larger state there is no cut, because each Terraform process would read it once more. */
const maxStateLength = 100_000_000;

function addStateText(uses: Uses, text: string): boolean {
  if (text.length > maxStateLength) return false;
  if (text.trim() === "") return true;
  try {
    const { version, resources } = JSON.parse(text) as {
      version?: number;
      resources?: readonly StateResource[];
    };
    if (version !== 4) return false;
    for (const { type, mode, instances } of resources ?? [])
      for (const { attributes } of instances) uses.addState(type, mode, attributes ?? {});
    return true;
  } catch {
    return false; // Terraform reports the problem.
  }
}

interface StateResource {
  readonly type: string;
  readonly mode: string;
  readonly instances: readonly { readonly attributes?: Readonly<Record<string, unknown>> }[];
}
