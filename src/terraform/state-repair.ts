import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defined } from "../defined";
import type { TerraformContext } from "./run";
import { selectedWorkspace } from "./selected-workspace";
import type { SynthesizedStack } from "./stack";
import { isEncrypted, isCompleteEncrypted } from "./encryption";
import { isComplete, unlessMissing, localStateFile, lockInfoFile } from "./state-file";
import { parseState, type State } from "./state-format";

/**
 * A truncated local state file. Terraform empties the file before it writes it, and was killed in
 * between.
 */
export interface DamagedState {
  readonly file: string;
  readonly backup: string;
  /** The state before the killed command; absent if there was none. */
  readonly previous?: State;
}

/**
 * Detects a damaged local state.
 * @returns undefined for a complete, missing or remote state, and for the empty file at the start
 * of a first apply
 */
export function findDamagedState(
  context: TerraformContext,
  stack: SynthesizedStack,
): DamagedState | undefined {
  const file = localStateFile(stack, selectedWorkspace(context));
  const bytes =
    file === undefined
      ? undefined
      : unlessMissing(() => (looksComplete(file) ? undefined : fs.readFileSync(file)));
  if (file === undefined || bytes === undefined || isCompleteEncrypted(bytes)) return undefined;
  const text = bytes.toString("utf8");
  const backup = `${file}.backup`;
  // An encrypted backup cannot be compared without the key, so the user has to restore it.
  if (fs.existsSync(backup) && isEncrypted(fs.readFileSync(backup))) return undefined;
  const previous = fs.existsSync(backup)
    ? tryParseState(fs.readFileSync(backup, "utf8"), backup)
    : undefined;
  if (text.trim() === "" ? previous === undefined : tryParseState(text, file) !== undefined)
    return undefined;
  return { file, backup, ...defined({ previous }) };
}

function looksComplete(file: string): boolean {
  const { size } = fs.statSync(file);
  if (size < 3) return false;
  const handle = fs.openSync(file, "r");
  try {
    const end = Buffer.alloc(3);
    fs.readSync(handle, end, 0, 3, size - 3);
    return isComplete(end);
  } finally {
    fs.closeSync(handle);
  }
}

function tryParseState(text: string, location: string): State | undefined {
  try {
    return parseState(text, location);
  } catch {
    return undefined;
  }
}

/**
 * True if a Terraform process is writing the state. Terraform itself cannot determine this: for a
 * damaged state, it reports the same error with and without a lock.
 */
export async function isBeingWritten({ file }: DamagedState): Promise<boolean> {
  if (!fs.existsSync(lockInfoFile(file))) return false;
  const version = (): string => {
    const { mtimeMs, size } = fs.statSync(file);
    return `${mtimeMs} ${size}`;
  };
  const start = version();
  for (let elapsed = 0; elapsed < maxWriteMs; elapsed += 50) {
    if (hasLock(file)) return true;
    await sleep(50);
    if (version() !== start) return true;
  }
  return false;
}

/** A write of a state takes less time than this, in milliseconds. */
const maxWriteMs = 1000;

/** Whether Linux lists a lock of the file. Other systems show no list. */
function hasLock(file: string): boolean {
  try {
    const { ino } = fs.statSync(file);
    return fs
      .readFileSync("/proc/locks", "utf8")
      .split("\n")
      .some((line) => line.includes("POSIX") && line.split(/\s+/)[5]?.endsWith(`:${ino}`) === true);
  } catch {
    return false;
  }
}

/**
 * Restores the previous state, or removes the file if there was none. Keeps a copy of the damaged
 * file next to it.
 */
export function restoreState({ file, backup, previous }: DamagedState): void {
  // If lakeform is killed at any point here, the state is still detected as damaged.
  fs.copyFileSync(file, `${file}.torn`);
  fs.chmodSync(`${file}.torn`, 0o600);
  if (previous === undefined) return fs.rmSync(file);
  replaceState(file, fs.readFileSync(backup));
}

/** Replaces a state file atomically. Only this user can read it. */
export function replaceState(file: string, state: Buffer): void {
  const copy = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(copy, state, { mode: 0o600 });
  fs.renameSync(copy, file);
}
