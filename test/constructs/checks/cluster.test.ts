import { checkClusters } from "../../../constructs/checks/cluster";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkClusters({ path: "p", type: "databricks_cluster", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

describe("cluster", () => {
  test.each<[string, Block]>([
    ["a fixed size", { num_workers: 2 }],
    [
      "a single node",
      { num_workers: 0, spark_conf: { "spark.databricks.cluster.profile": "singleNode" } },
    ],
    ["the size of a policy", { policy_id: "p" }],
  ])("accepts %s", (_, body) => {
    expect(check(body)).toEqual([]);
  });
  test.each<[string, Block, string]>([
    ["two sizes", { num_workers: 2, autoscale: {} }, "TWO_SIZES"],
    ["no size", {}, "NO_SIZE"],
    ["zero workers", { num_workers: 0 }, "ZERO_WORKERS"],
    [
      "a single node with workers",
      { num_workers: 2, is_single_node: true },
      "SINGLE_NODE_WITH_WORKERS",
    ],
    [
      "a disk setting together with a pool",
      { num_workers: 1, instance_pool_id: "p", enable_elastic_disk: true },
      "POOL_DECIDES_DISK",
    ],
    [
      "a node type together with a pool",
      { num_workers: 1, instance_pool_id: "p", node_type_id: "n" },
      "POOL_DECIDES_NODES",
    ],
  ])("rejects %s", (_, body, code) => {
    expect(check(body)).toEqual([code]);
  });
  test("is checked in jobs, too", () => {
    const body = {
      job_cluster: [{ job_cluster_key: "c", new_cluster: { num_workers: 0 } }],
      task: [{ task_key: "t", new_cluster: {} }],
    };
    expect(
      checkClusters({ path: "p", type: "databricks_job", body, json: "" }).map(
        ({ code, position }) => `${code} ${position ?? ""}`,
      ),
    ).toEqual(["ZERO_WORKERS c", "NO_SIZE t"]);
  });
});
