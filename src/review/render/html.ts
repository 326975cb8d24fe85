import { importNote } from "../changes/imports";
import {
  hasChanges,
  type ChangeGroup,
  type FieldChange,
  type Finding,
  type Json,
  type ResourceChange,
  type Review,
  type StackReview,
  type TaskGraph,
} from "../model";
import { policies } from "../policies/all";
import { graphSvg, resourceGraphSvg } from "./graph-svg";
import { drawResources } from "./resource-graph";
import { script, style } from "./html-assets";
import {
  actionName,
  assignment,
  blockHead,
  byRule,
  commonNotes,
  differences,
  isBlock,
  unsuppressed,
  outline,
  sameness,
  sharedFields,
  suppressed,
  typeName,
} from "./values";
import { printableReview } from "./printable-review";

/**
 * The origin of a review and how to approve it. This is not part of the review, because the digest
 * must not depend on it.
 */
export interface ReviewHead {
  /** Addresses of the workspaces. */
  readonly workspaces: readonly string[];
  /** ISO time. */
  readonly at: string;
  readonly commit?: string;
  /** The author of the commit. */
  readonly author?: string;
  /** The command that deploys the reviewed plan. */
  readonly approve?: string;
}

/**
 * Renders the review as one HTML file that needs no network, has a light and a dark theme, and can
 * be used by keyboard and printed. Asynchronous, because the graph layout is WebAssembly.
 */
export async function renderHtml(raw: Review, head?: ReviewHead): Promise<string> {
  const review = printableReview(raw);
  const common = commonNotes(review);
  const sections = await Promise.all(review.stacks.map((stack) => renderSection(stack, common)));
  const title = review.stacks.map(({ stack }) => stack).join(", ");
  const base =
    review.mode === "base"
      ? `<p class="dim">Code only, compared with ${code(review.base ?? "the base")}: no workspace or state was read.</p>`
      : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review: ${escape(title)}</title>
<style>${style}</style>
</head>
<body class="report">
<header>
<h1>Review of ${escape(title)}</h1>
<dl class="facts">${renderFacts(review, head)}</dl>
${base}
${review.stacks.map(renderCard).join("\n")}
${hasChanges(review) ? '<p class="tools"><input type="search" id="filter" placeholder="Filter changes by path, name or field" aria-label="Filter changes"> <button type="button" class="button quiet" id="all" hidden></button></p>' : "<p>Nothing to do.</p>"}
</header>
<main>
${sections.join("\n")}
${common.length === 0 ? "" : `<article><h2>Notes</h2><ul>${common.map((note) => `<li>${escape(note)}</li>`).join("")}</ul></article>`}
</main>
<script>${script}</script>
</body>
</html>
`;
}

function renderFacts(review: Review, head: ReviewHead | undefined): string {
  const rows: (readonly [string, string])[] = [
    ...(head === undefined || head.workspaces.length === 0
      ? []
      : [["Workspace", head.workspaces.map(escape).join("<br>")] as const]),
    ...(head === undefined
      ? []
      : [["Reviewed", `${head.at.replace("T", " ").slice(0, 16)} UTC`] as const]),
    ...(head?.commit === undefined ? [] : [["Commit", code(head.commit.slice(0, 12))] as const]),
    ...(head?.author === undefined ? [] : [["Author", escape(head.author)] as const]),
    ["Digest", code(review.digest)],
    ...(head?.approve === undefined ? [] : [["Approve with", code(head.approve)] as const]),
  ];
  return rows
    .map(
      ([name, text]) =>
        `<div${text.length > 60 ? ' class="wide"' : ""}><dt>${name}</dt><dd>${text}</dd></div>`,
    )
    .join("");
}

/** The colours of actions and severities. */
const toneOf: Readonly<Record<string, string>> = {
  create: "ok",
  update: "wait",
  replace: "bad",
  destroy: "bad",
  error: "bad",
  warning: "wait",
  import: "run",
};
const chip = (name: string, text = name): string =>
  `<span class="chip ${name} ${toneOf[name] ?? ""}">${text}</span>`;

function renderCard(stack: StackReview): string {
  const { counts } = stack;
  const countChip = (name: string, count: number): string =>
    count === 0 ? `<span class="chip zero">0 ${name}</span>` : chip(name, `${count} ${name}`);
  const flags = stack.flags.map(
    ({ kind, title, items }) =>
      `<li data-flag="${kind}"><details><summary><b>${items.length}</b> × ${escape(title)}</summary><ul>${items.map(({ path, text }) => `<li>${code(path)} ${escape(text)}</li>`).join("")}</ul></details></li>`,
  );
  const openFindings = [...unsuppressed(stack.secrets), ...unsuppressed(stack.policies)];
  const errors = openFindings.filter(({ severity }) => severity === "error").length;
  const policies =
    openFindings.length === 0
      ? ""
      : `<li class="${errors > 0 ? "bad" : ""}"><a href="#${id(stack, "findings")}"><b>${openFindings.length}</b> × policy and secret findings${errors > 0 ? `, ${errors} of them errors` : ""}</a></li>`;
  return `<section class="card"><h2>${escape(stack.stack)}</h2><p class="counts">${countChip("create", counts.create)} ${countChip("update", counts.update)} ${countChip("replace", counts.replace)} ${countChip("destroy", counts.delete)}${counts.import === 0 ? "" : ` ${countChip("import", counts.import)}`} <span class="dim">${counts.unchanged} unchanged</span></p>${flags.length + policies.length === 0 ? "" : `<ul class="flags">${flags.join("")}${policies}</ul>`}</section>`;
}

async function renderSection(stack: StackReview, common: readonly string[]): Promise<string> {
  const graphs = new Map(
    await Promise.all(
      selectGraphs(stack).map(async (graph) => [graph.address, await graphSvg(graph)] as const),
    ),
  );
  const resources = drawResources(stack, (index) => id(stack, `change-${index}`));
  const groups = stack.groups.map((group, index) =>
    groupHtml(
      stack,
      group,
      graphs,
      stack.groups.length <= 12 || index < 5,
      id(stack, `change-${index}`),
    ),
  );
  const sectionHtml = (title: string, body: string, anchor = ""): string =>
    body === ""
      ? ""
      : `<section${anchor === "" ? "" : ` id="${anchor}"`}><h3>${title}</h3>${body}</section>`;
  const row = (...cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  const table = (head: readonly string[], rows: readonly string[]): string =>
    rows.length === 0
      ? ""
      : `<div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  type LeftOut = StackReview["leftOut"][number];
  const leftOutCells = ({ path, field, before, after, cause }: LeftOut): readonly string[] => [
    code(path),
    code(field),
    renderValue(before),
    renderValue(after),
    `changed in the ${cause}`,
  ];
  return `<article><h2>${escape(stack.stack)}</h2>
${sectionHtml("Findings", renderFindings([...unsuppressed(stack.secrets), ...unsuppressed(stack.policies)]), id(stack, "findings"))}
${sectionHtml("Resources", resources === undefined ? "" : await resourcesHtml(resources, stack.stack))}
${sectionHtml("Looks like a rename", stack.renames.map(({ from, because, moved, type }) => `<p>${escape(typeName(type))}, ${escape(because)}. To keep the object, write ${code(`newConstruct.moveFromId("${from}")`)}, or:</p><pre>${escape(moved)}</pre>`).join(""))}
${sectionHtml("Other blocks", stack.blocks.map((block) => `<details open><summary>${escape(blockHead(block))}</summary>${fieldsHtml(block.fields)}</details>`).join(""))}
${sectionHtml(
  "Not in Terraform's plan <small>fixed by <code>lakeform deploy --heal</code></small>",
  table(
    ["where", "field", "now", "in the code", "cause"],
    stack.leftOut.filter(({ heals }) => heals).map((entry) => row(...leftOutCells(entry))),
  ),
)}
${sectionHtml(
  "Neither in Terraform's plan nor healed",
  table(
    ["where", "field", "now", "in the code", "cause", "what to do"],
    stack.leftOut
      .filter(({ heals }) => !heals)
      .map((entry) => row(...leftOutCells(entry), escape(entry.manual ?? ""))),
  ),
)}
${sectionHtml(
  "Changed in the workspace, reverted by this deploy",
  table(
    ["where", "field", "in the workspace", "after"],
    stack.overwritten.map(({ path, field, remote, after }) =>
      row(code(path), code(field), renderValue(remote), renderValue(after)),
    ),
  ),
)}
${sectionHtml("Changes", groups.join("") + (stack.outputs.length === 0 ? "" : `<details class="change update" open><summary>outputs</summary>${fieldsHtml(stack.outputs)}</details>`))}
${sectionHtml("Notes", renderNotes(stack, common))}
</article>`;
}

async function resourcesHtml(
  drawing: NonNullable<ReturnType<typeof drawResources>>,
  stack: string,
): Promise<string> {
  const svg = await resourceGraphSvg(drawing, `resources of ${stack}`);
  const caption = `${drawing.nodes.some(({ tone }) => tone === "") ? "Grey resources do not change. " : ""}An arrow leads from a resource to one that uses it. ${drawing.cut ?? ""}`;
  return `<figure class="graph wide">${svg}<figcaption class="dim">${escape(caption.trimEnd())}</figcaption></figure>`;
}

/**
 * Returns one graph for each group of equal changes. Omits graphs that would be too large to read,
 * and all after the first hundred; the fields of their changes are shown.
 */
function selectGraphs(stack: StackReview): TaskGraph[] {
  const first = new Set(stack.groups.map((group) => stack.changes[group.members[0] ?? 0]?.address));
  return stack.graphs
    .filter(
      ({ address, nodes, edges }) =>
        first.has(address) && nodes.length <= 300 && edges.length <= 1000,
    )
    .slice(0, 100);
}

function groupHtml(
  stack: StackReview,
  group: ChangeGroup,
  graphs: ReadonlyMap<string, string>,
  isOpen: boolean,
  anchor: string,
): string {
  const first = stack.changes[group.members[0] ?? 0];
  if (first === undefined) return "";
  const members = group.members
    .map((index) => stack.changes[index])
    .filter((change): change is ResourceChange => change !== undefined);
  const count = members.length;
  const name =
    count === 1
      ? code(first.title ?? first.address)
      : `<b>${count}</b> ×, ${escape(sameness(group))}`;
  const affected =
    count === 1
      ? `<p class="dim">${[first.path, first.address, first.source]
          .filter((text) => text !== undefined)
          .map(escape)
          .join(" · ")}</p>`
      : `<details><summary class="dim">which</summary><ul>${members.map(({ path, title }) => `<li>${code(path)} ${escape(title ?? "")}</li>`).join("")}</ul></details>`;
  const why = [
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
  const graph = graphs.get(first.address);
  return `<details id="${anchor}" class="change ${actionName[first.action]}"${isOpen ? " open" : ""}><summary>${chip(actionName[first.action])} ${escape(typeName(first.type))} ${name}</summary>${affected}${why.map((text) => `<p class="why">${text}</p>`).join("")}${graph === undefined ? "" : `<figure class="graph">${graph}</figure>`}${
    first.fields.length === 0 && first.action === "update"
      ? '<p class="dim">no visible difference</p>'
      : `${fieldsHtml(sharedFields(first, group))}${differences(stack, group, count)
          .map((line) => `<p class="dim">${code(line)}</p>`)
          .join("")}`
  }</details>`;
}

function fieldsHtml(fields: readonly FieldChange[]): string {
  if (fields.length === 0) return "";
  const rows = fields.map((field) => {
    const name = `${code(field.path)}${field.forces ? ' <span class="chip bad">forces replacement</span>' : ""}`;
    const key = /^task\[([^\]]+)\]/.exec(field.path)?.[1];
    const task = key === undefined ? "" : ` data-task="${escape(key)}"`;
    if (field.diff !== undefined) {
      const lines = field.diff
        .split("\n")
        .map(
          (line) =>
            `<span class="${line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : line.startsWith("@@") ? "dim" : ""}">${escape(line)}</span>`,
        );
      return `<tr class="changed"${task}><td>${name}</td><td colspan="2"><pre class="diff">${lines.join("\n")}</pre></td></tr>`;
    }
    const note = field.kind === "reordered" ? ' <span class="dim">order only</span>' : "";
    return `<tr class="${field.kind}"${task}><td>${name}${note}</td><td class="before">${renderValue(field.before)}</td><td class="after">${renderValue(field.after)}</td></tr>`;
  });
  return `<div class="scroll"><table class="fields"><thead><tr><th>field</th><th>before</th><th>after</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function renderValue(json: Json | undefined): string {
  if (json === undefined) return '<span class="dim">none</span>';
  if (isBlock(json))
    return `<pre>${escape(
      outline(json)
        .flatMap((inner) => assignment(inner.path, inner.value, 400))
        .join("\n"),
    )}</pre>`;
  const [first = "", ...lines] = assignment("", json, 400);
  return lines.length === 0
    ? code(first.slice(" = ".length))
    : `<pre>${escape(lines.map((line) => line.slice(4)).join("\n"))}</pre>`;
}

function renderFindings(openFindings: readonly Finding[]): string {
  return byRule(openFindings)
    .map(({ first, all }) => {
      const locations = all.map(
        ({ path, where, message, source }) =>
          `<li>${code(path)} ${where === undefined ? "" : code(where)} ${escape(message)}${source === undefined ? "" : ` <span class="dim">${escape(source)}</span>`}</li>`,
      );
      return `<details class="finding ${first.severity}"${all.length <= 5 ? " open" : ""}><summary>${chip(first.severity)} ${code(first.rule)} ${escape(first.fix)}</summary>${explanationOf(first.rule)}<ul>${locations.join("")}</ul></details>`;
    })
    .join("");
}

function explanationOf(rule: string): string {
  const policy = policies.find(({ id }) => id === rule);
  return policy === undefined ? "" : `<p class="dim">${escape(policy.explanation)}</p>`;
}

function renderNotes(stack: StackReview, common: readonly string[]): string {
  const rows = [
    ...[...suppressed(stack.policies), ...suppressed(stack.secrets)].map(
      ({ rule, path, suppressed: suppression }) =>
        `suppressed: ${escape(rule)} ${code(path)}: ${escape(suppression?.reason ?? "")} (until ${escape(suppression?.expires ?? "")})`,
    ),
    ...stack.suppressions.map(
      ({ rule, path, reason, expires, state }) =>
        `${state} suppression: ${escape(rule)} ${code(path)}: ${escape(reason)} (until ${escape(expires)})`,
    ),
    ...stack.notes.filter((note) => !common.includes(note)).map(escape),
  ];
  return rows.length === 0 ? "" : `<ul>${rows.map((row) => `<li>${row}</li>`).join("")}</ul>`;
}

const id = (stack: StackReview, prefix: string): string =>
  `${prefix}-${stack.stack.replace(/[^A-Za-z0-9_-]/g, "_")}`;
const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
const code = (text: string): string => `<code>${escape(text)}</code>`;
