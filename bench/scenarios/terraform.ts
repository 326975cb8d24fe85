// Terraform with the schema cut to what a stack uses, against the whole one, and the official provider where TERRAFORM_PROVIDER_OFFICIAL names its binary: first apply,
// plan, plan without refresh and destroy of jobs of 10 tasks (100 and 400; LAKEFORM_BENCH_JOBS=20 for a short look). Processor seconds are those of Terraform and
// the provider together; the heap target is what lakeform gives Terraform.
import { execFile, execFileSync } from "node:child_process";
import { goMemory } from "../../src/terraform/go-memory";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { mirrorOf } from "../../test/support/both-ways";
import { Directory } from "../../test/support/replay-terraform";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import type { Scenario, Variant } from "../scenario";

const sizes = process.env.LAKEFORM_BENCH_JOBS === undefined ? [100, 400] : [Number(process.env.LAKEFORM_BENCH_JOBS)];
const official = process.env.TERRAFORM_PROVIDER_OFFICIAL ?? "";

const commands = {
  apply: ["apply", "-auto-approve"],
  plan: ["plan"],
  planWithoutRefresh: ["plan", "-refresh=false"],
  destroy: ["destroy", "-auto-approve"],
};

async function measure(
  workspace: RunningWorkspace,
  jobs: number,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, number>> {
  const directory = new Directory({
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
    ...goMemory(process.env, official === "" ? 1 : 2),
    ...environment,
  });
  const figures: Record<string, number> = {};
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, terraformMegabytes(directory.path))), 300);
  try {
    await directory.init();
    directory.write("main.tf.json", jobsOfTenTasks(jobs));
    for (const [name, words] of Object.entries(commands)) {
      const { wall, processor } = await timed(directory, words);
      figures[`${name}Seconds`] = wall;
      figures[`${name}ProcessorSeconds`] = processor;
    }
    return { ...figures, peakTerraformMegabytes: peak };
  } finally {
    clearInterval(sampler);
    directory.close();
  }
}

/** The shell's `time` counts the provider, which Terraform waits for. */
function timed(directory: Directory, words: readonly string[]): Promise<{ wall: number; processor: number }> {
  const script = 'TIMEFORMAT="times %R %U %S"; time terraform "$@" -input=false -no-color';
  const options = { cwd: directory.path, env: directory.environment, maxBuffer: 1 << 28 };
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", script, "bash", ...words], options, (error, stdout, stderr) => {
      const [, wall, user, system] = /times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
      if (error === null) resolve({ wall: Number(wall), processor: Number(user) + Number(system) });
      else reject(new Error(`terraform ${words.join(" ")} failed: ${(stdout + stderr).slice(-2000)}`));
    });
  });
}

/** Resident memory of the Terraform that runs in a folder, in megabytes. */
function terraformMegabytes(folder: string): number {
  const lines = execFileSync("ps", ["-eo", "rss,pid,args"], { encoding: "utf8" }).split("\n");
  const sizes = lines
    .filter((line) => /\bterraform (plan|apply|destroy)\b/.test(line) && !line.includes("bash"))
    .filter((line) => folderOf(line.trim().split(/\s+/)[1] ?? "") === folder)
    .map((line) => Number.parseInt(line, 10) / 1024);
  return Math.max(0, ...sizes);
}

function folderOf(pid: string): string | undefined {
  try {
    return execFileSync("readlink", [`/proc/${pid}/cwd`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined; // it has ended, or there is no /proc
  }
}

function variantsOf(jobs: number): Variant<RunningWorkspace>[] {
  const full = `full, ${jobs} jobs`;
  return [
    { name: full, against: full, run: (workspace) => measure(workspace, jobs, { LAKEFORM_SCHEMA_CUT: "full" }) },
    { name: `cut, ${jobs} jobs`, against: full, run: (workspace) => measure(workspace, jobs, {}) },
    ...(official === ""
      ? []
      : [
          {
            name: `official, ${jobs} jobs`,
            against: full,
            run: (workspace: RunningWorkspace) => measure(workspace, jobs, { TF_CLI_CONFIG_FILE: mirrorOf(official) }),
          },
        ]),
  ];
}

export const scenario: Scenario<RunningWorkspace> = {
  title: "jobs of 10 tasks through terraform: the whole schema against the one that the stack uses",
  baseline: `full, ${sizes[0] ?? 100} jobs`,
  warmup: 0,
  repeats: 1,
  setup: () => startWorkspace(),
  teardown: (workspace) => workspace.close(),
  variants: sizes.flatMap(variantsOf),
};
