/**
 * SIGINT and SIGTERM end every command in the same way, while it waits for a workspace or an app
 * that does not respond. Runs the real command.
 */
import fs from "node:fs";
import path from "node:path";
import { makeFolder, makeProject } from "../support/project";
import {
  codes,
  firedFaults,
  hangingApp,
  marker,
  root,
  runInterrupted,
  signals,
  useHangingWorkspace,
} from "./interrupt-lab";

useHangingWorkspace();

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
