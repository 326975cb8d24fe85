import { NotificationDestination } from "../../../constructs";
import { problems } from "../support";

test("checkOneOf rejects zero or two of the alternatives, and names them", () => {
  const none = problems((stack) => new NotificationDestination(stack, "d", { displayName: "d" }));
  const two = problems(
    (stack) =>
      new NotificationDestination(stack, "d", {
        displayName: "d",
        email: { addresses: [] },
        slack: {},
      }),
  );
  expect(
    [...none, ...two].map(({ code, details }) => [code, details.value, details.allowed]),
  ).toEqual([
    ["ONE_OF", "none", "email, slack, pagerduty, microsoftTeams, genericWebhook"],
    ["ONE_OF", "email and slack", "email, slack, pagerduty, microsoftTeams, genericWebhook"],
  ]);
});
