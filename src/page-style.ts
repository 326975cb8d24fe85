/**
 * The style of all HTML pages: reviews, verify reports, the local workspace, exported notebooks. It
 * uses system fonts, has a light and a dark scheme, and loads no external resources.
 */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b2430;--dim:#566271;--line:#dfe4ea;--soft:#eef1f5;--accent:#0b6b7c;--accent-soft:#e3f4f7;
--ok:#17683a;--ok-bg:#e3f5e9;--bad:#b42318;--bad-bg:#fdeae8;--run:#1a5fd0;--run-bg:#e5eefc;--wait:#7d4e00;--wait-bg:#fdf2d8;--off:#566271;--off-bg:#e9edf1;--shadow:0 1px 2px rgba(20,30,45,.06),0 4px 14px rgba(20,30,45,.05)}
@media (prefers-color-scheme:dark){:root{--bg:#10151b;--card:#182029;--text:#e4e9ef;--dim:#a3aebb;--line:#2a3541;--soft:#202a35;--accent:#4cc3d6;--accent-soft:#12343b;
--ok:#6fd695;--ok-bg:#14351f;--bad:#ff958b;--bad-bg:#431c19;--run:#8fb8ff;--run-bg:#18305a;--wait:#f0c060;--wait-bg:#3d2f0f;--off:#a3aebb;--off-bg:#28323d;--shadow:0 1px 2px rgba(0,0,0,.4)}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
a{color:var(--accent)}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
h1{font-size:24px;line-height:1.25;letter-spacing:-.015em;margin:0 0 18px;overflow-wrap:anywhere}h2{font-size:16px;margin:28px 0 10px}h3{font-size:15px;margin:18px 0 6px}
.mono,code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}code{overflow-wrap:anywhere}
pre{margin:0;padding:14px 16px;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.dim{color:var(--dim)}.card{background:var(--card);border:1px solid var(--line);border-radius:11px;box-shadow:var(--shadow)}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}th{color:var(--dim);font-weight:500;font-size:12.5px;text-align:left}
.chip{display:inline-flex;align-items:center;gap:7px;padding:2px 10px 2px 8px;border:0;border-radius:99px;font-family:inherit;font-size:12.5px;font-weight:600;letter-spacing:.01em;white-space:nowrap;color:var(--off);background:var(--off-bg)}
.chip::before{content:"";width:8px;height:8px;border-radius:50%;background:currentColor}
.chip.ok{color:var(--ok);background:var(--ok-bg)}.chip.bad{color:var(--bad);background:var(--bad-bg)}.chip.run{color:var(--run);background:var(--run-bg)}.chip.wait{color:var(--wait);background:var(--wait-bg)}
.note{border-left:4px solid var(--bad);background:var(--bad-bg);color:var(--text);padding:11px 15px;border-radius:7px;margin:0 0 16px;overflow-wrap:anywhere}.note.info{border-color:var(--wait);background:var(--wait-bg)}
.graph{padding:14px;text-align:center;overflow:auto}.graph svg{max-width:100%;height:auto;max-height:460px}.graph text{fill:var(--text);font-family:inherit}
.graph .node path,.graph .node polygon{fill:var(--off-bg);stroke:var(--off);stroke-width:1.2}.graph .edge path{stroke:var(--dim);fill:none}.graph .edge polygon{fill:var(--dim);stroke:var(--dim)}
.graph .ok path,.graph .ok polygon{fill:var(--ok-bg);stroke:var(--ok)}.graph .bad path,.graph .bad polygon{fill:var(--bad-bg);stroke:var(--bad)}
.graph .run path,.graph .run polygon{fill:var(--run-bg);stroke:var(--run)}.graph .wait path,.graph .wait polygon{fill:var(--wait-bg);stroke:var(--wait)}
.button{font:inherit;font-size:13.5px;font-weight:600;padding:6px 14px;border-radius:8px;border:1px solid var(--accent);background:var(--accent);color:var(--card);cursor:pointer}.button.quiet{background:transparent;color:var(--accent)}
input[type=text],input[type=password],input[type=search],select{font:inherit;padding:8px 12px;border-radius:8px;border:1px solid var(--line);background:var(--card);color:var(--text);min-width:0;max-width:100%}
summary{cursor:pointer}
/* Reports: one column of text. */
body.report{margin:0 auto;max-width:76rem;padding:20px 16px 60px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px 26px;margin:0}.facts dt{color:var(--dim);font-size:12.5px}.facts dd{margin:0;overflow-wrap:anywhere}.facts .wide{grid-column:1/-1}
@media (max-width:760px){.facts{grid-template-columns:repeat(2,minmax(0,1fr))}.facts dd{font-size:14px}}
@media print{.tools{display:none}.card{box-shadow:none}}
`;
