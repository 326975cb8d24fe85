import {
  AllPurposeCluster,
  ClusterSize,
  Group,
  NodeType,
  NotebookTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const base = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};

describe("all-purpose cluster", () => {
  test("carries the stamp, the environment's prefix and tags", () => {
    const { resourceOf, metadata } = synth(
      (stack) => {
        const cluster = new AllPurposeCluster(stack, "c", {
          ...base,
          name: "shared",
          autoterminationMinutes: 30,
        });
        cluster.permissions.allow("CAN_RESTART", Group.users);
        expect(defaultChild(cluster)).toBe("databricks_cluster");
      },
      { namePrefix: "dev ", tags: { environment: "dev" } },
    );
    expect(resourceOf("databricks_cluster")).toMatchObject({
      cluster_name: "dev shared",
      custom_tags: { environment: "dev", lakeform: "tests/test-local" },
    });
    expect(
      Object.values(metadata.resources).find(({ path }) => path === "test-local/c")?.stamped,
    ).toBe(true);
  });
  test("is found by id or name if it exists already", () => {
    const { json } = synth((stack) => {
      new Workflow(stack, "j", { name: "j" }).addTask("a", {
        run: NotebookTask.at("/a"),
        on: AllPurposeCluster.fromName(stack, "found", "shared"),
      });
    });
    expect(json.data).toMatchObject({ databricks_cluster: { found: { cluster_name: "shared" } } });
    expect(AllPurposeCluster.fromId("c1").renderClusterId()).toBe("c1");
  });
  test("rejects an invalid auto-termination time", () => {
    const codesFor = (autoterminationMinutes: number): string[] =>
      codes(
        (stack) =>
          new AllPurposeCluster(stack, "c", { ...base, name: "c", autoterminationMinutes }),
      );
    expect([0, 10, 5, 1.5].map((minutes) => codesFor(minutes).length)).toEqual([0, 0, 1, 1]);
  });
});
