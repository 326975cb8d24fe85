import { connect } from "../api/auth/connect";
import type { Client } from "../api/client";
import { whoAmI as callerOf, type Me } from "../api/families/me";
import { loadTransport } from "../api/transport/http";
import { defined } from "../defined";
import { findRemovedStack, recordFoldersOf, type RemovedStack } from "../deploy/removed-stacks";
import {
  clientEnvironment,
  resolveConnection,
  type Connection,
  type ConnectionFlags,
} from "../terraform/connection";
import { refuseEncryptionInWorkspace, secretsOfEncryption } from "../terraform/encryption";
import { findEngine, type Engine } from "../terraform/engine";
import { findProject, type Project } from "../terraform/project";
import { mirrorFor, requiredVersion } from "../terraform/provider-mirror";
import { useSchemaFor } from "../resources/shape/schema";
import type { TerraformContext } from "../terraform/run";
import { readStacks, type SynthesizedStack } from "../terraform/stack";
import { environmentOf, selectStacks, splitSelection } from "../terraform/stack-selection";
import { sensitiveVariables, type SensitiveVariables } from "../terraform/variables";
import type { Io } from "./io";
import { addState, openStates } from "./states";
import { withProjectFix } from "./rest";
import { synthesizeFirst, printWarnings } from "./synthesized";

export interface TargetFlags extends ConnectionFlags {
  /**
   * Whether to run the app first. If false (`--no-synth`), the existing synth output is used, and
   * the command fails if the app would write a different one.
   */
  readonly synth?: boolean;
}

export interface OpenOptions {
  readonly variables: SensitiveVariables;
  /** Set if the engine is only needed to decrypt a state. It then does not get access to states. */
  readonly onlyDecrypts?: true;
  /** Called before the app runs, which can take a while. */
  readonly onSynth?: () => void;
  /** Loads modules while the app runs: commands load an import when they first use it. */
  readonly meanwhile?: () => unknown;
  /** Also open stacks that are deployed but not in the code, after all other stacks. */
  readonly includeRemoved?: true;
  /** The folder of the records of a stack that is not in the code. */
  readonly recordFolder?: string;
  /**
   * Work on the existing synth output while the app runs; dropped if the app changes the output.
   */
  readonly early?: {
    readonly start: (engine: Promise<Engine>) => void;
    readonly drop: () => Promise<void>;
  };
  /** Aborts the calls of the clients. */
  readonly signal?: AbortSignal;
}

/** A stack with everything needed to work on it. */
export interface Target {
  readonly project: Project;
  readonly stack: SynthesizedStack;
  readonly connection: Connection;
  readonly client: Client;
  readonly terraform: TerraformContext;
  /** Set for a stack that is deployed but not in the code. */
  readonly removed?: RemovedStack;
}

/**
 * Runs the app and opens the stacks named on the command line (stacks or environments).
 * @throws LakeformError UNKNOWN_STACK, STALE_SYNTH, SYNTH_FAILED, MISSING_SECRET,
 * WORKSPACE_NOT_RUNNING, and the errors of the engine and the credentials
 */
export async function openTargets(
  io: Io,
  names: readonly string[],
  flags: TargetFlags,
  options: OpenOptions,
): Promise<Target[]> {
  const project = findProject(io.cwd);
  const { early } = options;
  const engineStart: { engine?: Promise<Engine> } = {};
  let isUnchanged = false;
  try {
    await synthesizeFirst(io, project, {
      allowed: flags.synth !== false,
      onStart: options.onSynth,
      meanwhile: () => {
        engineStart.engine = findEngine(io.env);
        engineStart.engine.catch(() => undefined); // reported below, after the problems of the app
        loadTransport();
        options.meanwhile?.();
        early?.start(engineStart.engine);
      },
      onUnchanged: early && (() => (isUnchanged = true)),
    });
  } finally {
    if (!isUnchanged) await early?.drop();
  }
  const stacks = readStacks(project);
  const { known: knownNames, unknown: unknownNames } =
    options.includeRemoved === true ? splitSelection(stacks, names) : { known: names, unknown: [] };
  const open = (stackNames: readonly string[]): Promise<Target[]> => {
    const selected = selectStacks(project, stackNames, { stacks });
    return openStacks(io, project, selected, engineStart, flags, options);
  };
  const targets = knownNames.length === 0 ? [] : await open(knownNames);
  for (const name of unknownNames)
    targets.push(await openRemoved(io, { project, stacks }, name, open, options));
  return targets;
}

/**
 * Opens a stack that is deployed but not in the code, like the stacks of its environment.
 * @throws LakeformError UNKNOWN_STACK, RECORD_TAMPERED
 */
async function openRemoved(
  io: Io,
  { project, stacks }: { readonly project: Project; readonly stacks: readonly SynthesizedStack[] },
  name: string,
  open: (names: readonly string[]) => Promise<Target[]>,
  { recordFolder }: Pick<OpenOptions, "recordFolder">,
): Promise<Target> {
  const environment = environmentOf(stacks, name);
  const siblings = environment === undefined ? [] : await open([environment]);
  const removedStack = await findRemovedStack(name, siblings, recordFolder);
  const [first] = siblings;
  if (removedStack === undefined || first === undefined) {
    // Throws UNKNOWN_STACK.
    const searchedFolders =
      recordFolder === undefined ? recordFoldersOf(name, siblings) : [recordFolder];
    selectStacks(project, [name], { stacks, searchedFolders });
    throw new Error(`${name} is in the code`);
  }
  const { stack, client, terraform } = removedStack.target;
  addState(io, stack, client);
  return { ...first, stack, terraform, removed: removedStack };
}

/** Opens stacks of the existing synth output. @throws as {@link openTargets} */
export async function openStacks(
  io: Io,
  project: Project,
  stacks: readonly SynthesizedStack[],
  engineStart: { readonly engine?: Promise<Engine> },
  flags: TargetFlags,
  options: OpenOptions,
): Promise<Target[]> {
  for (const { json } of stacks) useSchemaFor(requiredVersion(json.terraform));
  printWarnings(io, project, stacks);
  const variables = stacks.map((stack) => sensitiveVariables(stack, io.env, options.variables));
  for (const values of variables) for (const value of Object.values(values)) io.secrets.add(value);
  const engine = await (engineStart.engine ?? findEngine(io.env));
  if (options.onlyDecrypts !== true) refuseEncryptionInWorkspace(engine, io.env, stacks);
  for (const value of secretsOfEncryption(io.env)) io.secrets.add(value);
  const connections = stacks.map((stack) =>
    resolveConnection(project, stack.metadata, io.env, flags),
  );
  const clients = connections.map((connection, index) =>
    withProjectFix(io, stacks[index]?.metadata.environment, () =>
      openClient(io, connection, options.signal),
    ),
  );
  const states = await openStates(io, project, stacks, ({ metadata }) => {
    const index = stacks.findIndex((stack) => stack.metadata.environment === metadata.environment);
    const connection = (): Connection => resolveConnection(project, metadata, io.env, flags);
    return clients[index] ?? openClient(io, connection(), options.signal);
  });
  return stacks.map((stack, index) => {
    const [connection, client] = [connections[index], clients[index]];
    if (connection === undefined || client === undefined)
      throw new Error(`no connection for ${stack.name}`);
    return {
      project,
      stack,
      connection,
      client,
      terraform: {
        engine,
        directory: stack.directory,
        env: io.env,
        credentials: connection.environment,
        variables: variables[index] ?? {},
        secrets: () => io.secrets.values(),
        mirror: mirrorFor(stack, project.privateFolder),
        ...defined({ states }),
      },
    };
  });
}

/** Returns the given names that are environments; all stacks of these environments are targets. */
export const environmentsIn = (
  names: readonly string[],
  targets: readonly Pick<Target, "stack">[],
): readonly string[] =>
  names.filter((name) => targets.some(({ stack }) => stack.metadata.environment === name));

/**
 * Returns the caller's identity. One call detects a wrong host or token before Terraform reports it
 * with a long error.
 */
export async function whoAmI(target: Pick<Target, "client">): Promise<string> {
  const identity: Partial<Me> = await callerOf(target.client);
  return identity.userName ?? "unknown";
}

export function openClient(
  io: Pick<Io, "env" | "secrets">,
  connection: Connection,
  signal?: AbortSignal,
): Client {
  return connect({
    env: clientEnvironment(io.env, connection),
    secrets: () => io.secrets.values(),
    ...defined({ signal }),
  });
}
