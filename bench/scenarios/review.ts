import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Scenario } from "../scenario";

/**
 * The folder of the generated plans and of the script that reviews one of them. Each review runs in
 * a separate process, so that its peak memory can be measured.
 */
export interface Context {
  readonly folder: string;
}

/** Writes a plan for each number of jobs. */
export function makePlans(sizes: readonly number[]): Context {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-review-"));
  for (const jobs of sizes) writePlan(folder, jobs);
  return { folder };
}

const root = path.join(__dirname, "../..");

/**
 * Writes a plan of jobs with ten tasks, one of which changes: 67 KB of plan per job, with all parts
 * of `terraform show -json` (before, after, marks, planned values, prior state, configuration).
 */
function writePlan(folder: string, jobs: number): void {
  const plan = fs.openSync(path.join(folder, `plan-${jobs}.json`), "w");
  const stack = fs.openSync(path.join(folder, `stack-${jobs}.json`), "w");
  const write = (file: number, text: string): void => void fs.writeSync(file, text);
  const writeItems = (file: number, item: (index: number) => unknown): void => {
    for (let index = 0; index < jobs; index++)
      write(file, `${index === 0 ? "" : ","}${JSON.stringify(item(index))}`);
  };
  const address = (index: number): string => `databricks_job.job_${index}`;
  const resource = (index: number) => ({
    address: address(index),
    mode: "managed",
    type: "databricks_job",
    name: `job_${index}`,
    provider_name: "registry.terraform.io/databricks/databricks",
  });
  write(
    plan,
    '{"format_version":"1.2","terraform_version":"1.11.4","variables":{},"planned_values":{"root_module":{"resources":[',
  );
  writeItems(plan, (index) => ({
    ...resource(index),
    schema_version: 2,
    values: job(index, 600),
    sensitive_values: emptyMarks(),
  }));
  write(plan, ']}},"resource_changes":[');
  writeItems(plan, (index) => ({
    ...resource(index),
    change: {
      actions: ["update"],
      before: job(index, 300),
      after: job(index, 600),
      after_unknown: emptyMarks(),
      before_sensitive: emptyMarks(),
      after_sensitive: emptyMarks(),
    },
  }));
  write(plan, '],"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[');
  writeItems(plan, (index) => ({
    ...resource(index),
    schema_version: 2,
    values: job(index, 300),
    sensitive_values: emptyMarks(),
  }));
  write(plan, ']}}},"configuration":{"root_module":{"resources":[');
  writeItems(plan, (index) => ({
    ...resource(index),
    expressions: {
      name: { constant_value: `job ${index}` },
      task: job(index, 600).task.map((task) => ({ task_key: { constant_value: task.task_key } })),
    },
  }));
  write(
    plan,
    ']}},"timestamp":"2026-01-01T00:00:00Z","applyable":true,"complete":true,"errored":false}',
  );
  const resources = Object.fromEntries(
    Array.from({ length: jobs }, (_, index) => [
      address(index),
      { path: `bench-dev/job-${index}`, source: `stacks/bench.ts:${index + 1}`, stamped: true },
    ]),
  );
  const metadata = {
    version: 1,
    project: "bench",
    environment: "dev",
    stack: "bench-dev",
    provider: "embedded",
    stamp: "bench/bench-dev",
    recordFolder: "/x",
    resources,
    variables: {},
    ignores: [],
    suppressions: [],
  };
  write(stack, `{"//":{"lakeform":${JSON.stringify(metadata)}},"resource":{"databricks_job":{`);
  for (let index = 0; index < jobs; index++)
    write(stack, `${index === 0 ? "" : ","}"job_${index}":${JSON.stringify(config(index))}`);
  write(stack, "}}}");
  fs.closeSync(plan);
  fs.closeSync(stack);
}

const emptyFields = {
  budget_policy_id: null,
  description: null,
  edit_mode: null,
  existing_cluster_id: null,
  library: [],
  git_source: [],
  continuous: [],
  dbt_task: [],
  deployment: [],
  environment: [],
  spark_jar_task: [],
};
const emptyTask = {
  compute: [],
  condition_task: [],
  dashboard_task: [],
  dbt_cloud_task: [],
  dbt_platform_task: [],
  dbt_task: [],
  description: null,
  disable_auto_optimization: null,
  disabled: null,
  email_notifications: [],
  environment_key: null,
  existing_cluster_id: null,
  for_each_task: [],
  gen_ai_compute_task: [],
  health: [],
  library: [],
  new_cluster: [],
  retry_on_timeout: null,
  notification_settings: [],
  min_retry_interval_millis: null,
  pipeline_task: [],
  power_bi_task: [],
  python_wheel_task: [],
  run_job_task: [],
  spark_jar_task: [],
  spark_python_task: [],
  spark_submit_task: [],
  sql_task: [],
  webhook_notifications: [],
};

/** A job as in a plan. @param timeout one task has this timeout plus the index of the job */
function job(index: number, timeout: number) {
  return {
    ...emptyFields,
    id: String(100_000 + index),
    name: `job ${index}`,
    max_concurrent_runs: 1,
    timeout_seconds: 3600,
    tags: { lakeform: "bench/bench-dev", team: "data" },
    job_cluster: [
      {
        job_cluster_key: "shared",
        new_cluster: [
          {
            spark_version: "15.4.x-scala2.12",
            node_type_id: "Standard_DS3_v2",
            num_workers: 2 + (index % 3),
            spark_conf: {},
            custom_tags: {},
            init_scripts: [],
            autoscale: [],
          },
        ],
      },
    ],
    task: Array.from({ length: 10 }, (_, task) => ({
      ...emptyTask,
      task_key: `task_${task}`,
      depends_on: task === 0 ? [] : [{ task_key: `task_${task - 1}`, outcome: null }],
      job_cluster_key: "shared",
      max_retries: 1,
      run_if: "ALL_SUCCESS",
      // Different in each job, so that the review cannot group the changes.
      timeout_seconds: task === index % 10 ? timeout + index : 300,
      notebook_task: [
        {
          notebook_path: `/Shared/jobs/${index}/task_${task}`,
          source: "WORKSPACE",
          warehouse_id: null,
          base_parameters: {
            input_path: `s3://raw-data/${index}/${task}/`,
            input_date: "{{job.trigger.time.iso_date}}",
          },
        },
      ],
    })),
  };
}

/** The marks of sensitive or unknown values of a job that has none: only its collections. */
const emptyMarks = () => ({
  tags: {},
  job_cluster: [
    { new_cluster: [{ spark_conf: {}, custom_tags: {}, init_scripts: [], autoscale: [] }] },
  ],
  task: Array.from({ length: 10 }, (_, task) => ({
    ...Object.fromEntries(Object.entries(emptyTask).filter(([, value]) => Array.isArray(value))),
    depends_on: task === 0 ? [] : [{}],
    notebook_task: [{ base_parameters: {} }],
  })),
});

/** A job as in the code: without id and empty fields. */
function config(index: number): unknown {
  const { id: _id, ...rest } = job(index, 600);
  const withoutEmpty = (value: object): object =>
    Object.fromEntries(
      Object.entries(value).filter(
        ([, inner]) => inner !== null && !(Array.isArray(inner) && inner.length === 0),
      ),
    );
  return { ...withoutEmpty(rest), task: rest.task.map(withoutEmpty) };
}

/** The script that reviews a plan. ROOT stands for the folder of the build. */
const childSource = `
const fs = require("node:fs");
const planFileModule = "ROOT/dist/src/review/plan/plan-file.js";
const { openPlanFile } = require(fs.existsSync(planFileModule) ? planFileModule : "ROOT/dist/src/review/plan-file.js");
const { review, renderMarkdown } = require("ROOT/dist/src/review/index.js");
const [plan, stack, parser] = process.argv.slice(2);
const started = performance.now();
const parsed = parser === "stream" ? openPlanFile(plan) : JSON.parse(fs.readFileSync(plan, "utf8"));
const result = review({ stacks: [{ name: "bench-dev", stack: JSON.parse(fs.readFileSync(stack, "utf8")), plan: parsed }], today: "2026-01-01" });
const markdown = renderMarkdown(result);
if (result.stacks[0].changes.length === 0 || markdown.length > 65000) throw new Error("the review has no changes or is too long");
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024, planMegabytes: fs.statSync(plan).size / 1e6, changes: result.stacks[0].changes.length }));
`;

/** Measures the review of a plan. @param checkout the folder of the build to measure */
export function reviewPlan(
  { folder }: Context,
  jobs: number,
  parser: "stream" | "parse",
  checkout = root,
): Record<string, number> {
  const files = ["plan", "stack"].map((name) => path.join(folder, `${name}-${jobs}.json`));
  const child = path.join(
    folder,
    `child-${createHash("sha256").update(checkout).digest("hex").slice(0, 8)}.cjs`,
  );
  if (!fs.existsSync(child)) fs.writeFileSync(child, childSource.replaceAll("ROOT", checkout));
  const { stdout, stderr, status } = spawnSync(process.execPath, [child, ...files, parser], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, number>;
}

export const scenario: Scenario<Context> = {
  title:
    "review of 400 changed jobs of ten tasks (27 MB of plan) and of 5,000 (339 MB), to Markdown",
  baseline: "400 jobs, JSON.parse",
  warmup: 0,
  repeats: 3,
  setup: () => Promise.resolve(makePlans([400, 5000])),
  teardown: ({ folder }) => fs.promises.rm(folder, { recursive: true, force: true }),
  variants: [
    {
      name: "400 jobs, JSON.parse",
      run: (context) => Promise.resolve(reviewPlan(context, 400, "parse")),
    },
    {
      name: "400 jobs, streamed",
      run: (context) => Promise.resolve(reviewPlan(context, 400, "stream")),
    },
    {
      name: "5,000 jobs, streamed",
      run: (context) => Promise.resolve(reviewPlan(context, 5000, "stream")),
    },
  ],
};
