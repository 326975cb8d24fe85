import { pageStyle } from "../../page-style";

/** Styles and scripts that only the review uses. */
export const style = `${pageStyle}
.card{padding:10px 16px;margin:10px 0}.card h2,.card h3{margin:4px 0}.facts{margin:0 0 12px}.facts code{user-select:all}small{font-weight:400;color:var(--dim)}
code{background:var(--soft);padding:.1em .3em;border-radius:4px}pre{background:var(--soft);padding:8px 10px;border-radius:6px;margin:3px 0}.facts code,pre code{background:none;padding:0}
p.dim{margin:3px 0}.counts{display:flex;flex-wrap:wrap;gap:6px;align-items:center;margin:6px 0}.chip.zero{font-weight:400}
.flags{margin:8px 0 4px;padding-left:1.3rem}.flags>li{list-style:"⚠ "}.flags .bad a{color:var(--bad)}
details.change,details.finding{background:var(--card);border:1px solid var(--line);border-left-width:4px;border-radius:8px;padding:6px 12px;margin:8px 0}
.change.create{border-left-color:var(--ok)}.change.update,.finding.warning{border-left-color:var(--wait)}.change.replace,.change.destroy,.finding.error{border-left-color:var(--bad)}
.why{color:var(--bad);margin:3px 0}td,th{padding:4px 8px;border-top:1px solid var(--line);vertical-align:top}tr:target,tr.marked{outline:2px solid var(--accent)}
tr.added .after,.diff .added{background:var(--ok-bg)}tr.removed .before,.diff .removed{background:var(--bad-bg)}tr.changed .before{background:var(--bad-bg)}tr.changed .after{background:var(--ok-bg)}.diff span{display:inline-block;min-width:100%}
.tools{display:flex;flex-wrap:wrap;gap:8px}.tools input{width:min(24rem,100%)}figure.graph{margin:6px 0}.graph [tabindex]{cursor:pointer}.graph .faded{opacity:.25}
.graph.wide{max-height:75vh}.graph.wide svg{max-width:none;max-height:none}figcaption{text-align:left;font-size:13px;margin-top:8px}
.graph .added path{stroke:var(--ok);fill:var(--ok-bg)}.graph .removed path{stroke:var(--bad);fill:var(--bad-bg)}.graph .changed path{stroke:var(--wait);fill:var(--wait-bg)}
.graph .edge-added path{stroke:var(--ok)}.graph .edge-added polygon{fill:var(--ok);stroke:var(--ok)}.graph .edge-added text{fill:var(--ok)}.graph .edge-removed path{stroke:var(--bad)}.graph .edge-removed polygon{fill:var(--bad);stroke:var(--bad)}.graph .edge-removed text{fill:var(--bad)}
`;

/**
 * The script of the page: the filter, "Open all", and graphs in which selecting a node fades all
 * nodes that it is not connected to and, for a resource, opens its change. The page is readable
 * without the script.
 */
export const script = `
(() => {
  for (const figure of document.querySelectorAll("figure.graph")) {
    const nodes = [...figure.querySelectorAll("[data-node]")];
    const edges = [...figure.querySelectorAll("[data-from]")];
    let selected;
    const reached = (start, from, to) => {
      const keys = new Set([start]);
      for (const key of keys) for (const edge of edges) if (edge.dataset[from] === key) keys.add(edge.dataset[to]);
      return keys;
    };
    const select = (node) => {
      selected = node === selected ? undefined : node;
      const key = selected?.dataset.node;
      const up = reached(key, "to", "from");
      const down = reached(key, "from", "to");
      for (const each of nodes) {
        each.setAttribute("aria-pressed", String(each === selected));
        each.classList.toggle("faded", selected !== undefined && !up.has(each.dataset.node) && !down.has(each.dataset.node));
      }
      for (const each of edges) {
        const { from, to } = each.dataset;
        each.classList.toggle("faded", selected !== undefined && !(up.has(from) && up.has(to)) && !(down.has(from) && down.has(to)));
      }
      const target = document.getElementById(selected?.dataset.change ?? "");
      if (target) {
        target.open = true;
        target.scrollIntoView({ block: "nearest" });
      }
      const rows = figure.closest("details.change")?.querySelectorAll("tr[data-task]") ?? [];
      for (const row of rows) row.classList.toggle("marked", selected !== undefined && row.dataset.task === key);
    };
    for (const node of nodes) {
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.setAttribute("aria-pressed", "false");
      node.addEventListener("click", () => select(node));
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        select(node);
      });
    }
  }
  const filter = document.getElementById("filter");
  const changes = [...document.querySelectorAll("details.change")];
  if (!filter) return;
  filter.addEventListener("input", () => {
    const search = filter.value.trim().toLowerCase();
    for (const change of changes) change.hidden = search !== "" && !change.textContent.toLowerCase().includes(search);
  });
  const all = document.getElementById("all");
  const anyClosed = () => changes.some((change) => !change.open);
  const label = () => { all.textContent = anyClosed() ? "Open all" : "Close all"; };
  all.hidden = false;
  label();
  for (const change of changes) change.addEventListener("toggle", label);
  all.addEventListener("click", () => {
    const open = anyClosed();
    for (const change of changes) change.open = open;
  });
})();
`;
