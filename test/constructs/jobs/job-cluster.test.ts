import {
  ClusterSize,
  NodeType,
  NotebookTask,
  PipelineTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { codes, synth, type Json } from "../support";

describe("job cluster", () => {
  test("is shared by its tasks, and sorted by key", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const b = job.addJobCluster("b", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      const a = job.addJobCluster("a", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      job.addTask("x", { run: NotebookTask.at("/a"), on: a });
      job.addTask("y", { run: NotebookTask.at("/a"), on: b });
      expect(String(a)).toBe("JobCluster test-local/j/a");
    });
    expect(
      (resourceOf("databricks_job").job_cluster as Json[]).map(
        (cluster) => cluster.job_cluster_key,
      ),
    ).toEqual(["a", "b"]);
  });
  test("rejects an unused cluster, and a duplicate key", () => {
    const build = (act: (job: Workflow) => void): string[] =>
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("x", { run: PipelineTask.of("p") });
        act(job);
      });
    expect(
      build((job) =>
        job.addJobCluster("a", {
          sparkVersion: SparkVersion.LTS_15_4,
          nodeType: NodeType.of("i3.xlarge"),
          size: ClusterSize.fixed(1),
        }),
      ),
    ).toEqual(["UNUSED_JOB_CLUSTER"]);
    expect(
      build((job) =>
        ["a", "a"].forEach((key) =>
          job.addJobCluster(key, {
            sparkVersion: SparkVersion.LTS_15_4,
            nodeType: NodeType.of("i3.xlarge"),
            size: ClusterSize.fixed(1),
          }),
        ),
      ),
    ).toEqual(["DUPLICATE_KEY"]);
    expect(
      build((job) =>
        job.addJobCluster("a b", {
          sparkVersion: SparkVersion.LTS_15_4,
          nodeType: NodeType.of("i3.xlarge"),
          size: ClusterSize.fixed(1),
        }),
      ),
    ).toEqual(["BAD_NAME"]);
  });
});
