import type { Policy } from "./policy";
import { block } from "./shape";

export const runAsServicePrincipal: Policy = {
  id: "run-as-service-principal",
  title: "in production, jobs run as a service principal",
  severity: "error",
  explanation:
    "A job that runs as a user has that user's permissions, and stops working when the user leaves. Without run_as a job runs as the user who deployed it.",
  fix: "set run_as.service_principal_name",
  types: ["databricks_job"],
  check: (job, { production }) => {
    if (!production) return [];
    const runAs = block(job.config.run_as);
    if (typeof runAs?.service_principal_name === "string") return [];
    return [
      {
        where: "run_as",
        message:
          typeof runAs?.user_name === "string"
            ? `the job runs as the user ${runAs.user_name}`
            : "the job runs as the user who deploys it",
      },
    ];
  },
  examples: {
    good: {
      type: "databricks_job",
      environment: "prod",
      config: { run_as: { service_principal_name: "6f3f0c2e-0000-4000-8000-000000000001" } },
    },
    bad: {
      type: "databricks_job",
      environment: "prod",
      config: { run_as: { user_name: "ann@example.com" } },
    },
  },
};
