/** The frame of the HTML report: style and script, both inside the one file. */

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --bg: #fff; --soft: #f4f5f7; --text: #1c2128; --dim: #5a6572; --line: #d8dee4; --error: #a40e26; --drift: #cf222e; --missing: #8f1d6e;
  --unmanaged: #8a5a00; --pending: #0a5fb4; --ignored: #5a6572; --unverifiable: #5a6572; --match: #116329; --bad: #ffebe9; --good: #dafbe1; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1318; --soft: #191f27; --text: #e6edf3; --dim: #9aa7b4; --line: #313a45; --error: #ff8088; --drift: #ff7b72; --missing: #e38bd0;
  --unmanaged: #e3a73c; --pending: #6cb6ff; --ignored: #9aa7b4; --unverifiable: #9aa7b4; --match: #57d17c; --bad: #3a1518; --good: #12301b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
a { color: var(--pending); } code, pre, td.value { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.dim { color: var(--dim); } .notes { margin: .75rem 0; padding: .5rem .75rem; background: var(--soft); border-left: 3px solid var(--line); } .notes p { margin: .15rem 0; }
.filters { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; padding: .6rem 0; background: var(--bg); border-bottom: 1px solid var(--line); }
.filters button { font: inherit; font-size: 13px; padding: .15rem .6rem; color: var(--text); background: var(--soft); border: 1px solid var(--line); border-radius: 1rem; cursor: pointer; }
.filters button[aria-pressed="true"] { border-color: currentColor; font-weight: 600; background: var(--bg); } .filters button[aria-pressed="false"] { opacity: .55; }
.filters input, .filters select { font: inherit; font-size: 13px; padding: .2rem .5rem; color: var(--text); background: var(--bg); border: 1px solid var(--line); border-radius: .3rem; } .filters input { flex: 1 1 12rem; }
article { margin: .75rem 0; border: 1px solid var(--line); border-radius: .4rem; overflow: hidden; } article > header { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; padding: .5rem .75rem; background: var(--soft); }
article p { margin: .5rem .75rem; } .status { font-size: 12px; font-weight: 700; text-transform: uppercase; letter-spacing: .03em; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; } th, td { padding: .35rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); } th { font-size: 12px; color: var(--dim); font-weight: 600; }
th:first-child { width: 34%; } td.value { white-space: pre-wrap; } tr.drift td.remote { background: var(--bad); } tr.drift td.desired, tr.pending td.desired { background: var(--good); } td small { display: block; color: var(--dim); font-family: system-ui, sans-serif; }
.error { color: var(--error); } .drift > .status, button.drift, .status.drift { color: var(--drift); } .status.missing, button.missing { color: var(--missing); } .status.unmanaged, button.unmanaged { color: var(--unmanaged); }
.status.pending, button.pending { color: var(--pending); } .status.ignored, button.ignored { color: var(--ignored); } .status.unverifiable, button.unverifiable { color: var(--unverifiable); } .status.match, button.match { color: var(--match); } .status.error, button.error { color: var(--error); }
.graph { padding: .5rem .75rem; overflow-x: auto; } .graph svg { max-height: 22rem; } .graph text { fill: var(--text); } .graph path, .graph polygon { stroke: var(--dim); } .graph .edge polygon { fill: var(--dim); } .graph .node path, .graph .edge path, .graph .graph > polygon { fill: none; } .graph .graph > polygon { stroke: none; }
.graph .drift path, .graph .added path { stroke: var(--drift); stroke-width: 2; fill: var(--bad); } .graph .removed path { stroke: var(--missing); stroke-width: 2; stroke-dasharray: 5 3; } .graph .pending path { stroke: var(--pending); stroke-width: 2; }
details summary { cursor: pointer; padding: .3rem .75rem; color: var(--dim); } .hidden { display: none; } ul.plain { columns: 24rem; list-style: none; margin: .3rem .75rem; padding: 0; }
@media print { .filters { display: none; } } @media (max-width: 40rem) { th, td { padding: .3rem .4rem; } }
`;

const script = `
(() => {
  const off = new Set();
  const cards = [...document.querySelectorAll("[data-status]")];
  const kind = document.querySelector("#kind");
  const text = document.querySelector("#text");
  const none = document.querySelector("#none");
  const apply = () => {
    const wanted = text.value.toLowerCase();
    let shown = 0;
    for (const card of cards) {
      const hide = off.has(card.dataset.status) || (kind.value !== "" && card.dataset.kind !== kind.value) || (wanted !== "" && !card.textContent.toLowerCase().includes(wanted));
      card.classList.toggle("hidden", hide);
      if (!hide) shown += 1;
    }
    none.classList.toggle("hidden", shown > 0);
  };
  for (const button of document.querySelectorAll("button[data-filter]")) {
    button.addEventListener("click", () => {
      const status = button.dataset.filter;
      if (!off.delete(status)) off.add(status);
      button.setAttribute("aria-pressed", String(!off.has(status)));
      apply();
    });
  }
  kind.addEventListener("change", apply);
  text.addEventListener("input", apply);
})();
`;
