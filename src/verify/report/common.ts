import {
  statuses,
  type ShownFinding,
  type ShownResult,
  type Status,
  type VerifyReport,
} from "../model";
import { redacted } from "../expressions/values";
import type { ShownValue } from "../redactor";

export const statusWords: Readonly<Record<Status, string>> = {
  error: "could not be read",
  missing: "removed in the workspace",
  drift: "changed in the workspace",
  unmanaged: "exists in the workspace, but is not in any state",
  pending: "the code is ahead of the workspace",
  ignored: "differs, covered by a rule",
  unverifiable: "could not be fully compared",
  match: "matches the code",
};

/** Returns for example `1 drift, 2 pending, 400 match`. */
export function countsLine(report: VerifyReport): string {
  const parts = statuses
    .filter((status) => report.counts[status] > 0)
    .map((status) => `${report.counts[status]} ${status}`);
  return parts.length === 0 ? "nothing to verify" : parts.join(", ");
}

export function verdict(report: VerifyReport): string {
  if (report.exitCode === 1) return "something could not be read: no verdict";
  const { drift, missing, unmanaged, pending } = report.counts;
  const removed = report.resources.filter(
    ({ kind, status }) => kind === "stack" && status === "pending",
  ).length;
  const due = [
    ...(pending > removed ? ["a deploy is due"] : []),
    ...(removed > 0 ? ["the workspace has stacks that the code does not have"] : []),
  ].join("; ");
  if (report.exitCode === 2)
    return drift + missing + unmanaged > 0 ? "the workspace does not match the code" : due;
  return due === ""
    ? "the workspace matches the code"
    : `the workspace matches the last deploy; ${due}`;
}

/** Lists at most `limit` objects of a removed stack: `job daily-etl (123)`. */
export function objectLines({ objects = [] }: ShownResult, limit: number): readonly string[] {
  const more = objects.length - limit;
  return [
    ...objects
      .slice(0, limit)
      .map(({ title, name, id }) =>
        name === undefined || name === id ? `${title} ${id}` : `${title} ${name} (${id})`,
      ),
    ...(more > 0 ? [`… ${more} more`] : []),
  ];
}

/**
 * Returns for example `2 → 20 in the workspace`. Also shows the deployed value if the workspace and
 * the code have both changed. For an unverifiable field, returns only the value in the code.
 */
export function describeChange(finding: ShownFinding, limit = 60): string {
  const [desired, deployed, remote] = [
    oneLine(finding.desired, limit),
    oneLine(finding.deployed, limit),
    oneLine(finding.remote, limit),
  ];
  if (finding.status === "unverifiable") return finding.desired === undefined ? "" : desired;
  if (finding.sensitive === true) return "(sensitive)";
  const deployedValue =
    finding.both === true ? `${deployed} deployed, ${desired} in the code, ` : "";
  const pending = finding.status === "pending" || finding.ignored?.status === "pending";
  return pending
    ? `${remote} → ${desired} in the code`
    : `${deployedValue}${finding.both === true ? "" : `${desired} → `}${remote} in the workspace`;
}

export interface Group {
  readonly status: Status;
  /** Groups of resources of the same type with identical findings. */
  readonly resources: readonly (readonly ShownResult[])[];
}

/** Groups resources by status, and within a status by type, reason and findings. */
export function groupByFindings(report: VerifyReport): readonly Group[] {
  const groups = new Map<Status, Map<string, ShownResult[]>>();
  for (const resource of report.resources) {
    const similar = groups.get(resource.status) ?? new Map<string, ShownResult[]>();
    groups.set(resource.status, similar);
    const key = JSON.stringify([resource.kind, resource.reason, resource.findings]);
    const group = similar.get(key);
    if (group === undefined) similar.set(key, [resource]);
    else group.push(resource);
  }
  return statuses.flatMap((status) => {
    const similar = groups.get(status);
    return similar === undefined ? [] : [{ status, resources: [...similar.values()] }];
  });
}

export function secondsOf(report: VerifyReport): string {
  return `${(report.milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Formats a value in one line: quoted strings, blocks as `{a: 1, b: "x"}`, a missing value as "–".
 * Truncates it at `limit` characters.
 */
function oneLine(value: ShownValue | undefined, limit = 80): string {
  if (value === undefined) return "–";
  const text = formatValue(value);
  return text.length > limit ? `${text.slice(0, Math.max(1, limit - 1))}…` : text;
}

function formatValue(value: ShownValue): string {
  if (value === redacted) return redacted;
  if (typeof value === "string") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const fields = Object.entries(value).map(([key, inner]) => `${key}: ${formatValue(inner)}`);
  return `{${fields.join(", ")}}`;
}

function isList(value: ShownValue): value is readonly ShownValue[] {
  return Array.isArray(value);
}
