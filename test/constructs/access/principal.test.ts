import { Group, ServicePrincipal, User } from "../../../constructs";

describe("principals", () => {
  test("have a kind and a name if they are managed elsewhere", () => {
    expect(
      [User.named("ada@example.com"), Group.named("analysts")].map(
        ({ kind, name }) => `${kind} ${name}`,
      ),
    ).toEqual(["user ada@example.com", "group analysts"]);
    expect(ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001").kind).toBe(
      "service principal",
    );
  });
  test("reject a user name that is not an e-mail address, an e-mail address as group, and a service principal's display name", () => {
    expect(() => User.named("ada")).toThrow("an e-mail address");
    expect(() => Group.named("ada@example.com")).toThrow("display name");
    expect(() => ServicePrincipal.withApplicationId("etl")).toThrow("application id");
  });
});
