import { App } from "./bindings";
import { ConstructError } from "./errors";
import { withoutStackTraces } from "./source";

export interface SynthesizeOptions {
  /** Where to write. @default - CDKTF_OUTDIR, else cdktf.out */
  readonly outdir?: string;
}

/**
 * Builds an app and synthesizes it: the last line of `stacks/main.ts`. Mistakes are printed as they are meant for people, and end the process with exit
 * code 1; anything else that is thrown is a bug in your code or ours, and comes with its stack.
 *
 * @example
 * synthesize((app) => {
 *   new WorkspaceStack(app, "daily-etl", { project: "lakeform", environment: { name: "dev", values: {} } });
 * });
 */
export function synthesize(build: (app: App) => void, options: SynthesizeOptions = {}): void {
  try {
    buildAndSynth(build, options);
  } catch (error) {
    if (!(error instanceof ConstructError)) throw error;
    process.stderr.write(`${error.format()}\n`);
    process.exitCode = 1;
  }
}

/** The same for tests and tools: throws instead of ending the process. @throws ConstructError */
export function buildAndSynth(build: (app: App) => void, options: SynthesizeOptions = {}): App {
  const once = (): App => {
    const app = new App({ ...(options.outdir !== undefined && { outdir: options.outdir }), stackTraces: false });
    build(app);
    app.synth();
    return app;
  };
  try {
    return withoutStackTraces(once);
  } catch (error) {
    // Errors thrown under the switch have no stack: build again without it, for the same error with one.
    if (error instanceof ConstructError) throw error;
    return once();
  }
}
