import type { Policy } from "./policy";
import { clustersOf, isExpression } from "./shape";

/** @see https://docs.databricks.com/aws/en/release-notes/runtime/ (long-term support) */
const longTermSupport = new Set([
  "9.1",
  "10.4",
  "11.3",
  "12.2",
  "13.3",
  "14.3",
  "15.4",
  "16.4",
  "17.3",
]);

export const pinnedSparkVersion: Policy = {
  id: "pinned-spark-version",
  title: "clusters run a pinned long-term-support version of Databricks Runtime",
  severity: "warning",
  explanation:
    "A version looked up at plan time can change a job without a change in the code, and a version without long-term support is unsupported within months. Pin an LTS version.",
  fix: "write a literal LTS version such as 15.4.x-scala2.12",
  types: ["databricks_job", "databricks_cluster"],
  check: (resource) =>
    clustersOf(resource).flatMap(({ where, cluster }) => {
      const version = cluster.spark_version;
      if (typeof version !== "string") return [];
      if (isExpression(version))
        return [
          {
            where: `${where}spark_version`,
            message: "the runtime version is looked up, not pinned",
          },
        ];
      const release = /^(\d+\.\d+)\./.exec(version)?.[1];
      if (release !== undefined && longTermSupport.has(release)) return [];
      return [{ where: `${where}spark_version`, message: `${version} has no long-term support` }];
    }),
  examples: {
    good: { type: "databricks_cluster", config: { spark_version: "15.4.x-scala2.12" } },
    bad: { type: "databricks_cluster", config: { spark_version: "16.0.x-scala2.12" } },
  },
};
