import { PowerBiTask } from "../../../constructs";
import { taskOf } from "../support";

describe("Power BI task", () => {
  test("renders its model and its tables", () => {
    const run = PowerBiTask.of({
      connectionResourceName: "c",
      model: { workspaceName: "w", modelName: "m" },
      tables: [{ catalog: "c", schema: "s", name: "n" }],
    });
    expect(taskOf({ run }).power_bi_task).toEqual({
      connection_resource_name: "c",
      power_bi_model: { workspace_name: "w", model_name: "m" },
      tables: [{ catalog: "c", schema: "s", name: "n" }],
    });
  });
});
