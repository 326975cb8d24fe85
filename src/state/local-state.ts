/**
 * A local state file that lakeform serves to Terraform's `http` backend. Terraform's own local
 * backend encodes the complete state three times after each resource; with `http` it sends the
 * state every 20 seconds and at the end.
 */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { terraformEnvironment, type TerraformContext } from "../terraform/run";
import type { SynthesizedStack } from "../terraform/stack";
import { headOfState, stateHead } from "../terraform/state";
import type { ServedState } from "./server";
import type { LockInfo } from "./store";

export class LocalState implements ServedState {
  #lock: { readonly id: string; readonly holder: ChildProcess } | undefined;
  #hasBackup = false;

  constructor(
    private readonly context: TerraformContext,
    readonly stack: string,
    private readonly file: string,
  ) {}

  read(): Promise<Buffer | undefined> {
    return Promise.resolve(isEmpty(this.file) ? undefined : fs.readFileSync(this.file));
  }

  /** @throws LakeformError STATE_NOT_LOCKED, OTHER_STATE, BROKEN_STATE */
  write(state: Buffer, options: { readonly lock: string }): Promise<void> {
    return Promise.resolve(options).then(({ lock }) => this.#write(state, lock));
  }

  #write(state: Buffer, lock: string): void {
    if (this.#lock?.id !== lock || hasEnded(this.#lock.holder))
      throw new LakeformError("STATE_NOT_LOCKED", "the state is not locked by this command", {
        path: this.stack,
        value: lock === "" ? "no lock (-lock=false)" : lock,
        fix: "run the command again",
      });
    const next = headOfState(state, `the new state of ${this.stack}`);
    const current = isEmpty(this.file) ? undefined : stateHead(this.file);
    if (current !== undefined && (current.lineage !== next.lineage || current.serial > next.serial))
      throw new LakeformError("OTHER_STATE", "the local state was replaced during the apply", {
        path: this.stack,
        value: `lineage ${current.lineage}, serial ${current.serial}`,
        allowed: `lineage ${next.lineage}, serial at most ${next.serial}`,
        fix: `Terraform has left its state in errored.tfstate: the next lakeform deploy takes it over`,
      });
    this.#keepBackup();
    // In place: the lock belongs to this file, and a renamed one would not be locked.
    const handle = fs.openSync(this.file, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o600);
    try {
      fs.ftruncateSync(handle);
      for (let at = 0; at < state.length;) at += fs.writeSync(handle, state, at);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  }

  #keepBackup(): void {
    if (!this.#hasBackup) keepBackup(this.file);
    this.#hasBackup = true;
  }

  /**
   * Holds Terraform's own lock of the file, so that a `terraform apply` in another terminal waits.
   * `terraform console` keeps the lock until its input ends, also if this process is killed.
   * @throws LakeformError STATE_LOCKED
   */
  async lock(info: LockInfo): Promise<void> {
    if (this.#lock?.id === info.ID) return;
    fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    // The console would create it with the mode of the user's umask.
    fs.closeSync(fs.openSync(this.file, "a", 0o600));
    fs.chmodSync(this.file, 0o600);
    const before = this.#info()?.ID;
    const holder = this.#startHolder();
    let output = "";
    for (const stream of [holder.stdout, holder.stderr])
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const isHeld = (): boolean => {
      const { ID: id, Operation: operation } = this.#info() ?? {};
      // The operation of a console: others, and this class, write theirs.
      return id !== undefined && id !== before && operation === "OperationTypeInvalid";
    };
    while (!isHeld() && !hasEnded(holder)) await sleep(10);
    // A console that does not get the lock ends at once.
    await sleep(30);
    if (hasEnded(holder)) throw this.#notLocked(output);
    this.#lock = { id: info.ID, holder };
    fs.writeFileSync(this.#infoFile, JSON.stringify({ ...info, Path: this.file }), { mode: 0o600 });
  }

  #startHolder(): ChildProcess {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-lock-"));
    const { TF_WORKSPACE: _selected, ...env } = terraformEnvironment(this.context);
    const holder = spawn(this.context.engine.binary, ["console", `-state=${this.file}`], {
      cwd: folder,
      env,
      // An interrupt on the terminal must not release the lock before Terraform has ended.
      detached: process.platform !== "win32",
    });
    holder.once("close", () => fs.rmSync(folder, { recursive: true, force: true }));
    return holder;
  }

  #info(): LockInfo | undefined {
    try {
      return JSON.parse(fs.readFileSync(this.#infoFile, "utf8")) as LockInfo;
    } catch {
      return undefined; // absent, or being written
    }
  }

  get #infoFile(): string {
    return path.join(path.dirname(this.file), `.${path.basename(this.file)}.lock.info`);
  }

  #notLocked(output: string): LakeformError {
    return output.includes("Error acquiring the state lock")
      ? new LakeformError("STATE_LOCKED", "another Terraform process holds the lock of the state", {
          path: this.stack,
          fix: "wait for it, then run the command again",
        })
      : new LakeformError("STATE_SERVER_FAILED", `the state could not be locked: ${output}`, {
          path: this.stack,
          fix: "run the command again with --debug",
        });
  }

  async unlock(id: string): Promise<void> {
    if (this.#lock?.id === id) await this.release();
  }

  holder(): Promise<LockInfo | undefined> {
    return Promise.resolve(this.#info());
  }

  /** Releases the lock, if it is held. */
  async release(): Promise<void> {
    const { holder } = this.#lock ?? {};
    this.#lock = undefined;
    if (holder === undefined || hasEnded(holder)) return;
    const ended = new Promise((resolve) => holder.once("close", resolve));
    holder.stdin?.end();
    await ended;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** As Terraform does before it first writes a local state. */
function keepBackup(file: string): void {
  if (!isEmpty(file)) replace(`${file}.backup`, fs.readFileSync(file));
}

const isEmpty = (file: string): boolean => !fs.existsSync(file) || fs.statSync(file).size === 0;

function replace(file: string, content: Buffer): void {
  const copy = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(copy, content, { mode: 0o600 });
  fs.renameSync(copy, file);
}

const erroredFile = ({ directory }: Pick<SynthesizedStack, "directory">): string =>
  path.join(directory, "errored.tfstate");

/** Whether Terraform left a state that it could not write next to the configuration. */
export const hasErroredState = (stack: Pick<SynthesizedStack, "directory">): boolean =>
  fs.existsSync(erroredFile(stack));

/**
 * Writes the state that Terraform left next to the configuration: lakeform was killed while it
 * served the local state, or the disk was full.
 * @returns a message for the user
 */
export function takeOverState(
  { name, directory }: Pick<SynthesizedStack, "name" | "directory">,
  file: string,
): string {
  const errored = erroredFile({ directory });
  const state = fs.readFileSync(errored);
  const { serial, lineage } = headOfState(state, errored);
  const current = isEmpty(file) ? undefined : stateHead(file);
  if (current !== undefined && (current.lineage !== lineage || current.serial >= serial)) {
    const aside = path.join(directory, `errored-${serial}.tfstate`);
    fs.renameSync(errored, aside);
    return `the state of ${name} that Terraform could not write is not newer than ${file} (serial ${current.serial}): left in ${aside}`;
  }
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  keepBackup(file);
  replace(file, state);
  fs.rmSync(errored);
  return `the state of ${name} that Terraform could not write has now been written (serial ${serial})`;
}
