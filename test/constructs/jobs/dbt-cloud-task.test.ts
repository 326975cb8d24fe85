import { DbtCloudTask, type TaskProps, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

describe("dbt Cloud task", () => {
  test("renders its connection and its job", () =>
    expect(taskOf({ run: DbtCloudTask.of("c", 7) }).dbt_cloud_task).toEqual({
      connection_resource_name: "c",
      dbt_cloud_job_id: 7,
    }));
});
