// Measures all figures of docs/performance.md in one run, and writes this page with `npm run bench
// -- deploy --write`. This build and an earlier commit (LAKEFORM_BENCH_BASELINE) run these steps:
// first deploy, deploy without changes, deploy of one changed job, verify, review of a change to
// every job, destroy. Also: apply, plan, refresh-only plan and destroy with terraform and the
// embedded provider, without lakeform; and review of 5,000 jobs (LAKEFORM_BENCH_REVIEW). Synth of
// 1,000 jobs is compared with cdktf.
//
// LAKEFORM_BENCH_JOBS=100,400,1600 (default 100,400; 40 for a quick run) sets the numbers of jobs.
// Growth is fitted over all of them. The earlier commit runs with 400 jobs, or with the last number
// if 400 is not among them; Terraform alone with at most as many. The apps only write JSON, so that
// synth does not count as part of a deploy.
import fs from "node:fs";
import path from "node:path";
import { goMemory } from "../../src/terraform/go-memory";
import { makeProject, setResource } from "../../test/support/project";
import { Directory } from "../../test/support/replay-terraform";
import { baselineCommit, buildBaseline } from "../baseline";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import { measureCommand, type Measurement } from "../measured";
import { writePerformance } from "../performance-page";
import type { Figures, Scenario } from "../scenario";
import { makePlans, reviewPlan, type Context as Plans } from "./review";
import { synthesizeApp } from "./synth";
import { stopServer, startServer } from "./workspace";

const repository = path.join(__dirname, "..", "..");
export const sizes = (process.env.LAKEFORM_BENCH_JOBS ?? "100,400").split(",").map(Number);
const size = sizes.includes(400) ? 400 : (sizes.at(-1) ?? 0);
/**
 * Terraform alone is not measured with more jobs than the earlier commit: it writes its local state
 * after each resource, which takes long with a large state.
 */
const terraformSizes = sizes.filter((jobs) => jobs <= size);
const reviewedJobs = Number(process.env.LAKEFORM_BENCH_REVIEW ?? "5000");

interface Context {
  readonly baseline: string;
  readonly plans: Plans;
}

const figuresOf = (
  step: string,
  { seconds, processorSeconds, megabytes }: Measurement,
): Figures => ({
  [`${step}Seconds`]: seconds,
  [`${step}ProcessorSeconds`]: processorSeconds,
  [`${step}Megabytes`]: megabytes,
});

/**
 * Measures the steps, each in a separate process.
 * @param checkout the folder of the build to measure
 * @param within wraps the command, for example in a control group
 */
export async function measureDeploys(
  checkout = repository,
  jobs: number,
  within = (command: readonly string[]): readonly string[] => command,
): Promise<Figures> {
  const { resource } = jobsOfTenTasks(jobs) as {
    resource: { databricks_job: Record<string, object> };
  };
  const root = makeProject({ "etl-local": { resource } });
  const workspace = await startServer("workspace");
  let figures: Figures = {};
  const step = async (name: string, ...args: string[]): Promise<void> => {
    const env = {
      PATH: process.env.PATH,
      HOME: path.join(root, "home"),
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
    };
    const command = [
      process.execPath,
      path.join(checkout, "bin", "lakeform.js"),
      ...args,
      "--quiet",
    ];
    figures = {
      ...figures,
      ...figuresOf(name, await measureCommand(within(command), { cwd: root, env })),
    };
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
    fs.rmSync(path.join(root, ".lakeform", "verified"), { recursive: true, force: true });
    await step("verifyFresh", "verify", "local");
    write(() => ({ max_concurrent_runs: 4 }));
    await step("reviewOfAll", "review", "local");
    await step("destroy", "destroy", "local", "--auto-approve");
    return figures;
  } finally {
    await stopServer(workspace);
    fs.rmSync(root, { recursive: true, force: true });
  }
}

/**
 * Measures terraform with the embedded provider.
 * @param provider the folder of the provider's build; for an earlier commit, Terraform runs with
 * the environment that commit used
 */
async function measureTerraform(provider: string, jobs: number): Promise<Figures> {
  const workspace = await startServer("workspace");
  const earlier = provider !== repository;
  const directory = new Directory({
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
    ...(earlier
      ? { LAKEFORM_PROVIDER_ENTRY: path.join(provider, "dist", "provider.js") }
      : goMemory(process.env, 1)),
  });
  let figures: Figures = {};
  const step = async (name: string, ...args: string[]): Promise<void> => {
    const command = ["terraform", ...args, "-input=false", "-no-color"];
    figures = {
      ...figures,
      ...figuresOf(
        name,
        await measureCommand(command, { cwd: directory.path, env: directory.environment }),
      ),
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
    await stopServer(workspace);
  }
}

/** Measures the review of the large plan. */
function measureReview(checkout: string, { plans }: Context): Figures {
  const {
    seconds = 0,
    cpuSeconds = 0,
    peakMegabytes = 0,
  } = reviewPlan(plans, reviewedJobs, "stream", checkout);
  return figuresOf("reviewOfMany", {
    seconds,
    processorSeconds: cpuSeconds,
    megabytes: peakMegabytes,
  });
}

/**
 * Measures every number of jobs. Returns the figures for `size` jobs, and the growth exponents of
 * CPU time over all numbers of jobs.
 */
async function measureGrowth(
  sizesToMeasure: readonly number[],
  measure: (jobs: number) => Promise<Figures>,
): Promise<Figures> {
  const figuresBySize = new Map<number, Figures>();
  for (const jobs of sizesToMeasure) figuresBySize.set(jobs, await measure(jobs));
  const figures = { ...figuresBySize.get(size) };
  if (sizesToMeasure.length < 2) return figures;
  for (const figure of Object.keys(figures).filter((name) => name.endsWith("ProcessorSeconds"))) {
    const points = sizesToMeasure.map(
      (jobs) =>
        [Math.log(jobs), Math.log(figuresBySize.get(jobs)?.[figure] ?? Number.NaN)] as const,
    );
    figures[figure.replace("ProcessorSeconds", "Exponent")] = slope(points);
  }
  return figures;
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
  title: `deploys of ${sizes.join(", ")} jobs of 10 tasks, review of ${reviewedJobs}, synth`,
  baseline: baselineCommit,
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_ROUNDS ?? "1"),
  setup: () => Promise.resolve({ baseline: buildBaseline(), plans: makePlans([reviewedJobs]) }),
  teardown: ({ plans }) => fs.promises.rm(plans.folder, { recursive: true, force: true }),
  write: (medians) =>
    writePerformance(medians, {
      size,
      sizes,
      terraformSizes,
      reviewed: reviewedJobs,
      baseline: baselineCommit,
    }),
  variants: [
    {
      name: baselineCommit,
      run: async (context) => ({
        ...(await measureDeploys(context.baseline, size)),
        ...(await measureTerraform(context.baseline, size)),
        ...measureReview(context.baseline, context),
      }),
    },
    {
      name: "lakeform",
      run: async (context) => ({
        ...(await measureGrowth(sizes, (jobs) => measureDeploys(repository, jobs))),
        ...(await measureGrowth(terraformSizes, (jobs) => measureTerraform(repository, jobs))),
        ...measureReview(repository, context),
      }),
    },
    { name: "synth, raw cdktf", run: () => synthesizeApp("raw") },
    { name: "synth, lakeform", against: "synth, raw cdktf", run: () => synthesizeApp("lakeform") },
  ],
};
