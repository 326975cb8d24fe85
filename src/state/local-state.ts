/**
 * A local state file that lakeform serves to Terraform's `http` backend. Terraform's own local
 * backend encodes the complete state three times after each resource; with `http` it sends the
 * state every 20 seconds and at the end.
 */
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import type { TerraformContext } from "../terraform/run";
import type { SynthesizedStack } from "../terraform/stack";
import { headOfState, stateHead } from "../terraform/state-file";
import { replaceState } from "../terraform/state-repair";
import { takeOverErroredState } from "./errored-state";
import { LocalLock } from "./local-lock";
import type { ServedState } from "./server";

export class LocalState implements ServedState {
  readonly lock: LocalLock;
  #hasBackup = false;

  constructor(
    context: TerraformContext,
    readonly stack: string,
    private readonly file: string,
  ) {
    this.lock = new LocalLock(context, stack, file);
  }

  read(): Promise<Buffer | undefined> {
    return Promise.resolve(isMissingOrEmpty(this.file) ? undefined : fs.readFileSync(this.file));
  }

  /** @throws LakeformError STATE_NOT_LOCKED, OTHER_STATE, BROKEN_STATE */
  write(state: Buffer, options: { readonly lock: string }): Promise<void> {
    // `then` turns an exception into a rejection.
    return Promise.resolve(options).then(({ lock }) => this.#write(state, lock));
  }

  #write(state: Buffer, lock: string): void {
    if (!this.lock.isHeld(lock))
      throw new LakeformError("STATE_NOT_LOCKED", "the state is not locked by this command", {
        path: this.stack,
        value: lock === "" ? "no lock (-lock=false)" : lock,
        fix: "run the command again",
      });
    const newHead = headOfState(state, `the new state of ${this.stack}`);
    const current = isMissingOrEmpty(this.file) ? undefined : stateHead(this.file);
    if (
      current !== undefined &&
      (current.lineage !== newHead.lineage || current.serial > newHead.serial)
    )
      throw new LakeformError("OTHER_STATE", "the local state was replaced during the apply", {
        path: this.stack,
        value: `lineage ${current.lineage}, serial ${current.serial}`,
        allowed: `lineage ${newHead.lineage}, serial at most ${newHead.serial}`,
        fix: `the next lakeform deploy keeps the state of this apply as errored-${newHead.serial}.tfstate: import the objects that only this file contains (terraform import)`,
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
}

/**
 * Prepares the file for a state of `size` bytes. A larger state first gets its space, as spaces
 * after the old state, which JSON allows. If the disk is full, these are removed, and the old state
 * is unchanged. Otherwise, the file is cut one byte short. In both cases, a state that is written
 * only in part does not end like a complete one (see `isComplete`).
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

/** Writes a backup, as Terraform's local backend does before it first changes a state. */
function keepBackup(file: string): void {
  if (!isMissingOrEmpty(file)) replaceState(`${file}.backup`, fs.readFileSync(file));
}

const isMissingOrEmpty = (file: string): boolean =>
  !fs.existsSync(file) || fs.statSync(file).size === 0;

/**
 * Takes over `errored.tfstate` into the local state file (see {@link takeOverErroredState}).
 * @returns a message for the user
 */
export const takeOverLocalState = (
  stack: Pick<SynthesizedStack, "name" | "directory">,
  context: Pick<TerraformContext, "env">,
  file: string,
): Promise<string> =>
  takeOverErroredState(stack, context, {
    description: file,
    current: isMissingOrEmpty(file) ? undefined : stateHead(file),
    write: (state) => {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      keepBackup(file);
      replaceState(file, state);
      return Promise.resolve();
    },
  });
