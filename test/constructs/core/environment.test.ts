import { ClusterSize, defineEnvironments, environmentNamed } from "../../../constructs";
import { synth } from "../support";

const values = {};

describe("environments", () => {
  test("are promoted in their order, except for the local one", () => {
    const [local, dev, prod] = defineEnvironments([
      { name: "local", values },
      { name: "dev", values },
      { name: "prod", values },
    ]);
    expect([local, dev, prod].map((environment) => environment?.promotionOrder)).toEqual([
      undefined,
      ["dev", "prod"],
      ["dev", "prod"],
    ]);
  });
  test("are recorded in the stack without credentials", () => {
    const { metadata } = synth(() => undefined, {
      host: "https://dev.example.com",
      databricksProfile: "dev",
      policies: { "max-workers": { severity: "warning", max: 4 } },
      values: { size: ClusterSize.fixed(2) },
    });
    expect(metadata).toMatchObject({
      host: "https://dev.example.com",
      profile: "dev",
      provider: "official",
    });
    expect(metadata.profileSettings).toEqual({
      backend: "local",
      schedules: "on",
      policies: { "max-workers": { severity: "warning", max: 4 } },
      values: { size: "2 workers" },
    });
  });
  test.each([
    [[{ name: "Dev", values }], "name of an environment"],
    [
      [
        { name: "dev", values },
        { name: "dev", values },
      ],
      "already used by dev",
    ],
    [
      [
        { name: "dev", values, host: "https://a" },
        { name: "prod", values, host: "https://A/" },
      ],
      "workspace is already used by dev",
    ],
    [
      [
        { name: "dev", values, databricksProfile: "x" },
        { name: "prod", values, databricksProfile: "x" },
      ],
      ".databrickscfg is already used by dev",
    ],
    [[{ name: "dev", values, host: "example.com" }], "not a URL"],
    [[{ name: "dev", values, host: "https://u:p@example.com" }], "contains credentials"],
    [
      [{ name: "dev", values, backend: { kind: "http", address: "https://u:p@state" } }],
      "contains credentials",
    ],
    [
      [{ name: "dev", values, backend: { kind: "http", address: "states.example.com" } }],
      "the address of the http backend is not a URL",
    ],
    [[{ name: "dev", values, namePrefix: "a/b" }], "name prefix"],
    [[{ name: "dev", values, allowedDifferences: [{ reason: " " }] }], "needs a reason"],
  ] as const)("rejects %j", (profiles, message) => {
    expect(() => defineEnvironments([...profiles])).toThrow(message);
  });
  test("reject an unknown name", () => {
    expect(() => environmentNamed(defineEnvironments([{ name: "dev", values }]), "prod")).toThrow(
      "unknown environment",
    );
    expect(environmentNamed(defineEnvironments([{ name: "dev", values }]), "dev").name).toBe("dev");
  });
  test.each([
    { host: "u:hunter22@example.com" },
    { backend: { kind: "http", address: "u:hunter22@example.com" } },
    { backend: { kind: "http", address: "//u:hunter22@example.com" } },
  ] as const)("hide credentials in an invalid address (%#)", (profile) => {
    let error: unknown;
    try {
      defineEnvironments([{ name: "dev", values, ...profile }]);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: "BAD_ENVIRONMENT" });
    expect(JSON.stringify(error)).not.toContain("hunter22");
  });
});
