import type { Project } from "../terraform/project";
import { warningsOf, type SynthesizedStack } from "../terraform/stack";
import { synthesize } from "../terraform/synth";
import type { Io } from "./io";

/** Once a command: all that one command does rests on the same output. */
const done = new WeakMap<Io, string>();

/**
 * Fresh synth output for a command: the app is run, and what it printed on stderr is shown. Not `allowed` (`--no-synth`): the output stays, and must be what
 * the app writes. @throws as {@link synthesize}
 */
export async function synthesizeFirst(
  io: Io,
  project: Project,
  options: { readonly allowed: boolean; readonly onStart?: (() => void) | undefined },
): Promise<void> {
  if (done.get(io) === project.root) return;
  options.onStart?.();
  await synthesize(project, io.env, { compareOnly: !options.allowed, onOutput: (text) => tell(io, text) });
  done.set(io, project.root);
}

/** Shows what the constructs of these stacks warn of, on stderr: also when the app was built before, for a warning holds until somebody sees to it. */
export function tellWarnings(io: Io, project: Project, stacks: readonly Pick<SynthesizedStack, "name">[]): void {
  for (const warning of warningsOf(
    project,
    stacks.map(({ name }) => name),
  ))
    tell(io, warning);
}

/** A text on lines of its own; on a terminal it takes the place of the moving line. */
export function tell(io: Io, text: string): void {
  const moving = (io.stderr as Partial<NodeJS.WriteStream>).isTTY === true;
  io.stderr.write(`${moving ? "\r\x1b[2K" : ""}${text.trimEnd()}\n`);
}
