import { defined } from "../../src/defined";
import { blocks, clusterSpecs, number, type Block, type Check, type Finding } from "./rendered";

/** Checks all-purpose clusters, job clusters and the clusters of single tasks. */
export const checkClusters: Check = ({ type, body }) =>
  clusterSpecs(type, body).flatMap(({ position, spec }) => checkCluster(spec, position));

function checkCluster(spec: Block, position?: string): Finding[] {
  const findings: Finding[] = [];
  const report = (
    code: string,
    message: string,
    details: Pick<Finding, "fix"> & Partial<Finding>,
  ): void => {
    findings.push({ code, message, ...defined({ position }), ...details });
  };
  const workers = number(spec, "num_workers");
  const autoscale = blocks(spec, "autoscale");
  const conf = (spec.spark_conf ?? {}) as Readonly<Record<string, unknown>>;
  const isSingleNode =
    conf["spark.databricks.cluster.profile"] === "singleNode" || spec.is_single_node === true;
  if (workers !== undefined && autoscale.length > 0) {
    report("TWO_SIZES", "the cluster has both a fixed number and a range of workers", {
      value: String(workers),
      fix: "use either ClusterSize.fixed or ClusterSize.autoscale",
    });
  }
  const hasPolicy = spec.policy_id !== undefined;
  if (workers === undefined && autoscale.length === 0 && !hasPolicy && !isSingleNode) {
    report("NO_SIZE", "the cluster has no size", {
      fix: "give it a policy that sets the size, or a size: ClusterSize.fixed, .autoscale or .singleNode",
    });
  }
  if (workers === 0 && !isSingleNode && !hasPolicy) {
    report(
      "ZERO_WORKERS",
      "a cluster without workers is a single node and must be declared as one",
      {
        value: "0",
        fix: "set size: ClusterSize.singleNode()",
      },
    );
  }
  if (isSingleNode && ((workers ?? 0) > 0 || autoscale.length > 0)) {
    report(
      "SINGLE_NODE_WITH_WORKERS",
      "the cluster is declared as a single node, but has workers",
      {
        value: String(workers ?? "a range"),
        fix: "set size: ClusterSize.singleNode()",
      },
    );
  }
  if (spec.instance_pool_id !== undefined && spec.enable_elastic_disk !== undefined) {
    report(
      "POOL_DECIDES_DISK",
      "enableElasticDisk is set by the pool: it is ignored here, and every plan would show a diff",
      {
        fix: "remove enableElasticDisk",
      },
    );
  }
  if (spec.instance_pool_id !== undefined && spec.node_type_id !== undefined) {
    report("POOL_DECIDES_NODES", "the pool sets the node type, so nodeType has no effect", {
      fix: "remove one of them",
    });
  }
  return findings;
}
