/** Writes files for --out. */
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";

/**
 * Checks, before the work starts, that the file can be written.
 * @throws LakeformError CANNOT_WRITE
 */
export function checkOutput(file: string): void {
  let folder = path.dirname(file);
  while (!fs.existsSync(folder)) folder = path.dirname(folder);
  try {
    if (!fs.statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
    fs.accessSync(folder, fs.constants.W_OK);
    if (fs.existsSync(file)) {
      if (fs.statSync(file).isDirectory()) throw new Error("it is a folder");
      fs.accessSync(file, fs.constants.W_OK);
    }
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/**
 * Writes a file and creates missing folders. If that fails (a full disk), the previous file stays: a
 * truncated report could be read as a complete one.
 * @param mode of the file; without it, an existing file keeps its own
 * @throws LakeformError CANNOT_WRITE
 */
export function writeOutput(file: string, text: string | Buffer, mode?: number): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const existing = fs.statSync(file, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) fs.writeFileSync(file, text);
    else
      replaceFile(
        existing === undefined ? file : fs.realpathSync(file),
        text,
        mode ?? existing?.mode,
      );
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function replaceFile(file: string, text: string | Buffer, mode: number | undefined): void {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  try {
    fs.writeFileSync(draft, text, mode === undefined ? {} : { mode });
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

function cannotWrite(file: string, cause: unknown): LakeformError {
  return new LakeformError("CANNOT_WRITE", "cannot write the file", {
    value: `${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: /^(ENOSPC|EDQUOT)$/.test((cause as NodeJS.ErrnoException).code ?? "")
      ? "free space on the disk, or choose another file with --out"
      : "choose another file with --out, or make its folder writable",
    cause,
  });
}
