import type { Policy } from "./policy";
import { block, clustersOf } from "./shape";

const defaultLimits = { production: 50, other: 10 };

export const maxWorkers: Policy = {
  id: "max-workers",
  title: "clusters stay within the environment's worker limit",
  severity: "error",
  explanation: `A cluster, of fixed size or with autoscaling, may have at most ${defaultLimits.production} workers in production and ${defaultLimits.other} elsewhere. To set another limit for an environment, use \`max\` in its profile: \`policies: { "max-workers": { max: 4 } }\`. This finds an extra zero before the deploy.`,
  fix: "use fewer workers, or raise the environment's maximum in its profile",
  types: ["databricks_job", "databricks_cluster"],
  check: (resource, { production, settings }) => {
    const limit =
      typeof settings.max === "number"
        ? settings.max
        : production
          ? defaultLimits.production
          : defaultLimits.other;
    return clustersOf(resource).flatMap(({ where, cluster }) => {
      const scale = block(cluster.autoscale)?.max_workers;
      const [field, workers] =
        typeof scale === "number"
          ? ["autoscale.max_workers", scale]
          : ["num_workers", cluster.num_workers];
      return typeof workers === "number" && workers > limit
        ? [
            {
              where: `${where}${field}`,
              message: `${workers} workers, but the maximum here is ${limit}`,
            },
          ]
        : [];
    });
  },
  examples: {
    good: { type: "databricks_cluster", environment: "dev", config: { num_workers: 2 } },
    bad: {
      type: "databricks_cluster",
      environment: "dev",
      config: { autoscale: { min_workers: 1, max_workers: 200 } },
    },
  },
};
