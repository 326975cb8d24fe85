/**
 * The state after an apply that Terraform could not write to its backend. Terraform saves it in
 * `errored.tfstate` in the stack's folder; if that fails, too (the disk is full), it prints the
 * state, and lakeform saves it.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { exactJson, parseWithBigints } from "../exact-json";
import { cacheFolder } from "../private-files";
import { headOfState, type StateHead } from "./state-file";

/** Returns the state in a line of Terraform's `-json` output, in the format of a state file. */
export function stateInLine(line: string): string | undefined {
  if (!line.includes('"@message":"Emergency state dump"')) return undefined;
  try {
    const { state } = parseWithBigints(line) as { readonly state?: unknown };
    return state === undefined ? undefined : `${exactJson(state, undefined, 2)}\n`;
  } catch {
    return undefined; // A truncated line: the disk with the output is full.
  }
}

/**
 * Saves a state that Terraform printed: in the stack's folder or, if there is no space, in the
 * user's cache folder or the folder for temporary files, which can be on other disks.
 * @returns the file; undefined if no file could be written
 */
export function saveUnwrittenState(
  directory: string,
  state: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  for (const file of filesFor(directory, env)) {
    const draft = `${file}.${process.pid}.tmp`;
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      // The file that Terraform could not write completely also takes space.
      fs.rmSync(file, { force: true });
      fs.writeFileSync(draft, state, { mode: 0o600, flag: "wx" });
      fs.renameSync(draft, file);
      return file;
    } catch {
      // Try the next disk. The caller reports it if none has space.
      try {
        fs.rmSync(draft, { force: true });
      } catch {
        continue;
      }
    }
  }
  return undefined;
}

/** Returns the files with a state of this stack that Terraform could not write, complete or not. */
export const unwrittenStates = (directory: string, env: NodeJS.ProcessEnv): readonly string[] =>
  filesFor(directory, env).filter(
    (file, index) => fs.existsSync(file) && (index === 0 || isOwn(file)),
  );

function filesFor(directory: string, env: NodeJS.ProcessEnv): readonly string[] {
  const name = createHash("sha256").update(path.resolve(directory)).digest("hex").slice(0, 32);
  const user = process.getuid?.() ?? os.userInfo().username;
  return [
    path.join(directory, "errored.tfstate"),
    path.join(cacheFolder(env), "unwritten", `${name}.tfstate`),
    path.join(os.tmpdir(), `lakeform-unwritten-${user}`, `${name}.tfstate`),
  ];
}

/**
 * Whether this user owns a file and its folder. Other users can write to the folder for temporary
 * files.
 */
const isOwn = (file: string): boolean =>
  process.getuid === undefined ||
  [file, path.dirname(file)].every((name) => fs.lstatSync(name).uid === process.getuid?.());

export interface UnwrittenState {
  readonly bytes: Buffer;
  readonly head: StateHead;
}

/** Reads a state; undefined if the file is not complete. */
export function readUnwritten(file: string): UnwrittenState | undefined {
  const bytes = fs.readFileSync(file);
  try {
    return { bytes, head: headOfState(bytes, file) };
  } catch {
    return undefined;
  }
}
