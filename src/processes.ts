/** Other processes of this machine. */
import fs from "node:fs";

export interface Process {
  readonly pid: number;
  /** When it started, in the system's own unit: tells a process from a later one of the same number. Absent where the system does not say. */
  readonly started?: string;
}

/** A process, told from others that get its number later. */
export function identity(pid: number): Process {
  const started = startOf(pid);
  return { pid, ...(started === undefined ? {} : { started }) };
}

/** Whether that very process is at work. One of somebody else is; one that has ended and that nobody has reaped (a container without an init) is not. */
export function isRunning({ pid, started }: Process): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now !== "ended" && (now === undefined || started === undefined || now === started);
}

/** Field 22 of /proc/PID/stat, where there is such a thing. (The name of the process, in brackets, can hold anything.) */
function startOf(pid: number): string | undefined {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ");
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}
