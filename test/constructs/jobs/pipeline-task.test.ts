import { PipelineTask } from "../../../constructs";
import { taskOf } from "../support";

describe("pipeline task", () => {
  test("renders its pipeline and a full refresh", () =>
    expect(taskOf({ run: PipelineTask.of("p", { fullRefresh: true }) }).pipeline_task).toEqual({
      pipeline_id: "p",
      full_refresh: true,
    }));
});
