import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { atInterrupt } from "../interrupt";
import { isRunning } from "../processes";
import { checkComplete } from "./complete-plan";
import { startPlanProvider, type PlanProvider } from "./plan-provider";
import {
  formatDiagnostic,
  parseLine,
  toDiagnostic,
  toProgress,
  type Diagnostic,
  type Progress,
} from "./json-lines";
import { hideValues, runTerraform, type SchemaCutFile, type TerraformContext } from "./run";
import type { StackJson, SynthesizedStack } from "./stack";
import { lockErrorOf, withStateAdvice } from "./state-errors";
import { dataFolderOf } from "./initialize";
import { saveUnwrittenState, stateInLine } from "./unwritten-state";
import { inFolderWith, withOutputs, type UpstreamOutputs } from "./upstream";

export interface SavedPlan {
  /** The saved plan. It contains secrets in clear text; {@link discardPlan} deletes it. */
  readonly file: string;
  /** The part of the provider's schema that the plan was made with; deleted with the plan. */
  readonly schemaCut?: Required<SchemaCutFile>;
  /**
   * The process of the provider that made the plan. It also shows the plan, and ends after that.
   */
  readonly provider?: PlanProvider;
  /** True if the plan has changes. */
  readonly changes: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** A plan that is known to be empty without Terraform. */
export interface NoPlan {
  readonly file?: undefined;
  readonly schemaCut?: undefined;
  readonly provider?: undefined;
  readonly changes: false;
}

type OnProgress = (progress: Progress) => void;

export interface PlanOptions {
  readonly destroy?: boolean;
  /** False to trust the state and not read the workspace. @default true */
  readonly refresh?: boolean;
  /** Update the state, and change no objects. */
  readonly refreshOnly?: boolean;
  /**
   * Objects that the embedded provider does not read again, because they are equal in the state and
   * the workspace: JSON with ids by type.
   */
  readonly alreadyRead?: string;
  /** Addresses to plan, with their dependencies. @default all */
  readonly targets?: readonly string[];
  /** The part of the configuration that `targets` need. Terraform reads only this part. */
  readonly configuration?: StackJson;
  /**
   * The part of the schema that the embedded provider serves, as the content of the cut file. Its
   * first line is the name of the cut.
   * @default the full schema
   */
  readonly schemaCut?: string;
  /** Known outputs of the stacks that this one uses, instead of those in their states. */
  readonly upstream?: UpstreamOutputs;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Creates a saved plan. The caller must {@link discardPlan} it.
 * @throws LakeformError TERRAFORM_FAILED with construct paths; PLAN_TRUNCATED; SCHEMA_CUT_TOO_NARROW
 * with the types that have values outside the cut
 */
export async function makePlan(
  context: TerraformContext,
  stack: SynthesizedStack,
  options: PlanOptions = {},
): Promise<SavedPlan> {
  const file = newPlanFile(context.directory);
  const args = ["plan", "-json", "-input=false", "-detailed-exitcode", lockTimeout, `-out=${file}`];
  if (options.destroy === true) args.push("-destroy");
  if (options.refreshOnly === true) args.push("-refresh-only");
  if (options.refresh === false) args.push("-refresh=false");
  for (const target of options.targets ?? []) args.push(`-target=${target}`);
  protectState(stack);
  const cut =
    options.schemaCut === undefined
      ? undefined
      : writeSchemaCut(context.directory, options.schemaCut);
  const alreadyRead =
    options.alreadyRead && privateFile(context.directory, "read", options.alreadyRead);
  const planningContext = {
    ...context,
    ...(cut && { schemaCut: { file: cut.file } }),
    ...defined({ alreadyRead }),
  };
  let provider: PlanProvider | undefined;
  try {
    // Start the provider in the stack's own folder in any case, because the cut of the schema
    // belongs to the configuration there.
    provider = await startPlanProvider(planningContext);
    const runPlan = (runContext: TerraformContext): ReturnType<typeof withDiagnostics> =>
      withDiagnostics(
        { ...runContext, ...defined({ runningProvider: provider?.environment }) },
        stack,
        args,
        options,
        [0, 2],
      );
    const configuration = otherConfiguration(
      stack,
      options,
      cut === undefined || provider !== undefined,
    );
    const { code, warnings } = await (configuration === undefined
      ? runPlan(planningContext)
      : inFolderWith(stack, configuration, (directory) =>
          runPlan({ ...planningContext, directory, dataFolder: dataFolderOf(planningContext) }),
        ));
    fs.chmodSync(file, 0o600);
    checkComplete(file);
    return { file, changes: code === 2, warnings, ...defined({ schemaCut: cut, provider }) };
  } catch (error) {
    discardPlan({ file, ...defined({ schemaCut: cut, provider }) });
    throw error;
  } finally {
    if (alreadyRead !== undefined) discardPlan({ file: alreadyRead });
  }
}

/**
 * Returns the configuration to plan in a copy of the stack's folder; undefined to plan the stack in
 * its own folder.
 * @param mayLeaveFolder false if Terraform has to run in the stack's own folder
 */
function otherConfiguration(
  { json }: SynthesizedStack,
  { upstream, configuration }: PlanOptions,
  mayLeaveFolder: boolean,
): StackJson | undefined {
  if (upstream !== undefined && upstream.size > 0) return withOutputs(json, upstream);
  return mayLeaveFolder ? configuration : undefined;
}

const writeSchemaCut = (directory: string, content: string): Required<SchemaCutFile> => ({
  file: privateFile(directory, "schema-cut", content),
  planned: content.slice(0, content.indexOf("\n")),
});

/**
 * Creates a file for a plan before Terraform writes it, so that its mode is 0600 with any umask.
 * The caller must {@link discardPlan} it.
 * @param content the content, if the plan already exists
 */
export function newPlanFile(directory: string, content: string | Buffer = ""): string {
  removeOrphanedPlans(directory);
  return privateFile(directory, "tfplan", content);
}

/** Writes a file that only this user can read, next to the stack. */
function privateFile(directory: string, extension: string, content: string | Buffer): string {
  const file = planFile(directory, extension);
  try {
    fs.writeFileSync(file, content, { mode: 0o600 });
  } catch (error) {
    discardPlan({ file });
    // Node names no file if the disk is full.
    throw Object.assign(error as Error, { path: file });
  }
  return file;
}

/** Returns a file name with the process id, for {@link removeOrphanedPlans}. */
function planFile(directory: string, extension: string): string {
  const file = path.join(
    directory,
    `.lakeform-${process.pid}-${randomBytes(6).toString("hex")}.${extension}`,
  );
  interruptHandlers.set(
    file,
    atInterrupt(() => discardPlan({ file })),
  );
  return file;
}

/** The functions that cancel the deletion of a file at Ctrl-C, by file. */
const interruptHandlers = new Map<string, () => void>();

/**
 * Deletes the saved plans of processes that were killed before they could do so, because plans
 * contain secrets.
 */
function removeOrphanedPlans(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    const match =
      /^\.lakeform-(?:(\d+)-)?[0-9a-f]{12}\.(?:tfplan(?:\.json)?|schema-cut|read)$/.exec(name);
    if (match === null || (match[1] !== undefined && isRunning({ pid: Number(match[1]) })))
      continue;
    fs.rmSync(path.join(directory, name), { force: true });
  }
}

/** Deletes the files of a plan, and ends its provider. */
export function discardPlan(
  plan: Pick<SavedPlan, "file" | "schemaCut" | "provider"> | NoPlan,
): void {
  plan.provider?.close();
  for (const file of [plan.file, plan.schemaCut?.file]) {
    if (file === undefined) continue;
    fs.rmSync(file, { force: true });
    interruptHandlers.get(file)?.();
    interruptHandlers.delete(file);
  }
}

/** Returns the context in which a saved plan is applied and shown. */
const planContext = (
  context: TerraformContext,
  { schemaCut }: Pick<SavedPlan, "schemaCut">,
): TerraformContext => (schemaCut === undefined ? context : { ...context, schemaCut });

/**
 * Writes the plan as JSON (`terraform show -json`) into a file next to the stack, and not into
 * memory, because the JSON of a large plan exceeds the maximum string length. The file contains
 * secrets in clear text, marked by `*_sensitive`. The caller must {@link discardPlan} it.
 * @param changes the plan without the resources in its states and configuration: only its changes
 * are shown
 * @returns the file's path
 * @throws LakeformError TERRAFORM_FAILED
 */
export async function writePlanJson(
  context: TerraformContext,
  plan: Pick<SavedPlan, "file" | "schemaCut" | "provider">,
  changes?: Buffer,
): Promise<string> {
  const shownPlan = changes === undefined ? plan.file : newPlanFile(context.directory, changes);
  const file = planFile(context.directory, "tfplan.json");
  const handle = fs.openSync(file, "wx", 0o600);
  try {
    const showContext = {
      ...planContext(context, plan),
      ...defined({ runningProvider: plan.provider?.environment }),
    };
    await runTerraform(showContext, ["show", "-json", "-no-color", shownPlan], {
      stdoutTo: handle,
    });
    return file;
  } catch (error) {
    discardPlan({ file });
    throw error;
  } finally {
    fs.closeSync(handle);
    if (changes !== undefined) discardPlan({ file: shownPlan });
    plan.provider?.close();
  }
}

/**
 * Applies a saved plan. If Terraform cannot write the state to any file, lakeform saves the state. It
 * removes the plan first, which takes space on the disk.
 * @returns the warnings
 * @throws LakeformError TERRAFORM_FAILED, also if the plan was partially applied
 */
export async function applyPlan(
  context: TerraformContext,
  stack: SynthesizedStack,
  plan: Pick<SavedPlan, "file" | "schemaCut">,
  options: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
): Promise<readonly Diagnostic[]> {
  const command = ["apply", "-json", "-input=false", lockTimeout, plan.file];
  let printedState: string | undefined;
  const onPrintedState = (state: string): void => void (printedState = state);
  try {
    const { warnings } = await withDiagnostics(planContext(context, plan), stack, command, {
      ...options,
      onPrintedState,
    });
    return warnings;
  } catch (error) {
    if (printedState === undefined || !(error instanceof LakeformError)) throw error;
    discardPlan(plan);
    const file = saveUnwrittenState(context.directory, printedState, context.env);
    error.also.push(
      file === undefined
        ? "the state could not be saved on any disk: objects that were created are found by their stamps and by the notes of the embedded provider"
        : `the state is saved in ${file}: after you have freed space, the next review or deploy of ${stack.name} on this machine takes it over`,
    );
    throw error;
  }
}

/** How long Terraform waits for the lock, because another process may release it soon. */
export const lockTimeout = "-lock-timeout=20s";

/**
 * Removes other users' access to local state files, because they contain secrets in clear text.
 * Terraform keeps the mode of an existing file.
 */
function protectState(stack: SynthesizedStack): void {
  const backend = stack.json.terraform?.backend as { local?: { path?: string } } | undefined;
  const file =
    backend?.local?.path === undefined
      ? undefined
      : path.resolve(stack.directory, backend.local.path);
  if (file === undefined) return;
  for (const state of [file, `${file}.backup`])
    if (fs.existsSync(state)) fs.chmodSync(state, 0o600);
}

/**
 * Runs a command with `-json`, and converts its diagnostics, adding the construct path of the
 * resource.
 * @param accept the exit codes that are results, not failures
 */
async function withDiagnostics(
  context: TerraformContext,
  stack: SynthesizedStack,
  args: readonly string[],
  options: {
    readonly onProgress?: OnProgress;
    /** Called with the state, if Terraform could not write it to any file. */
    readonly onPrintedState?: (state: string) => void;
    readonly signal?: AbortSignal;
  } = {},
  accept: readonly number[] = [0],
): Promise<{ code: number; warnings: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const otherLines: string[] = [];
  const running = runTerraform(context, args, {
    // A failure (1) and an interrupt (130) are reported below, with the diagnostics.
    accept: [...accept, 1, 130],
    ...defined({ signal: options.signal }),
    onLine: (text) => {
      const line = parseLine(text);
      if (line === undefined) otherLines.push(text);
      else if (line.diagnostic !== undefined)
        diagnostics.push(toDiagnostic(line.diagnostic, stack, context));
      else if (options.onProgress !== undefined) {
        const progress = toProgress(line, stack);
        if (progress !== undefined) options.onProgress(progress);
      }
      const state = options.onPrintedState && stateInLine(text);
      if (state !== undefined) options.onPrintedState?.(state);
    },
  });
  const errorsSoFar = (): Diagnostic[] =>
    diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const { code, stderr } = await running.catch((error: unknown) => {
    if (error instanceof LakeformError && error.code === "INTERRUPTED")
      error.also.push(
        ...errorsSoFar().flatMap((diagnostic) =>
          isHalted(diagnostic) ? [] : [formatDiagnostic(diagnostic)],
        ),
      );
    throw error;
  });
  const errors = errorsSoFar();
  const lockError = lockErrorOf(errors, context, stack);
  if (lockError !== undefined) throw lockError;
  const cutErrors = errors.filter(isTooNarrow);
  if (cutErrors.length > 0) throw cutTooNarrow(cutErrors);
  if (!accept.includes(code)) {
    const texts =
      errors.length > 0
        ? [...new Set(errors.map((error) => formatDiagnostic(withStateAdvice(error, stack))))]
        : [hideValues([...otherLines, stderr].join("\n").trim(), context)];
    const firstResource = errors[0]?.path ?? errors[0]?.address;
    throw new LakeformError(
      "TERRAFORM_FAILED",
      `${context.engine.name} ${args[0] ?? ""} failed\n\n${texts.join("\n\n")}\n`,
      {
        path: firstResource,
        value: code === 130 ? "interrupted" : `exit code ${code}`,
        fix: texts.some(isDiskFull)
          ? "free space on the disk, then run the command again"
          : "fix the cause that Terraform reports above, then run the command again",
      },
    );
  }
  return { code, warnings: diagnostics.filter((diagnostic) => diagnostic.severity === "warning") };
}

const isDiskFull = (text: string): boolean =>
  /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/.test(text);

/** True for the error that is reported for each resource that an interrupt left unfinished. */
const isHalted = ({ summary, detail }: Diagnostic): boolean =>
  /execution halted|operation cancell?ed|context cancell?ed|INTERRUPTED|CALL_ABORTED|plugin (exited|did not respond)/i.test(
    `${summary} ${detail}`,
  );

/** True if the embedded provider read or wrote a value outside the part of the schema in use. */
export const isTooNarrow = ({ summary }: Pick<Diagnostic, "summary">): boolean =>
  summary.startsWith("SCHEMA_CUT_TOO_NARROW: ");

function cutTooNarrow(diagnostics: readonly Diagnostic[]): LakeformError {
  const types = diagnostics.map(({ summary }) => /databricks_\w+/.exec(summary)?.[0] ?? "");
  return new LakeformError(
    "SCHEMA_CUT_TOO_NARROW",
    "the workspace has values outside the schema that the stack uses",
    {
      value: [...new Set(types)].join(", "),
      fix: "run the command again",
    },
  );
}
