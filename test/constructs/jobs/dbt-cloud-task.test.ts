import { DbtCloudTask } from "../../../constructs";
import { taskOf } from "../support";

describe("dbt Cloud task", () => {
  test("renders its connection and its job", () =>
    expect(taskOf({ run: DbtCloudTask.of("c", 7) }).dbt_cloud_task).toEqual({
      connection_resource_name: "c",
      dbt_cloud_job_id: 7,
    }));
});
