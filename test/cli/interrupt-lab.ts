/** Commands that are interrupted while a workspace or an app does not respond. */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, makeHome, makeProject, removeFolders, repository } from "../support/project";

/** A workspace that does not respond. */
export let workspace: RunningWorkspace;
export let root: string;
/** The file that the app of `hangingApp` creates before it stops responding. */
export let marker: string;
/** The folder of a project whose app does not end. */
export let hangingApp: string;

/** Starts the workspace and creates the projects before the first test of the suite. */
export function useHangingWorkspace(): void {
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
}

export const signals = ["SIGINT", "SIGTERM"] as const;
/** The exit code after each signal. */
export const codes = { SIGINT: 130, SIGTERM: 143 };

/** @param body sent with a POST; without it, the call is a GET */
export async function call(route: string, body?: unknown): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${workspace.token}`;
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return (await (
    await fetch(`${workspace.host}${route}`, { headers: { authorization }, ...options })
  ).json()) as Record<string, unknown>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs lakeform, and sends it a signal as soon as `isReadyForSignal` returns true. */
export async function runInterrupted(
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

export const countFiredFaults = (): number =>
  workspace.faults.list().reduce((sum, fault) => sum + fault.fired, 0);

/** Tests that commands end in the same way if the workspace does not respond or the app does not end. */
export function testInterrupts(
  remoteCommands: readonly (readonly string[])[],
  appCommands: readonly (readonly string[])[],
): void {
  // The signals alternate, so that each is tested with commands that read and that write.
  const withSignals = (
    commands: readonly (readonly string[])[],
  ): readonly (readonly [string, readonly string[], (typeof signals)[number]])[] =>
    commands.map((args, index) => [args.join(" "), args, signals[index % 2] ?? "SIGINT"]);

  test.each(withSignals(remoteCommands))(
    "%s is interrupted while the workspace does not respond",
    async (_name, args, signal) => {
      const countBefore = countFiredFaults();
      const { code, stderr } = await runInterrupted(
        root,
        args,
        signal,
        () => countFiredFaults() > countBefore,
      );
      expect([code, stderr]).toEqual([
        codes[signal],
        expect.stringMatching(
          /^INTERRUPTED: stopped by a signal; no further calls are made\n {2}given: {3}SIG[A-Z]+\n {2}fix: {5}\S/m,
        ),
      ]);
      expect(stderr).not.toMatch(/UNEXPECTED|execution halted/);
    },
  );

  test.each(withSignals(appCommands))(
    "%s is interrupted while the app does not end, and removes its partial output",
    async (_name, args, signal) => {
      const { code, stderr } = await runInterrupted(hangingApp, args, signal, () =>
        fs.existsSync(marker),
      );
      expect([code, stderr]).toEqual([codes[signal], expect.stringMatching(/^INTERRUPTED: /m)]);
      expect(fs.readdirSync(hangingApp).filter((name) => name.startsWith(".cdktf.out"))).toEqual(
        [],
      );
    },
  );
}
