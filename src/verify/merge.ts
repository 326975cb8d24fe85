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

/** Merges the reports of several workspaces, with common counts. @param reports at least one */
export function mergeReports(reports: readonly VerifyReport[]): VerifyReport {
  const [first] = reports;
  if (first === undefined) throw new Error("no report to merge");
  if (reports.length === 1) return first;
  const rules: IgnoreRuleUse<Shown>[] = [];
  const moved = reports.map((report) => report.ignoreRules.map((rule) => placeOf(rule, rules)));
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
      report.resources.map((resource) => renumbered(resource, moved[index] ?? [])),
    ),
    unmanaged: reports.flatMap((report, index) =>
      report.unmanaged.map((object) => renumberedObject(object, moved[index] ?? [])),
    ),
    failures: reports.flatMap((report) => report.failures),
    notChecked: folded(reports.flatMap((report) => report.notChecked)),
    ignoreRules: rules,
    exitCode: codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0,
  };
}

const identity = ({ from, path, kind, field, reason, expires }: IgnoreRuleUse<Shown>): string =>
  JSON.stringify([from, path, kind, field, reason, expires]);

/**
 * The index of a rule among those of all reports. A rule of the ignore file is in every report, and
 * counts as used if one report used it.
 */
function placeOf(rule: IgnoreRuleUse<Shown>, rules: IgnoreRuleUse<Shown>[]): number {
  const at = rules.findIndex((other) => identity(other) === identity(rule));
  const known = rules[at];
  if (known === undefined) return rules.push(rule) - 1;
  rules[at] = {
    ...known,
    state: known.state === "used" ? "used" : rule.state,
    count: known.count + rule.count,
  };
  return at;
}

function renumbered(resource: ShownResult, moved: readonly number[]): ShownResult {
  const findings = resource.findings.map((finding) =>
    finding.ignored === undefined
      ? finding
      : {
          ...finding,
          ignored: {
            ...finding.ignored,
            rule: moved[finding.ignored.rule] ?? finding.ignored.rule,
          },
        },
  );
  return { ...resource, findings };
}

function renumberedObject(
  object: UnmanagedObject<Shown>,
  moved: readonly number[],
): UnmanagedObject<Shown> {
  return object.rule === undefined
    ? object
    : { ...object, rule: moved[object.rule] ?? object.rule };
}

function folded(all: readonly ShownNotChecked[]): ShownNotChecked[] {
  const byReason = new Map<string, ShownNotChecked>();
  for (const entry of all) {
    const key = JSON.stringify([entry.what, entry.reason]);
    const known = byReason.get(key);
    byReason.set(
      key,
      known === undefined
        ? entry
        : {
            ...known,
            count: known.count + entry.count,
            examples: [...known.examples, ...entry.examples].slice(0, 3),
          },
    );
  }
  return [...byReason.values()];
}
