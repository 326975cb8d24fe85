import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { atInterrupt } from "../interrupt";
import { OutputFolder } from "./output-folder";
import type { Project } from "./project";
import { withoutStateKeys } from "./workspace-states";
import { stackNames } from "./stack";

export interface SynthOptions {
  /** Called with the stderr of a successful app, which contains its warnings. */
  readonly onWarnings?: (text: string) => void;
  /** Keep the output, and throw if the app would write a different one. @default false */
  readonly compareOnly?: boolean;
  /** Called while the app runs. */
  readonly meanwhile?: () => void;
  /** Called if the app wrote the same output, and no other process changed it in the meantime. */
  readonly onUnchanged?: () => void;
}

/**
 * Runs the app even if no file has changed, because it may read any file, variable or clock. The
 * app writes a draft next to the synth output. The draft replaces the output only if the app
 * succeeded and something changed. Terraform's files in a stack's folder (lock files, installed
 * providers) stay.
 * @returns the names of the stacks
 * @throws LakeformError SYNTH_FAILED with the app's output; with `compareOnly` STALE_SYNTH,
 * NOT_SYNTHESIZED
 */
export async function synthesize(
  project: Project,
  env: NodeJS.ProcessEnv,
  options: SynthOptions = {},
): Promise<string[]> {
  const { outdir } = project;
  // Throws NOT_SYNTHESIZED if there is no output to compare with.
  if (options.compareOnly === true) stackNames(project);
  // Create the draft next to the output, so that relative paths resolve in the same way.
  fs.mkdirSync(path.dirname(outdir), { recursive: true });
  const draft = fs.mkdtempSync(path.join(path.dirname(outdir), `.${path.basename(outdir)}.`));
  const output = new OutputFolder(project, draft);
  const isCompared = options.compareOnly === true || options.onUnchanged !== undefined;
  const before = isCompared ? output.fileHashes() : undefined;
  const removeInterruptHandler = atInterrupt(() =>
    fs.rmSync(draft, { recursive: true, force: true }),
  );
  try {
    const warnings = await runApp(
      project,
      { ...withoutStateKeys(env), CDKTF_OUTDIR: draft, LAKEFORM_PROJECT_ROOT: project.root },
      options.meanwhile,
    );
    const changed = options.compareOnly === true ? output.changedFile(before) : undefined;
    if (changed !== undefined) {
      throw new LakeformError("STALE_SYNTH", "the app would now write a different synth output", {
        value: path.relative(project.root, path.join(outdir, changed)),
        fix: "run lakeform synth, or omit --no-synth",
      });
    }
    const isReplaced = output.replaceIfChanged();
    if (before !== undefined && !isReplaced && output.isUnchanged(before)) options.onUnchanged?.();
    if (warnings !== "") options.onWarnings?.(warnings);
  } finally {
    removeInterruptHandler();
    fs.rmSync(draft, { recursive: true, force: true });
  }
  return stackNames(project);
}

/** Runs the app. @returns the end of the app's stderr */
async function runApp(
  project: Project,
  env: NodeJS.ProcessEnv,
  meanwhile?: () => void,
): Promise<string> {
  const hasGroup = process.platform !== "win32";
  const app = withoutNpx(project, env);
  const child = spawn(app.command, {
    cwd: project.root,
    env: app.env,
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    detached: hasGroup,
  });
  const removeInterruptHandler = atInterrupt(() => {
    if (child.pid !== undefined) process.kill(hasGroup ? -child.pid : child.pid, "SIGTERM");
  });
  let combinedOutput = "";
  let stderrText = "";
  const lastPart = (before: string, chunk: string): string => (before + chunk).slice(-20_000);
  for (const stream of [child.stdout, child.stderr])
    stream
      .setEncoding("utf8")
      .on("data", (chunk: string) => (combinedOutput = lastPart(combinedOutput, chunk)));
  child.stderr.on("data", (chunk: string) => (stderrText = lastPart(stderrText, chunk)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
    meanwhile?.();
  }).finally(removeInterruptHandler);
  if (code !== 0) {
    const text = combinedOutput.trim();
    // ts-node often runs without a type check, as in the projects of `lakeform init`.
    const hasTypeError =
      /^(?:Type|Reference)Error: /m.test(text) &&
      fs.existsSync(path.join(project.root, "tsconfig.json"));
    throw new LakeformError("SYNTH_FAILED", `the app failed\n\n${text}\n`, {
      value: `${project.app} (exit code ${code ?? "none"})`,
      fix: `fix the error above${hasTypeError ? " (`npx tsc --noEmit` checks the types)" : ""}; the last good synth output was kept`,
    });
  }
  return stderrText;
}

/**
 * Returns the app's command without npx if npx would start a program of the project's
 * node_modules: npx itself takes longer to start than a small app.
 */
function withoutNpx(
  { app, root }: Project,
  env: NodeJS.ProcessEnv,
): { readonly command: string; readonly env: NodeJS.ProcessEnv } {
  const programs = path.join(root, "node_modules", ".bin");
  const [, command = "", program = ""] = /^npx\s+(([a-z][\w.-]*)(?:\s.*)?)$/s.exec(app) ?? [];
  const isInstalled = program !== "" && fs.existsSync(path.join(programs, program));
  // On Windows, the variable can have another name, such as Path.
  if (!isInstalled || process.platform === "win32") return { command: app, env };
  return { command, env: { ...env, PATH: `${programs}${path.delimiter}${env["PATH"] ?? ""}` } };
}
