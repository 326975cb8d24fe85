import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { OutputFolder } from "./output-folder";
import type { Project } from "./project";
import { stackNames } from "./stack";

const skipped = new Set(["node_modules", "dist", "coverage"]);

/**
 * Runs the app into a folder beside the synth output and moves what it wrote there only when it succeeded: an app that fails leaves the last good output
 * alone. What Terraform keeps in a stack's folder (lock files, installed providers) stays.
 * @param onOutput gets what an app that succeeded printed on stderr: its warnings
 * @returns the names of the stacks
 * @throws LakeformError SYNTH_FAILED with what the app printed
 */
export async function synthesize(project: Project, env: NodeJS.ProcessEnv, onOutput?: (text: string) => void): Promise<string[]> {
  const started = new Date();
  // Beside the output and not in a temporary folder: paths in the output are relative, and must mean the same in both.
  const draft = path.join(path.dirname(project.outdir), `.${path.basename(project.outdir)}.${process.pid}`);
  fs.rmSync(draft, { recursive: true, force: true });
  const output = new OutputFolder(project, draft);
  try {
    const warnings = await runApp(project, { ...env, CDKTF_OUTDIR: draft, LAKEFORM_PROJECT_ROOT: project.root });
    output.take();
    if (warnings !== "") onOutput?.(warnings);
    fs.utimesSync(path.join(project.outdir, "manifest.json"), started, started);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
  return stackNames(project);
}

/** Whether something that the app may read is newer than its output (or there is no output). */
export function isStale(project: Project): boolean {
  const manifest = fs.statSync(path.join(project.outdir, "manifest.json"), { throwIfNoEntry: false });
  return manifest === undefined || newestInput(project.root, path.resolve(project.outdir)) > manifest.mtimeMs;
}

/** Makes sure that there is fresh synth output: builds it, or with `allowed: false` refuses. @throws LakeformError STALE_SYNTH */
export async function ensureSynthesized(
  project: Project,
  env: NodeJS.ProcessEnv,
  options: { readonly allowed: boolean; readonly onStart?: () => void; readonly onOutput?: (text: string) => void },
): Promise<void> {
  if (!isStale(project)) return;
  if (options.allowed) {
    options.onStart?.();
    await synthesize(project, env, options.onOutput);
    return;
  }
  if (!fs.existsSync(path.join(project.outdir, "manifest.json"))) return; // NOT_SYNTHESIZED says it better
  throw new LakeformError("STALE_SYNTH", "the synth output is older than the code", {
    value: project.outdir,
    fix: "lakeform synth, or leave out --no-synth",
  });
}

function newestInput(folder: string, outdir: string): number {
  let newest = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith(".") || skipped.has(entry.name) || file === outdir) continue;
    if (entry.isDirectory()) newest = Math.max(newest, newestInput(file, outdir));
    else if (entry.isFile()) newest = Math.max(newest, fs.statSync(file).mtimeMs);
  }
  return newest;
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
