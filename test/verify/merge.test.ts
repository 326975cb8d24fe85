import { mergeReports } from "../../src/verify/merge";
import type { IgnoreRuleUse, RawReport, VerifyReport } from "../../src/verify/model";
import { displayed } from "../support/verification";

const counts = {
  error: 0,
  missing: 0,
  drift: 0,
  unmanaged: 0,
  pending: 0,
  ignored: 0,
  unverifiable: 0,
  match: 0,
};
const rule = (state: IgnoreRuleUse["state"], count: number, path = "a"): IgnoreRuleUse => ({
  from: "lakeform.ignore.yaml",
  path,
  reason: "r",
  expires: "2099-01-01",
  state,
  count,
});

function reportOf(host: string, given: Partial<RawReport>): VerifyReport {
  return displayed({
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    milliseconds: 10,
    calls: 3,
    host,
    deep: true,
    stacks: [],
    counts,
    resources: [],
    unmanaged: [],
    failures: [],
    notChecked: [],
    ignoreRules: [],
    exitCode: 0,
    ...given,
  });
}

describe("mergeReports", () => {
  test("adds counts and calls, and returns the worst exit code: a failed read before drift", () => {
    const merged = mergeReports([
      reportOf("https://a", { counts: { ...counts, match: 2, drift: 1 }, exitCode: 2 }),
      reportOf("https://b", { counts: { ...counts, match: 1, error: 1 }, exitCode: 1 }),
    ]);
    expect(merged).toMatchObject({
      host: "https://a, https://b",
      calls: 6,
      exitCode: 1,
      counts: { match: 3, drift: 1, error: 1 },
    });
  });

  test("lists a rule of the ignore file once, as used if one workspace used it, and keeps references to it", () => {
    const finding = {
      status: "ignored",
      path: "x",
      field: "x",
      reason: "r",
      ignored: { status: "drift", rule: 0 },
    } as const;
    const resource = {
      status: "ignored",
      stack: "s",
      address: "k.a",
      kind: "k",
      title: "k",
      path: "p",
      findings: [finding],
      restorable: false,
    } as const;
    const merged = mergeReports([
      reportOf("https://a", { ignoreRules: [rule("unused", 0), rule("used", 1, "b")] }),
      reportOf("https://b", {
        ignoreRules: [rule("used", 1, "b"), rule("unused", 0)],
        resources: [resource],
      }),
    ]);
    expect(merged.ignoreRules).toEqual([rule("unused", 0), rule("used", 2, "b")]);
    expect(merged.resources[0]?.findings[0]?.ignored?.rule).toBe(1);
  });

  test("groups objects that are not checked for the same reason", () => {
    const group = {
      what: "run_as of databricks_job",
      reason: "not asked",
      count: 2,
      examples: ["a", "b"],
    };
    expect(
      mergeReports([reportOf("a", { notChecked: [group] }), reportOf("b", { notChecked: [group] })])
        .notChecked,
    ).toEqual([{ ...group, count: 4, examples: ["a", "b", "a"] }]);
  });
});
