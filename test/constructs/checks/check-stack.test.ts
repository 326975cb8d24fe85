import {
  ClusterPolicy,
  ClusterSize,
  NotebookTask,
  PolicyRule,
  Serverless,
  SparkVersion,
  TerraformResource,
  Workflow,
} from "../../../constructs";
import { codes, problems } from "../support";

describe("checks of a stack", () => {
  test("include values set by an override, and name the construct", () => {
    const errors = problems((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      job.addTask("a", { run: NotebookTask.at("/a"), on: Serverless.compute });
      (job.node.defaultChild as TerraformResource).addOverride("task.0.job_cluster_key", "nope");
    });
    expect(errors).toMatchObject([
      { code: "UNKNOWN_JOB_CLUSTER", details: { path: "test-local/j/a", value: "nope" } },
    ]);
  });
  test("compare clusters with the policies of the stack", () => {
    const errors = codes((stack) => {
      const policy = new ClusterPolicy(stack, "p", {
        name: "p",
        definition: { num_workers: PolicyRule.range({ maxValue: 2 }) },
      });
      const job = new Workflow(stack, "j", { name: "j" });
      const on = job.addJobCluster("c", {
        sparkVersion: SparkVersion.LTS_15_4,
        policy,
        size: ClusterSize.fixed(4),
      });
      job.addTask("a", { run: NotebookTask.at("/a"), on });
    });
    expect(errors).toEqual(["POLICY_CONFLICT"]);
  });
  test("find credentials outside of resources, too", () => {
    expect(
      codes((stack) => stack.addOverride("provider.databricks.0.token", "dapi" + "0".repeat(32))),
    ).toEqual(["CREDENTIAL_LITERAL"]);
  });
});
