import { pageStyle } from "../../page-style";

/** Wraps the body of the HTML report in a page with its style and script. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${style}</style>
</head>
<body class="report">
${body}
<script>${script}</script>
</body>
</html>
`;
}

const style = `${pageStyle}
code,td.value{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px;overflow-wrap:anywhere}
.notes{margin:12px 0;padding:8px 12px;background:var(--soft);border-left:4px solid var(--line);border-radius:7px;overflow-wrap:anywhere}.notes p{margin:2px 0}.error{color:var(--bad)}
.filters{position:sticky;top:0;display:flex;flex-wrap:wrap;gap:6px;align-items:center;padding:10px 0;background:var(--bg);border-bottom:1px solid var(--line)}
.filters .chip{cursor:pointer;border:1px solid currentColor}.filters .chip[aria-pressed="false"]{background:none;border-style:dashed;font-weight:400}
.filters input,.filters select{font-size:13px;padding:4px 8px}.filters input{flex:1 1 12rem}
article{margin:12px 0;overflow:hidden}article>header{display:flex;flex-wrap:wrap;gap:3px 12px;align-items:baseline;padding:8px 12px;background:var(--soft);overflow-wrap:anywhere}article p{margin:8px 12px}
table{table-layout:fixed}th,td{padding:6px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--line)}th:first-child{width:34%}td.value{white-space:pre-wrap}td small{display:block;color:var(--dim);font-family:system-ui,sans-serif}
tr.drift td.remote{background:var(--bad-bg)}tr.drift td.desired,tr.pending td.desired{background:var(--ok-bg)}
tr.diff pre{background:var(--soft);border-radius:6px;padding:8px 10px}.diff .added{background:var(--ok-bg)}.diff .removed{background:var(--bad-bg)}.diff span{display:inline-block;min-width:100%}tr.diff summary{padding:2px 0 6px}
.graph{text-align:left}.graph .drift path{stroke:var(--bad);stroke-width:2;fill:var(--bad-bg)}.graph .added path{stroke:var(--ok);stroke-width:2;fill:var(--ok-bg)}.graph .removed path{stroke:var(--bad);stroke-width:2;stroke-dasharray:5 3;fill:none}.graph .pending path{stroke:var(--run);stroke-width:2;fill:var(--run-bg)}
summary{padding:4px 12px;color:var(--dim)}.hidden{display:none}ul.plain{columns:24rem;list-style:none;margin:5px 12px;padding:0}
@media (max-width:760px){table,tbody,tr,td{display:block;width:100%}thead{display:none}td{border-top:0}tr{border-top:1px solid var(--line)}td.value::before{content:attr(data-side) ": ";color:var(--dim);font-family:system-ui,sans-serif}}
@media print{.filters{display:none}}
`;

const script = `
(() => {
  const hiddenStatuses = new Set();
  const cards = [...document.querySelectorAll("[data-status]")];
  const kind = document.querySelector("#kind");
  const text = document.querySelector("#text");
  const none = document.querySelector("#none");
  const apply = () => {
    const search = text.value.toLowerCase();
    let shownCount = 0;
    for (const card of cards) {
      const hide = hiddenStatuses.has(card.dataset.status) || (kind.value !== "" && card.dataset.kind !== kind.value) || (search !== "" && !card.textContent.toLowerCase().includes(search));
      card.classList.toggle("hidden", hide);
      if (!hide) shownCount += 1;
    }
    none.classList.toggle("hidden", shownCount > 0);
  };
  for (const button of document.querySelectorAll("button[data-filter]")) {
    button.addEventListener("click", () => {
      const status = button.dataset.filter;
      if (!hiddenStatuses.delete(status)) hiddenStatuses.add(status);
      button.setAttribute("aria-pressed", String(!hiddenStatuses.has(status)));
      apply();
    });
  }
  kind.addEventListener("change", apply);
  text.addEventListener("input", apply);
})();
`;
