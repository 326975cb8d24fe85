/**
 * Creates that are under way, on disk. When this process dies in the middle of one, Terraform knows nothing of the object: the next apply finds the note here,
 * and looks for the object before it makes another.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { PendingCreate } from "../resources/kind";
import { cacheFolder, readPrivate, writePrivate } from "./cache";

/** What is older has been seen to by somebody. Milliseconds. */
const longest = 24 * 3600 * 1000;

export class PendingNote implements PendingCreate {
  #file: string | undefined;

  /** @param stack folder and workspace: another one that makes the same is none of our business */
  constructor(
    private readonly stack: string,
    private readonly folder = path.join(cacheFolder(), "pending"),
  ) {}

  begin(what: string): number | undefined {
    // A hash: what is made may hold secrets.
    const name = createHash("sha256").update(`${this.stack}\n${what}`).digest("hex");
    this.#file = path.join(this.folder, name);
    const before = noted(readPrivate(this.#file));
    writePrivate(this.#file, JSON.stringify({ started: before ?? Date.now(), pid: process.pid }));
    return before;
  }

  /** Terraform is told how it went, and saves it. */
  end(): void {
    if (this.#file !== undefined) fs.rmSync(this.#file, { force: true });
  }
}

/** When the create began that a process did not live to see the end of. */
function noted(bytes: Buffer | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { started, pid } = JSON.parse(bytes.toString("utf8")) as { started?: unknown; pid?: unknown };
    if (typeof started !== "number" || typeof pid !== "number") return undefined;
    return Date.now() - started < longest && !alive(pid) ? started : undefined;
  } catch {
    return undefined; // cut off in the writing: the call was not made yet
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
