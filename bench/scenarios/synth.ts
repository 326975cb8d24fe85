// Synth of 1,000 jobs of 10 tasks (LAKEFORM_BENCH_SYNTH) to cdk.tf.json. Each variant runs in a
// separate process under ts-node, as cdktf runs an app. `raw` uses the generated bindings;
// `lakeform` the built package, as in a user's project; `empty` is an app without resources, for
// the cost of Node, ts-node and cdktf.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Scenario } from "../scenario";

const apps = path.join(__dirname, "..", "synth-apps");
const jobs = process.env.LAKEFORM_BENCH_SYNTH ?? "1000";

/**
 * Measures the synth of an app. `cpuSeconds` varies less than wall time on a busy machine;
 * `peakMegabytes` is the peak resident memory of the process.
 */
export function synthesizeApp(app: string): Promise<Readonly<Record<string, number>>> {
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
    { name: "empty", run: () => synthesizeApp("empty") },
    { name: "lakeform", run: () => synthesizeApp("lakeform") },
    { name: "raw", run: () => synthesizeApp("raw") },
  ],
};
