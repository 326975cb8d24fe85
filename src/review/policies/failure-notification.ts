import type { JsonObject } from "../plan/json";
import type { Policy } from "./policy";
import { block, blocks, strings, workTasks } from "./shape";

const notifies = (settings: JsonObject): boolean =>
  strings(block(settings.email_notifications)?.on_failure).length > 0 ||
  blocks(block(settings.webhook_notifications)?.on_failure).length > 0;

export const failureNotification: Policy = {
  id: "failure-notification",
  title: "in production, a failed job sends a notification",
  severity: "error",
  explanation:
    "A silent failure of a production job is noticed only by users who miss its data. It is enough to configure a notification on the job, or on each of its tasks.",
  fix: "add email_notifications.on_failure or webhook_notifications.on_failure",
  types: ["databricks_job"],
  check: (job, { production }) => {
    if (!production || notifies(job.config)) return [];
    const tasks = workTasks(job);
    return tasks.length > 0 && tasks.every(({ task }) => notifies(task))
      ? []
      : [
          {
            where: "email_notifications.on_failure",
            message: "no notification is sent when this job fails",
          },
        ];
  },
  examples: {
    good: {
      type: "databricks_job",
      environment: "prod",
      config: { email_notifications: { on_failure: ["oncall@example.com"] } },
    },
    bad: {
      type: "databricks_job",
      environment: "prod",
      config: { email_notifications: { on_start: ["oncall@example.com"] } },
    },
  },
};
