import { defined } from "../defined";
import type { Project } from "../terraform/project";
import { warningsOf, type SynthesizedStack } from "../terraform/stack";
import { synthesize } from "../terraform/synth";
import type { Io } from "./io";

/** The project that each command has built, so that all steps of a command use the same output. */
const builtProjects = new WeakMap<Io, string>();

/**
 * Builds the synth output for a command: runs the app and shows its stderr. Without `allowed`
 * (`--no-synth`) the existing output is used, and must match what the app would write.
 * @throws as {@link synthesize}
 */
export async function synthesizeFirst(
  io: Io,
  project: Project,
  options: {
    readonly allowed: boolean;
    readonly onStart?: (() => void) | undefined;
    readonly meanwhile?: () => void;
    readonly onUnchanged?: (() => void) | undefined;
  },
): Promise<void> {
  if (builtProjects.get(io) === project.root) return;
  options.onStart?.();
  await synthesize(project, io.env, {
    compareOnly: !options.allowed,
    onWarnings: (text) => printLines(io, text),
    ...defined({ meanwhile: options.meanwhile, onUnchanged: options.onUnchanged }),
  });
  builtProjects.set(io, project.root);
}

/**
 * Prints the warnings of these stacks' constructs on stderr, even if the synth output is reused: a
 * warning appears until it is resolved.
 */
export function printWarnings(
  io: Io,
  project: Project,
  stacks: readonly Pick<SynthesizedStack, "name">[],
): void {
  for (const warning of warningsOf(
    project,
    stacks.map(({ name }) => name),
  ))
    printLines(io, warning);
}

/** Prints complete lines; on a terminal they replace the progress line. */
export function printLines(io: Io, text: string): void {
  const isTerminal = (io.stderr as Partial<NodeJS.WriteStream>).isTTY === true;
  io.stderr.write(`${isTerminal ? "\r\x1b[2K" : ""}${text.trimEnd()}\n`);
}
