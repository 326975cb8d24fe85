import {
  AllPurposeCluster,
  ClusterPolicy,
  ClusterSize,
  NotebookTask,
  PolicyRule,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { codes, synth, type Json } from "../support";

const definition = {
  node_type_id: PolicyRule.fixed("i3.xlarge"),
  num_workers: PolicyRule.fixed(2),
  autotermination_minutes: PolicyRule.fixed(20, { hidden: true }),
  "custom_tags.team": PolicyRule.fixed("data"),
  "spark_conf.spark.sql.shuffle.partitions": PolicyRule.range({
    minValue: 8,
    maxValue: 64,
    defaultValue: 16,
  }),
  "spark_env_vars.ZONE": PolicyRule.fixed("eu"),
  runtime_engine: PolicyRule.fixed("STANDARD"),
  "spark_conf.spark.master": PolicyRule.forbidden(),
};
const common = { sparkVersion: SparkVersion.LTS_15_4, size: ClusterSize.fromPolicy() };
const clusterWithPolicy = (props: Json = {}): Json =>
  synth((stack) => {
    const policy = new ClusterPolicy(stack, "p", { name: "p", definition });
    new AllPurposeCluster(stack, "c", { ...common, ...props, policy, name: "c", stamp: false });
  }).resourceOf("databricks_cluster");

describe("values that a policy of this stack supplies", () => {
  test("are set on the cluster, since the platform returns them and a plan would remove them", () => {
    const cluster = clusterWithPolicy();
    expect(cluster).toMatchObject({
      num_workers: 2,
      autotermination_minutes: 20,
      custom_tags: { team: "data" },
      spark_env_vars: { ZONE: "eu" },
      runtime_engine: "STANDARD",
    });
    expect(cluster).not.toHaveProperty("spark_conf");
    // Terraform keeps the platform's value of this computed field.
    expect(cluster).not.toHaveProperty("node_type_id");
  });
  test("include defaults only if applyPolicyDefaultValues is set", () => {
    expect(clusterWithPolicy({ applyPolicyDefaultValues: true }).spark_conf).toEqual({
      "spark.sql.shuffle.partitions": "16",
    });
  });
  test("do not overwrite the cluster's own settings", () => {
    const clusterSettings = {
      applyPolicyDefaultValues: true,
      sparkConf: { "spark.sql.shuffle.partitions": 32 },
      customTags: { more: "1" },
    };
    expect(clusterWithPolicy(clusterSettings)).toMatchObject({
      spark_conf: { "spark.sql.shuffle.partitions": "32" },
      custom_tags: { more: "1", team: "data" },
    });
  });
  test("are set on job clusters as well", () => {
    const { resourceOf } = synth((stack) => {
      const policy = new ClusterPolicy(stack, "p", { name: "p", definition });
      const job = new Workflow(stack, "j", { name: "j" });
      job.addTask("t", {
        run: NotebookTask.at("/Shared/t"),
        on: job.addJobCluster("main", { ...common, policy }),
      });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      job_cluster: [
        {
          new_cluster: {
            num_workers: 2,
            custom_tags: { team: "data" },
            runtime_engine: "STANDARD",
          },
        },
      ],
    });
  });
  test("reject a cluster setting that differs from the policy's fixed value", () => {
    const errorCodes = codes((stack) => {
      const policy = new ClusterPolicy(stack, "p", { name: "p", definition });
      new AllPurposeCluster(stack, "c", {
        ...common,
        policy,
        name: "c",
        customTags: { team: "mine" },
      });
    });
    expect(errorCodes).toEqual(["POLICY_CONFLICT"]);
  });
});
