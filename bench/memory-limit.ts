import fs from "node:fs";
import path from "node:path";

/**
 * A Linux control group that limits the memory of the processes in it. Creating one usually
 * requires root.
 */
export class MemoryLimit {
  readonly #folder: string;
  readonly #isUnified: boolean;

  constructor(megabytes: number) {
    const root = "/sys/fs/cgroup";
    this.#isUnified = fs.existsSync(path.join(root, "cgroup.controllers"));
    this.#folder = path.join(
      root,
      this.#isUnified ? "" : "memory",
      `lakeform-bench-${process.pid}`,
    );
    fs.mkdirSync(this.#folder);
    this.#write(
      this.#isUnified ? "memory.max" : "memory.limit_in_bytes",
      String(megabytes * 2 ** 20),
    );
    // Without swap, a process over the limit is killed instead of slowed down.
    if (fs.existsSync(this.#file(this.#swap)))
      this.#write(this.#swap, this.#isUnified ? "0" : String(megabytes * 2 ** 20));
  }

  /** Returns a command that runs the given command in the control group. */
  within(command: readonly string[]): readonly string[] {
    return [
      "bash",
      "-c",
      `echo $$ > ${this.#file("cgroup.procs")} && exec "$@"`,
      "bash",
      ...command,
    ];
  }

  /** The number of processes killed for exceeding the limit. */
  get killed(): number {
    const text = fs.readFileSync(
      this.#file(this.#isUnified ? "memory.events" : "memory.oom_control"),
      "utf8",
    );
    return Number(/oom_kill (\d+)/.exec(text)?.[1] ?? 0);
  }

  close(): void {
    fs.rmdirSync(this.#folder);
  }

  get #swap(): string {
    return this.#isUnified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
  }

  readonly #file = (name: string): string => path.join(this.#folder, name);

  #write(name: string, value: string): void {
    fs.writeFileSync(this.#file(name), value);
  }
}
