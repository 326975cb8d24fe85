// npm run demo:promotion: promotes the daily ETL from dev to staging to prod, on three local
// workspaces. Shows gates that fail and pass, a waived gate, and an interrupted promotion that is
// resumed. Works in a temporary folder and leaves no process running.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const lakeform = path.join(root, "bin", "lakeform.js");
const colour = process.stdout.isTTY === true;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const printHeading = (text) => console.log(`\n${paint(1, text)}`);
const started = Date.now();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-promotion-"));
const project = path.join(folder, "daily-etl");
const env = { ...process.env, DAILY_ETL_API_KEY: `demo-${randomBytes(12).toString("hex")}` };
delete env.TF_CLI_CONFIG_FILE;
for (const name of Object.keys(env)) if (name.startsWith("DATABRICKS_")) delete env[name];
const servers = [];

/**
 * Prints a command, runs it, and prints its output. With `quiet: false`, the command also shows its
 * progress.
 * @param options.filter selects the lines of the output to print
 * @returns the whole output
 * @throws Error if the exit code is not `expected`
 */
function run(title, args, expected = 0, options = {}) {
  printHeading(title);
  console.log(
    paint(36, `$ lakeform ${args.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ")}`),
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    [lakeform, ...args, ...(options.quiet === false ? [] : ["--quiet"])],
    {
      cwd: project,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const output =
    options.filter === undefined ? stdout : stdout.split("\n").filter(options.filter).join("\n");
  process.stdout.write(`${output.trimEnd()}\n`);
  if (status !== expected) throw new Error(`exit code ${status}, expected ${expected}\n${stdout}`);
  return stdout;
}

/** Whether a line shows a gate or the result of a promotion. */
const isGateLine = (line) =>
  /^[✓✗!–] /.test(line) ||
  /^ {4}(to open it|waived because)/.test(line) ||
  /^(promoted|the gate|\w+ is what)/.test(line);

function git(...args) {
  const { status, stderr } = spawnSync(
    "git",
    ["-c", "user.name=demo", "-c", "user.email=demo@example.com", ...args],
    {
      cwd: project,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
}

/** Copies this repository's app to a new Git repository, with settings for the demo. */
function makeProject() {
  fs.mkdirSync(project);
  for (const entry of ["cdktf.json", "tsconfig.json", "package.json", ".gitignore", "stacks"])
    fs.cpSync(path.join(root, entry), path.join(project, entry), { recursive: true });
  for (const entry of ["constructs", "node_modules"])
    fs.symlinkSync(path.join(root, entry), path.join(project, entry));
  const profiles = path.join(project, "stacks", "environments.ts");
  // Each environment is a local workspace, with the embedded provider instead of the one from the
  // registry. The jobs of the demo violate two policies that are errors in prod.
  fs.writeFileSync(
    profiles,
    fs
      .readFileSync(profiles, "utf8")
      .replaceAll(/databricksProfile: "\w+",/g, 'provider: "embedded",')
      .replace(
        'name: "prod",',
        'name: "prod",\n    policies: { "run-as-service-principal": "warning", "failure-notification": "warning" },',
      ),
  );
  fs.appendFileSync(path.join(project, ".gitignore"), "node_modules\nconstructs\n");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "the daily ETL");
}

async function startWorkspaces() {
  for (const name of ["dev", "staging", "prod"]) {
    const home = path.join(folder, name);
    fs.mkdirSync(home);
    const child = spawn(
      process.execPath,
      [lakeform, "workspace", "start", "--memory", "--port", "0"],
      {
        cwd: home,
        env,
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    servers.push(child);
    const line = await new Promise((resolve, reject) => {
      child.stdout.once("data", (chunk) => resolve(String(chunk)));
      child.once("exit", (code) => reject(new Error(`the workspace ended with ${code}`)));
    });
    const { host, token } = JSON.parse(line.split("\n")[0]);
    env[`LAKEFORM_${name.toUpperCase()}_HOST`] = host;
    env[`LAKEFORM_${name.toUpperCase()}_TOKEN`] = token;
    console.log(`  ${name.padEnd(8)} ${host}`);
  }
}

async function main() {
  printHeading("Three workspaces on this machine");
  await startWorkspaces();
  makeProject();

  run("The code is deployed to dev", ["deploy", "dev", "--auto-approve"], 0, {
    filter: (line) => /^(daily-etl-dev|deployed|the workspace)/.test(line),
  });
  run(
    "Promotion to staging is closed: nothing has run yet",
    ["promote", "dev", "staging", "--auto-approve"],
    2,
    { filter: isGateLine },
  );
  run("Run the job", ["run", "dev", "daily-etl-pipeline"]);
  const promotion = run(
    "Now the gates are open; only the approval is missing",
    ["promote", "dev", "staging"],
    2,
    {
      filter: isGateLine,
    },
  );
  const digest = /--approve (sha256:[0-9a-f]+)/.exec(promotion)?.[1] ?? "";
  run(
    "With the approval, dev is promoted to staging",
    ["promote", "dev", "staging", "--approve", digest, "--smoke", "daily-etl-pipeline"],
    0,
    {
      filter: isGateLine,
    },
  );

  printHeading("Change a job in staging manually");
  const headers = { Authorization: `Bearer ${env.LAKEFORM_STAGING_TOKEN}` };
  const { jobs } = await (
    await fetch(`${env.LAKEFORM_STAGING_HOST}/api/2.2/jobs/list`, { headers })
  ).json();
  await fetch(`${env.LAKEFORM_STAGING_HOST}/api/2.2/jobs/update`, {
    method: "POST",
    headers,
    body: JSON.stringify({ job_id: jobs[0].job_id, new_settings: { timeout_seconds: 60 } }),
  });
  console.log("  timeout_seconds: 0 → 60");
  run(
    "A state that was not tested is not promoted",
    ["promote", "staging", "prod", "--auto-approve"],
    2,
    { filter: isGateLine },
  );
  run("Heal", ["deploy", "staging", "--auto-approve", "--heal"], 0, {
    filter: (line) => /^(deployed|the workspace)/.test(line),
  });

  printHeading("Edit a notebook without committing it");
  fs.appendFileSync(
    path.join(project, "stacks", "notebooks", "transform_data.py"),
    "\n# tidy up later\n",
  );
  run(
    "Uncommitted changes close the first gate",
    ["promote", "staging", "prod", "--auto-approve"],
    2,
    { filter: isGateLine },
  );
  git("checkout", "-q", ".");

  run(
    "staging has not run since it was healed: waived, with the reason on record",
    [
      "promote",
      "staging",
      "prod",
      "--auto-approve",
      "--waive",
      "runs",
      "--reason",
      "same bytes as this morning's run",
    ],
    0,
    { filter: isGateLine },
  );
  run(
    "What runs in prod, since when, and which promotion put it there?",
    ["promotions", "prod"],
    0,
    {
      quiet: false,
    },
  );

  printHeading("A deploy to prod is killed halfway, and leaves a trace");
  fs.appendFileSync(
    path.join(project, "stacks", "notebooks", "transform_data.py"),
    "\n# version 2\n",
  );
  git("commit", "-qam", "version 2");
  const child = spawn(process.execPath, [lakeform, "deploy", "prod", "--auto-approve", "--quiet"], {
    cwd: project,
    env,
    stdio: "ignore",
  });
  await killWhenStarted(child);
  run("The next review reports it, and compares with the current state", ["review", "prod"], 0, {
    filter: (line) => /the last deploy|daily-etl-prod:/.test(line),
  });
  run(
    "The next deploy takes over the lock of the killed process and completes the rest",
    ["deploy", "prod", "--auto-approve"],
    0,
    {
      filter: (line) => /^(deployed|the workspace)/.test(line),
      quiet: false,
    },
  );
  console.log(`\nDone in ${Math.round((Date.now() - started) / 1000)} s; nothing is left running.`);
}

/**
 * Kills a deploy to prod once its attempt is recorded in the workspace.
 * @throws Error if it ends earlier, or does not start within a minute
 */
async function killWhenStarted(child) {
  const headers = { Authorization: `Bearer ${env.LAKEFORM_PROD_TOKEN}` };
  const file = encodeURIComponent(
    "/Workspace/Shared/.lakeform/lakeform/daily-etl-prod/attempt.json",
  );
  for (
    const deadline = Date.now() + 60_000;
    Date.now() < deadline && child.exitCode === null;
    await new Promise((resolve) => setTimeout(resolve, 5))
  ) {
    const response = await fetch(
      `${env.LAKEFORM_PROD_HOST}/api/2.0/workspace/export?path=${file}`,
      {
        headers,
      },
    );
    if (
      response.ok &&
      Buffer.from((await response.json()).content, "base64")
        .toString()
        .includes('"started"')
    ) {
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      console.log("  killed");
      return;
    }
  }
  throw new Error("the deploy was over before it could be killed");
}

function stop() {
  for (const server of servers) server.kill("SIGTERM");
  fs.rmSync(folder, { recursive: true, force: true });
}

main().then(stop, (error) => {
  stop();
  console.error(`\nthe demo failed: ${error.message}`);
  process.exit(1);
});
