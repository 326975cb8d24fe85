import {
  AllPurposeCluster,
  ClusterPolicy,
  ClusterSize,
  type ClusterSpecProps,
  NodeType,
  SecretScope,
  SparkVersion,
} from "../../../constructs";
import { codes, synth } from "../support";

const base = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};
const spec = (props: Partial<ClusterSpecProps>): string[] =>
  codes((stack) => new AllPurposeCluster(stack, "c", { ...base, ...props, name: "c" } as never));

describe("cluster", () => {
  test("writes Spark settings as strings, and no unset fields", () => {
    const { resourceOf } = synth((stack) => {
      const key = new SecretScope(stack, "s", { name: "s" }).reference("k");
      new AllPurposeCluster(stack, "c", {
        ...base,
        name: "c",
        stamp: false,
        sparkConf: { b: 2, a: key, c: true },
      });
    });
    expect(resourceOf("databricks_cluster")).toEqual({
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
      spark_conf: { a: "{{secrets/s/k}}", b: "2", c: "true" },
    });
  });
  test("rejects settings that contradict or require each other, and more than ten SSH keys", () => {
    expect(spec({ size: ClusterSize.fromPolicy() })).toEqual(["NO_SIZE"]);
    expect(spec({ applyPolicyDefaultValues: true })).toEqual(["DEFAULTS_WITHOUT_POLICY"]);
    expect(spec({ sparkConf: { "spark.databricks.cluster.profile": "singleNode" } })).toEqual([
      "SINGLE_NODE_WITH_WORKERS",
      "SINGLE_NODE_WITH_WORKERS",
    ]);
    expect(spec({ sparkConf: { "spark.master": "local[*]" } })).toEqual([
      "SINGLE_NODE_WITH_WORKERS",
    ]);
    expect(spec({ useMlRuntime: true })).toEqual(["ML_RUNTIME_WITHOUT_KIND"]);
    expect(spec({ singleUserName: "a@b", dataSecurityMode: "USER_ISOLATION" })).toEqual([
      "SINGLE_USER_MODE",
    ]);
    expect(spec({ sshPublicKeys: Array<string>(11).fill("ssh") })).toEqual(["TOO_MANY_SSH_KEYS"]);
  });
  test("accepts the settings of a single node if the policy sets the size", () => {
    expect(
      codes((stack) => {
        const policy = ClusterPolicy.fromId("ABCD000000000000");
        new AllPurposeCluster(stack, "c", {
          sparkVersion: SparkVersion.LTS_15_4,
          policy,
          size: ClusterSize.fromPolicy(),
          sparkConf: {
            "spark.databricks.cluster.profile": "singleNode",
            "spark.master": "local[*]",
          },
          name: "c",
        });
      }),
    ).toEqual([]);
  });
});
