import { defined } from "../../src/defined";
import { App, TerraformStack } from "./bindings";
import { ConstructError, ConstructErrors } from "./errors";
import { withoutStackTraces } from "./stack-traces";
import { formatWarning, warningsOf } from "./warnings";

export interface SynthesizeOptions {
  /** The output folder. @default - CDKTF_OUTDIR, else cdktf.out */
  readonly outdir?: string;
}

/**
 * Builds an app and synthesizes it. Call it as the last statement of `stacks/main.ts`. Errors in
 * the code of stacks are printed in a readable form, and the process exits with code 1. Any other
 * exception is a bug in your code or in lakeform, and is printed with its stack trace. Warnings do
 * not stop the synth: they are stored in the manifest, and `lakeform` and `cdktf` show them. An app
 * that is started directly prints them to stderr.
 *
 * @example
 * synthesize((app) => {
 *   new WorkspaceStack(app, "daily-etl", {
 *     project: "lakeform",
 *     environment: { name: "dev", values: {} },
 *   });
 * });
 */
export function synthesize(build: (app: App) => void, options: SynthesizeOptions = {}): void {
  try {
    const app = buildAndSynth(build, options);
    if (!isRunByTool())
      for (const warning of warningsOf(app)) process.stderr.write(`${formatWarning(warning)}\n`);
  } catch (error) {
    if (!(error instanceof ConstructError)) throw error;
    process.stderr.write(`${error.format()}\n`);
    process.exitCode = 1;
  }
}

/** Whether lakeform or cdktf runs the app: both set an environment variable. */
function isRunByTool(): boolean {
  return (
    process.env.LAKEFORM_PROJECT_ROOT !== undefined ||
    process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS !== undefined
  );
}

/**
 * Builds and synthesizes an app like {@link synthesize}, for tests and tools: throws the errors,
 * and returns the app without printing its warnings.
 * @throws ConstructError
 */
export function buildAndSynth(build: (app: App) => void, options: SynthesizeOptions = {}): App {
  const buildOnce = (): App => {
    const app = new App({ ...defined({ outdir: options.outdir }), stackTraces: false });
    build(app);
    synthAll(app);
    return app;
  };
  try {
    return withoutStackTraces(buildOnce);
  } catch (error) {
    // The error was thrown without a stack trace: build again with stack traces, to get the same
    // error with one.
    if (error instanceof ConstructError) throw error;
    return buildOnce();
  }
}

/**
 * Synthesizes all stacks. cdktf stops at the first stack with problems; this function reports the
 * problems of all stacks.
 * @throws ConstructErrors
 */
function synthAll(app: App): void {
  const duplicateNameErrors = findDuplicateNames(app);
  if (duplicateNameErrors.length > 0) throw new ConstructErrors(duplicateNameErrors);
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof ConstructErrors)) throw error;
    const stacks = stacksOf(app);
    throw new ConstructErrors(stacks.flatMap((stack) => problemsOf(app, stack)));
  }
}

const stacksOf = (app: App): TerraformStack[] =>
  app.node.findAll().filter((construct) => TerraformStack.isStack(construct));

/** Finds stacks with equal ids in different scopes. cdktf would write them to the same folder. */
function findDuplicateNames(app: App): ConstructError[] {
  const byId = new Map<string, string[]>();
  for (const { node } of stacksOf(app))
    byId.set(node.id, [...(byId.get(node.id) ?? []), node.path]);
  return [...byId]
    .filter(([, paths]) => paths.length > 1)
    .map(
      ([id, paths]) =>
        new ConstructError(
          "SAME_LOGICAL_ID",
          "stacks have the same name, and only one of them would be written",
          {
            path: paths.join(" and "),
            value: id,
            fix: "give one of them another name",
          },
        ),
    );
}

/** Synthesizes one stack and returns its problems. */
function problemsOf(app: App, stack: TerraformStack): readonly ConstructError[] {
  try {
    stack.synthesizer.synthesize({
      outdir: app.outdir,
      manifest: app.manifest,
      skipValidation: false,
    });
    return [];
  } catch (error) {
    if (error instanceof ConstructErrors) return error.problems;
    throw error;
  }
}
