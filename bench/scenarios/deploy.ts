// Measures every goal of docs/performance.md in one run: lakeform, an earlier commit
// (LAKEFORM_BENCH_BASELINE), and terraform with the embedded provider. Steps: first deploy, deploy
// without changes, deploy of one changed job, verify, review of a change to every job, destroy;
// also review of 5,000 jobs and synth of 1,000. LAKEFORM_BENCH_JOBS=100,400,1600 (default 100,400;
// 40 for a quick run) sets the numbers of jobs: growth is fitted over all of them; the earlier
// commit is measured with 400 jobs, or else the largest number. `npm run bench -- deploy --write`
// writes docs/performance.md. The apps only write JSON, so that synth does not count as part of a
// deploy.
import fs from "node:fs";
import path from "node:path";
import { goMemory } from "../../src/terraform/go-memory";
import { makeProject, setResource } from "../../test/support/project";
import { Directory } from "../../test/support/replay-terraform";
import { baselineCommit, builtBaseline } from "../baseline";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import { measured, type Measured } from "../measured";
import { writePerformance } from "../performance-page";
import type { Figures, Scenario } from "../scenario";
import { makePlans, run as reviewPlan, type Context as Plans } from "./review";
import { run as synth } from "./synth";
import { end, launch } from "./workspace";

const repository = path.join(__dirname, "..", "..");
export const sizes = (process.env.LAKEFORM_BENCH_JOBS ?? "100,400").split(",").map(Number);
const size = sizes.includes(400) ? 400 : (sizes.at(-1) ?? 0);
const reviewed = Number(process.env.LAKEFORM_BENCH_REVIEW ?? "5000");

interface Context {
  readonly baseline: string;
  readonly plans: Plans;
}

const named = (step: string, { seconds, processorSeconds, megabytes }: Measured): Figures => ({
  [`${step}Seconds`]: seconds,
  [`${step}ProcessorSeconds`]: processorSeconds,
  [`${step}Megabytes`]: megabytes,
});

/**
 * Measures the steps, each in a separate process.
 * @param checkout the folder of the build to measure
 * @param within wraps the command, for example in a control group
 */
export async function deploys(
  checkout = repository,
  jobs: number,
  within = (command: readonly string[]): readonly string[] => command,
): Promise<Figures> {
  const { resource } = jobsOfTenTasks(jobs) as {
    resource: { databricks_job: Record<string, object> };
  };
  const root = makeProject({ "etl-local": { resource } });
  const workspace = await launch("workspace");
  let figures: Figures = {};
  const step = async (name: string, ...words: string[]): Promise<void> => {
    const env = {
      PATH: process.env.PATH,
      HOME: path.join(root, "home"),
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
    };
    const command = [
      process.execPath,
      path.join(checkout, "bin", "lakeform.js"),
      ...words,
      "--quiet",
    ];
    figures = { ...figures, ...named(name, await measured(within(command), { cwd: root, env })) };
  };
  const write = (change: (name: string) => object): void =>
    setResource(root, "etl-local", {
      databricks_job: Object.fromEntries(
        Object.entries(resource.databricks_job).map(([name, job]) => [
          name,
          { ...job, ...change(name) },
        ]),
      ),
    });
  try {
    await step("firstDeploy", "deploy", "local", "--auto-approve");
    await step("deployWithoutChanges", "deploy", "local", "--auto-approve");
    write((name) => (name === "job_0" ? { max_concurrent_runs: 3 } : {}));
    await step("deployOfOneJob", "deploy", "local", "--auto-approve");
    await step("verify", "verify", "local");
    write(() => ({ max_concurrent_runs: 4 }));
    await step("reviewOfAll", "review", "local");
    await step("destroy", "destroy", "local", "--auto-approve");
    return figures;
  } finally {
    await end(workspace);
    fs.rmSync(root, { recursive: true, force: true });
  }
}

/**
 * Measures terraform with the embedded provider.
 * @param provider the folder of the provider's build; for an earlier commit, Terraform runs with
 * the environment that commit used
 */
async function terraform(provider: string, jobs: number): Promise<Figures> {
  const workspace = await launch("workspace");
  const earlier = provider !== repository;
  const directory = new Directory({
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
    ...(earlier
      ? { LAKEFORM_PROVIDER_ENTRY: path.join(provider, "dist", "provider.js") }
      : goMemory(process.env, 1)),
  });
  let figures: Figures = {};
  const step = async (name: string, ...words: string[]): Promise<void> => {
    const command = ["terraform", ...words, "-input=false", "-no-color"];
    figures = {
      ...figures,
      ...named(name, await measured(command, { cwd: directory.path, env: directory.environment })),
    };
  };
  try {
    await directory.init();
    directory.write("main.tf.json", jobsOfTenTasks(jobs));
    await step("terraformApply", "apply", "-auto-approve");
    await step("terraformPlan", "plan");
    await step("terraformRefresh", "plan", "-refresh-only");
    await step("terraformDestroy", "destroy", "-auto-approve");
    return figures;
  } finally {
    directory.close();
    await end(workspace);
  }
}

function review(checkout: string, { plans }: Context): Figures {
  const {
    seconds = 0,
    cpuSeconds = 0,
    peakMegabytes = 0,
  } = reviewPlan(plans, reviewed, "stream", checkout);
  return named("reviewOfMany", { seconds, processorSeconds: cpuSeconds, megabytes: peakMegabytes });
}

/** Measures every number of jobs, and adds the growth exponents of CPU time to the figures. */
async function grown(measure: (jobs: number) => Promise<Figures>): Promise<Figures> {
  const all = new Map<number, Figures>();
  for (const jobs of sizes) all.set(jobs, await measure(jobs));
  const found = { ...all.get(size) };
  if (sizes.length < 2) return found;
  for (const figure of Object.keys(found).filter((name) => name.endsWith("ProcessorSeconds"))) {
    const points = sizes.map(
      (jobs) => [Math.log(jobs), Math.log(all.get(jobs)?.[figure] ?? Number.NaN)] as const,
    );
    found[figure.replace("ProcessorSeconds", "Exponent")] = slope(points);
  }
  return found;
}

/** Returns the slope of the least-squares line. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([value]) => value)), mean(points.map(([, value]) => value))];
  return (
    points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) /
    points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
  );
}

export const scenario: Scenario<Context> = {
  title: `deploys of ${sizes.join(", ")} jobs of 10 tasks, review of ${reviewed}, synth`,
  baseline: baselineCommit,
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_ROUNDS ?? "1"),
  setup: () => Promise.resolve({ baseline: builtBaseline(), plans: makePlans([reviewed]) }),
  teardown: ({ plans }) => fs.promises.rm(plans.folder, { recursive: true, force: true }),
  write: (medians) =>
    writePerformance(medians, { size, sizes, reviewed, baseline: baselineCommit }),
  variants: [
    {
      name: baselineCommit,
      run: async (context) => ({
        ...(await deploys(context.baseline, size)),
        ...(await terraform(context.baseline, size)),
        ...review(context.baseline, context),
      }),
    },
    {
      name: "lakeform",
      run: async (context) => ({
        ...(await grown((jobs) => deploys(repository, jobs))),
        ...(await grown((jobs) => terraform(repository, jobs))),
        ...review(repository, context),
      }),
    },
    { name: "synth, raw cdktf", run: () => synth("raw") },
    { name: "synth, lakeform", against: "synth, raw cdktf", run: () => synth("lakeform") },
  ],
};
