import { DbtPlatformTask, type TaskProps, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

describe("dbt platform task", () => {
  test("renders its connection and its job", () =>
    expect(taskOf({ run: DbtPlatformTask.of("c", "7") }).dbt_platform_task).toEqual({
      connection_resource_name: "c",
      dbt_platform_job_id: "7",
    }));
});
