import type { JsonObject } from "../test/support/replay-format";
import { requiredProviders } from "../test/support/replay-terraform";

/**
 * Returns a Terraform configuration of jobs with ten tasks that share one job cluster.
 * @param without the index of a task to leave out of each job
 */
export function jobsOfTenTasks(
  jobs: number,
  { without }: { readonly without?: number } = {},
): JsonObject {
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };
  const task = (i: number): JsonObject => ({
    task_key: `task_${String(i).padStart(2, "0")}`,
    notebook_task: {
      notebook_path: `/Shared/etl/task_${i}`,
      base_parameters: { day: "2024-01-01", number: String(i) },
    },
    job_cluster_key: "shared",
    ...(i === 0 || i - 1 === without
      ? {}
      : { depends_on: [{ task_key: `task_${String(i - 1).padStart(2, "0")}` }] }),
  });
  const taskNumbers = Array.from({ length: 10 }, (_, i) => i).filter((i) => i !== without);
  const job = (n: number): JsonObject => ({
    name: `job-${n}`,
    job_cluster: [{ job_cluster_key: "shared", new_cluster: cluster }],
    task: taskNumbers.map(task),
  });
  const resource = {
    databricks_job: Object.fromEntries(
      Array.from({ length: jobs }, (_, n) => [`job_${n}`, job(n)]),
    ),
  };
  return { terraform: { required_providers: requiredProviders }, resource };
}
