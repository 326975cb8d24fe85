/**
 * SIGINT and SIGTERM end every command in the same way, while it waits for a workspace or an app
 * that does not respond. Runs the real command.
 */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, makeHome, makeProject, removeFolders, repository } from "../support/project";

let workspace: RunningWorkspace;
let root: string;
let marker: string;
let hangingApp: string;
beforeAll(async () => {
  workspace = await startWorkspace({
    outcomes: {
      outcomes: [
        { task: "slow", duration: "60s" },
        { task: "fails", result: "FAILED" },
      ],
    },
  });
  await call("/api/2.2/jobs/create", {
    name: "long",
    tasks: [{ task_key: "slow", notebook_task: { notebook_path: "/Shared/x" } }],
  });
  workspace.faults.add({ path: "/api/*", delay_ms: 600_000 });
  root = makeProject({
    "etl-local": {},
    "etl-prod": {},
    "kept-local": { profileSettings: { backend: "workspace" } },
  });
  marker = path.join(makeFolder("app"), "reached");
  hangingApp = makeProject({ "etl-local": {} }, `touch ${marker} && sleep 600`);
});
afterEach(() => fs.rmSync(marker, { force: true }));
afterAll(async () => {
  workspace.faults.clear();
  await workspace.close();
  removeFolders();
});

const signals = ["SIGINT", "SIGTERM"] as const;
const codes = { SIGINT: 130, SIGTERM: 143 };

/** @param body sent with a POST; without it, the call is a GET */
async function call(route: string, body?: unknown): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${workspace.token}`;
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return (await (
    await fetch(`${workspace.host}${route}`, { headers: { authorization }, ...options })
  ).json()) as Record<string, unknown>;
}

interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runInterrupted(
  cwd: string,
  args: readonly string[],
  signal: NodeJS.Signals,
  isReadyForSignal: () => boolean,
  onStderr: (text: string, child: ChildProcess) => void = () => undefined,
): Promise<CommandResult> {
  const access = Object.fromEntries(
    ["LAKEFORM_LOCAL", "LAKEFORM_PROD", "DATABRICKS"].flatMap((name) => [
      [`${name}_HOST`, workspace.host],
      [`${name}_TOKEN`, workspace.token],
    ]),
  );
  const child = spawn(process.execPath, [path.join(repository, "bin", "lakeform.js"), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: makeHome(), CHECKPOINT_DISABLE: "1", ...access },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
    onStderr(chunk.toString("utf8"), child);
  });
  const result = new Promise<CommandResult>((resolve) =>
    child.once("close", (code) => resolve({ code, stdout, stderr })),
  );
  while (!isReadyForSignal() && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill(signal);
  return result;
}

const firedFaults = (): number =>
  workspace.faults.list().reduce((sum, fault) => sum + fault.fired, 0);

const remoteCommands: readonly (readonly string[])[] = [
  ["deploy", "local", "--auto-approve"],
  ["verify", "local"],
  ["api", "POST", "/api/2.2/jobs/create"],
];

/** The long tests interrupt every command. */
test.each(
  remoteCommands.map(
    (args, index) => [args.join(" "), args, signals[index % 2] ?? "SIGINT"] as const,
  ),
)("%s is interrupted while the workspace does not respond", async (_name, args, signal) => {
  const countBefore = firedFaults();
  const { code, stderr } = await runInterrupted(
    root,
    args,
    signal,
    () => firedFaults() > countBefore,
  );
  expect([code, stderr]).toEqual([
    codes[signal],
    expect.stringMatching(
      /^INTERRUPTED: stopped by a signal; no further calls are made\n {2}given: {3}SIG[A-Z]+\n {2}fix: {5}\S/m,
    ),
  ]);
  expect(stderr).not.toMatch(/UNEXPECTED|execution halted/);
});

test.each([[["synth"], "SIGINT"]] as const)(
  "%j is interrupted while the app does not end",
  async (args, signal) => {
    const { code, stderr } = await runInterrupted(hangingApp, args, signal, () =>
      fs.existsSync(marker),
    );
    expect([code, stderr]).toEqual([codes[signal], expect.stringMatching(/^INTERRUPTED: /m)]);
    // its partial output is removed
    expect(fs.readdirSync(hangingApp).filter((name) => name.startsWith(".cdktf.out"))).toEqual([]);
  },
);

test.each(signals)("%s ends the local workspace without an interrupt error", async (signal) => {
  const home = makeFolder("data");
  const { code, stderr } = await runInterrupted(
    makeProject(),
    ["workspace", "start", "--port", "0", "--data", home],
    signal,
    () => fs.existsSync(path.join(home, "server.json")),
  );
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("INTERRUPTED")]);
});
