import { DbtPlatformTask } from "../../../constructs";
import { taskOf } from "../support";

describe("dbt platform task", () => {
  test("renders its connection and its job", () =>
    expect(taskOf({ run: DbtPlatformTask.of("c", "7") }).dbt_platform_task).toEqual({
      connection_resource_name: "c",
      dbt_platform_job_id: "7",
    }));
});
