import {
  markdownCell as cellCode,
  markdownCode as code,
  markdownText as escape,
} from "../../printable";
import { importNote } from "../changes/imports";
import {
  hasChanges,
  type ChangeGroup,
  type Counts,
  type FieldChange,
  type Finding,
  type Json,
  type ResourceChange,
  type Review,
  type StackReview,
} from "../model";
import { isRewired } from "../changes/task-graph";
import { fit, type Piece } from "./budget";
import { mermaid } from "./mermaid";
import {
  actionName,
  assignment,
  blockHead,
  byRule,
  commonNotes,
  findingsLine,
  inline,
  inlinePair,
  differences,
  sameness,
  sharedFields,
  isBlock,
  namesItself,
  unsuppressed,
  outlineOf,
  sign,
  suppressed,
  typeName,
} from "./values";
import { printableReview } from "./printable-review";

/**
 * Default maximum length. GitHub allows 65,536 characters in a comment, Azure DevOps 150,000,
 * GitLab a million.
 */
export const markdownBudget = 65_000;

export interface MarkdownOptions {
  /** Maximum length in characters. A shortened comment states what is missing. @default 65000 */
  readonly budget?: number;
  /** The code host, because Azure DevOps marks Mermaid with `:::`. @default "github" */
  readonly host?: "github" | "gitlab" | "azure";
}

/**
 * Renders the review as a pull request comment that is never longer than the budget: first the
 * header, then the most dangerous changes.
 */
export function renderMarkdown(raw: Review, options: MarkdownOptions = {}): string {
  const review = printableReview(raw);
  const budget = options.budget ?? markdownBudget;
  const host = options.host ?? "github";
  const pieces: Piece[] = [
    {
      text: headerText(review, Math.max(1_500, Math.floor(budget / 4))),
      itemName: "header",
      keep: true,
    },
  ];
  const common = commonNotes(review);
  for (const stack of review.stacks) {
    const stackPieces = [
      ...secretPieces(stack),
      ...extraPieces(stack),
      ...policyPieces(stack),
      ...changePieces(stack, host),
      ...endPieces(stack, common),
    ];
    if (review.stacks.length > 1 && stackPieces.length > 0)
      pieces.push({ text: `\n## ${escape(stack.stack)}\n`, itemName: "heading" });
    pieces.push(...stackPieces);
  }
  if (common.length > 0)
    pieces.push(
      ...notePieces(
        "## Notes",
        common.map((note) => `- ${escape(note)}`),
      ),
    );
  if (!hasChanges(review)) pieces.push({ text: "\nNothing to do.\n", itemName: "end" });
  return fit(pieces, budget);
}

/**
 * Renders the counts of each stack, then the dangers. Items that exceed `maxLength` characters are
 * only counted.
 */
function headerText(review: Review, maxLength: number): string {
  const imports = review.stacks.some(({ counts }) => counts.import > 0);
  const columns = [
    "stack",
    "create",
    "update",
    "replace",
    "destroy",
    ...(imports ? ["import"] : []),
    "unchanged",
  ];
  const lines = [
    "# Databricks review",
    "",
    `| ${columns.join(" | ")} |`,
    `|---|${"--:|".repeat(columns.length - 1)}`,
  ];
  const row = (name: string, stacks: readonly StackReview[]): string => {
    const sum = (count: keyof Counts): number =>
      stacks.reduce((total, { counts }) => total + counts[count], 0);
    const bold = (count: number): string => (count > 0 ? `**${count}**` : "0");
    const cells = [
      sum("create"),
      sum("update"),
      bold(sum("replace")),
      bold(sum("delete")),
      ...(imports ? [sum("import")] : []),
      sum("unchanged"),
    ];
    return `| ${name} | ${cells.join(" | ")} |`;
  };
  const countFitting = (rows: readonly string[], budget: number): number => {
    let size = 0;
    const index = rows.findIndex((line) => (size += line.length + 1) > budget);
    return index === -1 ? rows.length : index;
  };
  const rows = review.stacks.map((stack) => row(escape(stack.stack), [stack]));
  const shownRows = countFitting(rows, maxLength / 2);
  lines.push(...rows.slice(0, shownRows));
  if (shownRows < rows.length)
    lines.push(row(`… ${rows.length - shownRows} more stacks`, review.stacks.slice(shownRows)));
  const dangers = review.stacks.flatMap((stack) =>
    dangerLines(stack, review.stacks.length > 1 ? `${escape(stack.stack)}: ` : ""),
  );
  const shownFlags = countFitting(dangers, maxLength / 2);
  lines.push("", ...dangers.slice(0, shownFlags));
  if (shownFlags < dangers.length)
    lines.push(`- … and ${dangers.length - shownFlags} more flags omitted`);
  const base =
    review.mode === "base"
      ? ` Code only, compared with ${code(review.base ?? "the base")}: no workspace or state was read.`
      : "";
  lines.push("", `Digest ${code(review.digest)}.${base}`, "");
  return lines.join("\n");
}

/** Lists blocking findings, then flags, then other findings. */
function dangerLines(stack: StackReview, prefix: string): string[] {
  const summary = findingsLine(stack);
  const worstSeverity = worstOf([...unsuppressed(stack.secrets), ...unsuppressed(stack.policies)]);
  const findings = summary === undefined ? [] : [`- ${icon[worstSeverity]}${prefix}${summary}`];
  const flags = stack.flags.map(({ items, title }) => {
    const first = items.slice(0, 3).map(({ path, text }) => `${code(path)} ${escape(text)}`);
    const more = items.length > 3 ? `, and ${items.length - 3} more` : "";
    return `- ⚠️ ${prefix}**${items.length}** × ${escape(title)}: ${first.join("; ")}${more}`;
  });
  return worstSeverity === "error" ? [...findings, ...flags] : [...flags, ...findings];
}

const icon: Readonly<Record<Finding["severity"], string>> = {
  error: "⛔ ",
  warning: "⚠️ ",
  info: "",
};
const worstOf = (findings: readonly Finding[]): Finding["severity"] =>
  (["error", "warning"] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity),
  ) ?? "info";

function secretPieces(stack: StackReview): Piece[] {
  return unsuppressed(stack.secrets).map((finding, index) => ({
    text: `${index === 0 ? "\n### Secret scan\n\n" : ""}- ⛔ ${code(finding.path)} ${finding.where === undefined ? "" : code(finding.where)}: ${escape(finding.message)}\n`,
    itemName: "secret finding",
  }));
}

function extraPieces(stack: StackReview): Piece[] {
  const table = (title: string, head: string, rows: readonly string[], itemName: string): Piece[] =>
    rows.map((row, index) => ({
      text: `${index === 0 ? `\n### ${title}\n\n${head}\n` : ""}${row}\n`,
      itemName,
    }));
  const side = (value: Json | undefined): string =>
    value === undefined ? "" : cellCode(inline(value));
  return [
    ...stack.renames.map(({ type, from, because, moved }, index) => ({
      text: `${index === 0 ? "\n### Looks like a rename\n\n" : ""}${escape(typeName(type))}, ${escape(because)}. To keep the object, write ${code(`newConstruct.moveFromId("${from}")`)}, or:\n\n${fence(moved, "hcl")}\n`,
      itemName: "rename",
    })),
    ...stack.blocks.map((block, index) => ({
      text: `${index === 0 ? "\n### Other blocks\n\n" : ""}${escape(blockHead(block))}\n${block.fields.length === 0 ? "" : `\n${fence(block.fields.flatMap(fieldLines).join("\n"), "diff")}`}\n`,
      short: `- ${escape(blockHead(block))}\n`,
      itemName: "other block",
    })),
    ...table(
      "Not in Terraform's plan (fixed by `lakeform deploy --heal`)",
      "| where | field | now | in the code | cause |\n|---|---|---|---|---|",
      stack.leftOut
        .filter(({ heals }) => heals)
        .map(
          ({ path, field, before, after, cause }) =>
            `| ${cellCode(path)} | ${cellCode(field)} | ${side(before)} | ${side(after)} | changed in the ${cause} |`,
        ),
      "difference that the plan leaves out",
    ),
    ...table(
      "Neither in Terraform's plan nor healed",
      "| where | field | now | in the code | cause | what to do |\n|---|---|---|---|---|---|",
      stack.leftOut
        .filter(({ heals }) => !heals)
        .map(
          ({ path, field, before, after, cause, manual = "" }) =>
            `| ${cellCode(path)} | ${cellCode(field)} | ${side(before)} | ${side(after)} | changed in the ${cause} | ${escape(manual)} |`,
        ),
      "difference that is not healed",
    ),
    ...table(
      "Changed in the workspace, reverted by this deploy",
      "| where | field | in the workspace | after |\n|---|---|---|---|",
      stack.overwritten.map(
        ({ path, field, remote, after }) =>
          `| ${cellCode(path)} | ${cellCode(field)} | ${side(remote)} | ${side(after)} |`,
      ),
      "overwritten drift",
    ),
  ];
}

function policyPieces(stack: StackReview): Piece[] {
  return byRule(unsuppressed(stack.policies)).map(({ first, all }, index) => {
    const locations = all
      .slice(0, 5)
      .map(
        ({ path, where, message, source }) =>
          `  - ${code(path)}${where === undefined ? "" : ` ${code(where)}`}: ${escape(message)}${source === undefined ? "" : ` (${escape(source)})`}`,
      );
    const more = all.length > 5 ? `\n  - … and ${all.length - 5} more` : "";
    return {
      text: `${index === 0 ? "\n### Policies\n\n" : ""}- ${icon[first.severity]}**${first.rule}** (${first.severity}): ${escape(first.fix)}\n${locations.join("\n")}${more}\n`,
      itemName: "policy",
    };
  });
}

function changePieces(stack: StackReview, host: MarkdownOptions["host"]): Piece[] {
  const graphs = new Map(stack.graphs.map((graph) => [graph.address, graph]));
  const pieces = stack.groups.flatMap((group) => {
    const text = groupText(stack, group);
    const graph = graphs.get(stack.changes[group.members[0] ?? 0]?.address ?? "");
    const short = groupHead(stack, group);
    const drawing =
      graph !== undefined && isRewired(graph)
        ? [{ text: mermaid(graph, host), itemName: "task graph" }]
        : [];
    return [{ text, short, itemName: "change" }, ...drawing];
  });
  if (stack.outputs.length > 0)
    pieces.push({
      text: `\n**outputs**\n\n${fence(stack.outputs.flatMap(fieldLines).join("\n"), "diff")}\n`,
      short: "",
      itemName: "change",
    });
  const [first] = pieces;
  return first === undefined ? [] : [{ text: "\n### Changes\n", itemName: "heading" }, ...pieces];
}

const icons: Readonly<Record<ResourceChange["action"], string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "−",
  forget: "×",
  import: "←",
  move: "→",
  read: "?",
};

function groupHead(stack: StackReview, group: ChangeGroup): string {
  const first = stack.changes[group.members[0] ?? 0];
  if (first === undefined) return "";
  const count = group.members.length;
  const source = first.source === undefined ? "" : ` (${escape(first.source)})`;
  if (count === 1)
    return `\n**${icons[first.action]} ${actionName[first.action]} ${escape(typeName(first.type))}** ${code(first.title ?? first.address)} · ${code(first.path)}${source}\n`;
  const names = group.members.slice(0, 8).map((index) => code(stack.changes[index]?.path ?? ""));
  return `\n**${icons[first.action]} ${actionName[first.action]} ${count} × ${escape(typeName(first.type))}**, ${sameness(group)}: ${names.join(", ")}${count > 8 ? `, and ${count - 8} more` : ""}\n`;
}

function groupText(stack: StackReview, group: ChangeGroup): string {
  const first = stack.changes[group.members[0] ?? 0];
  if (first === undefined) return "";
  const reasons = [
    ...(first.movedFrom === undefined ? [] : [`moved from ${code(first.movedFrom)}`]),
    ...(first.imported === true ? [importNote(first)] : []),
    ...(first.action === "replace"
      ? [
          `replaced because of ${first.forcedBy.length === 0 ? escape(first.reason ?? "a reason that Terraform does not report") : first.forcedBy.map(code).join(", ")}`,
        ]
      : []),
    ...(first.action === "delete" && first.reason !== undefined
      ? [`because ${escape(first.reason)}`]
      : []),
  ];
  const lines = [
    ...sharedFields(first, group).flatMap(fieldLines),
    ...differences(stack, group, 8).map((line) => `+ ${line}`),
  ];
  if (first.action === "update" && lines.length === 0) lines.push("  (no visible difference)");
  const body =
    lines.length === 0
      ? ""
      : lines.length > 25
        ? `\n<details><summary>${lines.length} lines</summary>\n\n${fence(lines.join("\n"), "diff")}\n\n</details>\n`
        : `\n${fence(lines.join("\n"), "diff")}\n`;
  return `${groupHead(stack, group)}${reasons.map((reason) => `\n${reason}\n`).join("")}${body}`;
}

/** Lines of a `diff` code block: + and - are coloured by every code host. */
function fieldLines(field: FieldChange): string[] {
  const { path, kind, before, after, diff } = field;
  const forces = field.forces ? "  # forces replacement" : "";
  if (diff !== undefined) return [`  ${path}:${forces}`, ...diff.split("\n")];
  if (kind === "changed" && before === undefined)
    return [`  ${path} = ${inline(after, 300)}${forces}`];
  if (kind === "changed") {
    const [a, b] = inlinePair(before, after, 300);
    return [`- ${path} = ${a}`, `+ ${path} = ${b}${forces}`];
  }
  if (kind === "reordered") return [`  ${path}: only the order: ${inline(after, 300)}`];
  const value = kind === "added" ? after : before;
  const head = `${sign[kind]} ${path}`;
  if (value !== undefined && isBlock(value))
    return [
      `${head}${forces}`,
      ...outlineOf(field, value).flatMap((inner) =>
        assignment(inner.path, inner.value, 300).map((line) => `${sign[kind]}     ${line}`),
      ),
    ];
  if (namesItself(field)) return [`${head}${forces}`];
  const [first = "", ...rest] = assignment(head, value, 300);
  return [`${first}${forces}`, ...rest.map((line) => `${sign[kind]} ${line}`)];
}

function endPieces(stack: StackReview, common: readonly string[]): Piece[] {
  const suppressedFindings: Finding[] = [
    ...suppressed(stack.policies),
    ...suppressed(stack.secrets),
  ];
  const rows = [
    ...suppressedFindings.map(
      ({ rule, path, suppressed: suppression }) =>
        `- suppressed: ${escape(rule)} ${code(path)}: ${escape(suppression?.reason ?? "")} (until ${escape(suppression?.expires ?? "")})`,
    ),
    ...stack.suppressions.map(
      ({ rule, path, reason, expires, state }) =>
        `- ${state} suppression: ${escape(rule)} ${code(path)}: ${escape(reason)} (until ${escape(expires)})`,
    ),
    ...stack.notes.filter((note) => !common.includes(note)).map((note) => `- ${escape(note)}`),
  ];
  return notePieces("### Notes", rows);
}

const notePieces = (title: string, rows: readonly string[]): Piece[] =>
  rows.map((row, index) => ({
    text: `${index === 0 ? `\n${title}\n\n` : ""}${row}\n`,
    itemName: "note",
  }));

/** Puts a text into a code block whose fence is longer than any in the text. */
function fence(text: string, language: string): string {
  const ticks = "`".repeat(
    Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length)) + 1,
  );
  return `${ticks}${language}\n${text}\n${ticks}`;
}
