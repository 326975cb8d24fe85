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
  test("are rejected with a one-word reason, an invalid date, no policy, or an invalid kind", () => {
    const codesFor = (act: (scope: SecretScope) => void): string[] =>
      codes((stack) => act(new SecretScope(stack, "s", { name: "s" })));
    expect(
      codesFor((scope) => Suppress.rule(scope, { rule: "r", reason: "because", expires })),
    ).toEqual(["BAD_EXCEPTION"]);
    expect(
      codesFor((scope) => Suppress.rule(scope, { rule: "r", reason, expires: "2030-02-30" })),
    ).toEqual(["BAD_EXCEPTION"]);
    expect(codesFor((scope) => Suppress.rule(scope, { rule: "", reason, expires }))).toEqual([
      "BAD_EXCEPTION",
    ]);
    expect(codesFor((scope) => IgnoreDrift.ofKind(scope, "cluster", { reason, expires }))).toEqual([
      "BAD_EXCEPTION",
    ]);
  });
});
