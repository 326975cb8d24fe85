// npm run pictures: writes docs/pictures/: the drawing of docs/concepts.md, and pictures of the
// daily ETL (stacks/daily-etl.ts) on a local workspace.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import chromium from "@sparticuz/chromium";
import { instance } from "@viz-js/viz";
import { chromium as browsers } from "playwright-core";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "docs", "pictures");
fs.mkdirSync(folder, { recursive: true });

/** Draws the picture of docs/concepts.md. */
async function drawConcepts() {
  const graph = `digraph {
    graph [bgcolor="white", pad=0.2, nodesep=0.5, ranksep=0.5]
    node [shape=box, style="rounded,filled", fillcolor="#f6f8fa", color="#57606a", fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.22,0.1"]
    edge [fontname="Helvetica,Arial,sans-serif", fontsize=10, color="#57606a", fontcolor="#57606a", arrowsize=0.7]
    code [label="constructs + environments\\nTypeScript"]
    json [label="cdk.tf.json\\none per stack", shape=note]
    review [label="review\\nplan, drift, policies", fillcolor="#ddf4ff", color="#0969da"]
    approve [label="approval\\nof a digest", fillcolor="#ddf4ff", color="#0969da"]
    deploy [label="deploy\\nterraform apply, heal", fillcolor="#ddf4ff", color="#0969da"]
    verify [label="verify", fillcolor="#ddf4ff", color="#0969da"]
    workspace [label="workspace\\nlocal or real", shape=cylinder, fillcolor="#fff8c5", color="#9a6700"]
    record [label="deployment record", shape=note, fillcolor="#fff8c5", color="#9a6700"]
    promote [label="next environment", style="rounded,dashed"]
    {rank=same; code; json}
    {rank=same; review; approve; verify; promote}
    {rank=same; deploy}
    {rank=same; workspace; record}
    code -> json [label="synth"]
    json -> verify [style=dashed]
    verify -> promote [label="gates"]
    json -> review [label="terraform plan"]
    review -> approve
    approve -> deploy
    deploy -> workspace [label="provider, REST"]
    deploy -> record
    verify -> workspace [label="REST, read only"]
    verify -> record [style=dashed]
  }`;
  const svg = (await instance()).renderString(graph, { format: "svg" });
  // Remove Graphviz's comments, which contain its version.
  const text = svg.slice(svg.indexOf("<svg")).replaceAll(/<!--[^]*?-->\n?/g, "");
  fs.writeFileSync(path.join(folder, "concepts.svg"), text);
}

/** Calls `use` with a temporary copy of this repository's stacks and a new workspace. */
async function withProject(use) {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-pictures-"));
  for (const entry of ["cdktf.json", "tsconfig.json", "package.json", "stacks"])
    fs.cpSync(path.join(root, entry), path.join(project, entry), { recursive: true });
  for (const entry of ["constructs", "node_modules"])
    fs.symlinkSync(path.join(root, entry), path.join(project, entry));
  const env = { ...process.env, DAILY_ETL_API_KEY: "made-up", NO_COLOR: "1" };
  delete env.TF_CLI_CONFIG_FILE;
  for (const name of Object.keys(env)) if (name.startsWith("DATABRICKS_")) delete env[name];
  const lakeform = (args, expected = 0) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(root, "bin", "lakeform.js"), ...args],
      {
        cwd: project,
        env,
        encoding: "utf8",
      },
    );
    if (status !== expected)
      throw new Error(
        `lakeform ${args.join(" ")} exited with ${status}, not ${expected}\n${stderr}\n${stdout}`,
      );
    return stdout;
  };
  const server = JSON.parse(
    lakeform(["workspace", "start", "--port", "0", "--detach"]).trim().split("\n").at(-1),
  );
  try {
    await use({ project, lakeform, server });
  } finally {
    lakeform(["workspace", "stop"]);
    fs.rmSync(project, { recursive: true, force: true });
  }
}

/** The frames of demo.svg: commands, with the first lines of their output. */
const frameTexts = [];
function addFrame(command, output, maxLines = 14) {
  const lines = output.trimEnd().split("\n");
  frameTexts.push({
    command,
    lines:
      lines.length > maxLines
        ? [...lines.slice(0, maxLines - 1), `… ${lines.length - maxLines + 1} more lines`]
        : lines,
  });
}

/** Returns an SVG that shows one frame after the other. */
function renderAnimation() {
  const [columns, lineHeight, seconds] = [100, 19, 5];
  const height = Math.max(...frameTexts.map(({ lines }) => lines.length + 2)) * lineHeight + 52;
  const escape = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const classOf = (line) =>
    /^\s*(✓|\+)|matches the code|^deployed/.test(line)
      ? "ok"
      : /^(drift|unmanaged|missing)|does not match|→| -> /.test(line)
        ? "bad"
        : /^\s*!|warning/.test(line)
          ? "wait"
          : "";
  const frames = frameTexts.map(({ command, lines }, index) => {
    const rows = lines.map((line, row) => {
      const cut = line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
      return `<text class="${classOf(line)}" x="16" y="${52 + (row + 2) * lineHeight}" xml:space="preserve">${escape(cut)}</text>`;
    });
    return `<g class="frame" style="animation-delay:${index * seconds}s"><text class="command" x="16" y="${52 + lineHeight / 2}">$ ${escape(command)}</text>${rows.join("")}</g>`;
  });
  const total = frameTexts.length * seconds;
  const share = (100 / frameTexts.length).toFixed(2);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${height}" role="img" aria-label="${escape(frameTexts.map(({ command }) => command).join(", "))}"><style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e4e9ef}.ok{fill:#6fd695}.bad{fill:#ff958b}.wait{fill:#f0c060}.command{fill:#4cc3d6;font-weight:700}.frame{opacity:0;animation:show ${total}s infinite steps(1)}@keyframes show{0%{opacity:1}${share}%{opacity:0}100%{opacity:0}}@media (prefers-reduced-motion:reduce){.frame{animation:none}.frame:last-of-type{opacity:1}}</style><rect width="860" height="${height}" rx="10" fill="#10151b"/><circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>${frames.join("")}</svg>\n`;
}

async function changeWorkspace({ host, token }) {
  const api = async (method, route, body) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const response = await fetch(`${host}${route}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const { jobs } = await api("GET", "/api/2.2/jobs/list?name=daily-etl-pipeline");
  const job_id = jobs[0].job_id;
  const { settings } = await api("GET", `/api/2.2/jobs/get?job_id=${job_id}`);
  settings.job_clusters[0].new_cluster.num_workers = 20;
  settings.schedule = {
    quartz_cron_expression: "0 0 3 * * ?",
    timezone_id: "UTC",
    pause_status: "UNPAUSED",
  };
  settings.tasks = settings.tasks.filter(({ task_key }) => task_key !== "transform");
  await api("POST", "/api/2.2/jobs/reset", { job_id, new_settings: settings });
  const content = Buffer.from('print("quick fix")\n').toString("base64");
  const notebook = {
    path: "/Shared/ingest_raw_data",
    format: "SOURCE",
    language: "PYTHON",
    overwrite: true,
    content,
  };
  await api("POST", "/api/2.0/workspace/import", notebook);
}

/**
 * Takes screenshots of pages. If a page has `first`, this address is loaded before it, to sign in.
 */
async function takeScreenshots(pages) {
  const args = chromium.args.filter((arg) => !["--single-process", "--no-zygote"].includes(arg));
  const browser = await browsers.launch({
    executablePath: await chromium.executablePath(),
    args,
    headless: true,
  });
  for (const { name, address, first, height } of pages) {
    const page = await browser.newPage({ viewport: { width: 1000, height } });
    if (first !== undefined) await page.goto(first);
    await page.goto(address);
    await page.screenshot({ path: path.join(folder, `${name}.jpg`), type: "jpeg", quality: 70 });
    await page.close();
  }
  await browser.close();
}

await drawConcepts();
await withProject(async ({ project, lakeform, server }) => {
  const file = (name) => path.join(project, `${name}.html`);
  addFrame("lakeform review local", lakeform(["review", "local", "--out", file("review")]));
  const deployOutput = lakeform(["deploy", "local", "--auto-approve"]);
  addFrame(
    "lakeform deploy local --auto-approve",
    deployOutput.slice(deployOutput.indexOf("\ndeployed ") + 1),
  );
  addFrame(
    "lakeform run local daily-etl-pipeline",
    lakeform(["run", "local", "daily-etl-pipeline"]),
  );
  const { jobs } = JSON.parse(lakeform(["api", "GET", "/api/2.2/jobs/list", "--on", "local"]));
  const address = `${server.host}/jobs/${jobs[0].job_id}`;
  await takeScreenshots([
    { name: "job", first: `${server.host}/?token=${server.token}`, address, height: 560 },
  ]);
  await changeWorkspace(server);
  addFrame(
    "lakeform verify local    # after manual changes in the workspace",
    lakeform(["verify", "local", "--out", file("drift")], 2),
    18,
  );
  fs.writeFileSync(path.join(folder, "demo.svg"), renderAnimation());
  await takeScreenshots([
    { name: "review", address: `file://${file("review")}`, height: 640 },
    { name: "drift", address: `file://${file("drift")}`, height: 640 },
  ]);
});
for (const name of fs.readdirSync(folder))
  console.log(
    `docs/pictures/${name}  ${Math.ceil(fs.statSync(path.join(folder, name)).size / 1024)} KB`,
  );
