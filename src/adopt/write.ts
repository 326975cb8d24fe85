/** Writes the files of a project that differ, formatted with the project's prettier. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { LakeformError } from "../errors";
import type { GeneratedFile } from "./model";

/** @returns the files written, relative to the root @throws LakeformError FORMAT_FAILED */
export async function writeFiles(root: string, files: readonly GeneratedFile[]): Promise<string[]> {
  const writtenFiles: string[] = [];
  for (const { path: relative, content } of files) {
    const file = path.join(root, relative);
    if (fs.existsSync(file) && fs.readFileSync(file).equals(Buffer.from(content))) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    writtenFiles.push(relative);
  }
  await format(
    root,
    writtenFiles.filter((file) => file.endsWith(".ts")),
  );
  return writtenFiles;
}

/** Returns the path of the project's prettier; undefined if it has none. */
function prettierOf(root: string): string | undefined {
  try {
    return createRequire(path.join(root, "package.json")).resolve("prettier/bin/prettier.cjs");
  } catch (error) {
    if (
      ["MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(
        String((error as { code?: unknown }).code),
      )
    )
      return undefined;
    throw error;
  }
}

async function format(root: string, files: readonly string[]): Promise<void> {
  const prettier = prettierOf(root);
  if (prettier === undefined) return;
  // Format in batches, because the length of a command line is limited.
  for (let from = 0; from < files.length; from += 500) {
    try {
      await promisify(execFile)(
        process.execPath,
        [prettier, "--write", "--log-level", "warn", ...files.slice(from, from + 500)],
        {
          cwd: root,
        },
      );
    } catch (error) {
      throw new LakeformError(
        "FORMAT_FAILED",
        "the project's prettier failed: the files were written but not formatted",
        {
          value: error instanceof Error ? error.message : String(error),
          fix: "run prettier on the files",
          cause: error,
        },
      );
    }
  }
}
