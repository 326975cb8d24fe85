/** Identifies other processes on this machine. */
import fs from "node:fs";
import { defined } from "./defined";

export interface Process {
  readonly pid: number;
  /**
   * Start time in a unit of the operating system: distinguishes a process from a later one with the
   * same pid. Absent if the system does not report it.
   */
  readonly started?: string;
}

/** Identifies a process so that a later one with the same pid differs. */
export function identity(pid: number): Process {
  const started = startTimeOf(pid);
  return { pid, ...defined({ started }) };
}

/**
 * Whether exactly this process is still running. Another user's process counts; a zombie (in a
 * container without an init) does not.
 */
export function isRunning({ pid, started }: Process): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const currentStart = startTimeOf(pid);
  return (
    currentStart !== "ended" &&
    (currentStart === undefined || started === undefined || currentStart === started)
  );
}

/**
 * Returns the start time of a process: field 22 of /proc/PID/stat. Returns "ended" for a zombie,
 * and undefined if there is no /proc. (The process name, in brackets, can contain any character.)
 */
function startTimeOf(pid: number): string | undefined {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\)/s, "")
      .trim()
      .split(" ");
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}
