// node planner.cjs FOLDER: prints the CPU seconds for planning 400 jobs of ten tasks with the build
// in FOLDER. Runs only the provider's planner, without Terraform.
const fs = require("node:fs");
const path = require("node:path");

const built = path.join(process.argv[2], "dist", "src");
/**
 * Loads a module from the first path that exists: older builds have other paths.
 * @param candidates paths relative to dist/src
 */
const load = (...candidates) =>
  require(
    candidates.map((candidate) => path.join(built, candidate)).find((file) => fs.existsSync(file)),
  );
const { planResource } = load("provider/plan.js");
const { conform } = load("provider/values.js");
const { findKind } = load("resources/index.js");
const { schemaOf } = load("resources/shape/schema.js", "resources/schema.js");

const kind = findKind("databricks_job");
const { block } = schemaOf("databricks_job");
const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };
const task = (i) => ({
  task_key: `task_${i}`,
  notebook_task: [
    {
      notebook_path: `/Shared/etl/task_${i}`,
      base_parameters: { day: "2024-01-01", number: String(i) },
    },
  ],
  job_cluster_key: "shared",
  ...(i === 0 ? {} : { depends_on: [{ task_key: `task_${i - 1}` }] }),
});
/** Returns the values of 400 jobs. @param without the index of a task to leave out of each job */
const jobs = (without) =>
  Array.from({ length: 400 }, (_, n) =>
    conform(block, {
      name: `job-${n}`,
      job_cluster: [{ job_cluster_key: "shared", new_cluster: [cluster] }],
      task: Array.from({ length: 10 }, (_, i) => i)
        .filter((i) => i !== without)
        .map(task),
    }),
  );
const configs = jobs();
const edited = jobs(0);
const priors = configs.map((config) => ({
  ...structuredClone(config),
  id: "1",
  task: structuredClone(config.task).map((item) => ({
    ...item,
    run_if: "ALL_SUCCESS",
    retry_on_timeout: false,
  })),
}));

function plan(prior, config) {
  return planResource({
    block,
    prior,
    proposed: config,
    config,
    keyed: kind.rules.keyed,
    adjust: (path, before, after) => after ?? kind.defaults?.[path]?.() ?? null,
    suppresses: (path, before, after) =>
      prior === undefined
        ? undefined
        : kind.suppress?.[path]?.(before, after, { config: {}, prior: {} }),
  });
}

/** Returns the median CPU seconds of ten runs, after two runs that warm up the JIT. */
function cpuSeconds(work) {
  const timings = Array.from({ length: 12 }, () => {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  });
  return timings.slice(2).sort((a, b) => a - b)[5];
}

console.log(
  JSON.stringify({
    createProcessorSeconds: cpuSeconds(() => configs.forEach((config) => plan(undefined, config))),
    planProcessorSeconds: cpuSeconds(() => configs.forEach((config, i) => plan(priors[i], config))),
    planOfEditsProcessorSeconds: cpuSeconds(() =>
      edited.forEach((config, i) => plan(priors[i], config)),
    ),
  }),
);
