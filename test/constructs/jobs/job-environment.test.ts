import { Library, NotebookTask, Serverless, SparkPythonTask, Workflow } from "../../../constructs";
import { codes, synth } from "../support";

describe("job environment", () => {
  test("is what serverless tasks name", () => {
    const { only } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const environment = job.addEnvironment("default", { environmentVersion: "4", dependencies: ["a==1"] });
      job.addTask("a", { run: SparkPythonTask.at("/a.py"), on: environment });
      job.addTask("b", { run: NotebookTask.at("/b"), on: Serverless.compute });
      expect([String(environment), String(Serverless.compute)]).toEqual(["JobEnvironment test-local/j/default", "Serverless"]);
    });
    expect(only("databricks_job")).toMatchObject({
      environment: [{ environment_key: "default", spec: { environment_version: "4", dependencies: ["a==1"] } }],
      task: [{ environment_key: "default" }, { task_key: "b" }],
    });
  });
  test("rejects libraries, which are installed on clusters", () => {
    expect(
      codes((stack) => {
        const job = new Workflow(stack, "j", { name: "j" });
        job.addTask("a", { run: NotebookTask.at("/a"), on: Serverless.compute, libraries: [Library.pypi("a==1")] });
      }),
    ).toEqual(["LIBRARIES_WITHOUT_CLUSTER"]);
  });
});
