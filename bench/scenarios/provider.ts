// The embedded provider, compared with a provider that does nothing (Terraform's own cost) and with
// the provider of an earlier commit (LAKEFORM_BENCH_BASELINE). All use the full schema, as the
// latter two cannot cut it. Measures 400 jobs of 10 tasks (LAKEFORM_BENCH_JOBS=40 for a quick run)
// with terraform, and with the planner alone (LAKEFORM_BENCH_ONLY=planner: ten seconds).
// LAKEFORM_BENCH_ROUNDS=5 runs the variants alternately and prints medians.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { goMemory } from "../../src/terraform/go-memory";
import { Directory } from "../../test/support/replay-terraform";
import { buildBaseline, baselineCommit } from "../baseline";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import type { Scenario } from "../scenario";
import { timeTerraform } from "../timed-terraform";
import { stopServer, startServer } from "./workspace";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");

interface Context {
  readonly folder: string;
  readonly floor: string;
  readonly baseline: string;
}

/** Measures Terraform with a provider. @param entry its JavaScript file; undefined: this build's */
async function measure(entry: string | undefined): Promise<Record<string, number>> {
  const cache = mkdtempSync(path.join(os.tmpdir(), "bench-cache-"));
  const workspace = await startServer("workspace");
  const directory = new Directory({
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
    XDG_CACHE_HOME: cache,
    LAKEFORM_SCHEMA_CUT: "full",
    ...goMemory(process.env, 1),
    ...(entry === undefined ? {} : { LAKEFORM_PROVIDER_ENTRY: entry }),
  });
  const figures: Record<string, number> = {};
  let peak = 0;
  try {
    await directory.init();
    const step = async (name: string, ...args: string[]): Promise<void> => {
      const { wall, processor, provider, peakProvider } = await timeTerraform(directory, args);
      figures[`${name}Seconds`] = wall;
      figures[`${name}ProcessorSeconds`] = processor;
      figures[`${name}ProviderSeconds`] = provider;
      peak = Math.max(peak, peakProvider);
    };
    directory.write("main.tf.json", jobsOfTenTasks(jobs));
    await step("apply", "apply", "-auto-approve");
    await step("refresh", "plan", "-refresh-only");
    await step("plan", "plan");
    // Without task 0, all other tasks move to another index of the list.
    directory.write("main.tf.json", jobsOfTenTasks(jobs, { without: 0 }));
    await step("planOfEdits", "plan", "-refresh=false");
    return { ...figures, peakProviderMegabytes: peak };
  } finally {
    directory.close();
    await stopServer(workspace);
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Measures the planner alone, in a separate process. */
function measurePlanner(folder: string): Promise<Record<string, number>> {
  const out = execFileSync(process.execPath, [path.join(__dirname, "..", "planner.cjs"), folder], {
    encoding: "utf8",
  });
  return Promise.resolve(JSON.parse(out) as Record<string, number>);
}

const earlier = `embedded, ${baselineCommit}`;
const earlierPlanner = `planner, ${baselineCommit}`;
const repository = path.join(__dirname, "..", "..");

export const scenario: Scenario<Context> = {
  title: `${jobs} jobs of 10 tasks through terraform: apply, refresh-only, plan, plan with one task less in each job`,
  baseline: "floor",
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_ROUNDS ?? "1"),
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
    return { folder, floor, baseline: path.join(buildBaseline(), "dist", "provider.js") };
  },
  teardown: ({ folder }) => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  },
  variants: [
    { name: "floor", run: ({ floor }) => measure(floor) },
    { name: earlier, run: ({ baseline }) => measure(baseline) },
    { name: "embedded", against: earlier, run: () => measure(undefined) },
    { name: earlierPlanner, against: earlierPlanner, run: () => measurePlanner(buildBaseline()) },
    { name: "planner", against: earlierPlanner, run: () => measurePlanner(repository) },
  ],
};
