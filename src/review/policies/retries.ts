import type { Policy } from "./policy";
import { isScheduled, workTasks } from "./shape";

export const retries: Policy = {
  id: "retries",
  title: "tasks of scheduled jobs are retried",
  severity: "info",
  explanation:
    "A scheduled run is unattended: a lost spot node or a throttled API call should not page an engineer. Retries are set on tasks; retries in a job's settings have no effect.",
  fix: "set max_retries (1 to 3) and min_retry_interval_millis on the task, or suppress this for a task that must not run twice",
  types: ["databricks_job"],
  check: (job) =>
    isScheduled(job)
      ? workTasks(job)
          .filter(({ task }) => typeof task.max_retries !== "number" || task.max_retries === 0)
          .map(({ where, key }) => ({
            where: `${where}.max_retries`,
            message: `task ${key} of a scheduled job is never retried`,
          }))
      : [],
  examples: {
    good: {
      type: "databricks_job",
      config: {
        schedule: { quartz_cron_expression: "0 0 5 * * ?" },
        task: [{ task_key: "a", max_retries: 2 }],
      },
    },
    bad: {
      type: "databricks_job",
      config: { schedule: { quartz_cron_expression: "0 0 5 * * ?" }, task: [{ task_key: "a" }] },
    },
  },
};
