import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { interruption, onInterrupt, stopIfInterrupted, type Signal } from "../interrupt";
import { Mask } from "../mask";
import type { Engine } from "./engine";
import { FollowedOutput } from "./followed-output";
import { goMemory } from "./go-memory";
import type { ProviderMirror } from "./provider-mirror";
import { renameIfThere } from "./output-folder";
import { markRunning } from "./running";
import { withoutStateKeys, type WorkspaceStates } from "./workspace-states";

/** The context of a Terraform process, besides its arguments. */
export interface TerraformContext {
  readonly engine: Engine;
  readonly directory: string;
  /** The stack's folder, if `directory` is a temporary one. @default directory */
  readonly owner?: string;
  /** The parent's environment; variables that must not reach Terraform are removed here. */
  readonly env: NodeJS.ProcessEnv;
  /** Host and credentials: the only DATABRICKS_* variables that the process gets. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Values of Terraform variables (TF_VAR_…); secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Further secrets of the project, which are also masked in Terraform's output. */
  readonly secrets?: () => readonly string[];
  /** The embedded provider, or undefined for the official one from the registry. */
  readonly mirror: ProviderMirror | undefined;
  /** The states of stacks with the backend `{ kind: "workspace" }`. */
  readonly states?: WorkspaceStates | undefined;
  /** Variables with which Terraform's `http` backend uses a local state that lakeform serves. */
  readonly stateServer?: Readonly<Record<string, string>>;
  /** The part of the schema that the embedded provider serves. @default the full schema */
  readonly schemaCut?: SchemaCutFile;
  /**
   * A file with the objects that the embedded provider does not read again
   * (src/provider/already-read.ts).
   */
  readonly alreadyRead?: string;
  /** Terraform's data folder, absolute, when it is not in `directory`. */
  readonly dataFolder?: string;
  /**
   * Variables with which Terraform uses a running provider instead of starting one
   * (src/terraform/plan-provider.ts).
   */
  readonly runningProvider?: Readonly<Record<string, string>>;
  /**
   * True for a project that lakeform does not deploy. Its data folder, arguments and plugin cache
   * come from the user's shell.
   */
  readonly foreign?: boolean;
}

/** A file that names the part of the schema that a stack uses (src/resources/cut/cut-file.ts). */
export interface SchemaCutFile {
  readonly file: string;
  /**
   * The name of the cut that a saved plan was made with. The plan can be applied and shown only
   * with the same cut.
   */
  readonly planned?: string;
}

export interface TerraformResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Exit codes that are results, not failures. @default [0] */
  readonly accept?: readonly number[];
  /** Called for each line of stdout. `stdout` of the result is then empty. */
  readonly onLine?: (line: string) => void;
  /**
   * The descriptor of an open file for stdout. `stdout` of the result is then empty.
   */
  readonly stdoutTo?: number;
  readonly signal?: AbortSignal;
}

/**
 * Returns the environment of a Terraform process. The embedded and the official provider have the
 * same name and version, so they must never share a folder: there is no plugin cache, each has its
 * own data folder, and only the embedded one gets the CLI configuration of the mirror.
 */
export function terraformEnvironment(context: TerraformContext): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(withoutStateKeys(context.env))) {
    if (name.startsWith("DATABRICKS_") || (context.foreign !== true && ownVariables.has(name)))
      continue;
    // Terraform warns at each command about a missing CLI configuration.
    if (name === "TF_CLI_CONFIG_FILE" && value !== undefined && !fs.existsSync(value)) continue;
    env[name] = value;
  }
  Object.assign(
    env,
    context.credentials,
    context.states?.environment,
    context.stateServer,
    context.foreign === true
      ? {}
      : { ...providerEnvironment(context.mirror), ...schemaCutEnvironment(context) },
  );
  if (context.alreadyRead !== undefined) env.LAKEFORM_ALREADY_READ = context.alreadyRead;
  Object.assign(env, context.runningProvider);
  if (context.dataFolder !== undefined) env.TF_DATA_DIR = context.dataFolder;
  for (const [name, value] of Object.entries(context.variables)) env[`TF_VAR_${name}`] = value;
  env.TF_IN_AUTOMATION = "1";
  env.TF_INPUT = "0";
  env.CHECKPOINT_DISABLE = "1";
  return Object.assign(env, goMemory(env, context.mirror === undefined ? 2 : 1));
}

/** Variables that only lakeform sets for its own projects. */
const ownVariables = new Set([
  "TF_PLUGIN_CACHE_DIR",
  "TF_DATA_DIR",
  "TF_CLI_ARGS",
  "LAKEFORM_SCHEMA_CUT",
  "LAKEFORM_SCHEMA_CUT_OF_PLAN",
  "LAKEFORM_ALREADY_READ",
  "LAKEFORM_STATE_SERVED",
]);

function schemaCutEnvironment({
  mirror,
  schemaCut: cut,
}: TerraformContext): Record<string, string> {
  if (mirror === undefined) return {};
  if (cut === undefined) return { LAKEFORM_SCHEMA_CUT: "full" };
  return {
    LAKEFORM_SCHEMA_CUT: cut.file,
    ...defined({ LAKEFORM_SCHEMA_CUT_OF_PLAN: cut.planned }),
  };
}

/** Returns the variables that select the provider. `lakeform env` prints them, too. */
export function providerEnvironment(mirror: ProviderMirror | undefined): Record<string, string> {
  if (mirror === undefined) return { TF_DATA_DIR: ".terraform" };
  return {
    TF_CLI_CONFIG_FILE: mirror.cliConfigFile,
    TF_DATA_DIR: ".terraform-embedded",
    // cdktf locks providers from the registry even if there is a mirror, unless this is set.
    TF_CLI_ARGS_providers_lock: `-fs-mirror=${mirror.directory}`,
    LAKEFORM_PROVIDER_ENTRY: mirror.entry,
    ...defined({ LAKEFORM_PROVIDER_VERSION: mirror.version }),
  };
}

/**
 * Puts the lock file of the provider in place before a run. The embedded and the official provider
 * need their own lock files, because a lock file contains the hash of one provider.
 */
export function activateLock(directory: string, mirror: ProviderMirror | undefined): void {
  const kind = mirror === undefined ? "official" : "embedded";
  const active = path.join(directory, ".terraform.lock.hcl");
  const marker = path.join(directory, ".terraform.lock.kind");
  const previous = fs.existsSync(marker) ? fs.readFileSync(marker, "utf8") : undefined;
  if (previous === kind) return;
  const lockFileOf = (providerKind: string): string =>
    path.join(directory, `.terraform.lock.${providerKind}.hcl`);
  if (previous !== undefined) renameIfThere(active, lockFileOf(previous));
  if (fs.existsSync(lockFileOf(kind))) renameIfThere(lockFileOf(kind), active);
  // A lock file without a marker belongs to the user. It is kept for the official provider, and set
  // aside for the embedded one.
  else if (previous === undefined && fs.existsSync(active) && kind === "embedded")
    renameIfThere(active, lockFileOf("official"));
  fs.writeFileSync(marker, kind);
}

/** Runs one Terraform command. @throws LakeformError TERRAFORM_FAILED with Terraform's message */
export async function runTerraform(
  context: TerraformContext,
  args: readonly string[],
  options: RunOptions = {},
): Promise<TerraformResult> {
  stopIfInterrupted(
    `interrupted before ${context.engine.name} ${args[0] ?? ""}`,
    "run the command again to continue",
  );
  const { onLine } = options;
  const stdoutChunks: Buffer[] = [];
  const stderrChunks: Buffer[] = [];
  // A command with `onLine` may change the state, and must not be ended by a broken pipe.
  const followedOutput =
    onLine === undefined ? undefined : new FollowedOutput(onLine, context.directory);
  const followedErrors =
    onLine === undefined
      ? undefined
      : new FollowedOutput(
          (line) => stderrChunks.push(Buffer.from(`${line}\n`)),
          context.directory,
        );
  const child = withPrivateFiles(() =>
    spawn(context.engine.binary, [...args], {
      cwd: context.directory,
      env: terraformEnvironment(context),
      stdio: [
        "ignore",
        followedOutput?.fd ?? options.stdoutTo ?? "pipe",
        followedErrors?.fd ?? "pipe",
      ],
      // Detached from the terminal, so only lakeform interrupts it. Terraform then finishes the
      // call in flight and saves the state.
      detached: process.platform !== "win32",
    }),
  );
  const removeRecord = onLine === undefined ? undefined : markRunning(context.directory, child.pid);
  let interrupted: Signal | undefined;
  const removeHandler = onInterrupt((signal, isRepeated) => {
    interrupted = signal;
    if (isRepeated) killImmediately(child);
    else child.kill("SIGINT");
  });
  const abort = (): void => {
    interrupted ??= "SIGINT";
    child.kill("SIGINT");
  };
  options.signal?.addEventListener("abort", abort, { once: true });
  child.stderr?.on("data", (chunk: Buffer) => stderrChunks.push(chunk));
  child.stdout?.on("data", (chunk: Buffer) => stdoutChunks.push(chunk));
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, signal) => resolve(exit ?? (signal === null ? 1 : 130)));
    }).finally(() => {
      followedOutput?.end();
      followedErrors?.end();
    });
    const result = {
      code,
      stdout: Buffer.concat(stdoutChunks).toString("utf8"),
      stderr: Buffer.concat(stderrChunks).toString("utf8"),
    };
    if (interrupted !== undefined && code !== 0)
      throw interruptedDuring(context, args, interrupted);
    if (!(options.accept ?? [0]).includes(code)) throw failure(context, args, result);
    return result;
  } finally {
    removeRecord?.();
    removeHandler();
    options.signal?.removeEventListener("abort", abort);
  }
}

/**
 * Starts a process with a umask that makes its files readable only by this user, because state,
 * backups and logs contain secrets in clear text.
 */
function withPrivateFiles<T>(start: () => T): T {
  const previousMask = process.umask(0o077);
  try {
    return start();
  } finally {
    process.umask(previousMask);
  }
}

function interruptedDuring(
  { engine }: TerraformContext,
  [command = "", subcommand = ""]: readonly string[],
  signal: Signal,
): LakeformError {
  const fix =
    command === "apply"
      ? "work in progress was finished and saved in the state: run the command again to continue"
      : command === "state" && subcommand === "push"
        ? "the state may have been written: run the command again to complete it"
        : "nothing was changed: run the command again";
  return interruption(`interrupted during ${engine.name} ${command}`, signal, fix);
}

/** Kills Terraform and its provider. The provider has recorded which creates were in flight. */
function killImmediately({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function failure(
  context: TerraformContext,
  args: readonly string[],
  result: TerraformResult,
): LakeformError {
  const output = stripVTControlCharacters(`${result.stderr}\n${result.stdout}`).trim();
  return new LakeformError(
    "TERRAFORM_FAILED",
    `${context.engine.name} ${args[0] ?? ""} failed\n\n${hideValues(output, context)}\n`,
    {
      value: `exit code ${result.code} in ${context.owner ?? context.directory}`,
      fix: "fix the cause that Terraform reports above, then run the command again",
    },
  );
}

/**
 * Hides the values of sensitive variables and credentials in Terraform's output. Terraform masks
 * them, but not in the error texts of providers.
 */
export function hideValues(text: string, context: SecretSources): string {
  return new Mask(hiddenValues(context)).message(text);
}

/** Returns the values that the output about a stack must not contain. */
export function hiddenValues({
  variables,
  credentials,
  secrets,
}: SecretSources): readonly string[] {
  const { DATABRICKS_TOKEN: token = "", DATABRICKS_CLIENT_SECRET: secret = "" } = credentials;
  return [...Object.values(variables), token, secret, ...(secrets?.() ?? [])];
}

type SecretSources = Pick<TerraformContext, "variables" | "credentials" | "secrets">;
