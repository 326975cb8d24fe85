import type { Command } from "commander";
import type { ProjectSecrets } from "./project-secrets";

/** The environment of a command. It is injected, so that tests can run commands in process. */
export interface Io {
  /** The stream for results. */
  readonly stdout: NodeJS.WritableStream;
  /** The stream for progress and errors. */
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Values of the project's secrets, which are masked in all output. */
  readonly secrets: ProjectSecrets;
  /**
   * 0 success; 2 a negative result (drift, findings, a failed run); 1 an incomplete result. A thrown
   * error becomes 1, unless it has its own exit code.
   */
  exitCode: 0 | 1 | 2;
}

/**
 * Creates the commander command. Each file in `commands/` exports this function as `command`, and
 * is loaded only when the command or its help is needed.
 * @param all every command
 */
export type MakeCommand = (io: Io, all: readonly Entry[]) => Command;

/** A command, loaded only when it (or its help) is needed. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => MakeCommand;
  /** What an interrupt may leave behind, and which command to run next. @default nothing */
  readonly interrupted?: string;
}
