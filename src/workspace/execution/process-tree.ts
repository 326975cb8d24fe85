import fs from "node:fs";
import os from "node:os";
import { identity } from "../../processes";

/**
 * An environment variable that all processes of a task inherit. It identifies them even after they
 * have left the process group.
 */
export const MARK_VARIABLE = "LAKEFORM_TASK";

/** The time that a process may need to start, in milliseconds. */
const STARTING_MS = 2000;

/** Ticks per second of a start time: 100 on all platforms that Node.js supports. */
const CLOCK_TICKS = 100;

/**
 * Kills the processes of a task: its process group and, on Linux, also those that left the group.
 * @param pid the leader of the group
 * @returns the id and command of each process, except the leader, that was still running
 */
export function killTree(pid: number, mark: string): string[] {
  const commands = new Map<number, string>();
  const deadline = Date.now() + STARTING_MS;
  // A process may start another one while the list is read, so this repeats until no new one is
  // found, or five times.
  for (let pass = 0; pass < 5;) {
    const { markedPids, hasStartingProcess } = findMembers(pid, mark);
    const newPids = markedPids.filter((memberPid) => !commands.has(memberPid));
    for (const memberPid of newPids) commands.set(memberPid, commandOf(memberPid));
    kill(-pid);
    for (const memberPid of newPids) kill(memberPid);
    if (newPids.length > 0) pass++;
    else if (hasStartingProcess && Date.now() < deadline) pause(5);
    else break;
  }
  return [...commands].map(([memberPid, command]) => `${memberPid} ${command}`.trim());
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

interface Members {
  readonly markedPids: number[];
  /** Whether the environment of some process cannot be read yet. */
  readonly hasStartingProcess: boolean;
}

function findMembers(leader: number, mark: string): Members {
  let entries: string[];
  try {
    entries = fs.readdirSync("/proc");
  } catch {
    // Not Linux: only the process group can be found.
    return { markedPids: [], hasStartingProcess: false };
  }
  const variable = `${MARK_VARIABLE}=${mark}`;
  const markedPids: number[] = [];
  let hasStartingProcess = false;
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry)).map(Number)) {
    if (pid === leader || pid === process.pid) continue;
    const environ = read(pid, "environ");
    if (environ?.includes(variable)) markedPids.push(pid);
    else if (environ?.length === 0) hasStartingProcess ||= isStarting(pid);
  }
  return { markedPids, hasStartingProcess };
}

/**
 * Whether a process is between fork and the end of exec, where Linux shows an empty environment.
 * Unlike a zombie or a kernel thread, such a process has memory and is younger than `STARTING_MS`.
 */
function isStarting(pid: number): boolean {
  const pages = Number(read(pid, "statm")?.toString().split(" ")[0] ?? 0);
  const started = Number(identity(pid).started) / CLOCK_TICKS;
  return pages > 0 && (os.uptime() - started) * 1000 < STARTING_MS;
}

/** Reads a file of a process; undefined if the process has ended or belongs to another user. */
function read(pid: number, name: string): Buffer | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  return (read(pid, "cmdline")?.toString() ?? "").replaceAll("\0", " ").trim().slice(0, 200);
}

/** Blocks the thread: the caller must not return before all processes have been signaled. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
