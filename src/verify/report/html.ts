import { listExamples } from "../../list-examples";
import { printableDeep } from "../../printable";
import {
  statuses,
  type ShownFinding,
  type ShownResult,
  type Status,
  type UnmanagedObject,
  type VerifyReport,
} from "../model";
import type { Shown, ShownValue } from "../redactor";
import { countsLine, groupByFindings, secondsOf, statusWords, verdict } from "./common";
import { taskGraphSvg } from "./graph";
import { renderPage } from "./html-page";

/**
 * Renders one self-contained page with filters, a table of values for each resource, and task
 * graphs. It loads no external script or font.
 */
export async function renderHtml(raw: VerifyReport): Promise<string> {
  const report = printableDeep(raw, new Set(["diff"]));
  const cards: string[] = [];
  for (const { status, resources } of groupByFindings(report)) {
    if (status === "match") continue;
    for (const group of resources) cards.push(await renderCard(group));
  }
  cards.push(...report.unmanaged.map(renderUnmanaged));
  const stacks = report.stacks.map(({ name }) => name).join(", ");
  const body = [
    `<header><h1>${escape(verdict(report))}</h1>`,
    `<div class="dim">${escape(stacks)} at ${escape(report.host)}, ${escape(report.startedAt.replace("T", " ").slice(0, 16))} UTC, ${report.calls} calls, ${secondsOf(report)}${report.deep ? ", deep" : ""}<br>${escape(countsLine(report))}</div>`,
    renderNotes(report),
    "</header>",
    `<main>${renderFilters(report)}${cards.join("\n")}<p id="none" class="dim${cards.length + report.counts.match > 0 ? " hidden" : ""}">nothing to show</p>`,
    renderMatches(report),
    renderRules(report),
    "</main>",
  ];
  return renderPage(
    `lakeform verify: ${escape(stacks)}`,
    body.filter((part) => part !== "").join("\n"),
  );
}

function renderNotes(report: VerifyReport): string {
  const lines = [
    ...report.failures.map(
      ({ stack, what, reason }) =>
        `<p class="error">not read: ${escape(stack === "" ? what : `${stack}: ${what}`)}: ${escape(reason)}</p>`,
    ),
    ...report.stacks.flatMap(({ name, record, weaker }) => [
      ...(record === undefined
        ? []
        : [
            `<p>${escape(name)}: deployed ${escape(record.deployedAt)} by ${escape(record.deployedBy)}${record.commit === undefined ? "" : ` from <code>${escape(record.commit.slice(0, 12))}</code>`}</p>`,
          ]),
      ...weaker.map((note) => `<p>${escape(name)}: ${escape(note)}</p>`),
    ]),
    ...report.notChecked.map(
      ({ what, reason, count, examples }) =>
        `<p>not checked: <code>${escape(what)}</code> (${count}): ${escape(reason.replace(/^not checked: /, ""))} <span class="dim">${escape(listExamples(examples, 10))}</span></p>`,
    ),
  ];
  return lines.length === 0 ? "" : `<div class="notes">${lines.join("")}</div>`;
}

function renderFilters(report: VerifyReport): string {
  const buttons = statuses
    .filter((status) => report.counts[status] > 0)
    .map(
      (status) =>
        `<button type="button" class="chip ${tones[status]}" data-filter="${status}" aria-pressed="true" title="${escape(statusWords[status])}">${report.counts[status]} ${status}</button>`,
    );
  const kinds = [
    ...new Set([...report.resources, ...report.unmanaged].map(({ kind }) => kind)),
  ].sort();
  const options = kinds.map(
    (kind) =>
      `<option value="${escape(kind)}">${escape(kind.replace(/^databricks_/, ""))}</option>`,
  );
  return `<div class="filters">${buttons.join("")}<select id="kind" aria-label="kind"><option value="">all kinds</option>${options.join("")}</select><input id="text" type="search" placeholder="path, field or value" aria-label="filter by text"></div>`;
}

async function renderCard(group: readonly ShownResult[]): Promise<string> {
  const [first] = group;
  if (first === undefined) return "";
  const id =
    first.id === undefined || group.length > 1
      ? ""
      : first.link === undefined
        ? `<code>${escape(first.id)}</code>`
        : `<a href="${escape(first.link)}">${escape(first.id)}</a>`;
  const parts = [
    `<header>${chip(first.status)} <strong>${escape(first.path)}</strong>`,
    ...(group.length > 1 ? [`<span>and ${group.length - 1} similar</span>`] : []),
    `<span class="dim">${escape(first.title)} ${id}</span>`,
    ...(group.length > 1
      ? []
      : [`<span class="dim"><code>${escape(first.source ?? first.address)}</code></span>`]),
    "</header>",
    ...(first.reason === undefined ? [] : [`<p>${escape(first.reason)}</p>`]),
    objectList(first),
    ...(first.findings.length === 0 ? [] : [findingsTable(first.findings)]),
    ...(first.tasks === undefined
      ? []
      : [`<div class="graph">${await taskGraphSvg(first.tasks)}</div>`]),
    ...(group.length > 1
      ? [
          `<details><summary>all ${group.length}</summary><ul class="plain">${group.map(({ path }) => `<li><code>${escape(path)}</code></li>`).join("")}</ul></details>`,
        ]
      : []),
  ];
  return `<article class="card" data-status="${first.status}" data-kind="${escape(first.kind)}">${parts.join("")}</article>`;
}

/** Lists the objects of a removed stack. */
function objectList({ objects = [] }: ShownResult): string {
  if (objects.length === 0) return "";
  const items = objects.map(({ title, address, name, id, link }) => {
    const text = escape(name ?? id);
    const nameHtml = link === undefined ? text : `<a href="${escape(link)}">${text}</a>`;
    return `<li>${escape(title)} ${nameHtml} <span class="dim"><code>${escape(address)}</code> ${escape(id)}</span></li>`;
  });
  return `<details${objects.length > 20 ? "" : " open"}><summary>${objects.length} ${objects.length === 1 ? "object" : "objects"}</summary><ul class="plain">${items.join("")}</ul></details>`;
}

const sides = { desired: "code", deployed: "deployed", remote: "workspace" } as const;

const tones: Readonly<Record<Status, string>> = {
  error: "bad",
  missing: "bad",
  drift: "bad",
  unmanaged: "wait",
  pending: "run",
  ignored: "off",
  unverifiable: "off",
  match: "ok",
};
const chip = (status: Status): string => `<span class="chip ${tones[status]}">${status}</span>`;

function findingsTable(findings: readonly ShownFinding[]): string {
  const rows = findings.map((finding) => {
    const side = (name: "desired" | "deployed" | "remote"): string =>
      `<td class="value ${name}" data-side="${sides[name]}">${renderValue(finding, name)}</td>`;
    return `<tr class="${finding.status}"><td><code>${escape(finding.path)}</code><small>${escape(finding.reason)}${finding.replaces === true ? "; setting it back replaces the object" : ""}</small></td>${side("desired")}${side("deployed")}${side("remote")}</tr>${diffRow(finding)}`;
  });
  return `<table><thead><tr><th>field</th><th>code</th><th>deployed</th><th>workspace</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/**
 * Shows the changed lines of a notebook or file. They start with `−` or `+`, so that colour is not
 * the only indication of a change.
 */
function diffRow({ diff, diffNote, status, ignored }: ShownFinding): string {
  const note = diffNote === undefined ? "" : `<p class="dim">${escape(diffNote)}</p>`;
  if (diff === undefined)
    return note === "" ? "" : `<tr class="diff"><td colspan="4">${note}</td></tr>`;
  const isPending = (ignored?.status ?? status) === "pending";
  const lines = diff.map(
    (line) => `<span class="${diffTones[line.slice(0, 1)] ?? ""}">${escape(line)}</span>`,
  );
  return `<tr class="diff"><td colspan="4"><details${diff.length > 100 ? "" : " open"}><summary>lines that differ: − ${isPending ? "workspace, + code" : "code, + workspace"}</summary><pre tabindex="0">${lines.join("\n")}</pre></details>${note}</td></tr>`;
}

const diffTones: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "@": "dim" };

function renderValue(finding: ShownFinding, side: "desired" | "deployed" | "remote"): string {
  const sideValue: ShownValue | undefined = finding[side];
  if (sideValue === undefined) return '<span class="dim">–</span>';
  return escape(
    typeof sideValue === "string" ? sideValue : JSON.stringify(sideValue, undefined, 2),
  );
}

function renderUnmanaged(object: UnmanagedObject<Shown>): string {
  const id =
    object.link === undefined
      ? `<code>${escape(object.id)}</code>`
      : `<a href="${escape(object.link)}">${escape(object.id)}</a>`;
  return `<article class="card" data-status="${object.status}" data-kind="${escape(object.kind)}"><header>${chip(object.status)} <strong>${escape(object.name)}</strong> <span class="dim">${escape(object.title)} ${id}</span></header><p>${escape(object.reason)}</p><p>remove it: <code>${escape(object.removal)}</code></p></article>`;
}

function renderMatches(report: VerifyReport): string {
  const matchedResources = report.resources.filter(({ status }) => status === "match");
  if (matchedResources.length === 0) return "";
  const items = matchedResources.map(
    ({ path, kind }) =>
      `<li data-status="match" data-kind="${escape(kind)}"><code>${escape(path)}</code></li>`,
  );
  return `<h2>Matches the code</h2><details${matchedResources.length > 100 ? "" : " open"}><summary>${matchedResources.length} ${matchedResources.length === 1 ? "resource" : "resources"}</summary><ul class="plain">${items.join("")}</ul></details>`;
}

function renderRules(report: VerifyReport): string {
  if (report.ignoreRules.length === 0) return "";
  const rows = report.ignoreRules.map(
    ({ path, kind, field, reason, expires, state, count, from }) =>
      `<tr><td><code>${escape([path, kind, field].filter((part) => part !== undefined).join(" "))}</code></td><td>${escape(reason)}</td><td>${state === "used" ? `used ${count}×` : state}</td><td>${escape(expires)}<small>${escape(from)}</small></td></tr>`,
  );
  return `<h2>Ignore rules</h2><table><thead><tr><th>what</th><th>reason</th><th>state</th><th>until</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function escape(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[<>&"']/g, (character) => escapes[character] ?? character);
}
