import { OboToken, ServicePrincipal } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const servicePrincipal = ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11");

describe("token on behalf of a service principal", () => {
  test("names the application; its value is a reference", () => {
    const { resourceOf } = synth((stack) => {
      const token = new OboToken(stack, "t", { servicePrincipal, comment: "CI", lifetimeDays: 1 });
      expect([defaultChild(token), token.value.render(stack)]).toEqual([
        "databricks_obo_token",
        expect.stringContaining(".token_value}"),
      ]);
    });
    expect(resourceOf("databricks_obo_token")).toEqual({
      application_id: "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11",
      comment: "CI",
      lifetime_seconds: 86_400,
    });
  });
  test("rejects a lifetime of half a day", () => {
    expect(
      codes((stack) => new OboToken(stack, "t", { servicePrincipal, lifetimeDays: 0.5 })),
    ).toEqual(["BAD_LIFETIME"]);
  });
});
