import { importNote } from "../changes/imports";
import {
  hasChanges,
  type ChangeGroup,
  type FieldChange,
  type Finding,
  type Flag,
  type ResourceChange,
  type Review,
  type StackReview,
} from "../model";
import { describeFields } from "../changes/blocks";
import { isRewired } from "../changes/task-graph";
import { graphText } from "./graph-text";
import { plain, terminal, wrap, type Paint } from "./paint";
import {
  actionName,
  assignment,
  blockHead,
  byRule,
  commonNotes,
  countsLine,
  findingsLine,
  inlinePair,
  isBlock,
  namesItself,
  differences,
  sameness,
  sharedFields,
  unsuppressed,
  outlineOf,
  sign,
  suppressed,
  typeName,
} from "./values";
import { printableReview } from "./printable-review";

export interface TextOptions {
  /** ANSI colours. @default false */
  readonly color?: boolean;
  /**
   * Maximum number of listed members of a group, values of a field in a group, findings of a rule,
   * and items of a flag (of these at most 4). @default 8
   */
  readonly names?: number;
  /** Columns of the terminal. Longer lines are wrapped at spaces. @default no wrapping */
  readonly width?: number;
}

/** Renders the review for a terminal: first the header, then the changes, most dangerous first. */
export function renderText(raw: Review, options: TextOptions = {}): string {
  const review = printableReview(raw);
  const paint = options.color === true ? terminal : plain;
  const names = options.names ?? 8;
  const common = commonNotes(review);
  const lines = [
    ...review.stacks.flatMap((stack) => renderHeader(stack, paint, names)),
    "",
    `digest ${paint.bold(review.digest)}${review.mode === "base" ? ` (code only, against ${review.base ?? "the base"}: no workspace, no state)` : ""}`,
    ...review.stacks.flatMap((stack) => {
      const name = review.stacks.length > 1 ? stack.stack : undefined;
      return [
        ...changeSection(stack, paint, names, name),
        ...findingSections(stack, paint, names, name),
        ...noteLines(
          stack.notes.filter((note) => !common.includes(note)),
          paint,
        ),
      ];
    }),
    ...noteLines(common, paint),
  ];
  if (!hasChanges(review)) lines.push("", "nothing to do");
  const { width } = options;
  return `${(width === undefined ? lines : lines.flatMap((line) => wrap(line, width)))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

function renderHeader(stack: StackReview, paint: Paint, names: number): string[] {
  const { counts } = stack;
  const paintCounts =
    counts.delete + counts.replace > 0
      ? paint.red
      : counts.create + counts.update > 0
        ? paint.yellow
        : paint.green;
  const summary = findingsLine(stack);
  return [
    `${paint.bold(stack.stack)}: ${paintCounts(countsLine(stack))}`,
    ...stack.flags.flatMap((flag) => flagLines(flag, paint, names)),
    ...(summary === undefined ? [] : [`  ${paint.red("!")} ${summary}`]),
  ];
}

function flagLines(flag: Flag, paint: Paint, names: number): string[] {
  return [
    `  ${paint.red("!")} ${flag.items.length} x ${flag.title}`,
    ...shortList(
      flag.items.map(({ path, text }) => `${path}: ${text}`),
      Math.min(names, 4),
    ).map((line) => `      ${line}`),
  ];
}

function changeSection(
  stack: StackReview,
  paint: Paint,
  names: number,
  name: string | undefined,
): string[] {
  if (stack.changes.length === 0 && stack.outputs.length === 0) return [];
  const lines = ["", paint.bold(name === undefined ? "Changes" : `Changes of ${name}`)];
  for (const group of stack.groups) lines.push("", ...groupLines(stack, group, paint, names));
  if (stack.outputs.length > 0)
    lines.push(
      "",
      `${paint.yellow("~")} outputs`,
      ...stack.outputs.flatMap((field) => fieldLines(field, paint)),
    );
  return lines;
}

const marks: Readonly<Record<ResourceChange["action"], string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  forget: "x",
  import: "<",
  move: ">",
  read: "?",
};
const colors: Readonly<Record<ResourceChange["action"], keyof Paint>> = {
  create: "green",
  update: "yellow",
  replace: "red",
  delete: "red",
  forget: "yellow",
  import: "green",
  move: "cyan",
  read: "dim",
};

function groupLines(stack: StackReview, group: ChangeGroup, paint: Paint, names: number): string[] {
  const first = stack.changes[group.members[0] ?? 0];
  if (first === undefined) return [];
  const color = paint[colors[first.action]];
  const count = group.members.length;
  const actionLabel = `${marks[first.action]} ${actionName[first.action]}`;
  const lines =
    count === 1
      ? [
          `${color(actionLabel)} ${typeName(first.type)} ${paint.bold(first.title ?? "")}`.trimEnd(),
          `    ${paint.dim([first.path, first.address === first.path ? "" : first.address, first.source ?? "", lostObject(first)].filter(Boolean).join("  "))}`,
        ]
      : [
          `${color(actionLabel)} ${paint.bold(`${count} x`)} ${typeName(first.type)}, ${sameness(group)}`,
          ...shortList(
            group.members.map((index) => memberName(stack.changes[index])),
            names,
          ).map((line) => `    ${paint.dim(line)}`),
        ];
  if (first.movedFrom !== undefined) lines.push(`    moved from ${first.movedFrom}`);
  if (first.imported === true) lines.push(`    ${importNote(first)}`);
  if (first.action === "replace") {
    lines.push(
      `    ${paint.red(`replaced because of: ${first.forcedBy.length === 0 ? (first.reason ?? "a reason that Terraform does not report") : first.forcedBy.join(", ")}`)}`,
    );
  } else if (first.action === "delete" && first.reason !== undefined)
    lines.push(`    because ${first.reason}`);
  for (const field of sharedFields(first, group)) lines.push(...fieldLines(field, paint));
  for (const line of differences(stack, group, names))
    lines.push(`    ${paint.green(`+ ${line}`)}`);
  if (first.action === "update" && first.fields.length === 0)
    lines.push(
      `    (no visible difference${first.computed.length === 0 ? "" : `; known after apply: ${first.computed.join(", ")}`})`,
    );
  for (const graph of stack.graphs) {
    if (graph.address === first.address && first.action !== "create" && isRewired(graph))
      lines.push("    tasks:", ...graphText(graph, paint).map((line) => `      ${line}`));
  }
  return lines;
}

/** Returns the id of a destroyed or replaced object, unless it is also its title. */
const lostObject = ({ action, id, title }: ResourceChange): string =>
  (action === "delete" || action === "replace") && id !== undefined && id !== title
    ? `id ${id}`
    : "";

const memberName = (change: ResourceChange | undefined): string =>
  change === undefined
    ? ""
    : change.title === undefined
      ? change.path
      : `${change.path} (${change.title})`;

function fieldLines(field: FieldChange, paint: Paint): string[] {
  const { path, kind, before, after } = field;
  const color = kind === "added" ? paint.green : kind === "removed" ? paint.red : paint.yellow;
  const forces = field.forces ? paint.red("  # forces replacement") : "";
  const head = `    ${color(`${sign[kind]} ${path}`)}`;
  if (field.diff !== undefined)
    return [
      `${head}${forces}`,
      ...field.diff
        .split("\n")
        .map(
          (line) =>
            `        ${line.startsWith("+") ? paint.green(line) : line.startsWith("-") ? paint.red(line) : line}`,
        ),
    ];
  const block = kind === "added" ? after : before;
  if (kind !== "changed" && kind !== "reordered" && block !== undefined && isBlock(block)) {
    return [
      `${head}${forces}`,
      ...outlineOf(field, block).flatMap((inner) =>
        assignment(inner.path, inner.value).map((line) => `        ${line}`),
      ),
    ];
  }
  if (kind !== "changed" && namesItself(field)) return [`${head}${forces}`];
  if (kind === "added" || kind === "removed" || before === undefined) {
    const [first = "", ...rest] = assignment(head, kind === "removed" ? before : after);
    return [`${first}${forces}`, ...rest.map((line) => `    ${line}`)];
  }
  return [
    `${head}: ${inlinePair(before, after).join(" -> ")}${kind === "reordered" ? " (order only)" : ""}${forces}`,
  ];
}

function findingSections(
  stack: StackReview,
  paint: Paint,
  names: number,
  name: string | undefined,
): string[] {
  const lines: string[] = [];
  const section = (title: string, rows: readonly string[]): void => {
    if (rows.length > 0)
      lines.push(
        "",
        paint.bold(name === undefined ? title : `${title}, in ${name}`),
        ...rows.map((row) => (row === "" ? row : `  ${row}`)),
      );
  };
  const leftOutLine = ({
    path,
    field,
    cause,
    before,
    after,
  }: StackReview["leftOut"][number]): string =>
    `${path}: ${field}: ${inlinePair(before, after).join(" -> ")} (${cause === "code" ? "changed in the code" : "changed in the workspace"})`;
  section(
    "Not in Terraform's plan (fixed by lakeform deploy --heal)",
    stack.leftOut.filter(({ heals }) => heals).map(leftOutLine),
  );
  section(
    "Other blocks",
    stack.blocks.flatMap((block) => {
      const [head, line] = [blockHead(block), describeFields(block.fields)];
      if (line === "") return [head];
      return line.length <= 160
        ? [`${head}: ${line}`]
        : [head, ...block.fields.flatMap((field) => fieldLines(field, paint))];
    }),
  );
  section(
    "Neither in Terraform's plan nor healed",
    stack.leftOut
      .filter(({ heals }) => !heals)
      .flatMap((entry) => [leftOutLine(entry), `  ${entry.manual ?? ""}`]),
  );
  section(
    "Changed in the workspace, reverted by this deploy",
    stack.overwritten.map(
      ({ path, field, remote, after }) =>
        `${path}: ${field}: ${inlinePair(remote, after).join(" -> ")}`,
    ),
  );
  section(
    "Looks like a rename",
    stack.renames.flatMap(({ type, because, moved, from }) => [
      `${typeName(type)}, ${because}. To keep the object, write in the code: newConstruct.moveFromId("${from}"), or`,
      ...moved.split("\n").map((line) => `    ${line}`),
    ]),
  );
  section(
    "Secret scan",
    unsuppressed(stack.secrets).map(
      (finding) =>
        `${paint.red("error")} ${finding.path} ${finding.where ?? ""}: ${finding.message}`,
    ),
  );
  section(
    "Policies",
    byRule(unsuppressed(stack.policies)).flatMap(({ first, all }) =>
      ruleLines(first, all, paint, names),
    ),
  );
  section(
    "Suppressed",
    [...suppressed(stack.policies), ...suppressed(stack.secrets)].map(
      ({ rule, path, where, suppressed: suppression }) =>
        `${rule} ${path} ${where ?? ""}: ${suppression?.reason ?? ""} (until ${suppression?.expires ?? ""})`,
    ),
  );
  section(
    "Suppressions without effect",
    stack.suppressions.map(
      ({ rule, path, reason, expires, state }) =>
        `${state}: ${rule} ${path}: ${reason} (until ${expires})`,
    ),
  );
  return lines;
}

function ruleLines(first: Finding, all: readonly Finding[], paint: Paint, names: number): string[] {
  const color =
    first.severity === "error"
      ? paint.red
      : first.severity === "warning"
        ? paint.yellow
        : paint.dim;
  const rows = all.map(
    ({ path, where, message, source }) =>
      `  ${path}${where === undefined ? "" : ` ${where}`}: ${message}${source === undefined ? "" : ` (${source})`}`,
  );
  return [`${color(first.severity)} ${first.rule}: ${first.fix}`, ...shortList(rows, names, "  ")];
}

const noteLines = (notes: readonly string[], paint: Paint): string[] =>
  notes.length === 0 ? [] : ["", ...notes.map((note) => paint.dim(`note: ${note}`))];

function shortList(lines: readonly string[], maxLines: number, indent = ""): string[] {
  return lines.length <= maxLines
    ? [...lines]
    : [...lines.slice(0, maxLines), `${indent}... and ${lines.length - maxLines} more`];
}
