import {
  htmlText,
  markdownCell as code,
  markdownText as escape,
  printableLines,
} from "../../printable";
import type { ShownFinding, ShownResult, VerifyReport } from "../model";
import {
  describeChange,
  countsLine,
  groupByFindings,
  objectLines,
  secondsOf,
  statusWords,
  verdict,
} from "./common";

/** The maximum length of a report: a pull request comment can have 65,536 characters. */
export const markdownBudget = 65_000;

const signs: Readonly<Record<0 | 1 | 2, string>> = { 0: "✅", 1: "⚠️", 2: "❌" };

/**
 * Renders the report for pull requests and job summaries: first the verdict and the counts, then
 * folded details. If parts do not fit, the last line says how many were omitted.
 */
export function renderMarkdown(report: VerifyReport, budget = markdownBudget): string {
  const head = [
    `## ${signs[report.exitCode]} lakeform verify: ${verdict(report)}`,
    "",
    `**${countsLine(report)}** – ${report.stacks.map(({ name }) => code(name)).join(", ")} at ${report.host}, ${report.calls} calls, ${secondsOf(report)}`,
    "",
    "",
  ];
  const blocks = [
    ...noteLines(report),
    ...resourceBlocks(report),
    ...unmanagedBlocks(report),
    ...ruleBlocks(report),
  ];
  let text = head.join("\n");
  let omitted = 0;
  for (const block of blocks) {
    // Reserves 200 characters for the line about omitted parts.
    if (text.length + block.length > budget - 200) omitted += 1;
    else text += `${block}\n`;
  }
  if (omitted > 0)
    text += `\n*${omitted} more ${omitted === 1 ? "entry does" : "entries do"} not fit here: see the JSON or HTML report.*\n`;
  return text;
}

function noteLines(report: VerifyReport): string[] {
  return [
    ...report.stacks.flatMap(({ name, weaker }) =>
      weaker.map((note) => `> ${code(name)}: ${escape(note)}`),
    ),
    ...report.failures.map(
      ({ what, reason }) => `> ⚠️ not read: ${escape(what)}: ${escape(reason)}`,
    ),
    ...report.notChecked.map(
      ({ what, reason, count }) => `> not checked: ${escape(what)} (${count}): ${escape(reason)}`,
    ),
  ];
}

function resourceBlocks(report: VerifyReport): string[] {
  return groupByFindings(report)
    .filter(({ status }) => status !== "match")
    .flatMap(({ status, resources }) => [
      `\n### ${status}: ${statusWords[status]}\n`,
      ...resources.map((similar) => resourceBlock(similar, status)),
    ]);
}

function resourceBlock(similar: readonly ShownResult[], status: string): string {
  const [first] = similar;
  if (first === undefined) return "";
  const othersNote = similar.length > 1 ? ` and ${similar.length - 1} similar` : "";
  const id =
    first.id === undefined || similar.length > 1
      ? ""
      : first.link === undefined
        ? ` ${code(first.id)}`
        : ` [${escape(first.id)}](<${encodeURI(first.link)}>)`;
  const title = `${code(first.path)}${othersNote} (${escape(first.title)}${id})${first.source === undefined ? "" : ` – ${code(first.source)}`}`;
  const lines = [`- ${title}${first.reason === undefined ? "" : `: ${escape(first.reason)}`}`];
  const objects = objectLines(first, maxObjects).map(code).join(", ");
  if (objects !== "")
    lines.push(`  <details><summary>objects</summary>\n\n  ${objects}\n  </details>`);
  if (first.findings.length > 0) {
    const table = [
      "",
      "  | field | change | |",
      "  |---|---|---|",
      ...first.findings.map(
        (finding) => `  | ${code(finding.path)} | ${changeCell(finding)} | ${note(finding)} |`,
      ),
    ];
    const isFolded = first.findings.length > 8 || status === "unverifiable" || status === "ignored";
    if (isFolded)
      lines.push(
        `  <details><summary>${first.findings.length} fields</summary>`,
        ...table,
        "",
        "  </details>",
      );
    else lines.push(...table, "");
  }
  for (const finding of first.findings) lines.push(...diffBlock(finding));
  if (similar.length > 1)
    lines.push(
      `  <details><summary>all ${similar.length}</summary>${similar
        .slice(0, 50)
        .map(({ path }) => `<code>${htmlText(path)}</code>`)
        .join(", ")}${similar.length > 50 ? ", …" : ""}</details>`,
    );
  return lines.join("\n");
}

/** The maximum number of objects of a removed stack; the HTML report lists all. */
const maxObjects = 50;

/** The maximum length of a diff; the HTML report shows longer ones. */
const maxDiffLines = 60;

/**
 * Renders the finding's diff, shortened, and its note. The fence of the code block is longer than
 * any run of backticks in its lines.
 */
function diffBlock({ diff, diffNote }: ShownFinding): string[] {
  if (diff === undefined) return diffNote === undefined ? [] : [`  ${escape(diffNote)}`, ""];
  const lines = diff.slice(0, maxDiffLines).map((line) => `  ${printableLines(line)}`);
  const fence = "`".repeat(
    Math.max(
      3,
      ...diff.flatMap((line) => [...line.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)),
    ),
  );
  const omitted =
    diff.length > maxDiffLines
      ? [`  ${diff.length - maxDiffLines} more lines: see the HTML report`]
      : [];
  return [
    `  ${fence}diff`,
    ...lines,
    `  ${fence}`,
    ...omitted,
    ...(diffNote === undefined ? [] : [`  ${escape(diffNote)}`]),
    "",
  ];
}

/** Returns the finding's reason, unless it is the usual one. */
function note(finding: ShownFinding): string {
  return finding.reason === "changed in the workspace" ? "" : escape(finding.reason);
}

function changeCell(finding: ShownFinding): string {
  return escape(describeChange(finding, 200));
}

function unmanagedBlocks(report: VerifyReport): string[] {
  if (report.unmanaged.length === 0) return [];
  return [
    `\n### unmanaged: ${statusWords.unmanaged}\n`,
    ...report.unmanaged.map(
      (object) =>
        `- ${object.status === "ignored" ? "*ignored* " : ""}${escape(object.title)} ${code(object.name)} (${code(object.id)}): ${escape(object.reason)}\n  - remove it: ${code(object.removal)}`,
    ),
  ];
}

function ruleBlocks(report: VerifyReport): string[] {
  if (report.ignoreRules.length === 0) return [];
  const rows = report.ignoreRules.map(({ path, kind, field, reason, expires, state, count }) => {
    const what = [path, kind, field]
      .filter((part) => part !== undefined)
      .map(code)
      .join(" ");
    return `| ${what} | ${escape(reason)} | ${state === "used" ? `used ${count}×` : `**${state}**`} | ${expires} |`;
  });
  return [
    `\n### Ignore rules\n\n| what | reason | | until |\n|---|---|---|---|\n${rows.join("\n")}`,
  ];
}
