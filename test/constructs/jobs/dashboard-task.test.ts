import { DashboardTask, User } from "../../../constructs";
import { taskOf } from "../support";

describe("dashboard task", () => {
  test("renders its dashboard and its subscription", () => {
    expect(
      taskOf({
        run: DashboardTask.of("d", {
          subscription: { subscribers: [User.named("a@b"), { destinationId: "x" }], paused: true },
        }),
      }).dashboard_task,
    ).toEqual({
      dashboard_id: "d",
      subscription: { paused: true, subscribers: [{ user_name: "a@b" }, { destination_id: "x" }] },
    });
  });
});
