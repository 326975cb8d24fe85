/** The pages' style: system fonts, light and dark, no external resources. */
export const css = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b2430;--dim:#5f6b7a;--line:#dfe4ea;--soft:#eef1f5;--accent:#0b7285;--accent-soft:#e3f4f7;
--ok:#1c7a3e;--ok-bg:#e3f5e9;--bad:#b42318;--bad-bg:#fdeae8;--run:#1a5fd0;--run-bg:#e5eefc;--wait:#8a5a00;--wait-bg:#fdf2d8;--off:#5f6b7a;--off-bg:#e9edf1;--shadow:0 1px 2px rgba(20,30,45,.06),0 4px 14px rgba(20,30,45,.05)}
@media (prefers-color-scheme:dark){:root{--bg:#10151b;--card:#182029;--text:#e4e9ef;--dim:#97a3b2;--line:#2a3541;--soft:#202a35;--accent:#4cc3d6;--accent-soft:#12343b;
--ok:#6fd695;--ok-bg:#14351f;--bad:#ff8f85;--bad-bg:#431c19;--run:#84b1ff;--run-bg:#18305a;--wait:#f0c060;--wait-bg:#3d2f0f;--off:#97a3b2;--off-bg:#28323d;--shadow:0 1px 2px rgba(0,0,0,.4)}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.frame{display:grid;grid-template-columns:216px minmax(0,1fr);min-height:100vh}
nav{background:var(--card);border-right:1px solid var(--line);padding:20px 12px;display:flex;flex-direction:column;gap:2px;position:sticky;top:0;height:100vh}
nav .brand{font-weight:700;font-size:17px;letter-spacing:-.01em;padding:0 10px 16px;color:var(--text);display:flex;align-items:center;gap:9px}
nav .brand svg{width:22px;height:22px;color:var(--accent)}
nav a.item{padding:7px 10px;border-radius:7px;color:var(--text)}nav a.item:hover{background:var(--soft);text-decoration:none}
nav a.item[aria-current]{background:var(--accent-soft);color:var(--accent);font-weight:600}
nav .foot{margin-top:auto;padding:10px;font-size:12px;color:var(--dim);overflow-wrap:anywhere}
nav button{all:unset;cursor:pointer;color:var(--accent);font-size:12px}nav button:hover{text-decoration:underline}
main{padding:26px 32px 60px;max-width:1320px;width:100%}
.crumbs{color:var(--dim);font-size:13px;margin-bottom:4px}
h1{font-size:24px;line-height:1.25;letter-spacing:-.015em;margin:0 0 18px;display:flex;align-items:center;gap:12px;flex-wrap:wrap;overflow-wrap:anywhere}
h2{font-size:16px;margin:28px 0 10px}
.card{background:var(--card);border:1px solid var(--line);border-radius:11px;box-shadow:var(--shadow);overflow:hidden}
.card.pad{padding:16px 18px}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}th{color:var(--dim);font-weight:500;font-size:12.5px;text-align:left;background:var(--soft)}
th,td{padding:9px 14px;border-bottom:1px solid var(--line);vertical-align:middle}tr:last-child td{border-bottom:0}tbody tr:hover{background:var(--soft)}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums}td.wide{width:30%}td:has(.bar){min-width:140px;width:30%}.nowrap{white-space:nowrap}.name{display:inline-block;vertical-align:bottom;white-space:nowrap;max-width:32ch;overflow:hidden;text-overflow:ellipsis}.gap{height:18px}
.mono,code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}
pre{margin:0;padding:14px 16px;overflow:auto;max-height:520px;white-space:pre-wrap;overflow-wrap:anywhere}
.dim{color:var(--dim)}.empty{padding:34px;text-align:center;color:var(--dim)}
.chip{display:inline-flex;align-items:center;gap:7px;padding:2px 10px 2px 8px;border-radius:99px;font-size:12.5px;font-weight:600;letter-spacing:.01em;white-space:nowrap;color:var(--off);background:var(--off-bg)}
.chip::before{content:"";width:8px;height:8px;border-radius:50%;background:currentColor}
.chip.ok{color:var(--ok);background:var(--ok-bg)}.chip.bad{color:var(--bad);background:var(--bad-bg)}.chip.run{color:var(--run);background:var(--run-bg)}.chip.wait{color:var(--wait);background:var(--wait-bg)}
.chip.run::before{animation:pulse 1.2s ease-in-out infinite}@keyframes pulse{50%{opacity:.25}}
@media (prefers-reduced-motion:reduce){.chip.run::before{animation:none}}
.tag{display:inline-block;padding:1px 8px;border:1px solid var(--line);border-radius:6px;font-size:12.5px;margin:0 5px 4px 0;background:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px}.cards .card{padding:14px 18px}.cards b{display:block;font-size:26px;line-height:1.25;font-variant-numeric:tabular-nums}.cards span{color:var(--dim);font-size:13px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px 26px}.facts dt{color:var(--dim);font-size:12.5px}.facts dd{margin:0;overflow-wrap:anywhere}
.note{border-left:4px solid var(--bad);background:var(--bad-bg);color:var(--text);padding:11px 15px;border-radius:7px;margin:0 0 16px;overflow-wrap:anywhere}
.note.info{border-color:var(--wait);background:var(--wait-bg)}
.graph{padding:14px;text-align:center;overflow:auto}.graph svg{max-width:100%;height:auto;max-height:460px}
.graph .node path,.graph .node polygon{fill:var(--off-bg);stroke:var(--off);stroke-width:1.2}.graph text{fill:var(--text);font-family:inherit}
.graph .edge path{stroke:var(--dim)}.graph .edge polygon{fill:var(--dim);stroke:var(--dim)}.graph a:hover path,.graph a:hover polygon{stroke-width:2.2}
.graph .ok path,.graph .ok polygon{fill:var(--ok-bg);stroke:var(--ok)}.graph .bad path,.graph .bad polygon{fill:var(--bad-bg);stroke:var(--bad)}
.graph .run path,.graph .run polygon{fill:var(--run-bg);stroke:var(--run)}.graph .wait path,.graph .wait polygon{fill:var(--wait-bg);stroke:var(--wait)}
.bar{display:block;width:100%;height:14px}.bar .track{fill:var(--soft)}.bar .off{fill:var(--off)}.bar .ok{fill:var(--ok)}.bar .bad{fill:var(--bad)}.bar .run{fill:var(--run)}.bar .wait{fill:var(--wait)}.bar .setup{opacity:.35}
.button{font:inherit;font-size:13.5px;font-weight:600;padding:6px 14px;border-radius:8px;border:1px solid var(--accent);background:var(--accent);color:var(--card);cursor:pointer}.button.quiet{background:transparent;color:var(--accent)}
.cell{margin:0 0 12px}.cell.bad{border-color:var(--bad)}.cell-head{display:flex;gap:10px;align-items:center;flex-wrap:wrap;padding:8px 14px;border-bottom:1px solid var(--line);background:var(--soft);font-size:13.5px}
.cell .out{border-top:1px solid var(--line);border-left:3px solid var(--accent)}.cell .err{border-top:1px solid var(--line);color:var(--bad)}.stderr{color:var(--wait)}mark{background:var(--bad-bg);color:inherit;display:inline-block;min-width:100%}
.right{margin-left:auto;display:flex;gap:8px}.right form{margin:0}
input[type=text],input[type=password],input[type=search]{font:inherit;padding:8px 12px;border-radius:8px;border:1px solid var(--line);background:var(--card);color:var(--text);min-width:0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.filter{display:flex;gap:8px;margin:0 0 14px}.filter input{width:320px}
.pager{padding:12px 0;display:flex;gap:18px}details summary{cursor:pointer;color:var(--accent);padding:6px 0}
.login{max-width:420px;margin:14vh auto;padding:0 20px}.login .card{padding:28px}.login form{display:flex;flex-direction:column;gap:12px}.login h1{margin-bottom:6px}
@media (max-width:760px){.frame{grid-template-columns:minmax(0,1fr);grid-template-rows:auto 1fr}nav{position:static;height:auto;flex-direction:row;border-right:0;border-bottom:1px solid var(--line);padding:8px 10px;overflow-x:auto;align-items:center}nav .brand{padding:4px 8px}nav .brand svg{flex:none}nav a.item{white-space:nowrap;padding:6px 9px}nav .foot{margin:0;padding:4px 8px;display:flex;gap:12px;white-space:nowrap}main{padding:18px 16px 50px}th,td{padding:8px 10px}.facts{grid-template-columns:repeat(2,minmax(0,1fr))}.facts dd{font-size:14px}.name{max-width:26ch}.filter input{width:100%}.card.pad{padding:14px}}
`;

/** The script of the page: redirects old `#job/1/run/2` links, and polls live pages for their JSON (with values escaped by the server). */
export const script = `
(function(){
var hash=/^#job\\/(\\d+)(?:\\/run\\/(\\d+))?/.exec(location.hash);
if(hash){location.replace("/jobs/"+hash[1]+(hash[2]?"/runs/"+hash[2]:""));return}
var live=document.querySelector("[data-live]");
if(!live)return;
var last=live.dataset.live,url=new URL(location.href);url.searchParams.set("live","1");url.hash="";
function tick(){
  if(document.hidden){setTimeout(tick,1000);return}
  fetch(url,{headers:{accept:"application/json"},credentials:"same-origin"}).then(function(r){if(r.status===401){location.reload()}return r.ok?r.json():null}).then(function(page){
    if(page&&page.version!==last&&!(live.contains(document.activeElement)&&document.activeElement.matches("input"))){
      var open=[].map.call(live.querySelectorAll("details"),function(d){return d.open});
      last=page.version;live.innerHTML=page.html;document.title=page.title;
      [].forEach.call(live.querySelectorAll("details"),function(d,i){d.open=!!open[i]});
    }
    if(!page||!page.done)setTimeout(tick,1000);
  }).catch(function(){setTimeout(tick,3000)});
}
setTimeout(tick,1000);
})();
`;
