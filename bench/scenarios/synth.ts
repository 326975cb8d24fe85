import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Scenario } from "../scenario";

/**
 * 1,000 jobs of 10 tasks from TypeScript to cdk.tf.json, each variant in a process of its own under
 * ts-node, as cdktf itself starts an app. `raw` writes the same jobs with the generated bindings;
 * the library is the built package, as in a user's project; `empty` is an app without resources,
 * for what Node, ts-node and cdktf cost by themselves.
 */
const apps = path.join(__dirname, "..", "synth-apps");
const jobs = process.env.LAKEFORM_BENCH_SYNTH ?? "1000";

/**
 * `cpuSeconds` is what a busy machine does not blur; `peakMegabytes` the largest resident memory of
 * the process.
 */
export function run(app: string): Promise<Readonly<Record<string, number>>> {
  const root = path.join(__dirname, "..", "..");
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-"));
  try {
    const started = performance.now();
    const result = spawnSync(
      process.execPath,
      ["-r", "ts-node/register", path.join(apps, `${app}.ts`)],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, CDKTF_OUTDIR: path.join(outdir, "out"), LAKEFORM_BENCH_JOBS: jobs },
      },
    );
    const seconds = (performance.now() - started) / 1000;
    if (result.status !== 0) throw new Error(`${app} failed: ${result.stderr}`);
    const [, peak, cpu] = /peak (\d+) cpu (\d+)/.exec(result.stdout) ?? [];
    return Promise.resolve({
      seconds,
      cpuSeconds: Number(cpu) / 1e6,
      peakMegabytes: Number(peak) / 1024,
    });
  } finally {
    fs.rmSync(outdir, { recursive: true, force: true });
  }
}

export const scenario: Scenario = {
  title: `synth of ${jobs} jobs of 10 tasks, against raw cdktf under ts-node`,
  baseline: "raw",
  warmup: 0,
  repeats: 3,
  variants: [
    { name: "empty", run: () => run("empty") },
    { name: "lakeform", run: () => run("lakeform") },
    { name: "raw", run: () => run("raw") },
  ],
};
