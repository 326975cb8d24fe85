// Seven independent stacks, deployed to an empty workspace by seven consecutive commands, by one
// command, and by one command with the states in the workspace instead of local files. The last
// variant also returns the size of one state. LAKEFORM_BENCH_LATENCY sets how long the workspace
// delays each response, in milliseconds (default 100): with a real workspace, latency dominates;
// with 0, mainly Terraform's CPU time is measured. LAKEFORM_BENCH_JOBS sets the number of jobs per
// stack (default 5).
import { gzipSync } from "node:zlib";
import { startWorkspace } from "../../src/workspace/server";
import { lakeform } from "../../test/support/cli";
import { makeProject, removeFolders, type StackContent } from "../../test/support/project";
import type { Scenario } from "../scenario";

const latency = Number(process.env.LAKEFORM_BENCH_LATENCY ?? "100");
const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "5");
const stackNames = Array.from({ length: 7 }, (_, index) => `stack${index}-local`);

function contentOf(name: string, inWorkspace: boolean): StackContent {
  const job = (number: number): object => ({
    name: `${name}-${number}`,
    depends_on: number === 0 ? [] : [`databricks_job.job_${number - 1}`],
    task: [{ task_key: "only", notebook_task: { notebook_path: "/Shared/x" } }],
  });
  const required_providers = { databricks: { source: "databricks/databricks", version: "1.99.0" } };
  return {
    resource: {
      databricks_job: Object.fromEntries(
        Array.from({ length: jobs }, (_, number) => [`job_${number}`, job(number)]),
      ),
    },
    ...(inWorkspace && {
      profileSettings: { backend: "workspace" },
      terraform: { required_providers, backend: { http: { username: name } } },
    }),
  };
}

interface DeployOptions {
  /** The stacks or environments of each `lakeform deploy`. */
  readonly commands: readonly (readonly string[])[];
  /** Whether the states are in the workspace. */
  readonly inWorkspace?: boolean;
}

async function deploy({
  commands,
  inWorkspace = false,
}: DeployOptions): Promise<Record<string, number>> {
  const workspace = await startWorkspace();
  try {
    const root = makeProject(
      Object.fromEntries(stackNames.map((name) => [name, contentOf(name, inWorkspace)])),
    );
    const env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    if (latency > 0) workspace.faults.add({ path: "/api/*", delay_ms: latency });
    const started = performance.now();
    for (const stacks of commands) {
      const { code, stderr } = await lakeform(
        root,
        ["deploy", ...stacks, "--auto-approve", "--quiet"],
        env,
      );
      if (code !== 0) throw new Error(stderr);
    }
    const seconds = (performance.now() - started) / 1000;
    if (!inWorkspace) return { seconds };
    workspace.faults.clear();
    const { stdout } = await lakeform(root, ["state", "pull", stackNames[0] ?? ""], env);
    return { seconds, stateBytes: stdout.length, packedBytes: gzipSync(stdout).length };
  } finally {
    await workspace.close();
    removeFolders();
  }
}

export const scenario: Scenario = {
  title: `deploy 7 stacks of ${jobs} jobs to an empty workspace; each response takes ${latency} ms`,
  baseline: "sequential",
  warmup: 0,
  repeats: 1,
  variants: [
    { name: "sequential", run: () => deploy({ commands: stackNames.map((name) => [name]) }) },
    { name: "in parallel", run: () => deploy({ commands: [["local"]] }) },
    {
      name: "in parallel, states in the workspace",
      against: "in parallel",
      run: () => deploy({ commands: [["local"]], inWorkspace: true }),
    },
  ],
};
