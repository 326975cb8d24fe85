import {
  AllPurposeCluster,
  Aspects,
  ClusterPolicy,
  ClusterSize,
  developerPrefix,
  InstancePool,
  NamingPolicy,
  NodeType,
  PipelineTask,
  PolicyRule,
  SparkVersion,
  SqlWarehouse,
  Workflow,
  WorkspaceStack,
} from "../../../constructs";
import { codes, synth } from "../support";

const build = (stack: WorkspaceStack): void => {
  new Workflow(stack, "job", { name: "daily-etl" }).addTask("a", { run: PipelineTask.of("p") });
  new SqlWarehouse(stack, "warehouse", { name: "reports", clusterSize: "Small" });
  new ClusterPolicy(stack, "policy", {
    name: "small",
    definition: { cluster_type: PolicyRule.fixed("job") },
  });
  new InstancePool(stack, "pool", {
    name: "pool",
    nodeType: NodeType.of("i3.xlarge"),
    idleInstanceAutoterminationMinutes: 1,
  });
  new AllPurposeCluster(stack, "cluster", {
    name: "shared",
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("i3.xlarge"),
    size: ClusterSize.fixed(1),
  });
};

describe("naming policy", () => {
  test("adds a prefix to every name, once", () => {
    const { resourceOf } = synth((stack) => {
      build(stack);
      Aspects.of(stack).add(new NamingPolicy({ prefix: "x-" }));
      Aspects.of(stack).add(new NamingPolicy({ prefix: "x-" }));
    });
    expect([
      resourceOf("databricks_job").name,
      resourceOf("databricks_sql_endpoint").name,
      resourceOf("databricks_cluster_policy").name,
      resourceOf("databricks_instance_pool").instance_pool_name,
      resourceOf("databricks_cluster").cluster_name,
    ]).toEqual(["x-daily-etl", "x-reports", "x-small", "x-pool", "x-shared"]);
  });
  test("developerPrefix derives a prefix from an e-mail address", () => {
    expect(developerPrefix("Ada.Lovelace@example.com")).toBe("[dev ada_lovelace] ");
  });
  test("rejects names that do not match the pattern, ignoring the environment's prefix", () => {
    const codesFor = (name: string): string[] =>
      codes(
        (stack) => {
          new Workflow(stack, "job", { name }).addTask("a", { run: PipelineTask.of("p") });
          Aspects.of(stack).add(new NamingPolicy({ pattern: /^[a-z-]+$/ }));
        },
        { namePrefix: "DEV " },
      );
    expect([codesFor("daily-etl"), codesFor("Daily ETL")]).toEqual([[], ["NAMING_POLICY"]]);
  });
  test("compares each name from its start, even if the pattern has the flag g", () => {
    expect(
      codes((stack) => {
        for (const name of ["first-job", "second-job"])
          new Workflow(stack, name, { name }).addTask("a", { run: PipelineTask.of("p") });
        Aspects.of(stack).add(new NamingPolicy({ pattern: /^[a-z-]+$/g }));
      }),
    ).toEqual([]);
  });
});
