import {
  ClusterSize,
  Library,
  NodeType,
  NotebookTask,
  Serverless,
  SparkPythonTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { codes, synth } from "../support";

describe("job environment", () => {
  test("is referenced by serverless tasks", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const environment = job.addEnvironment("default", {
        environmentVersion: "4",
        dependencies: ["a==1"],
      });
      job.addTask("a", { run: SparkPythonTask.at("/a.py"), on: environment });
      job.addTask("b", { run: NotebookTask.at("/b"), on: Serverless.compute });
      expect([String(environment), String(Serverless.compute)]).toEqual([
        "JobEnvironment test-local/j/default",
        "Serverless",
      ]);
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      environment: [
        { environment_key: "default", spec: { environment_version: "4", dependencies: ["a==1"] } },
      ],
      task: [{ environment_key: "default" }, { task_key: "b" }],
    });
  });
  test("can set its version in the older field `client`", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const environment = job.addEnvironment("default", { client: "1", dependencies: ["a==1"] });
      job.addTask("a", { run: SparkPythonTask.at("/a.py"), on: environment });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      environment: [{ spec: { client: "1", dependencies: ["a==1"] } }],
    });
  });
  test("can have the key Default or Resource, or the key of a task or job cluster", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      job.adopt("1001");
      const environment = job.addEnvironment("Default", { environmentVersion: "4" });
      const cluster = job.addJobCluster("Resource", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
      });
      const first = job.addTask("Default", { run: SparkPythonTask.at("/a.py"), on: environment });
      job.addTask("Resource", { run: SparkPythonTask.at("/a.py"), on: cluster, after: [first] });
      expect([first.node.id, environment.node.id, cluster.node.id]).toEqual([
        "Default-task",
        "Default-environment",
        "Resource-cluster",
      ]);
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      environment: [{ environment_key: "Default" }],
      job_cluster: [{ job_cluster_key: "Resource" }],
      task: [
        { task_key: "Default" },
        { task_key: "Resource", depends_on: [{ task_key: "Default" }] },
      ],
    });
  });
  test("rejects libraries that can only be installed on clusters", () => {
    expect(
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("a", {
          run: NotebookTask.at("/a"),
          on: Serverless.compute,
          libraries: [Library.pypi("a==1")],
        });
      }),
    ).toEqual(["LIBRARIES_WITHOUT_CLUSTER"]);
  });
});
