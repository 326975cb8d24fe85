import type { Policy } from "./policy";
import { isScheduled, tasksOf } from "./shape";

export const noAllPurposeForScheduled: Policy = {
  id: "no-all-purpose-for-scheduled",
  title: "scheduled jobs run on job clusters, not on all-purpose clusters",
  severity: "warning",
  explanation:
    "All-purpose compute costs several times as much as job compute and is shared with interactive notebooks. The job fails when a user restarts or resizes the cluster.",
  fix: "give the tasks a job cluster or serverless compute instead of an existing cluster",
  types: ["databricks_job"],
  check: (job) =>
    isScheduled(job)
      ? tasksOf(job)
          .filter(({ task }) => typeof task.existing_cluster_id === "string")
          .map(({ where, key }) => ({
            where: `${where}.existing_cluster_id`,
            message: `task ${key} of a scheduled job runs on an all-purpose cluster`,
          }))
      : [],
  examples: {
    good: {
      type: "databricks_job",
      config: {
        schedule: { quartz_cron_expression: "0 0 5 * * ?" },
        task: [{ task_key: "a", job_cluster_key: "shared" }],
      },
    },
    bad: {
      type: "databricks_job",
      config: {
        schedule: { quartz_cron_expression: "0 0 5 * * ?" },
        task: [{ task_key: "a", existing_cluster_id: "1114-221320-abc" }],
      },
    },
  },
};
