import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { readSavedJson } from "../exact-json";
import { identity, isRunning, type Process } from "../processes";

const prefix = "lakeform-state-";
const ownerFile = ".lakeform-owner.json";

interface Owner extends Process {
  readonly host: string;
}

/**
 * Creates a folder for temporary files of this process, which the caller removes. They may contain
 * secrets, such as a state, so the folders of killed processes are removed, too.
 */
export function makeScratchFolder(): string {
  removeAbandonedFolders();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  const owner: Owner = { host: os.hostname(), ...identity(process.pid) };
  fs.writeFileSync(path.join(folder, ownerFile), JSON.stringify(owner), { mode: 0o600 });
  return folder;
}

function removeAbandonedFolders(): void {
  for (const name of fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = path.join(os.tmpdir(), name);
    try {
      if (isAbandoned(folder)) fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // The folder belongs to another user, or its process has just removed it.
    }
  }
}

function isAbandoned(folder: string): boolean {
  const status = fs.lstatSync(folder);
  if (!status.isDirectory() || status.uid !== (process.getuid?.() ?? status.uid)) return false;
  const owner = readSavedJson<Owner>(path.join(folder, ownerFile));
  return owner?.host === os.hostname() && owner.pid !== undefined && !isRunning(owner as Owner);
}
