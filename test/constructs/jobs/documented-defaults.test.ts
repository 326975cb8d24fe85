import { DatabricksProvider, JobResource, TerraformStack } from "../../../constructs/core/bindings";
import {
  App,
  Aspects,
  ClusterSize,
  DocumentedDefaults,
  NodeType,
  NotebookTask,
  SparkVersion,
  Workflow,
} from "../../../constructs";
import { withDocumentedDefaults } from "../../../constructs/jobs/documented-defaults";
import { synth, type Json } from "../support";

const spec = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge" };
const specWithDefaults = {
  ...spec,
  enable_local_disk_encryption: false,
  driver_node_type_id: "i3.xlarge",
};

describe("documented defaults", () => {
  test("are written by the constructs, for each task and job cluster", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const on = job.addJobCluster("shared", {
        sparkVersion: SparkVersion.of(spec.spark_version),
        nodeType: NodeType.of(spec.node_type_id),
        size: ClusterSize.fixed(1),
      });
      job.addTask("a", { run: NotebookTask.at("/Shared/a"), on });
      job.addTask("b", {
        run: NotebookTask.at("/Shared/b"),
        on,
        runIf: "ALL_FAILED",
        retryOnTimeout: true,
      });
    });
    const { task, job_cluster } = resourceOf("databricks_job") as {
      task: Json[];
      job_cluster: { new_cluster: Json } | { new_cluster: Json }[];
    };
    expect(task).toMatchObject([
      {
        task_key: "a",
        run_if: "ALL_SUCCESS",
        retry_on_timeout: false,
        notebook_task: { source: "WORKSPACE" },
      },
      { task_key: "b", run_if: "ALL_FAILED", retry_on_timeout: true },
    ]);
    expect([job_cluster].flat()[0]?.new_cluster).toMatchObject(specWithDefaults);
  });

  test("are set by the aspect on raw resources of other stacks", () => {
    const stack = new TerraformStack(new App(), "plain");
    new DatabricksProvider(stack, "databricks", {});
    new JobResource(stack, "j", {
      task: [
        { taskKey: "a", notebookTask: { notebookPath: "/a" } },
        { taskKey: "b", runIf: "ALL_DONE" },
      ],
      jobCluster: [
        {
          jobClusterKey: "c",
          newCluster: { sparkVersion: spec.spark_version, nodeTypeId: spec.node_type_id },
        },
      ],
    });
    const aspect = new DocumentedDefaults();
    Aspects.of(stack).add(aspect);
    for (const construct of stack.node.findAll()) aspect.visit(construct);
    const { resource } = stack.toTerraform() as { resource: { databricks_job: { j: Json } } };
    expect(resource.databricks_job.j).toMatchObject({
      task: [
        {
          task_key: "a",
          run_if: "ALL_SUCCESS",
          notebook_task: { notebook_path: "/a", source: "WORKSPACE" },
        },
        { run_if: "ALL_DONE" },
      ],
      job_cluster: [{ new_cluster: specWithDefaults }],
    });
  });

  test.each<[string, object, object]>([
    [
      "are not set if a policy may set the value",
      { new_cluster: { ...spec, policy_id: "p" } },
      { retry_on_timeout: false, new_cluster: { ...spec, policy_id: "p" } },
    ],
    [
      "do not include the driver node type of a cluster with a pool",
      { new_cluster: { instance_pool_id: "p" } },
      {
        retry_on_timeout: false,
        new_cluster: { instance_pool_id: "p", enable_local_disk_encryption: false },
      },
    ],
    [
      "write no run_if for the inner task of a for_each",
      { for_each_task: { task: { task_key: "i" } } },
      { for_each_task: { task: { task_key: "i", retry_on_timeout: false } } },
    ],
  ])("%s", (_what, fields, expected) =>
    expect(withDocumentedDefaults({ task: { task_key: "t", ...fields } }).task).toEqual({
      task_key: "t",
      run_if: "ALL_SUCCESS",
      ...expected,
    }),
  );

  test("include source GIT in a job with a Git source, except for Python files, and leave expressions unchanged", () => {
    const job = {
      git_source: { url: "https://github.com/a/b" },
      task: [{ task_key: "t", notebook_task: { notebook_path: "a" }, spark_python_task: {} }],
    };
    expect(withDocumentedDefaults(job).task).toEqual([
      {
        task_key: "t",
        run_if: "ALL_SUCCESS",
        retry_on_timeout: false,
        notebook_task: { notebook_path: "a", source: "GIT" },
        spark_python_task: {},
      },
    ]);
    expect(withDocumentedDefaults({ task: "${var.tasks}" })).toEqual({ task: "${var.tasks}" });
  });
});
