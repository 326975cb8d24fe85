import type { Project } from "../terraform/project";
import { warningsOf, type SynthesizedStack } from "../terraform/stack";
import { ensureSynthesized } from "../terraform/synth";
import type { Io } from "./io";

/** Fresh synth output for a command: the app is run when its output is older than the code, and what it printed on stderr is shown. @throws as {@link ensureSynthesized} */
export async function synthesizeFirst(
  io: Io,
  project: Project,
  options: { readonly allowed: boolean; readonly onStart?: (() => void) | undefined },
): Promise<void> {
  await ensureSynthesized(project, io.env, {
    allowed: options.allowed,
    ...(options.onStart && { onStart: options.onStart }),
    onOutput: (text) => tell(io, text),
  });
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
