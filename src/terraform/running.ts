import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { readSavedJson } from "../exact-json";
import { atInterrupt } from "../interrupt";
import { identity, isRunning, type Process } from "../processes";

/**
 * The record of a running Terraform process in the stack's folder: if lakeform is killed, Terraform
 * continues, and the next command has to detect it.
 */
interface RunningRecord {
  readonly terraform: Process;
  readonly lakeform: Process;
}

const recordName = /^\.lakeform-running-\d+\.json$/;

/** Writes the record of a Terraform process. @returns a function that removes the record */
export function markRunning(directory: string, pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined;
  const file = path.join(directory, `.lakeform-running-${pid}.json`);
  const running: RunningRecord = { terraform: identity(pid), lakeform: identity(process.pid) };
  fs.writeFileSync(file, JSON.stringify(running), { mode: 0o600 });
  const remove = (): void => fs.rmSync(file, { force: true });
  // After a second signal, lakeform exits without calling the returned function: remove the record
  // here if Terraform has ended.
  const removeInterruptHandler = atInterrupt(async () => {
    for (let waited = 0; isRunning(running.terraform) && waited < 2000; waited += 50)
      await sleep(50);
    if (!isRunning(running.terraform)) remove();
  });
  return () => {
    removeInterruptHandler();
    remove();
  };
}

/**
 * Maximum wait in milliseconds for Terraform to finish its call and save its state. Longer than any
 * API call.
 */
const maxWaitMs = 10 * 60_000;

/**
 * Gracefully stops a Terraform process that a killed lakeform started, and waits until it has saved
 * the created objects in its state.
 * @throws LakeformError STATE_LOCKED if it does not end
 */
export async function endOrphans(directory: string, note: (text: string) => void): Promise<void> {
  for (const name of fs.readdirSync(directory).filter((file) => recordName.test(file))) {
    const file = path.join(directory, name);
    const running = readRecord(file);
    if (running !== undefined && isRunning(running.lakeform)) continue;
    if (running !== undefined && isRunning(running.terraform))
      await stopAndWait(running.terraform, directory, note);
    fs.rmSync(file, { force: true });
  }
}

async function stopAndWait(
  terraform: Process,
  directory: string,
  note: (text: string) => void,
): Promise<void> {
  note(
    `a Terraform process started by a killed command is still running (process ${terraform.pid}): stopping it gracefully`,
  );
  process.kill(terraform.pid, "SIGINT");
  const deadline = Date.now() + maxWaitMs;
  while (isRunning(terraform)) {
    if (Date.now() > deadline) {
      throw new LakeformError(
        "STATE_LOCKED",
        "a Terraform process started by a killed command is still running",
        {
          value: `process ${terraform.pid} in ${directory}`,
          fix: `check what it is waiting for; if nothing: kill ${terraform.pid}, then deploy again`,
        },
      );
    }
    await sleep(100);
  }
}

/**
 * Reads a record.
 * @returns undefined if lakeform was killed while it wrote the file
 */
function readRecord(file: string): RunningRecord | undefined {
  const { terraform, lakeform } = readSavedJson<RunningRecord>(file) ?? {};
  return terraform === undefined || lakeform === undefined ? undefined : { terraform, lakeform };
}
