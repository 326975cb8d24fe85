import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { OutputFolder } from "./output-folder";
import type { Project } from "./project";
import { withoutStateKeys } from "./workspace-states";
import { stackNames } from "./stack";

export interface SynthOptions {
  /** Gets what an app that succeeded printed on stderr: its warnings. */
  readonly onOutput?: (text: string) => void;
  /** Leave the output alone, and throw where the app writes something else now. @default false */
  readonly compareOnly?: boolean;
}

/**
 * Runs the app, each time: nothing but the app can say which files, variables and clocks it reads. It writes into a folder beside the synth output, whose
 * place that takes only when the app succeeded and wrote something else: an app that fails leaves the last good output alone. What Terraform keeps in a
 * stack's folder (lock files, installed providers) stays.
 * @returns the names of the stacks
 * @throws LakeformError SYNTH_FAILED with what the app printed; with `compareOnly` STALE_SYNTH, NOT_SYNTHESIZED
 */
export async function synthesize(project: Project, env: NodeJS.ProcessEnv, options: SynthOptions = {}): Promise<string[]> {
  const { outdir } = project;
  if (options.compareOnly === true) stackNames(project);
  // Beside the output and not in a temporary folder: paths in the output are relative, and must mean the same in both.
  fs.mkdirSync(path.dirname(outdir), { recursive: true });
  const draft = fs.mkdtempSync(path.join(path.dirname(outdir), `.${path.basename(outdir)}.`));
  const output = new OutputFolder(project, draft);
  const before = options.compareOnly === true ? output.contents() : undefined;
  try {
    const warnings = await runApp(project, { ...withoutStateKeys(env), CDKTF_OUTDIR: draft, LAKEFORM_PROJECT_ROOT: project.root });
    const changed = before === undefined ? undefined : output.changed(before);
    if (changed !== undefined) {
      throw new LakeformError("STALE_SYNTH", "the app writes another synth output now", {
        value: path.relative(project.root, path.join(outdir, changed)),
        fix: "lakeform synth, or leave out --no-synth",
      });
    }
    output.take();
    if (warnings !== "") options.onOutput?.(warnings);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
  return stackNames(project);
}

/** @returns the end of what the app printed on stderr */
async function runApp(project: Project, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(project.app, { cwd: project.root, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  const kept = (before: string, chunk: string): string => (before + chunk).slice(-20_000);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (output = kept(output, chunk)));
  child.stderr.on("data", (chunk: string) => (errors = kept(errors, chunk)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    const text = output.trim();
    throw new LakeformError("SYNTH_FAILED", `the app failed\n\n${text}\n`, {
      value: `${project.app} (exit code ${code ?? "none"})`,
      fix: "mend what is named above; the last good synth output was kept",
    });
  }
  return errors;
}
