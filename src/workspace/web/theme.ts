import { pageStyle } from "../../page-style";

/** The styles of the frame and of the elements that only these pages contain. */
export const css = `${pageStyle}
a{text-decoration:none}a:hover,.crumbs a,p a{text-decoration:underline}
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
h1{display:flex;align-items:center;gap:12px;flex-wrap:wrap}
.card{overflow:hidden}
.card.pad{padding:16px 18px}
th{background:var(--soft)}
th,td{padding:9px 14px;border-bottom:1px solid var(--line);vertical-align:middle}tr:last-child td{border-bottom:0}tbody tr:hover{background:var(--soft)}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums}td.wide{width:30%}td:has(.bar){min-width:140px;width:30%}.nowrap{white-space:nowrap}.name{display:inline-block;vertical-align:bottom;white-space:nowrap;max-width:32ch;overflow:hidden;text-overflow:ellipsis}.gap{height:18px}
pre{max-height:520px}
.empty{padding:34px;text-align:center;color:var(--dim)}
.chip.run::before{animation:pulse 1.2s ease-in-out infinite}@keyframes pulse{50%{opacity:.25}}
@media (prefers-reduced-motion:reduce){.chip.run::before{animation:none}}
.tag{display:inline-block;padding:1px 8px;border:1px solid var(--line);border-radius:6px;font-size:12.5px;margin:0 5px 4px 0;background:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px}.cards .card{padding:14px 18px}.cards b{display:block;font-size:26px;line-height:1.25;font-variant-numeric:tabular-nums}.cards span{color:var(--dim);font-size:13px}
.graph a:hover path,.graph a:hover polygon{stroke-width:2.2}
.bar{display:block;width:100%;height:14px}.bar .track{fill:var(--soft)}.bar .off{fill:var(--off)}.bar .ok{fill:var(--ok)}.bar .bad{fill:var(--bad)}.bar .run{fill:var(--run)}.bar .wait{fill:var(--wait)}.bar .setup{opacity:.35}
.cell{margin:0 0 12px}.cell.bad{border-color:var(--bad)}.cell-head{display:flex;gap:10px;align-items:center;flex-wrap:wrap;padding:8px 14px;border-bottom:1px solid var(--line);background:var(--soft);font-size:13.5px}
.cell .out{border-top:1px solid var(--line);border-left:3px solid var(--accent)}.cell .err{border-top:1px solid var(--line);color:var(--bad)}.stderr{color:var(--wait)}mark{background:var(--bad-bg);color:inherit;display:inline-block;min-width:100%}
.right{margin-left:auto;display:flex;gap:8px}.right form{margin:0}
.filter{display:flex;gap:8px;margin:0 0 14px}.filter input{width:320px}
.pager{padding:12px 0;display:flex;gap:18px}details summary{color:var(--accent);padding:6px 0}
.login{max-width:420px;margin:14vh auto;padding:0 20px}.login .card{padding:28px}.login form{display:flex;flex-direction:column;gap:12px}.login h1{margin-bottom:6px}
@media (max-width:760px){.frame{grid-template-columns:minmax(0,1fr);grid-template-rows:auto 1fr}nav{position:static;height:auto;flex-direction:row;border-right:0;border-bottom:1px solid var(--line);padding:8px 10px;overflow-x:auto;align-items:center}nav .brand{padding:4px 8px}nav .brand svg{flex:none}nav a.item{white-space:nowrap;padding:6px 9px}nav .foot{margin:0;padding:4px 8px;display:flex;gap:12px;white-space:nowrap}main{padding:18px 16px 50px}th,td{padding:8px 10px}.name{max-width:26ch}.filter input{width:100%}.card.pad{padding:14px}}
`;

/**
 * The pages' script. It redirects links of the form `#job/1/run/2`, because browsers do not send
 * the fragment to the server, and polls live pages for JSON, in which the server has escaped all
 * values.
 */
export const script = `
(function(){
if(location.pathname==="/"&&location.hash.length>1){location.replace("/hash?address="+encodeURIComponent(location.hash));return}
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
