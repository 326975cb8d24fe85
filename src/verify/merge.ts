import type {
  IgnoreRuleUse,
  NotChecked,
  ShownResult,
  Status,
  UnmanagedObject,
  VerifyReport,
} from "./model";
import { statuses } from "./model";
import type { Shown } from "./redactor";

type ShownNotChecked = NotChecked<Shown, Shown>;

/**
 * Merges the reports of several workspaces and adds up their counts. @param reports at least one
 */
export function mergeReports(reports: readonly VerifyReport[]): VerifyReport {
  const [first] = reports;
  if (first === undefined) throw new Error("no report to merge");
  if (reports.length === 1) return first;
  const rules: IgnoreRuleUse<Shown>[] = [];
  const ruleIndexes = reports.map((report) =>
    report.ignoreRules.map((rule) => addRule(rule, rules)),
  );
  const counts = Object.fromEntries(
    statuses.map((status) => [
      status,
      reports.reduce((sum, report) => sum + report.counts[status], 0),
    ]),
  ) as Record<Status, number>;
  const codes = reports.map((report) => report.exitCode);
  return {
    ...first,
    milliseconds: reports.reduce((sum, report) => sum + report.milliseconds, 0),
    calls: reports.reduce((sum, report) => sum + report.calls, 0),
    host: reports.map((report) => report.host).join(", "),
    stacks: reports.flatMap((report) => report.stacks),
    counts,
    resources: reports.flatMap((report, index) =>
      report.resources.map((resource) => withRuleIndexes(resource, ruleIndexes[index] ?? [])),
    ),
    unmanaged: reports.flatMap((report, index) =>
      report.unmanaged.map((object) => withRuleIndex(object, ruleIndexes[index] ?? [])),
    ),
    failures: reports.flatMap((report) => report.failures),
    notChecked: mergeNotChecked(reports.flatMap((report) => report.notChecked)),
    ignoreRules: rules,
    exitCode: codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0,
  };
}

const ruleKey = ({ from, path, kind, field, reason, expires }: IgnoreRuleUse<Shown>): string =>
  JSON.stringify([from, path, kind, field, reason, expires]);

/**
 * Adds a rule to the rules of all reports, and returns its index in them. A rule of the ignore file
 * is in every report, and counts as used if one report used it.
 */
function addRule(rule: IgnoreRuleUse<Shown>, rules: IgnoreRuleUse<Shown>[]): number {
  const index = rules.findIndex((other) => ruleKey(other) === ruleKey(rule));
  const existing = rules[index];
  if (existing === undefined) return rules.push(rule) - 1;
  rules[index] = {
    ...existing,
    state: existing.state === "used" ? "used" : rule.state,
    count: existing.count + rule.count,
  };
  return index;
}

function withRuleIndexes(resource: ShownResult, ruleIndexes: readonly number[]): ShownResult {
  const findings = resource.findings.map((finding) =>
    finding.ignored === undefined
      ? finding
      : {
          ...finding,
          ignored: {
            ...finding.ignored,
            rule: ruleIndexes[finding.ignored.rule] ?? finding.ignored.rule,
          },
        },
  );
  return { ...resource, findings };
}

function withRuleIndex(
  object: UnmanagedObject<Shown>,
  ruleIndexes: readonly number[],
): UnmanagedObject<Shown> {
  return object.rule === undefined
    ? object
    : { ...object, rule: ruleIndexes[object.rule] ?? object.rule };
}

function mergeNotChecked(all: readonly ShownNotChecked[]): ShownNotChecked[] {
  const byReason = new Map<string, ShownNotChecked>();
  for (const entry of all) {
    const key = JSON.stringify([entry.what, entry.reason]);
    const existing = byReason.get(key);
    byReason.set(
      key,
      existing === undefined
        ? entry
        : {
            ...existing,
            count: existing.count + entry.count,
            examples: [...existing.examples, ...entry.examples].slice(0, 3),
          },
    );
  }
  return [...byReason.values()];
}
