import { ServicePrincipal, ServicePrincipalSecret } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("service principal secret", () => {
  test("names the service principal by its id; its value is a reference", () => {
    const { resourceOf } = synth((stack) => {
      const servicePrincipal = new ServicePrincipal(stack, "p", { displayName: "robot" });
      const login = new ServicePrincipalSecret(stack, "s", { servicePrincipal, lifetimeDays: 30 });
      expect([defaultChild(login), login.value.render(stack)]).toEqual([
        "databricks_service_principal_secret",
        expect.stringContaining(".secret}"),
      ]);
    });
    expect(resourceOf("databricks_service_principal_secret")).toEqual({
      service_principal_id: expect.stringContaining("databricks_service_principal.") as string,
      lifetime: "2592000s",
    });
  });
  test("rejects a lifetime of three years", () => {
    const make =
      (lifetimeDays: number) => (stack: ConstructorParameters<typeof ServicePrincipal>[0]) =>
        new ServicePrincipalSecret(stack, "s", {
          servicePrincipal: new ServicePrincipal(stack, "p", { displayName: "r" }),
          lifetimeDays,
        });
    expect(codes(make(1095))).toEqual(["BAD_LIFETIME"]);
  });
});
