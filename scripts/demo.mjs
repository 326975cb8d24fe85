// npm run demo: deploys, runs, changes and verifies the pipeline of docs/rest-guide. Each step
// prints the command that a user would type. Leaves no process running, and can be repeated.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const lakeform = path.join(root, "bin", "lakeform.js");
const colour = process.stdout.isTTY === true;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const started = Date.now();

const env = { ...process.env, DAILY_ETL_API_KEY: `demo-${randomBytes(12).toString("hex")}` };
delete env.TF_CLI_CONFIG_FILE;
for (const name of Object.keys(env)) if (name.startsWith("DATABRICKS_")) delete env[name];

function printHeading(text) {
  console.log(`\n${paint(1, text)}`);
}

/** Prints a command and runs it. @throws Error if its exit code is not `expected` */
function run(title, args, expected = 0) {
  printHeading(title);
  console.log(
    paint(
      36,
      `$ lakeform ${args.map((word) => (/[\s{]/.test(word) ? `'${word}'` : word)).join(" ")}`,
    ),
  );
  const { status } = spawnSync(process.execPath, [lakeform, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== expected) throw new Error(`exit code ${status}, expected ${expected}`);
}

/** Returns the output of a command. @throws Error if its exit code is not `expected` */
function capture(args, expected = 0) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [lakeform, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  if (status !== expected)
    throw new Error(`lakeform ${args.join(" ")} exited with ${status}, not ${expected}\n${stderr}`);
  return stdout;
}

function api(method, route, body) {
  const { host, token } = server;
  return fetch(`${host}${route}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).then(async (response) => {
    const json = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${route}: ${response.status} ${JSON.stringify(json)}`);
    return json;
  });
}

/** Returns a Python interpreter that can run the notebooks; undefined if there is none. */
function findPython() {
  const check = "import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)";
  return ["python3", "python"].find(
    (name) => spawnSync(name, ["-c", check], { stdio: "ignore" }).status === 0,
  );
}

/** Makes the changes that verify finds, and prints them. */
async function changeWorkspace() {
  const { jobs = [] } = await api("GET", "/api/2.2/jobs/list?name=daily-etl-pipeline");
  const id = jobs[0].job_id;
  const { settings } = await api("GET", `/api/2.2/jobs/get?job_id=${id}`);
  const changed = structuredClone(settings);
  changed.job_clusters[0].new_cluster.num_workers = 20;
  changed.tasks = changed.tasks.filter((task) => task.task_key !== "transform");
  changed.schedule = {
    quartz_cron_expression: "0 0 3 * * ?",
    timezone_id: "UTC",
    pause_status: "UNPAUSED",
  };
  await api("POST", "/api/2.2/jobs/reset", { job_id: id, new_settings: changed });
  console.log("  workers of shared_cluster: 2 → 20; a schedule added; the task transform removed");
  const content = Buffer.from(
    '# Databricks notebook source\nprint("quick fix, will tidy up later")\n',
  ).toString("base64");
  await api("POST", "/api/2.0/workspace/import", {
    path: "/Shared/ingest_raw_data",
    format: "SOURCE",
    language: "PYTHON",
    overwrite: true,
    content,
  });
  console.log("  the notebook /Shared/ingest_raw_data edited");
  const { secrets = [] } = await api("GET", "/api/2.0/secrets/list?scope=daily-etl");
  await api("POST", "/api/2.0/secrets/put", {
    scope: "daily-etl",
    key: secrets[0].key,
    string_value: "another-value",
  });
  console.log(`  the secret daily-etl/${secrets[0].key} overwritten`);
  const copy = await api("POST", "/api/2.2/jobs/create", { ...settings, tags: {} });
  console.log(`  a second job named daily-etl-pipeline created manually (${copy.job_id})`);
}

let server;
// During the demo, `backup` contains the user's own local workspace and state.
const projectState = path.join(root, ".lakeform");
const backup = path.join(root, ".lakeform.before-demo");

/**
 * Moves the user's state to `backup`, or removes the state of an earlier demo.
 * @throws Error if the user's local workspace is running
 */
function moveStateAside() {
  // Whether the folder is left over from an earlier or interrupted demo.
  const isOfDemo = fs.existsSync(path.join(projectState, "demo")) || fs.existsSync(backup);
  if (fs.existsSync(path.join(projectState, "workspace", "server.json"))) {
    const { pid, host } = JSON.parse(
      fs.readFileSync(path.join(projectState, "workspace", "server.json"), "utf8"),
    );
    if (isOfDemo) stopWorkspace();
    else if (isAlive(pid))
      throw new Error(
        `your local workspace is running at ${host}; stop it first: npx lakeform workspace stop`,
      );
  }
  if (isOfDemo) fs.rmSync(projectState, { recursive: true, force: true });
  else if (fs.existsSync(projectState)) fs.renameSync(projectState, backup);
  fs.mkdirSync(projectState, { recursive: true });
  fs.writeFileSync(
    path.join(projectState, "demo"),
    "npm run demo made this folder; the next demo removes it\n",
  );
}

function restoreState() {
  if (!fs.existsSync(backup)) return;
  fs.rmSync(projectState, { recursive: true, force: true });
  fs.renameSync(backup, projectState);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function stopWorkspace() {
  const { status, stderr } = spawnSync(process.execPath, [lakeform, "workspace", "stop"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (status !== 0) console.error(`the local workspace may still be running\n${stderr}`);
}

async function main() {
  printHeading("A Databricks workspace on this machine: no account, no network");
  moveStateAside();
  const python = findPython();
  const start = [
    "workspace",
    "start",
    "--port",
    "0",
    "--detach",
    ...(python === undefined ? [] : ["--execute", "--python", python]),
  ];
  console.log(paint(36, `$ lakeform ${start.join(" ")}`));
  server = JSON.parse(capture(start).trim().split("\n").pop());
  console.log(`  listening at ${server.host}`);
  if (python === undefined)
    console.log(
      "  Python 3.9 or newer was not found: the outcomes of tasks are scripted, nothing is executed",
    );
  else console.log("  Python was found: tasks run as processes on this machine");

  run("The code becomes Terraform configuration", ["synth", "local"]);
  run("What would change? The review, for approval", ["review", "local"]);
  run("Deploy it", ["deploy", "local", "--auto-approve"]);
  run("Does the workspace match the code?", ["verify", "local"]);
  const parameters = [
    "--notebook-param",
    "input_date=2024-01-01",
    "--notebook-param",
    "input_path=dbfs:/tmp",
  ];
  run(
    python === undefined
      ? "Run the job (its outcome is scripted)"
      : "Run the job: both notebooks, for real",
    ["run", "local", "daily-etl-pipeline", ...parameters],
  );
  if (python !== undefined) {
    const [{ run_id }] = JSON.parse(
      capture(["runs", "list", "local", "daily-etl-pipeline", "--limit", "1", "--format", "json"]),
    ).runs;
    run("What the notebooks returned: the number of records, and the sums of the day", [
      "runs",
      "output",
      String(run_id),
      "--on",
      "local",
    ]);
    run("And the file that the second one wrote", [
      "fs",
      "cat",
      "dbfs:/tmp/daily-etl/daily_events/2024-01-01.csv",
      "--on",
      "local",
    ]);
  }

  printHeading("Change the workspace over REST, without lakeform");
  await changeWorkspace();

  printHeading("What does Terraform's own plan show now?");
  terraformPlan();

  const report = ".lakeform/demo-verify.json";
  run(
    "What does verify find? It reads the workspace over REST (exit code 2: differences)",
    ["verify", "local", "--out", report],
    2,
  );
  const unmanaged = JSON.parse(fs.readFileSync(path.join(root, report), "utf8")).unmanaged;
  run(
    "Revert the changes: Terraform those in its plan, REST the others",
    ["deploy", "local", "--auto-approve", "--heal"],
    2,
  );
  printHeading(
    "The manually created job is unmanaged: removed with the command that verify printed",
  );
  for (const { removal } of unmanaged) {
    console.log(paint(36, `$ ${removal}`));
    const { status } = spawnSync(
      removal.replace(/^(npx )?lakeform /, `"${process.execPath}" "${lakeform}" `),
      {
        cwd: root,
        env,
        shell: true,
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    if (status !== 0) throw new Error(`exit code ${status}`);
  }
  run("And now?", ["verify", "local"]);

  run("Stop", ["workspace", "stop"]);
  console.log(`
Done in ${Math.round((Date.now() - started) / 1000)} s; nothing is left running. Try next:
  npx lakeform workspace start --detach     then open the address that it prints in a browser
  edit stacks/daily-etl.ts                  and:  npx lakeform review local
  eval "$(npx lakeform env local)"          then: npx cdktf diff daily-etl-local
  npx lakeform --help`);
}

/** Prints the summary of the plan that Terraform itself makes, as with `cdktf diff`. */
function terraformPlan() {
  const exports = capture(["env", "local"]);
  const stack = path.join(root, "cdktf.out", "stacks", "daily-etl-local");
  console.log(
    paint(
      36,
      '$ eval "$(lakeform env local)"; terraform -chdir=cdktf.out/stacks/daily-etl-local plan',
    ),
  );
  const { stdout, status } = spawnSync(
    "sh",
    [
      "-c",
      `eval "$LAKEFORM_EXPORTS"; exec "\${TERRAFORM_BINARY_NAME:-terraform}" -chdir="${stack}" plan -no-color -input=false -lock=false`,
    ],
    {
      cwd: root,
      env: { ...env, LAKEFORM_EXPORTS: exports },
      encoding: "utf8",
    },
  );
  const summary = stdout
    .split("\n")
    .filter((line) => /^ {2}# .*(will|must) be|^Plan:|^No changes/.test(line));
  for (const line of summary) console.log(`  ${line.trim()}`);
  if (status !== 0) throw new Error(`terraform plan exited with ${status}\n${stdout}`);
}

main().then(restoreState, (error) => {
  if (server !== undefined) stopWorkspace();
  restoreState();
  console.error(`\nthe demo failed: ${error.message}`);
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    stopWorkspace();
    restoreState();
    process.exit(130);
  });
}
