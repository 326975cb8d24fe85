/** A local state file, which another Terraform process may be writing. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isCompleteEncrypted, isEncrypted } from "./encryption";
import type { SynthesizedStack } from "./stack";
import { parseJson, parseState, type State } from "./state-format";

/**
 * Returns the absolute path of a stack's local state file; undefined if its state is in another
 * backend (or HCP Terraform).
 */
export function localStateFile(
  stack: Pick<SynthesizedStack, "json" | "directory">,
  workspace = "default",
): string | undefined {
  const { backend, cloud } = (stack.json.terraform ?? {}) as {
    backend?: Record<string, { path?: string; workspace_dir?: string }>;
    cloud?: unknown;
  };
  if (cloud !== undefined || (backend !== undefined && backend.local === undefined))
    return undefined;
  const { path: file = "terraform.tfstate", workspace_dir: folder = "terraform.tfstate.d" } =
    backend?.local ?? {};
  return path.resolve(
    stack.directory,
    workspace === "default" ? file : path.join(folder, workspace, "terraform.tfstate"),
  );
}

/** The file next to a local state that describes its lock while Terraform holds it. */
export const lockInfoFile = (state: string): string =>
  path.join(path.dirname(state), `.${path.basename(state)}.lock.info`);

/** Maximum number of reads, 50 ms apart, of a state that another Terraform process is writing. */
const maxReads = 40;

/**
 * Reads a complete state. Terraform empties the file before it writes it, so the file may be
 * incomplete for a moment.
 */
export async function readComplete(file: string): Promise<Buffer | undefined> {
  const info = lockInfoFile(file);
  for (let read = 1; ; read += 1) {
    const bytes = unlessMissing(() => fs.readFileSync(file));
    if (
      bytes === undefined ||
      isComplete(bytes) ||
      isCompleteEncrypted(bytes) ||
      !fs.existsSync(info) ||
      read === maxReads
    )
      return bytes;
    await sleep(50);
  }
}

/**
 * True if the bytes end like a complete state. Terraform indents a state, so only its last brace is
 * at the start of a line.
 */
export const isComplete = (end: Buffer): boolean => end.subarray(-3).toString("latin1") === "\n}\n";

export type StateHead = Pick<State, "lineage" | "serial">;

/**
 * Reads a file that another Terraform process may remove at any moment.
 * @returns undefined if it does not exist
 */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Returns the lineage and serial of a state file, which are at its start; undefined if the file
 * does not exist or is empty.
 * @throws LakeformError BROKEN_STATE
 */
export function stateHead(file: string): StateHead | undefined {
  return unlessMissing(() => readHead(file));
}

function readHead(file: string): StateHead | undefined {
  const handle = fs.openSync(file, "r");
  try {
    const start = Buffer.alloc(headLength);
    const head = headOfText(start.subarray(0, fs.readSync(handle, start, 0, start.length, 0)));
    if (head !== undefined) return head;
  } finally {
    fs.closeSync(handle);
  }
  const bytes = fs.readFileSync(file);
  if (isEncrypted(bytes)) return parseJson(bytes.toString("utf8"), file) as StateHead;
  return bytes.length === 0 ? undefined : parseState(bytes.toString("utf8"), file);
}

/** Like {@link stateHead}, for a complete state. @throws LakeformError BROKEN_STATE */
export function headOfState(bytes: Buffer, location: string): StateHead {
  return (
    (isComplete(bytes) ? headOfText(bytes.subarray(0, headLength)) : undefined) ??
    parseState(bytes.toString("utf8"), location)
  );
}

const headLength = 1024;

function headOfText(start: Buffer): StateHead | undefined {
  const text = start.toString("utf8");
  const head =
    /^\s*\{\s*"version": 4,\s*"terraform_version": "[^"]*",\s*"serial": (\d+),\s*"lineage": "([^"]*)"/.exec(
      text,
    );
  return head?.[1] === undefined || head[2] === undefined
    ? undefined
    : { serial: Number(head[1]), lineage: head[2] };
}
