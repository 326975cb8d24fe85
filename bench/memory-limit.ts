import fs from "node:fs";
import path from "node:path";

/**
 * A control group of Linux with a limit of memory, for the processes that enter it. Needs the
 * rights to make one.
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
    // No swap: a process over the limit fails.
    if (fs.existsSync(this.#file(this.#swap)))
      this.#write(this.#swap, this.#isUnified ? "0" : String(megabytes * 2 ** 20));
  }

  /** The command, run inside. */
  within(command: readonly string[]): readonly string[] {
    return [
      "bash",
      "-c",
      `echo $$ > ${this.#file("cgroup.procs")} && exec "$@"`,
      "bash",
      ...command,
    ];
  }

  /** How many processes were killed because the memory was used up. */
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
