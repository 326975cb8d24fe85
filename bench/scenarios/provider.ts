// The embedded provider against Terraform's own floor: a provider that does nothing, with the same schema, in the same run. 400 jobs of 10 tasks
// (LAKEFORM_BENCH_JOBS=40 for a short look), applied and refreshed through the real terraform; the embedded one against the local workspace.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { Directory } from "../../test/support/replay-terraform";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import type { Scenario } from "../scenario";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");
const tasks = 10;

interface Context {
  readonly folder: string;
  readonly floor: string;
  readonly workspace: RunningWorkspace;
}

async function measure(entry: string | undefined, environment: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const cache = mkdtempSync(path.join(os.tmpdir(), "bench-cache-"));
  const directory = new Directory({
    XDG_CACHE_HOME: cache,
    // The floor has the whole schema.
    LAKEFORM_SCHEMA_CUT: "full",
    ...environment,
    ...(entry === undefined ? {} : { LAKEFORM_PROVIDER_ENTRY: entry }),
  });
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, providerMegabytes())), 500);
  try {
    await directory.init();
    directory.write("main.tf.json", jobsOfTenTasks(jobs));
    const timed = async (...args: string[]): Promise<number> => {
      const started = performance.now();
      const { code, stdout, stderr } = await directory.terraform([...args, "-input=false", "-no-color"], 900);
      if (code !== 0) throw new Error(`terraform ${args.join(" ")} failed: ${(stdout + stderr).slice(-2000)}`);
      return (performance.now() - started) / 1000;
    };
    const applySeconds = await timed("apply", "-auto-approve");
    const refreshSeconds = await timed("plan", "-refresh-only");
    return { applySeconds, refreshSeconds, peakProviderMegabytes: peak };
  } finally {
    clearInterval(sampler);
    directory.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Resident memory of the provider process, in megabytes. */
function providerMegabytes(): number {
  const lines = execFileSync("ps", ["-eo", "rss,args"], { encoding: "utf8" }).split("\n");
  const sizes = lines.filter((line) => line.includes("terraform-provider-databricks_v")).map((line) => Number.parseInt(line, 10) / 1024);
  return Math.max(0, ...sizes);
}

export const scenario: Scenario<Context> = {
  title: `${jobs} jobs of ${tasks} tasks through terraform: apply and refresh-only`,
  baseline: "floor",
  warmup: 0,
  repeats: 1,
  setup: async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "bench-provider-"));
    const floor = path.join(folder, "floor.js");
    await esbuild.build({
      entryPoints: [path.join(__dirname, "..", "provider", "floor.ts")],
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      outfile: floor,
      logLevel: "warning",
    });
    return { folder, floor, workspace: await startWorkspace() };
  },
  teardown: async ({ folder, workspace }) => {
    await workspace.close();
    rmSync(folder, { recursive: true, force: true });
  },
  variants: [
    { name: "floor", run: ({ floor }) => measure(floor, {}) },
    {
      name: "embedded",
      run: ({ workspace }) => measure(undefined, { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token }),
    },
  ],
};
