import type { Policy } from "./policy";
import { block, blocks, workTasks } from "./shape";

const hasLimit = (value: unknown): boolean => typeof value === "number" && value > 0;

export const jobTimeout: Policy = {
  id: "job-timeout",
  title: "jobs have a time limit",
  severity: "warning",
  explanation:
    "A run that hangs keeps its cluster, and with max_concurrent_runs 1 blocks every later run. It is enough to limit the job or each of its tasks, or to set a health rule on the run's duration. Continuous jobs are intended to run forever, so they are not reported.",
  fix: "set timeout_seconds well above the usual duration",
  types: ["databricks_job"],
  check: (job) => {
    if (hasLimit(job.config.timeout_seconds) || block(job.config.continuous) !== undefined)
      return [];
    if (
      blocks(block(job.config.health)?.rules).some((rule) => rule.metric === "RUN_DURATION_SECONDS")
    )
      return [];
    const tasks = workTasks(job);
    return tasks.length > 0 && tasks.every(({ task }) => hasLimit(task.timeout_seconds))
      ? []
      : [{ where: "timeout_seconds", message: "a run may hang forever" }];
  },
  examples: {
    good: { type: "databricks_job", config: { timeout_seconds: 7200 } },
    bad: { type: "databricks_job", config: { name: "daily" } },
  },
};
