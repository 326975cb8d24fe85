/**
 * Creates that are under way, on disk. When this process or Terraform dies before the new object is in the state, the next apply finds the note here, and
 * looks for the object before it makes another. A note lives until Terraform ends the provider in order, or shows that the object is in its state.
 */
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identity, isRunning, type Process } from "../processes";
import type { Lost, PendingCreate } from "../resources/kind";
import { cacheFolder, readPrivate, writePrivate } from "./cache";

/** What is older has been seen to by somebody. Milliseconds. */
const longest = 24 * 3600 * 1000;
/** A provider ends by itself this soon after its Terraform was killed. Milliseconds. */
const patience = 10_000;

interface Note {
  /** When the create began, in milliseconds. */
  readonly started: number;
  /** The provider. */
  readonly maker: Process;
  /** The Terraform that the answer is for. */
  readonly terraform: Process;
  /** Once it is made. */
  readonly type?: string;
  readonly id?: string;
}

const terraform = identity(process.ppid);

// Hashes: what is made may hold secrets.
const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
const object = (type: unknown, id: unknown): string => `${String(type)} ${String(id)}`;

/** The notes of one stack. One instance a process. */
export class PendingNotes {
  /** Of creates that were answered, in this process. */
  readonly #answered = new Set<string>();
  #earlier: Map<string, string> | undefined;

  /** @param stack folder, Terraform workspace and Databricks workspace: another one that makes the same is none of our business */
  constructor(
    private readonly stack: () => string,
    private readonly folder = path.join(cacheFolder(), "pending"),
  ) {}

  /** For one create. */
  note(type: string): PendingCreate & { end(id: string | undefined): void } {
    let file: string | undefined;
    let note: Note | undefined;
    return {
      begin: async (what) => {
        const name = `${hash(this.stack())}-${hash(what)}`;
        const lost = await this.#takeLost(name);
        file = path.join(this.folder, `${name}-${randomUUID()}`);
        note = { started: lost?.started ?? Date.now(), maker: identity(process.pid), terraform };
        writePrivate(file, JSON.stringify(note));
        return lost;
      },
      end: (id) => {
        if (file === undefined) return;
        if (id === undefined) return fs.rmSync(file, { force: true });
        writePrivate(file, JSON.stringify({ ...note, type, id }));
        this.#answered.add(file);
      },
    };
  }

  /** The object is in Terraform's state. */
  saved(type: string, id: unknown): void {
    this.#earlier ??= this.#byObject();
    const file = this.#earlier.get(object(type, id));
    if (file !== undefined) fs.rmSync(file, { force: true });
  }

  /** Terraform has all answers and ends this process. */
  close(): void {
    for (const file of this.#answered) fs.rmSync(file, { force: true });
  }

  #byObject(): Map<string, string> {
    const found = this.#files(hash(this.stack())).map((file) => {
      const note = read(file);
      return [object(note?.type, note?.id), file] as const;
    });
    return new Map(found);
  }

  #files(prefix: string): string[] {
    if (!fs.existsSync(this.folder)) return [];
    return fs.readdirSync(this.folder).flatMap((name) => (name.startsWith(prefix) ? [path.join(this.folder, name)] : []));
  }

  /** A create of the same that nobody saw the end of; its note is gone then. */
  async #takeLost(name: string): Promise<Lost | undefined> {
    for (const file of this.#files(name)) {
      const note = read(file);
      if (note === undefined || this.#answered.has(file) || !(await isOver(note))) continue;
      fs.rmSync(file, { force: true });
      if (Date.now() - note.started < longest) return { started: note.started, ...(note.id === undefined ? {} : { id: note.id }) };
    }
    return undefined;
  }
}

function read(file: string): Note | undefined {
  try {
    return JSON.parse(readPrivate(file)?.toString("utf8") ?? "") as Note;
  } catch {
    return undefined; // cut off in the writing: the call was not made yet
  }
}

/** A create goes on as long as both live. A provider without its Terraform is about to end: until then, its call may be under way. */
async function isOver(note: Note): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (isRunning(note.maker)) {
    if (isRunning(note.terraform) || Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
