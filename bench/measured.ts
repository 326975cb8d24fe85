import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measurement {
  readonly seconds: number;
  /** CPU time (user and system) of the command and its descendants. */
  readonly processorSeconds: number;
  /** Peak of the total resident memory of the command and its descendants. */
  readonly megabytes: number;
}

interface CommandOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command and measures it. @throws Error when the command fails */
export async function measureCommand(
  command: readonly string[],
  options: CommandOptions,
): Promise<Measurement> {
  let megabytes = 0;
  let sampler: NodeJS.Timeout | undefined;
  try {
    const times = await timeCommand(command, options, (pid) => {
      sampler = setInterval(() => (megabytes = Math.max(megabytes, memoryOfTree(pid))), 200);
    });
    return { ...times, megabytes };
  } finally {
    clearInterval(sampler);
  }
}

/**
 * Runs a command and measures its time, with that of the descendants it waits for.
 * @param onStart receives the id of the process
 * @throws Error when the command fails
 */
export function timeCommand(
  command: readonly string[],
  options: CommandOptions,
  onStart?: (pid: number) => void,
): Promise<Omit<Measurement, "megabytes">> {
  const script = 'TIMEFORMAT="times %R %U %S"; time "$@"';
  return new Promise((resolve, reject) => {
    const child = execFile(
      "bash",
      ["-c", script, "bash", ...command],
      { ...options, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        const times = /times ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
        if (error === null && times !== null)
          resolve({
            seconds: Number(times[1]),
            processorSeconds: Number(times[2]) + Number(times[3]),
          });
        else reject(new Error(`${command.join(" ")} failed: ${(stdout + stderr).slice(-2000)}`));
      },
    );
    onStart?.(child.pid ?? 0);
  });
}

/** Returns the total resident memory of a process and its descendants, in megabytes. */
function memoryOfTree(root: number): number {
  const processes = readdirSync("/proc").flatMap((name) =>
    /^\d+$/.test(name) ? (statusOf(name) ?? []) : [],
  );
  const children = new Map<number, (typeof processes)[number][]>();
  for (const status of processes)
    children.set(status.parent, [...(children.get(status.parent) ?? []), status]);
  let kilobytes = processes.find(({ pid }) => pid === root)?.kilobytes ?? 0;
  const pids = [root];
  for (let pid = pids.pop(); pid !== undefined; pid = pids.pop())
    for (const child of children.get(pid) ?? []) {
      kilobytes += child.kilobytes;
      pids.push(child.pid);
    }
  return kilobytes / 1024;
}

function statusOf(
  pid: string,
): { readonly pid: number; readonly parent: number; readonly kilobytes: number } | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined; // the process has ended
  }
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { pid: Number(pid), parent: field("PPid"), kilobytes: field("VmRSS") };
}
