import { DashboardTask, type TaskProps, User, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

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
