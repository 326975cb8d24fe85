import { Command, InvalidArgumentError, Option } from "commander";
import { connect, type Connection as RestClient } from "../api";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { printableJson, printableScreen } from "../printable";
import { findProject, projectHere, type Project } from "../terraform/project";
import { readStacks, stackNames, type SynthesizedStack } from "../terraform/stack";
import { selectStacks } from "../terraform/stack-selection";
import { synthesize } from "../terraform/synth";
import {
  clientEnvironment,
  localConnection,
  resolveConnection,
  variablePrefix,
  type Connection,
} from "../terraform/connection";
import type { Io } from "./io";

/** The flags of every command that calls a workspace. */
export interface RestFlags {
  readonly profile?: string;
  readonly host?: string;
  /** The stack or environment that selects the workspace. */
  readonly on?: string;
  /** Timeout in seconds. */
  readonly timeout?: number;
  readonly format?: "text" | "json";
  readonly quiet?: boolean;
}

export interface RestTarget {
  readonly client: RestClient;
  /**
   * A client without the deadline of `--timeout`, for requests after the deadline, such as
   * cancelling a run.
   */
  readonly withoutDeadline: RestClient;
  /** The stacks that the command names, from the synth output. */
  readonly stacks: readonly SynthesizedStack[];
  /** The source of host and credentials, for messages. */
  readonly from: string;
}

/** Adds the common flags. @param takesStack whether the first argument names a stack */
export function withRestFlags(command: Command, takesStack = false): Command {
  if (!takesStack)
    command.option(
      "--on <stack>",
      "use the workspace of this stack or environment (default: DATABRICKS_*, else the local workspace, else .databrickscfg)",
    );
  return command
    .option("--profile <name>", "profile in .databrickscfg")
    .option("--host <url>", "workspace address")
    .option("--timeout <seconds>", "timeout for the whole command", parseSeconds)
    .addOption(
      new Option("--format <format>", "output format").choices(["text", "json"]).default("text"),
    )
    .option("--quiet", "hide progress on stderr");
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("must be a number of seconds above 0");
  return value;
}

/**
 * Creates a client for the flags. The workspace is, in this order: --host or --profile, the named
 * stack's workspace, DATABRICKS_* variables, the local workspace of this project if it is running,
 * the DEFAULT profile of .databrickscfg. `--timeout` applies to all its calls together.
 */
export async function openRest(
  io: Io,
  flags: RestFlags,
  stack: string | undefined = flags.on,
): Promise<RestTarget> {
  const { connection, stacks } = await resolveTarget(io, flags, stack);
  const env = clientEnvironment(io.env, connection);
  const secrets = (): readonly string[] => io.secrets.values();
  const withoutDeadline = withProjectFix(io, stacks[0]?.metadata.environment, () =>
    connect({ env, secrets }),
  );
  const client =
    flags.timeout === undefined
      ? withoutDeadline
      : connect({ env, secrets, signal: AbortSignal.timeout(flags.timeout * 1000) });
  return { client, withoutDeadline, stacks, from: connection.from };
}

/** Adds the options that this project offers to the fix of a missing workspace or credential. */
export function withProjectFix<T>(io: Io, environment: string | undefined, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof LakeformError)) throw error;
    const { details } = error;
    if (error.code === "NO_HOST")
      throw new LakeformError("NO_HOST", error.message, {
        fix: `${workspaceAdvice(io, environment)}${details.fix ?? ""}`,
        cause: error,
      });
    if (environment === undefined) throw error;
    const prefix = variablePrefix(environment);
    const variables = `${prefix}TOKEN (or ${prefix}CLIENT_ID and ${prefix}CLIENT_SECRET)`;
    if (error.code === "NO_CREDENTIALS")
      throw new LakeformError("NO_CREDENTIALS", error.message, {
        ...details,
        fix: `set ${variables}; or ${details.fix ?? ""}`,
        cause: error,
      });
    if (error.code !== "UNKNOWN_PROFILE") throw error;
    throw new LakeformError("UNKNOWN_PROFILE", error.message, {
      ...details,
      fix: `${details.fix ?? ""}; or set ${prefix}HOST and ${variables}`,
      cause: error,
    });
  }
}

function workspaceAdvice(io: Io, environment: string | undefined): string {
  const project = projectHere(io.cwd);
  if (project === undefined) return "";
  if (environment !== undefined)
    return `set ${variablePrefix(environment)}HOST, or host or databricksProfile of the environment ${environment} in the code; or `;
  const environments = environmentsOf(project);
  const local = environments.includes("local")
    ? "start the local workspace (lakeform workspace start --detach); "
    : "";
  return `${local}use --on with ${environments.length === 0 ? "a stack or environment" : `an environment (${environments.join(", ")}) or stack`}; or `;
}

/** Returns the environments of the synth output; empty if there is none. */
function environmentsOf(project: Project): string[] {
  try {
    return [...new Set(readStacks(project).map(({ metadata }) => metadata.environment))];
  } catch (error) {
    if (error instanceof LakeformError) return [];
    throw error;
  }
}

async function resolveTarget(
  io: Io,
  flags: RestFlags,
  stack: string | undefined,
): Promise<{ connection: Connection; stacks: readonly SynthesizedStack[] }> {
  const noMetadata = { environment: "", provider: "official" as const };
  if (stack === undefined) {
    const project = projectHere(io.cwd);
    const configuredValue =
      flags.host ??
      flags.profile ??
      io.env["DATABRICKS_HOST"] ??
      io.env["DATABRICKS_CONFIG_PROFILE"] ??
      io.env["DATABRICKS_TOKEN"];
    const local =
      configuredValue === undefined && project !== undefined ? runningLocal(project) : undefined;
    if (local !== undefined && flags.quiet !== true)
      io.stderr.write(
        `using the local workspace at ${local.environment["DATABRICKS_HOST"] ?? ""}\n`,
      );
    return {
      connection: local ?? resolveConnection(project ?? noProject, noMetadata, io.env, flags),
      stacks: [],
    };
  }
  const isExplicit = flags.host !== undefined || flags.profile !== undefined;
  const project = isExplicit ? projectHere(io.cwd) : findProject(io.cwd);
  if (project === undefined)
    return { connection: resolveConnection(noProject, noMetadata, io.env, flags), stacks: [] };
  const stacks = await stacksOf(project, stack, io);
  const metadata =
    stacks[0]?.metadata ??
    (stack === "local" ? { environment: "local", provider: "embedded" as const } : noMetadata);
  return { connection: resolveConnection(project, metadata, io.env, flags), stacks };
}

/**
 * Returns the named stacks from the synth output. It is built if missing, but not rebuilt when
 * outdated, because the deployed version is the one to use.
 */
async function stacksOf(
  project: Project,
  name: string,
  io: Io,
): Promise<readonly SynthesizedStack[]> {
  try {
    stackNames(project);
  } catch (error) {
    if (!(error instanceof LakeformError) || error.code !== "NOT_SYNTHESIZED") throw error;
    if (name === "local") return [];
    await synthesize(project, io.env);
  }
  return selectStacks(project, [name]);
}

/** Whether a word names a stack or an environment of this project. */
function isStackName(io: Io, word: string): boolean {
  const project = projectHere(io.cwd);
  if (project === undefined) return false;
  if (word === "local") return true;
  try {
    selectStacks(project, [word]);
    return true;
  } catch (error) {
    if (
      error instanceof LakeformError &&
      (error.code === "UNKNOWN_STACK" || error.code === "NOT_SYNTHESIZED")
    )
      return false;
    throw error;
  }
}

/**
 * Resolves the arguments `[STACK] [JOB]`. A single argument is a job (`daily-etl-pipeline`) or a
 * construct path, which starts with its stack (`daily-etl-local/pipeline`); with `stackFirst` it is
 * a stack if this project has a stack of that name.
 */
export function stackAndJob(
  io: Io,
  first: string | undefined,
  second: string | undefined,
  stackFirst = false,
): { readonly stack?: string; readonly job?: string } {
  if (first === undefined) return {};
  if (second !== undefined) return { stack: first, job: second };
  if (stackFirst && isStackName(io, first)) return { stack: first };
  const stack = first.split("/")[0] ?? "";
  return first.includes("/") && isStackName(io, stack) ? { stack, job: first } : { job: first };
}

/**
 * Resolves the name or construct path of a job to its name and the stamp of its stack. Other input,
 * such as an id, is returned unchanged, with the stamp of the first stack.
 */
export function jobQuery(
  stacks: readonly SynthesizedStack[],
  job: string,
): { readonly job: string; readonly stamp?: string } {
  for (const { json, metadata } of stacks) {
    for (const [address, origin] of Object.entries(metadata.resources)) {
      const [type, label] = address.split(".");
      const name =
        type === "databricks_job" && label !== undefined
          ? json.resource?.[type]?.[label]?.["name"]
          : undefined;
      if (typeof name !== "string") continue;
      if (name === job || origin.path === job || origin.path === `${metadata.stack}/${job}`)
        return { job: name, stamp: metadata.stamp };
    }
  }
  const stamp = stacks[0]?.metadata.stamp;
  return { job, ...defined({ stamp }) };
}

/** Stands for the project where there is none. */
const noProject: Project = { root: ".", app: "", outdir: ".", privateFolder: "." };

function runningLocal(project: Project): Connection | undefined {
  try {
    return localConnection(project);
  } catch (error) {
    if (error instanceof LakeformError && error.code === "WORKSPACE_NOT_RUNNING") return undefined;
    throw error;
  }
}

/** Writes a result: JSON with `--format json`, else text. */
export function emit(io: Io, flags: RestFlags, document: unknown, text: string): void {
  if (flags.format === "json") io.stdout.write(`${printableJson(document)}\n`);
  else if (text !== "") io.stdout.write(printableScreen(text.endsWith("\n") ? text : `${text}\n`));
}
