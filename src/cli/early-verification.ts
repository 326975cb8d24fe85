/**
 * Verifies the existing synth output while the app runs. If the app then writes the same output, the
 * command uses the result. It also uses an error: another verification would wait for the same
 * failing calls. If the output differs, or the verification could not start, the command verifies as
 * usual.
 */
import path from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { CheckOptions } from "../deploy/check";
import { contentFiles } from "../deploy/local-inputs";
import type { Engine } from "../terraform/engine";
import { isHostKnown } from "../terraform/connection";
import { findProject, type Project } from "../terraform/project";
import { keepParsed, readStacks, type SynthesizedStack } from "../terraform/stack";
import { selectStacks } from "../terraform/stack-selection";
import { localStateFile } from "../terraform/state-file";
import { isInWorkspace } from "../terraform/workspace-states";
import type { Verification } from "../verify/model";
import { runAtEnd } from "./at-end";
import type { Io } from "./io";
import type { Reporter } from "./progress";
import { ProjectSecrets } from "./project-secrets";
import { openStacks, type Target, type TargetFlags } from "./target";

type Events = CheckOptions["events"];

/** Verifies stacks with the secrets of the given `io`. */
type Verify = (
  io: Io,
  targets: readonly Target[],
  events: Events,
  signal: AbortSignal,
) => Promise<readonly Verification[]>;

/** The outcome of an early verification, as a function that returns its result or throws its error. */
type Outcome = () => readonly Verification[];

export class EarlyVerification {
  readonly #abort = new AbortController();
  readonly #steps: string[] = [];
  #reporter: Pick<Reporter, "step" | "progress"> | undefined;
  #outcome: Promise<Outcome | undefined> | undefined;
  #releaseParsed: (() => void) | undefined;

  constructor(
    private readonly io: Io,
    private readonly names: readonly string[],
    private readonly flags: TargetFlags,
    private readonly verify: Verify,
  ) {}

  /** Starts the verification. Call this before the app writes its output. */
  start(engine: Promise<Engine>): void {
    this.#releaseParsed = keepParsed();
    this.#outcome = this.#run(engine).catch(() => undefined);
  }

  /**
   * Returns the result, if there is one, and reports the steps so far.
   * @throws the error that ended the verification
   */
  async result(reporter: Reporter): Promise<readonly Verification[] | undefined> {
    this.#releaseParsed?.();
    this.#reporter = reporter;
    this.#steps.forEach(reporter.step);
    return (await this.#outcome)?.();
  }

  /** Stops the verification and waits for its end. */
  async drop(): Promise<void> {
    this.#abort.abort();
    await this.#outcome;
    this.#outcome = undefined;
    this.#steps.splice(0);
    this.#releaseParsed?.();
  }

  async #run(engine: Promise<Engine>): Promise<Outcome | undefined> {
    // The command must neither print the messages of this verification nor mask its secrets.
    const discardedOutput = new PassThrough().resume();
    const secrets = new ProjectSecrets(this.io.cwd, this.io.env);
    const io: Io = { ...this.io, secrets, stdout: discardedOutput, stderr: discardedOutput };
    const { signal } = this.#abort;
    try {
      // Let the event loop start the app first.
      await setImmediate();
      const project = findProject(io.cwd);
      const stacks = readStacks(project);
      if (!stacks.every((stack) => this.#isSuitable(stack, project))) return undefined;
      const options = { variables: "optional", signal } as const;
      const targets = await openStacks(
        io,
        project,
        selectStacks(project, this.names, { stacks }),
        { engine },
        this.flags,
        options,
      );
      const step = (text: string): void => {
        this.#steps.push(text);
        this.#reporter?.step(text);
      };
      const progress = (text: string): void => this.#reporter?.progress(text);
      return await this.verify(io, targets, { step, progress }, signal).then(
        (verifications) => () => verifications,
        (error: unknown) => () => {
          throw error;
        },
      );
    } finally {
      await runAtEnd(io);
    }
  }

  /**
   * Whether the early verification of a stack is safe: it sends credentials only to hosts that the
   * command uses in any case, reads only the output and states, and does not start Terraform.
   */
  #isSuitable(stack: SynthesizedStack, project: Project): boolean {
    return (
      isHostKnown(stack.metadata, this.io.env, this.flags) &&
      (isInWorkspace(stack) || localStateFile(stack) !== undefined) &&
      readsOnlyFolder(project.outdir, stack)
    );
  }
}

/** Whether a verification reads only files in this folder. The app may write all other files. */
const readsOnlyFolder = (folder: string, stack: SynthesizedStack): boolean =>
  contentFiles(stack)?.every((file) => file.startsWith(folder + path.sep)) === true;
