import { NotificationDestination, SecretValue } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("notification destination", () => {
  test("keeps webhook addresses out of the output", () => {
    const { resourcesOf } = synth((stack) => {
      const hook = new NotificationDestination(stack, "hook", {
        displayName: "oncall",
        genericWebhook: {
          url: SecretValue.fromEnvironment("HOOK_URL"),
          username: SecretValue.fromEnvironment("HOOK_USER"),
        },
      });
      new NotificationDestination(stack, "mail", {
        displayName: "mail",
        email: { addresses: ["a@example.com"] },
      });
      expect(defaultChild(hook)).toBe("databricks_notification_destination");
    });
    expect(resourcesOf("databricks_notification_destination")).toEqual([
      {
        display_name: "oncall",
        config: { generic_webhook: { url: "${var.HOOK_URL}", username: "${var.HOOK_USER}" } },
      },
      { display_name: "mail", config: { email: { addresses: ["a@example.com"] } } },
    ]);
  });
  test("rejects a destination with two types", () => {
    const two = {
      email: { addresses: ["a@example.com"] },
      slack: { url: SecretValue.fromEnvironment("HOOK_URL") },
    };
    expect(
      codes((stack) => new NotificationDestination(stack, "d", { displayName: "d", ...two })),
    ).toEqual(["ONE_OF"]);
  });
});
