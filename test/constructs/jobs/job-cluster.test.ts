import {
  ClusterSize,
  NodeType,
  NotebookTask,
  PipelineTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { codes, synth } from "../support";

const spec = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};

describe("job cluster", () => {
  test("is used by tasks, and sorted by key in any order of the calls", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const b = job.addJobCluster("b", spec);
      const a = job.addJobCluster("a", spec);
      job.addTask("x", { run: NotebookTask.at("/a"), on: a });
      job.addTask("y", { run: NotebookTask.at("/a"), on: b });
      expect(String(a)).toBe("JobCluster test-local/j/a");
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      job_cluster: [{ job_cluster_key: "a" }, { job_cluster_key: "b" }],
      task: [
        { task_key: "x", job_cluster_key: "a" },
        { task_key: "y", job_cluster_key: "b" },
      ],
    });
  });
  test("rejects an unused cluster, a duplicate key and an invalid key", () => {
    const build = (act: (job: Workflow) => void): string[] =>
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("x", { run: PipelineTask.of("p") });
        act(job);
      });
    expect(build((job) => job.addJobCluster("a", spec))).toEqual(["UNUSED_JOB_CLUSTER"]);
    expect(build((job) => ["a", "a"].forEach((key) => job.addJobCluster(key, spec)))).toEqual([
      "DUPLICATE_KEY",
    ]);
    expect(build((job) => job.addJobCluster("a b", spec))).toEqual(["BAD_NAME"]);
  });
});
