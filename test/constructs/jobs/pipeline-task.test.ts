import { PipelineTask, type TaskProps, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

describe("pipeline task", () => {
  test("renders its pipeline and a full refresh", () =>
    expect(taskOf({ run: PipelineTask.of("p", { fullRefresh: true }) }).pipeline_task).toEqual({
      pipeline_id: "p",
      full_refresh: true,
    }));
});
