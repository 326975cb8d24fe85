import { ClusterSize } from "../../../constructs";

describe("cluster size", () => {
  test("is fixed, autoscaled, a single node, or set by a policy", () => {
    expect(
      [ClusterSize.fixed(2), ClusterSize.autoscale(1, 4), ClusterSize.fromPolicy()].map(
        ({ rendered }) => rendered,
      ),
    ).toEqual([{ numWorkers: 2 }, { autoscale: { minWorkers: 1, maxWorkers: 4 } }, {}]);
    expect([
      ClusterSize.fromPolicy().isFromPolicy,
      ClusterSize.singleNode().isSingleNode,
      String(ClusterSize.fixed(2)),
    ]).toEqual([true, true, "2 workers"]);
  });
  test("adds the Spark configuration and the tag that a single node needs", () => {
    expect(ClusterSize.singleNode().rendered).toEqual({
      numWorkers: 0,
      sparkConf: { "spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]" },
      customTags: { ResourceClass: "SingleNode" },
    });
  });
  test.each([-1, 0, 1.5, Number.NaN])(
    "rejects %d workers, and shows the source line",
    (workers) => {
      expect(() => ClusterSize.fixed(workers)).toThrow(
        expect.objectContaining({
          code: "BAD_CLUSTER_SIZE",
          details: expect.objectContaining({
            path: expect.stringMatching(/cluster-size.test.ts:\d+$/) as unknown,
          }) as unknown,
        }) as Error,
      );
    },
  );
  test("rejects an empty range", () => {
    expect(() => ClusterSize.autoscale(4, 2)).toThrow("range of workers has no room to scale");
    expect(() => ClusterSize.autoscale(0, 2)).toThrow("invalid number of workers");
  });
});
