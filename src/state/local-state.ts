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
import { headOfState, lockInfoFile, stateHead } from "../terraform/state";
import { replaceState } from "../terraform/state-repair";
import { takeOverErroredState } from "./errored-state";
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

  /**
   * Writes the state. `then` turns an exception into a rejection.
   * @throws LakeformError STATE_NOT_LOCKED, OTHER_STATE, BROKEN_STATE
   */
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
    const newHead = headOfState(state, `the new state of ${this.stack}`);
    const current = isEmpty(this.file) ? undefined : stateHead(this.file);
    if (
      current !== undefined &&
      (current.lineage !== newHead.lineage || current.serial > newHead.serial)
    )
      throw new LakeformError("OTHER_STATE", "the local state was replaced during the apply", {
        path: this.stack,
        value: `lineage ${current.lineage}, serial ${current.serial}`,
        allowed: `lineage ${newHead.lineage}, serial at most ${newHead.serial}`,
        fix: `Terraform has left its state in errored.tfstate: the next lakeform deploy takes it over`,
      });
    this.#keepBackup();
    // Write in place: the lock belongs to this file, and a file renamed to it would not be locked.
    const handle = fs.openSync(this.file, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o600);
    try {
      reserve(handle, state.length);
      writeAll(handle, state, 0);
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
   * Takes Terraform's own lock of the file, so that a `terraform apply` in another terminal waits.
   * A `terraform console` holds the lock until its input ends, which also happens if this process
   * is killed.
   * @throws LakeformError STATE_LOCKED
   */
  async lock(info: LockInfo): Promise<void> {
    if (this.#lock?.id === info.ID) return;
    fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    // The console would create the file with the mode of the user's umask.
    fs.closeSync(fs.openSync(this.file, "a", 0o600));
    fs.chmodSync(this.file, 0o600);
    const previousId = this.#info()?.ID;
    const holder = this.#startHolder();
    let output = "";
    for (const stream of [holder.stdout, holder.stderr])
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const isHeld = (): boolean => {
      const { ID: id, Operation: operation } = this.#info() ?? {};
      // Only a console writes this operation.
      return id !== undefined && id !== previousId && operation === "OperationTypeInvalid";
    };
    while (!isHeld() && !hasEnded(holder)) await sleep(10);
    // A console that cannot get the lock ends immediately.
    await sleep(30);
    if (hasEnded(holder)) throw this.#notLocked(output);
    this.#lock = { id: info.ID, holder };
    fs.writeFileSync(lockInfoFile(this.file), JSON.stringify({ ...info, Path: this.file }), {
      mode: 0o600,
    });
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
      return JSON.parse(fs.readFileSync(lockInfoFile(this.file), "utf8")) as LockInfo;
    } catch {
      return undefined; // missing, or being written
    }
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

/**
 * Sets the size of the file. If the disk is full, the state in it stays complete: spaces after it
 * are valid, and only they are written before the space is reserved. A shorter or partially written
 * state does not end like a complete one, so that it is detected after a kill.
 */
function reserve(handle: number, size: number): void {
  const previousSize = fs.fstatSync(handle).size;
  if (size <= previousSize) return fs.ftruncateSync(handle, size - 1);
  try {
    writeAll(handle, Buffer.alloc(size - previousSize, " "), previousSize);
    fs.fsyncSync(handle);
  } catch (error) {
    fs.ftruncateSync(handle, previousSize);
    throw error;
  }
}

function writeAll(handle: number, content: Buffer, start: number): void {
  for (let offset = 0; offset < content.length;)
    offset += fs.writeSync(handle, content, offset, content.length - offset, start + offset);
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** Writes the backup that Terraform writes before it first changes a local state. */
function keepBackup(file: string): void {
  if (!isEmpty(file)) replaceState(`${file}.backup`, fs.readFileSync(file));
}

const isEmpty = (file: string): boolean => !fs.existsSync(file) || fs.statSync(file).size === 0;

/**
 * Writes a state that Terraform could not write to the local file.
 * @returns a message for the user
 */
export const takeOverLocalState = (
  stack: Pick<SynthesizedStack, "name" | "directory">,
  context: Pick<TerraformContext, "env">,
  file: string,
): Promise<string> =>
  takeOverErroredState(stack, context, {
    description: file,
    current: isEmpty(file) ? undefined : stateHead(file),
    write: (state) => {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      keepBackup(file);
      replaceState(file, state);
      return Promise.resolve();
    },
  });
