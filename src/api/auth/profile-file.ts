import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { LakeformError } from "../../errors";

/** The sections of a `.databrickscfg`, with keys in lower case. */
export type ProfileFile = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Returns the path of the profile file.
 * @param configured @default DATABRICKS_CONFIG_FILE, else `.databrickscfg` in the home folder
 */
export function profileFilePath(env: NodeJS.ProcessEnv, configured?: string): string {
  const file = configured ?? env["DATABRICKS_CONFIG_FILE"];
  const home = env["HOME"] ?? env["USERPROFILE"] ?? os.homedir();
  if (file === undefined || file === "") return path.join(home, ".databrickscfg");
  return file.startsWith("~/") ? path.join(home, file.slice(2)) : file;
}

/**
 * Reads a profile file.
 * @returns undefined if the file does not exist
 * @throws LakeformError `PROFILE_FILE_UNREADABLE`
 */
export function readProfileFile(file: string): ProfileFile | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new LakeformError("PROFILE_FILE_UNREADABLE", "cannot read the profile file", {
      value: file,
      fix: "check the file's owner and permissions",
      cause: error,
    });
  }
  return parseProfiles(text);
}

/** Parses an INI file. A section that occurs twice is merged; invalid lines are ignored. */
function parseProfiles(text: string): ProfileFile {
  const sections = new Map<string, Record<string, string>>();
  // Keys before the first header belong to DEFAULT, as in Go's ini library.
  let current: Record<string, string> = {};
  sections.set("DEFAULT", current);
  for (const untrimmedLine of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = untrimmedLine.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[(.*)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      current = sections.get(header.trim()) ?? {};
      sections.set(header.trim(), current);
      continue;
    }
    const equalsIndex = line.indexOf("=");
    if (equalsIndex > 0)
      current[line.slice(0, equalsIndex).trim().toLowerCase()] = line.slice(equalsIndex + 1).trim();
  }
  return sections;
}
