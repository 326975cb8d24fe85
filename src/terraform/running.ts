import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { identity, isRunning, type Process } from "../processes";

/**
 * A Terraform that works on a stack is written down in the stack's folder: when lakeform is killed, Terraform goes on by itself, and the next command has to
 * know of it.
 */
interface Running {
  readonly terraform: Process;
  readonly lakeform: Process;
}

const named = /^\.lakeform-running-\d+\.json$/;

/** @returns forgets it */
export function markRunning(directory: string, pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined;
  const file = path.join(directory, `.lakeform-running-${pid}.json`);
  const running: Running = { terraform: identity(pid), lakeform: identity(process.pid) };
  fs.writeFileSync(file, JSON.stringify(running), { mode: 0o600 });
  return () => fs.rmSync(file, { force: true });
}

/** As long as a call that is under way may take, and then some: Terraform finishes those, and saves its state. */
const patience = 10 * 60_000;

/**
 * A Terraform whose lakeform was killed is asked to end in order, and waited for: it saves in the state what it has made.
 * @throws LakeformError STATE_LOCKED when it does not end
 */
export async function endOrphans(directory: string, note: (text: string) => void): Promise<void> {
  for (const name of fs.readdirSync(directory).filter((one) => named.test(one))) {
    const file = path.join(directory, name);
    const running = read(file);
    if (running !== undefined && isRunning(running.lakeform)) continue;
    if (running !== undefined && isRunning(running.terraform)) await end(running.terraform, directory, note);
    fs.rmSync(file, { force: true });
  }
}

async function end(terraform: Process, directory: string, note: (text: string) => void): Promise<void> {
  note(`Terraform of a command that was killed is still running (process ${terraform.pid}): it was asked to end, waiting for it`);
  process.kill(terraform.pid, "SIGINT");
  const deadline = Date.now() + patience;
  while (isRunning(terraform)) {
    if (Date.now() > deadline) {
      throw new LakeformError("STATE_LOCKED", "Terraform of a command that was killed does not end", {
        value: `process ${terraform.pid} in ${directory}`,
        fix: `look what it waits for; if nothing: kill ${terraform.pid}, then deploy again`,
      });
    }
    await sleep(100);
  }
}

/** @returns undefined for what was cut off in the writing: the process had only just started */
function read(file: string): Running | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Running;
  } catch {
    return undefined;
  }
}
