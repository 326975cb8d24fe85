import { User } from "../../../constructs";
import { renderSubscribers } from "../../../constructs/jobs/subscriber";

describe("subscribers", () => {
  test("are users or notification destinations", () => {
    expect(renderSubscribers([User.named("a@b"), { destinationId: "x" }])).toEqual([
      { userName: "a@b" },
      { destinationId: "x" },
    ]);
    expect(renderSubscribers(undefined)).toBeUndefined();
  });
});
