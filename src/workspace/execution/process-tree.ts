import fs from "node:fs";

/**
 * The environment variable that all processes of a task inherit: identifies them even after they
 * have left the process group.
 */
export const MARK = "LAKEFORM_TASK";

/**
 * Ends the processes of a task: its process group, and on Linux those that left the group. `pid` is
 * the group's leader.
 * @returns the other processes of the group that were still running
 */
export function endTree(pid: number, mark: string): string[] {
  const found = new Map<number, string>();
  // A process may start another one while the list is read: repeat until no new one is found.
  for (let round = 0; round < 5; round++) {
    const fresh = members(pid, mark).filter((each) => !found.has(each));
    for (const each of fresh) found.set(each, commandOf(each));
    kill(-pid);
    for (const each of fresh) kill(each);
    if (fresh.length === 0) break;
  }
  return [...found].map(([each, command]) => `${each} ${command}`.trim());
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

function members(leader: number, mark: string): number[] {
  let entries: string[];
  try {
    entries = fs.readdirSync("/proc");
  } catch {
    // Not Linux: only the process group can be found.
    return [];
  }
  const wanted = `${MARK}=${mark}`;
  return entries
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== leader && pid !== process.pid && environ(pid).includes(wanted));
}

function environ(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // The process belongs to another user or has ended.
    return "";
  }
}

function commandOf(pid: number): string {
  try {
    return fs
      .readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .replaceAll("\0", " ")
      .trim()
      .slice(0, 200);
  } catch {
    return "";
  }
}
