import { ClusterSize, defineEnvironments } from "../constructs";

/** The values of the daily ETL that can differ between environments. */
export interface DailyEtlValues {
  readonly inputPath: string;
  readonly size: ClusterSize;
}

/** The environments in promotion order. `local` is the local workspace. */
export const environments = defineEnvironments<DailyEtlValues>([
  {
    name: "local",
    provider: "embedded",
    values: { inputPath: "s3://raw-data/", size: ClusterSize.fixed(2) },
  },
  {
    name: "dev",
    databricksProfile: "dev",
    schedules: "off",
    tags: { environment: "dev" },
    values: { inputPath: "s3://raw-data/", size: ClusterSize.fixed(2) },
  },
  {
    name: "staging",
    databricksProfile: "staging",
    tags: { environment: "staging" },
    allowedDifferences: [
      { field: "tags.environment", reason: "each environment has its own name" },
    ],
    values: { inputPath: "s3://raw-data/", size: ClusterSize.fixed(2) },
  },
  {
    name: "prod",
    databricksProfile: "prod",
    tags: { environment: "prod" },
    allowedDifferences: [
      { field: "tags.environment", reason: "each environment has its own name" },
      {
        kind: "databricks_job",
        field: "job_cluster.new_cluster.num_workers",
        reason: "production has the whole day's data: more workers",
      },
    ],
    values: { inputPath: "s3://raw-data/", size: ClusterSize.fixed(8) },
  },
]);
