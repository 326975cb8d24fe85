import { IgnoreDrift, SecretScope, Suppress } from "../../../constructs";
import { codes, synth } from "../support";

const expires = "2030-12-31";
const reason = "agreed with the platform team";

describe("suppressions", () => {
  test("are recorded in the stack's metadata", () => {
    const { metadata } = synth((stack) => {
      const scope = new SecretScope(stack, "s", { name: "s" });
      Suppress.rule(scope, { rule: "no-dbfs-root", reason, expires });
      IgnoreDrift.of(scope, { field: "name", reason, expires });
      IgnoreDrift.ofKind(scope, "databricks_cluster", { reason, expires });
    });
    expect(metadata.suppressions).toEqual([
      { path: "test-local/s", rule: "no-dbfs-root", reason, expires },
    ]);
    expect(metadata.ignores).toEqual([
      { path: "test-local/s{,/**}", field: "name", reason, expires },
      { kind: "databricks_cluster", reason, expires },
    ]);
  });
  test("are rejected without a reason, an expiry date or a policy id", () => {
    const exception = (act: (scope: SecretScope) => void): string[] =>
      codes((stack) => act(new SecretScope(stack, "s", { name: "s" })));
    expect(
      exception((scope) => Suppress.rule(scope, { rule: "r", reason: "because", expires })),
    ).toEqual(["BAD_EXCEPTION"]);
    expect(
      exception((scope) => Suppress.rule(scope, { rule: "r", reason, expires: "2030-02-30" })),
    ).toEqual(["BAD_EXCEPTION"]);
    expect(exception((scope) => Suppress.rule(scope, { rule: "", reason, expires }))).toEqual([
      "BAD_EXCEPTION",
    ]);
    expect(exception((scope) => IgnoreDrift.ofKind(scope, "cluster", { reason, expires }))).toEqual(
      ["BAD_EXCEPTION"],
    );
  });
});
