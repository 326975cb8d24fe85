import { PipelineTask, Workflow, type WorkflowProps } from "../../../constructs";
import { synth, type Json } from "../support";

describe("notifications", () => {
  const jobWith = (props: Partial<WorkflowProps>): Json => {
    const { resourceOf } = synth(
      (stack) =>
        new Workflow(stack, "j", { name: "j", ...props }).addTask("a", {
          run: PipelineTask.of("p"),
        }),
      {
        notifications: { onFailure: ["env@example.com"], onFailureWebhooks: ["b", "a"] },
      },
    );
    return resourceOf("databricks_job");
  };
  test("are sent to the environment's recipients after a failure, with sorted webhooks", () => {
    expect(jobWith({})).toMatchObject({
      email_notifications: { on_failure: ["env@example.com"] },
      webhook_notifications: { on_failure: [{ id: "a" }, { id: "b" }] },
    });
  });
  test("are sent to the workflow's recipients of an event instead of the environment's", () => {
    expect(
      jobWith({
        emailNotifications: { onFailure: ["own@example.com"], onStart: ["s@example.com"] },
      }).email_notifications,
    ).toEqual({
      on_failure: ["own@example.com"],
      on_start: ["s@example.com"],
    });
  });
  test("have thresholds as health rules", () => {
    expect(
      jobWith({ health: [{ metric: "RUN_DURATION_SECONDS", greaterThan: 60 }] }).health,
    ).toEqual({
      rules: [{ metric: "RUN_DURATION_SECONDS", op: "GREATER_THAN", value: 60 }],
    });
  });
  test("have no block for an empty list of rules, which the provider rejects", () => {
    expect(jobWith({ health: [] }).health).toBeUndefined();
  });
});
