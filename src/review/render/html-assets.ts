/** The styles of the HTML review: system fonts, no network, follows the reader's colour scheme. */
export const style = `
:root{--bg:#fff;--fg:#1f2328;--quiet:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--add:#1a7f37;--add-bg:#dafbe1;--del:#cf222e;--del-bg:#ffebe9;--chg:#7d4e00;--chg-bg:#fff8c5;--link:#0969da}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--quiet:#9198a1;--line:#3d444d;--soft:#151b23;--add:#3fb950;--add-bg:#12261e;--del:#f85149;--del-bg:#25171c;--chg:#d29922;--chg-bg:#272115;--link:#4493f8}}
*{box-sizing:border-box}body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:.6rem 0 .3rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}small{font-weight:400;color:var(--quiet)}
code,pre{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--soft);padding:.5rem;border-radius:6px;overflow:auto;margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere}a{color:var(--link)}
.quiet{color:var(--quiet)}p.quiet{margin:.2rem 0}.card{border:1px solid var(--line);border-radius:8px;padding:.4rem 1rem .6rem;margin:.6rem 0}.card h2{margin:.2rem 0}
.counts{margin:.2rem 0}.chip{display:inline-block;padding:0 .55em;border-radius:1em;border:1px solid var(--line);font-size:.85em;white-space:nowrap}
.chip.create{color:var(--add);border-color:var(--add)}.chip.update,.chip.warning{color:var(--chg);border-color:var(--chg)}.chip.replace,.chip.destroy,.chip.error{color:var(--del);border-color:var(--del)}.chip.zero{color:var(--quiet);border-color:var(--line)}
.flags{margin:.4rem 0;padding-left:1.2rem}.flags>li{list-style:"⚠ ";color:var(--fg)}.flags .bad a{color:var(--del)}
summary{cursor:pointer}details.change,details.finding{border:1px solid var(--line);border-left-width:4px;border-radius:6px;padding:.3rem .8rem;margin:.5rem 0}
.change.create{border-left-color:var(--add)}.change.update,.finding.warning{border-left-color:var(--chg)}.change.replace,.change.destroy,.finding.error{border-left-color:var(--del)}
.why{color:var(--del);margin:.2rem 0}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.4rem 0}th{text-align:left;color:var(--quiet);font-weight:500;font-size:.85em}td,th{padding:.2rem .5rem;border-top:1px solid var(--line);vertical-align:top}
tr.added .after,.diff .added{background:var(--add-bg)}tr.removed .before,.diff .removed{background:var(--del-bg)}tr.changed .before{background:var(--del-bg)}tr.changed .after{background:var(--add-bg)}.diff span{display:inline-block;min-width:100%}
.digest code{user-select:all}.tools input{padding:.35rem .6rem;width:min(24rem,100%);border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--fg)}.tools button{padding:.35rem .8rem;border:1px solid var(--line);border-radius:6px;background:var(--soft);color:var(--fg)}
.graph{margin:.5rem 0;overflow-x:auto}.graph svg{height:auto;width:100%}.graph text{fill:var(--fg)}.graph path,.graph polygon{stroke:var(--quiet)}.graph polygon{fill:var(--quiet)}.graph .task path,.graph .task polygon{fill:none;stroke:var(--line)}
.graph .added path{stroke:var(--add);fill:var(--add-bg)}.graph .removed path{stroke:var(--del);fill:var(--del-bg)}.graph .changed path{stroke:var(--chg);fill:var(--chg-bg)}
.graph .edge-added path,.graph .edge-added polygon{stroke:var(--add)}.graph .edge-added polygon,.graph .edge-added text{fill:var(--add)}.graph .edge-removed path,.graph .edge-removed polygon{stroke:var(--del)}.graph .edge-removed polygon,.graph .edge-removed text{fill:var(--del)}
@media print{.tools{display:none}}
`;

/** Filter and "open all": the page works without it. */
export const script = `
(() => {
  const filter = document.getElementById("filter");
  const changes = [...document.querySelectorAll("details.change")];
  if (!filter) return;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const change of changes) change.hidden = wanted !== "" && !change.textContent.toLowerCase().includes(wanted);
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
