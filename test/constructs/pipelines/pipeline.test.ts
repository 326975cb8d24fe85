import {
  Catalog,
  Group,
  NodeType,
  Pipeline,
  PipelineLibrary,
  PipelineTask,
  ServicePrincipal,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const libraries = [PipelineLibrary.notebook("/Shared/bronze")];

describe("pipeline", () => {
  test("has code, a target, clusters and an identity, and is run by a task", () => {
    const { resourceOf } = synth(
      (stack) => {
        const pipeline = new Pipeline(stack, "p", {
          name: "bronze",
          catalog: new Catalog(stack, "c", { name: "c" }),
          schema: "bronze",
          libraries,
          clusters: [
            {
              nodeType: NodeType.of("i3.xlarge"),
              autoscale: { minWorkers: 1, maxWorkers: 5, mode: "ENHANCED" },
            },
          ],
          runAs: ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
        });
        pipeline.permissions.allow("CAN_RUN", Group.users);
        new Workflow(stack, "j", { name: "j" }).addTask("a", {
          run: PipelineTask.of(pipeline, { fullRefresh: true }),
        });
        expect([defaultChild(pipeline), Pipeline.fromId("p1").renderId()]).toEqual([
          "databricks_pipeline",
          "p1",
        ]);
      },
      { namePrefix: "x-", tags: { team: "data" } },
    );
    expect(resourceOf("databricks_pipeline")).toMatchObject({
      name: "x-bronze",
      catalog: expect.stringMatching(/^\$\{databricks_catalog\./) as unknown,
      cluster: [
        {
          label: "default",
          node_type_id: "i3.xlarge",
          autoscale: { min_workers: 1, max_workers: 5, mode: "ENHANCED" },
        },
      ],
      library: [{ notebook: { path: "/Shared/bronze" } }],
      run_as: { service_principal_name: "00000000-0000-4000-8000-000000000001" },
      tags: { team: "data" },
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          pipeline_task: {
            full_refresh: true,
            pipeline_id: expect.stringMatching(/^\$\{databricks_pipeline\./) as unknown,
          },
        },
      ],
    });
    expect(resourceOf("databricks_permissions").pipeline_id).toMatch(/^\$\{databricks_pipeline\./);
  });
  test("rejects a pipeline without code, clusters in a serverless pipeline, and a duplicate label", () => {
    expect(codes((stack) => new Pipeline(stack, "p", { name: "p" }))).toEqual(["EMPTY_PIPELINE"]);
    expect(
      codes(
        (stack) =>
          new Pipeline(stack, "p", { name: "p", libraries, serverless: true, clusters: [{}] }),
      ),
    ).toEqual(["SERVERLESS_PIPELINE_CLUSTER"]);
    expect(
      codes(
        (stack) =>
          new Pipeline(stack, "p", { name: "p", libraries, clusters: [{}, { label: "default" }] }),
      ),
    ).toEqual(["DUPLICATE_PIPELINE_CLUSTER"]);
  });
});
