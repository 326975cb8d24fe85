import { formatError, type LakeformError } from "../errors";
import { States } from "../state/open";
import type { Project } from "../terraform/project";
import { readStacks, type SynthesizedStack } from "../terraform/stack";
import { isInWorkspace, stateKeyVariables } from "../terraform/workspace-states";
import type { Client } from "../api/client";
import { atEnd } from "./at-end";
import type { Io } from "./io";
import { printLines } from "./synthesized";

const statesByIo = new WeakMap<Io, States>();

/**
 * Serves the states of these stacks, and of the other stacks in their environments that they may
 * use, to Terraform until the command ends. Returns undefined if none of them is in the workspace.
 * @param forOtherProcesses whether the user starts Terraform, not lakeform: this command then has to
 * report problems itself
 */
export async function openStates(
  io: Io,
  project: Project,
  stacks: readonly SynthesizedStack[],
  clientOf: (stack: SynthesizedStack) => Client,
  { forOtherProcesses = false } = {},
): Promise<States | undefined> {
  const environments = new Set(
    stacks.filter(isInWorkspace).map(({ metadata }) => metadata.environment),
  );
  if (environments.size === 0) return undefined;
  const states = statesByIo.get(io) ?? new States(io.env, (text) => printLines(io, text));
  if (!statesByIo.has(io)) {
    statesByIo.set(io, states);
    atEnd(io, () => states.close());
    // Terraform repeats failed calls, so report each problem only once, except to other processes.
    const reportedProblems = new Set<string>();
    const onProblem = (error: LakeformError): void => {
      const text = formatError(error);
      if (!forOtherProcesses && reportedProblems.has(text)) return;
      reportedProblems.add(text);
      printLines(io, io.secrets.mask().ownText(text));
    };
    await states.serve(onProblem, forOtherProcesses ? onProblem : undefined);
    for (const secret of [states.secret, ...stateKeyVariables.map((name) => io.env[name] ?? "")])
      io.secrets.add(secret);
  }
  for (const stack of readStacks(project)) {
    if (isInWorkspace(stack) && environments.has(stack.metadata.environment))
      states.add(stack, clientOf(stack));
  }
  return states;
}

/** Also serves the state of a stack that is not in the code. */
export function addState(io: Io, stack: SynthesizedStack, client: Client): void {
  if (isInWorkspace(stack)) statesByIo.get(io)?.add(stack, client);
}
