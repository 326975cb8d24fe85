// What deploys cost, against an earlier commit (LAKEFORM_BENCH_BASELINE) and against `terraform apply` with the embedded provider, in the same run: a first deploy,
// a deploy of nothing and of one changed job. 400 jobs of 10 tasks (LAKEFORM_BENCH_JOBS=40 for a short look, =100,400,1600 fits how the times grow).
// The app only writes JSON: what is measured is the deploy.
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { goMemory } from "../../src/terraform/go-memory";
import { makeProject, setResource } from "../../test/support/project";
import { Directory } from "../../test/support/replay-terraform";
import { baselineCommit, builtBaseline } from "../baseline";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import type { Scenario } from "../scenario";
import { timed } from "../timed-terraform";
import { end, launch, type Served } from "./workspace";

const repository = path.join(__dirname, "..", "..");
const sizes = (process.env.LAKEFORM_BENCH_JOBS ?? "400").split(",").map(Number);

interface Context {
  readonly baseline: string;
}

type Figures = Record<string, number>;

/** One command of a checkout in a process of its own; its peak memory is that of the largest of its Node processes. */
async function lakeform(
  checkout: string,
  root: string,
  workspace: Served,
  words: readonly string[],
): Promise<{ seconds: number; peak: number }> {
  const notes = fs.mkdtempSync(path.join(os.tmpdir(), "bench-processes-"));
  const env = {
    PATH: process.env.PATH,
    HOME: path.join(root, "home"),
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    NODE_OPTIONS: `--require ${path.join(__dirname, "..", "peak.cjs")}`,
    LAKEFORM_PEAK_FILE: path.join(notes, "%p"),
  };
  try {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      const command = [path.join(checkout, "bin", "lakeform.js"), ...words, "--quiet"];
      execFile(process.execPath, command, { cwd: root, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`lakeform ${words.join(" ")} failed in ${checkout}: ${(stdout + stderr).slice(-2000)}`));
      });
    });
    const seconds = (performance.now() - started) / 1000;
    const peaks = fs.readdirSync(notes).map((file) => Number.parseInt(fs.readFileSync(path.join(notes, file), "utf8"), 10) / 1024);
    return { seconds, peak: Math.max(0, ...peaks) };
  } finally {
    fs.rmSync(notes, { recursive: true, force: true });
  }
}

async function deploys(checkout: string, jobs: number): Promise<Figures> {
  const { resource } = jobsOfTenTasks(jobs) as { resource: { databricks_job: Record<string, object> } };
  const root = makeProject({ "etl-local": { resource } });
  const workspace = await launch("workspace");
  const figures: Figures = {};
  let peak = 0;
  const step = async (name: string, ...words: string[]): Promise<void> => {
    const measured = await lakeform(checkout, root, workspace, words);
    figures[`${name}Seconds`] = measured.seconds;
    peak = Math.max(peak, measured.peak);
  };
  try {
    await step("firstDeploy", "deploy", "local", "--auto-approve");
    await step("deployOfNothing", "deploy", "local", "--auto-approve");
    setResource(root, "etl-local", {
      databricks_job: { ...resource.databricks_job, job_0: { ...resource.databricks_job["job_0"], max_concurrent_runs: 3 } },
    });
    await step("deployOfOneJob", "deploy", "local", "--auto-approve");
    await step("verify", "verify", "local");
    const all = Object.entries(resource.databricks_job).map(([name, job]) => [name, { ...job, max_concurrent_runs: 4 }] as const);
    setResource(root, "etl-local", { databricks_job: Object.fromEntries<object>(all) });
    await step("reviewOfAll", "review", "local");
    return { ...figures, peakNodeMegabytes: peak };
  } finally {
    await end(workspace);
    fs.rmSync(root, { recursive: true, force: true });
  }
}

async function terraform(jobs: number): Promise<Figures> {
  const workspace = await launch("workspace");
  const directory = new Directory({ DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token, ...goMemory(process.env, 1) });
  try {
    await directory.init();
    directory.write("main.tf.json", jobsOfTenTasks(jobs));
    const apply = await timed(directory, ["apply", "-auto-approve"]);
    const refresh = await timed(directory, ["plan", "-refresh-only"]);
    return { firstDeploySeconds: apply.wall, verifySeconds: refresh.wall, peakNodeMegabytes: apply.peakProvider };
  } finally {
    directory.close();
    await end(workspace);
  }
}

/** By size; of several sizes also the exponent of the growth from the smallest to the largest. */
async function grown(measure: (jobs: number) => Promise<Figures>): Promise<Figures> {
  const [small = 0, ...more] = sizes;
  const large = more.at(-1);
  const all = new Map<number, Figures>();
  for (const jobs of sizes) all.set(jobs, await measure(jobs));
  const last = all.get(large ?? small) ?? {};
  if (large === undefined) return last;
  const first = all.get(small) ?? {};
  const exponents = Object.entries(last).flatMap(([figure, value]) =>
    figure.endsWith("Seconds")
      ? [[figure.replace("Seconds", "Exponent"), Math.log(value / (first[figure] ?? value)) / Math.log(large / small)]]
      : [],
  );
  return { ...last, ...(Object.fromEntries(exponents) as Figures) };
}

export const scenario: Scenario<Context> = {
  title: `deploys of ${sizes.join(", ")} jobs of 10 tasks: first, of nothing, of one job; and a review of a change of all`,
  baseline: `lakeform, ${baselineCommit}`,
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_ROUNDS ?? "3"),
  setup: () => Promise.resolve({ baseline: builtBaseline() }),
  variants: [
    { name: `lakeform, ${baselineCommit}`, run: ({ baseline }) => grown((jobs) => deploys(baseline, jobs)) },
    { name: "lakeform", run: () => grown((jobs) => deploys(repository, jobs)) },
    { name: "terraform apply; plan -refresh-only", run: () => grown(terraform) },
  ],
};
