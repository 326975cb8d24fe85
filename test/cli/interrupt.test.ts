/**
 * SIGINT and SIGTERM end commands in the same way, while they wait for a workspace or an app that
 * does not respond. Runs the real command. interrupt.long.test.ts has all commands.
 */
import fs from "node:fs";
import path from "node:path";
import { makeFolder, makeProject } from "../support/project";
import { runInterrupted, signals, testInterrupts, useHangingWorkspace } from "./interrupt-lab";

useHangingWorkspace();

testInterrupts(
  [
    ["deploy", "local", "--auto-approve"],
    ["verify", "local"],
    ["api", "POST", "/api/2.2/jobs/create"],
  ],
  [["synth"]],
);

test.each(signals)("%s ends the local workspace without an interrupt error", async (signal) => {
  const dataFolder = makeFolder("data");
  const { code, stderr } = await runInterrupted(
    makeProject(),
    ["workspace", "start", "--port", "0", "--data", dataFolder],
    signal,
    () => fs.existsSync(path.join(dataFolder, "server.json")),
  );
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("INTERRUPTED")]);
});
