/**
 * Verifies the existing synth output while the app runs. If the app then writes exactly this
 * output, the verification has read what it would have read afterwards, and its result counts.
 * Otherwise, or if anything fails, the result is dropped, and the command verifies as usual.
 */
import path from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { CheckOptions } from "../deploy/check";
import type { Engine } from "../terraform/engine";
import { findKind } from "../resources";
import { isHostKnown } from "../terraform/connection";
import { findProject, type Project } from "../terraform/project";
import {
  keepParsed,
  readStack,
  selectStacks,
  stackNames,
  type SynthesizedStack,
} from "../terraform/stack";
import { localStateFile } from "../terraform/state";
import { isInWorkspace } from "../terraform/workspace-states";
import type { Verification } from "../verify/model";
import { runAtEnd } from "./at-end";
import type { Io } from "./io";
import type { Reporter } from "./progress";
import { ProjectSecrets } from "./project-secrets";
import { openStacks, type Target, type TargetFlags } from "./target";

type Events = CheckOptions["events"];

/** @param verify verifies stacks, with the secrets of this `io` */
type Verify = (
  io: Io,
  targets: readonly Target[],
  events: Events,
  signal: AbortSignal,
) => Promise<readonly Verification[]>;

export class EarlyVerification {
  readonly #abort = new AbortController();
  readonly #steps: string[] = [];
  #reporter: Pick<Reporter, "step" | "progress"> | undefined;
  #result: Promise<readonly Verification[] | undefined> | undefined;
  #forget: (() => void) | undefined;

  constructor(
    private readonly io: Io,
    private readonly names: readonly string[],
    private readonly flags: TargetFlags,
    private readonly verify: Verify,
  ) {}

  /** Starts it: the app is running, and has not written anything yet. */
  start(engine: Promise<Engine>): void {
    this.#forget = keepParsed();
    this.#result = this.#run(engine).catch(() => undefined);
  }

  /** Returns the result; undefined if there is none. The reporter shows its steps. */
  async result(reporter: Reporter): Promise<readonly Verification[] | undefined> {
    this.#forget?.();
    this.#reporter = reporter;
    this.#steps.forEach(reporter.step);
    const found = await this.#result;
    // What could not be read gets another attempt.
    return found?.every(({ report }) => report.exitCode !== 1) === true ? found : undefined;
  }

  /** Stops it, so that nothing of it runs any longer. */
  async drop(): Promise<void> {
    this.#abort.abort();
    await this.#result;
    this.#result = undefined;
    this.#steps.splice(0);
    this.#forget?.();
  }

  async #run(engine: Promise<Engine>): Promise<readonly Verification[] | undefined> {
    // Neither its messages nor its secrets belong to the command.
    const unseen = new PassThrough().resume();
    const secrets = new ProjectSecrets(this.io.cwd, this.io.env);
    const io: Io = { ...this.io, secrets, stdout: unseen, stderr: unseen };
    const { signal } = this.#abort;
    try {
      // First the event loop starts the app.
      await setImmediate();
      const project = findProject(io.cwd);
      const stacks = stackNames(project).map((name) => readStack(project, name));
      if (!stacks.every((stack) => this.#isSuitable(stack, project))) return undefined;
      const options = { variables: "optional", signal } as const;
      const targets = await openStacks(
        io,
        project,
        selectStacks(project, this.names),
        { engine },
        this.flags,
        options,
      );
      const step = (text: string): void => {
        this.#steps.push(text);
        this.#reporter?.step(text);
      };
      const progress = (text: string): void => this.#reporter?.progress(text);
      return await this.verify(io, targets, { step, progress }, signal);
    } finally {
      await runAtEnd(io);
    }
  }

  /**
   * Whether the verification of a stack sends credentials only to hosts that the command uses in
   * any case, reads only the output and states, and starts no Terraform.
   */
  #isSuitable(stack: SynthesizedStack, project: Project): boolean {
    return (
      isHostKnown(stack.metadata, this.io.env, this.flags) &&
      (isInWorkspace(stack) || localStateFile(stack) !== undefined) &&
      readsOnly(project.outdir, stack)
    );
  }
}

/** Matches a function of Terraform that reads files. */
const readsFile = /\b(?:\w*file|filemd5|filesha\d+|filebase64\w*|fileset|fileexists)\s*\(/;

function callsFileFunction(value: unknown): boolean {
  if (typeof value === "string")
    return (value.includes("${") || value.includes("%{")) && readsFile.test(value);
  if (Array.isArray(value)) return value.some(callsFileFunction);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(callsFileFunction);
}

/** Whether a verification reads files of this folder only. The app may write any other file. */
function readsOnly(folder: string, { json, directory }: SynthesizedStack): boolean {
  if (callsFileFunction(json)) return false;
  const isInside = (file: unknown): boolean =>
    file === undefined ||
    file === null ||
    (typeof file === "string" &&
      !file.includes("${") &&
      path.resolve(directory, file).startsWith(folder + path.sep));
  return Object.entries(json.resource ?? {}).every(
    ([type, named]) =>
      findKind(type)?.desiredContent === undefined ||
      Object.values(named).every(
        ({ source, file_path: file }) => isInside(source) && isInside(file),
      ),
  );
}
