import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Directory } from "../test/support/replay-terraform";
import { timeCommand } from "./measured";

export interface Times {
  /** Seconds. */
  readonly wall: number;
  /** CPU seconds of Terraform and the provider. */
  readonly processor: number;
  /** CPU seconds of the embedded provider alone; 0 with another provider. */
  readonly provider: number;
  /** Peak resident memory of Terraform alone, in megabytes. */
  readonly peakTerraform: number;
  /**
   * Peak resident memory of the embedded provider's largest process, in megabytes; 0 with another
   * provider.
   */
  readonly peakProvider: number;
}

/** Runs a terraform command and measures it. @throws Error when the command fails */
export async function timeTerraform(directory: Directory, args: readonly string[]): Promise<Times> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-processes-"));
  let peakTerraform = 0;
  const sampler = setInterval(
    () => (peakTerraform = Math.max(peakTerraform, terraformMegabytes(directory.path))),
    300,
  );
  try {
    const env = {
      ...directory.environment,
      NODE_OPTIONS: `--require ${path.join(__dirname, "peak.cjs")}`,
      LAKEFORM_PEAK_FILE: path.join(folder, "%p"),
    };
    const { seconds, processorSeconds } = await timeCommand(
      ["terraform", ...args, "-input=false", "-no-color"],
      { cwd: directory.path, env },
    );
    const processes = fs
      .readdirSync(folder)
      .map((file) => fs.readFileSync(path.join(folder, file), "utf8").split(" ").map(Number));
    return {
      wall: seconds,
      processor: processorSeconds,
      provider: processes.reduce((sum, [, microseconds = 0]) => sum + microseconds / 1e6, 0),
      peakTerraform,
      peakProvider: Math.max(0, ...processes.map(([kilobytes = 0]) => kilobytes / 1024)),
    };
  } finally {
    clearInterval(sampler);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the resident memory of the Terraform process that runs in a folder, in megabytes. */
function terraformMegabytes(folder: string): number {
  const lines = execFileSync("ps", ["-eo", "rss,pid,args"], { encoding: "utf8" }).split("\n");
  // The command line of the bash that measures the command also contains "terraform plan".
  const sizes = lines
    .filter(
      (line) => /\bterraform (plan|apply|destroy|refresh)\b/.test(line) && !line.includes("bash"),
    )
    .filter((line) => folderOf(line.trim().split(/\s+/)[1] ?? "") === folder)
    .map((line) => Number.parseInt(line, 10) / 1024);
  return Math.max(0, ...sizes);
}

function folderOf(pid: string): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // the process has ended, or the system has no /proc
  }
}
