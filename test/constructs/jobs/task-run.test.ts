import { DbtTask, GitSource, NotebookTask, Serverless, Workflow } from "../../../constructs";
import { synth } from "../support";

test("in a job with a Git source, notebooks stay in the workspace unless they are given by inGit, and dbt projects come from Git", () => {
  const { resourceOf } = synth((stack) => {
    const workflow = new Workflow(stack, "w", {
      name: "w",
      gitSource: GitSource.branch("https://github.com/acme/etl", "gitHub", "main"),
    });
    const tools = workflow.addEnvironment("tools", { environmentVersion: "2" });
    workflow.addTask("a", { run: NotebookTask.at("/Shared/a"), on: Serverless.compute });
    workflow.addTask("b", { run: NotebookTask.inGit("b"), on: Serverless.compute });
    workflow.addTask("c", { run: DbtTask.of(["dbt run"]), on: tools });
  });
  expect(resourceOf("databricks_job").task).toMatchObject([
    { notebook_task: { source: "WORKSPACE" } },
    { notebook_task: { source: "GIT" } },
    { dbt_task: { source: "GIT" } },
  ]);
});
