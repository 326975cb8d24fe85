import { printableDeep } from "../../printable";
import type { ShownFinding, ShownResult, Status, VerifyReport } from "../model";
import {
  describeChange,
  countsLine,
  groupByFindings,
  objectLines,
  secondsOf,
  statusWords,
  verdict,
} from "./common";
import { plural } from "../plural";

const colors: Readonly<Partial<Record<Status, number>>> = {
  error: 31,
  missing: 31,
  drift: 31,
  unmanaged: 33,
  pending: 36,
  ignored: 90,
  unverifiable: 90,
  match: 32,
};

/**
 * Renders the report for a terminal, with problems first. Resources with identical findings are one
 * entry.
 */
export function renderText(raw: VerifyReport, options: { readonly color?: boolean } = {}): string {
  const report = printableDeep(raw, new Set(["diff"]));
  const paint = (status: Status, text: string): string =>
    options.color === true ? `\u001b[${colors[status] ?? 0}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  for (const { status, resources } of groupByFindings(report)) {
    if (status === "match") continue;
    lines.push(paint(status, `${status} - ${statusWords[status]}`));
    for (const group of resources) lines.push(...resourceLines(group));
    lines.push("");
  }
  for (const [status, objects] of [
    ["unmanaged", report.unmanaged.filter((object) => object.status === "unmanaged")],
    ["ignored", report.unmanaged.filter((object) => object.status === "ignored")],
  ] as const) {
    if (objects.length === 0) continue;
    lines.push(paint(status, `${status} - ${statusWords.unmanaged}`));
    for (const object of objects) {
      lines.push(
        `  ${object.title} ${object.name} (id ${object.id})`,
        `    ${object.reason}`,
        `    remove it: ${object.removal}`,
      );
    }
    lines.push("");
  }
  if (report.failures.length > 0) {
    lines.push(
      paint("error", "not read"),
      ...report.failures.map(
        ({ what, reason, stack }) => `  ${stack === "" ? "" : `${stack}: `}${what}: ${reason}`,
      ),
      "",
    );
  }
  if (report.notChecked.length > 0) {
    lines.push("not checked", ...notCheckedLines(report), "");
  }
  lines.push(...ruleLines(report), ...stackLines(report));
  lines.push(
    `${paint(verdictStatus(report), verdict(report))}: ${countsLine(report)} (${report.calls} calls, ${secondsOf(report)})`,
  );
  return `${lines.join("\n")}\n`;
}

/**
 * Groups the parts that were not checked by reason:
 * `entity tags of databricks_catalog (1), databricks_schema (2)`.
 */
function notCheckedLines(report: VerifyReport): string[] {
  const byReason = new Map<string, VerifyReport["notChecked"][number][]>();
  for (const entry of report.notChecked) {
    const reason = entry.reason.replace(/^not checked: /, "");
    byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
  }
  return [...byReason].flatMap(([reason, entries]) => {
    const byWhat = new Map<string, string[]>();
    for (const { what, count } of entries) {
      const [, description = "", type = what] =
        /^(.* (?:of|on) )(databricks_\w+)$/.exec(what) ?? [];
      byWhat.set(description, [...(byWhat.get(description) ?? []), `${type} (${count})`]);
    }
    // Examples are shown only if the workspace did not respond: these resources were not read.
    const examples = entries.flatMap((entry) =>
      report.exitCode === 1 && entry.what === "resources" ? entry.examples : [],
    );
    const descriptions = [...byWhat].map(
      ([description, types]) => `${description}${types.join(", ")}`,
    );
    return [
      `  ${descriptions.join("; ")}: ${reason}`,
      ...examples.map((example) => `    ${example}`),
    ];
  });
}

function verdictStatus(report: VerifyReport): Status {
  return report.exitCode === 0 ? "match" : report.exitCode === 1 ? "error" : "drift";
}

function resourceLines(similar: readonly ShownResult[]): string[] {
  const [first] = similar;
  if (first === undefined) return [];
  const othersNote =
    similar.length > 1 ? ` and ${similar.length - 1} more ${plural(first.title)} like it` : "";
  const sourceNote = first.source === undefined ? "" : `  ${first.source}`;
  const lines = [
    `  ${first.path}${othersNote}  (${first.title}${first.id === undefined || similar.length > 1 ? "" : ` ${first.id}`})${similar.length > 1 ? "" : sourceNote}`,
  ];
  if (first.reason !== undefined) lines.push(`    ${first.reason}`);
  lines.push(...objectLines(first, maxObjects).map((line) => `      ${line}`));
  const width = Math.min(60, Math.max(0, ...first.findings.map(({ path }) => path.length)));
  for (const finding of first.findings)
    lines.push(findingLine(finding, width), ...diffLines(finding));
  if (
    first.link !== undefined &&
    first.status !== "ignored" &&
    first.status !== "unverifiable" &&
    similar.length === 1
  )
    lines.push(`    ${first.link}`);
  if (similar.length > 1)
    lines.push(
      `    also: ${similar
        .slice(1, 6)
        .map(({ path }) => path)
        .join(", ")}${similar.length > 6 ? ", …" : ""}`,
    );
  return lines;
}

function findingLine(finding: ShownFinding, width: number): string {
  const changeText = describeChange(finding);
  const note =
    finding.status === "drift" &&
    finding.both !== true &&
    finding.reason === "changed in the workspace"
      ? ""
      : `  [${finding.reason}]`;
  const rule = finding.ignored === undefined ? "" : ` (rule ${finding.ignored.rule + 1})`;
  return `    ${finding.path.padEnd(width)}  ${changeText}${changeText === "" ? note.trimStart() : note}${rule}`;
}

/** The maximum number of objects of a removed stack; the HTML report lists all. */
const maxObjects = 20;

/** The maximum length of a diff; the HTML report shows longer ones. */
const maxDiffLines = 20;

function diffLines({ diff = [], diffNote }: ShownFinding): string[] {
  const hiddenLines = diff.length - maxDiffLines;
  return [
    ...diff.slice(0, maxDiffLines).map((line) => `      ${line}`),
    ...(hiddenLines > 0
      ? [`      … ${hiddenLines} more ${hiddenLines === 1 ? "line" : "lines"}: --out report.html`]
      : []),
    ...(diffNote === undefined ? [] : [`      ${diffNote}`]),
  ];
}

function ruleLines(report: VerifyReport): string[] {
  const lines = report.ignoreRules.map((rule, index) => {
    const what = [rule.path, rule.kind, rule.field].filter((part) => part !== undefined).join(" ");
    const state =
      rule.state === "used"
        ? `used ${rule.count}×, until ${rule.expires}`
        : rule.state === "expired"
          ? `EXPIRED ${rule.expires}: not applied`
          : `unused, until ${rule.expires}: remove it?`;
    return `  ${index + 1}. ${what}: ${rule.reason} (${rule.from}; ${state})`;
  });
  return lines.length === 0 ? [] : ["ignore rules", ...lines, ""];
}

function stackLines(report: VerifyReport): string[] {
  const lines: string[] = [];
  for (const stack of report.stacks) {
    const { record } = stack;
    const basis =
      record === undefined
        ? ""
        : `, deployed ${record.deployedAt} by ${record.deployedBy}${record.commit === undefined ? "" : ` from ${record.commit.slice(0, 12)}`}`;
    lines.push(
      `${stack.name}: ${stack.resources} ${stack.resources === 1 ? "resource" : "resources"}${basis}`,
      ...stack.weaker.map((note) => `  note: ${note}`),
    );
  }
  return lines;
}
