import { shortenPair } from "../review/render/shorten";
import { markdownCell, markdownText, printableDeep } from "../printable";
import type { Json } from "../review/model";
import type { EnvironmentDiff, EnvironmentDifference } from "./environment-diff";

/** Renders one line per difference, disallowed ones first. */
export function renderDiffText(raw: EnvironmentDiff): string {
  const diff = printableDeep(raw);
  const lines = [`${diff.from} → ${diff.to}: ${renderSummary(diff)}`];
  for (const stack of diff.stacks) {
    if (stack.differences.length === 0) continue;
    lines.push("", stack.name);
    for (const difference of disallowedFirst(stack.differences)) {
      const reason =
        difference.allowed === undefined ? "NOT ALLOWED" : `allowed: ${difference.allowed.reason}`;
      lines.push(
        `  ${difference.allowed === undefined ? "✗" : "✓"} ${renderLocation(difference)}  ${changeText(difference)}  (${reason})`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

export function renderDiffMarkdown(diff: EnvironmentDiff): string {
  const lines = [
    `### ${markdownText(diff.from)} → ${markdownText(diff.to)}`,
    "",
    renderSummary(diff),
    "",
  ];
  for (const stack of diff.stacks) {
    if (stack.differences.length === 0) continue;
    lines.push(
      `#### ${markdownText(stack.name)}`,
      "",
      "| | where | difference | reason |",
      "|---|---|---|---|",
    );
    for (const difference of disallowedFirst(stack.differences)) {
      const cells = [
        difference.allowed === undefined ? "❌" : "✅",
        markdownCell(renderLocation(difference)),
        markdownText(changeText(difference)),
        difference.allowed === undefined
          ? "**not allowed**"
          : markdownText(difference.allowed.reason),
      ];
      lines.push(`| ${cells.join(" | ")} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

function renderSummary(diff: EnvironmentDiff): string {
  const total = diff.allowed + diff.notAllowed;
  if (total === 0) return "no differences";
  return `${total} difference${total === 1 ? "" : "s"}, ${diff.allowed} allowed, ${diff.notAllowed} not`;
}

function disallowedFirst(differences: readonly EnvironmentDifference[]): EnvironmentDifference[] {
  return [...differences].sort(
    (a, b) => Number(a.allowed !== undefined) - Number(b.allowed !== undefined),
  );
}

function renderLocation({ path, field }: EnvironmentDifference): string {
  return field === undefined ? path : `${path} ${field}`;
}

function changeText({ change, from, to }: EnvironmentDifference): string {
  if (change === "only in from" || change === "only in to") return change;
  return shortenPair(valueText(from), valueText(to), 60).join(" → ");
}

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return "(none)";
  return typeof value === "string" ? value : JSON.stringify(value);
}
