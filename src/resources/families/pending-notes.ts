/**
 * Notes on disk about creates that are in flight or whose response was lost. If this process or
 * Terraform dies before the new object is in the state, the next apply finds the note and looks for
 * the object before creating another. A note is removed when the workspace rejects the create, or
 * when the object is in Terraform's state. Terraform saves a local state after each response, so
 * the provider removes its notes when it ends. For another backend, `forgetSaved` does so at the end
 * of the apply.
 */
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defined } from "../../defined";
import { readSavedJson } from "../../exact-json";
import { identity, isRunning, type Process } from "../../processes";
import type { LostCreate, PendingCreate } from "../kind";
import { cacheFolder, readPrivate, writePrivate } from "../../private-files";

/** Max age of a note in milliseconds; older ones are assumed to be resolved. */
const maxAge = 24 * 3600 * 1000;
/** Max time in milliseconds until a provider exits after its Terraform process was killed. */
const exitTimeout = 10_000;

interface Note {
  /** Start of the create in milliseconds, by the local clock. */
  readonly started: number;
  /** How far the workspace's clock was ahead at the start, if known. */
  readonly difference?: number;
  /** The provider process. */
  readonly maker: Process;
  /** The Terraform process that waits for the response. */
  readonly terraform: Process;
  readonly type: string;
  /** Id of the object; set once it is created, or earlier if known. */
  readonly id?: string;
  /** Whether the workspace responded that the object was created. */
  readonly answered?: true;
}

const terraform = identity(process.ppid);

// Notes contain the description of a create only as a hash, because it can include the request,
// which may contain secrets.
const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
const objectKey = (type: unknown, id: unknown): string => `${String(type)} ${String(id)}`;

/** Identifies the stack, because the same object in another stack is unrelated. */
export interface NotedStack {
  /** Terraform's working directory. */
  readonly directory: string;
  /** Terraform's workspace. */
  readonly workspace: string;
  /** The Databricks workspace. */
  readonly host: string;
}

const markOf = ({ directory, workspace, host }: NotedStack): string =>
  hash([directory, workspace, host].join("\n"));
const folderOf = (env: NodeJS.ProcessEnv): string => path.join(cacheFolder(env), "pending");

/**
 * Returns the types of the stack's notes. Objects of these types may exist without being in the
 * state, because their create was interrupted.
 */
export function pendingTypes(stack: NotedStack, env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const notes = filesIn(folderOf(env), markOf(stack)).map(readNote);
  return new Set(
    notes.flatMap((note) =>
      note !== undefined && Date.now() - note.started < maxAge ? [note.type] : [],
    ),
  );
}

/**
 * Removes the notes of created objects after a successful apply, because Terraform has saved them in
 * its state.
 */
export function forgetSaved(stack: NotedStack, env: NodeJS.ProcessEnv): void {
  for (const file of filesIn(folderOf(env), markOf(stack))) {
    const note = readNote(file);
    if (note?.answered === true && !isRunning(note.maker)) fs.rmSync(file, { force: true });
  }
}

/** Whether `terraform init` has configured a backend other than a local file. */
function isBackendRemote(directory: string, dataFolder: string): boolean {
  const file = path.resolve(directory, dataFolder, "terraform.tfstate");
  if (!fs.existsSync(file)) return false;
  return readSavedJson<{ backend: { type?: string } }>(file)?.backend?.type !== "local";
}

/** The notes of one stack. One instance per process. */
export class PendingNotes {
  /** Notes of creates for which this process got a response. */
  readonly #confirmedNotes = new Set<string>();
  #notesOfObjects: Map<string, string> | undefined;

  constructor(
    private readonly stack: () => NotedStack,
    private readonly folder = folderOf(process.env),
  ) {}

  /** Returns the note of one create. `begin` writes it. */
  note(type: string): PendingCreate & { confirm(id: string): void } {
    let file: string | undefined;
    let note: Note | undefined;
    return {
      begin: async (description, difference, id) => {
        const name = `${markOf(this.stack())}-${hash(description)}`;
        const lostCreate = await this.#findLostCreate(name);
        file = path.join(this.folder, `${name}-${randomUUID()}`);
        const clock = lostCreate ?? { started: Date.now(), ...defined({ difference }) };
        note = {
          started: clock.started,
          ...defined({ difference: clock.difference }),
          ...((id ?? lostCreate?.id) !== undefined && { id: id ?? lostCreate?.id }),
          maker: identity(process.pid),
          terraform,
          type,
        };
        writePrivate(file, JSON.stringify(note));
        // Remove the old note only after the new one is written, because this process can be killed
        // at any time.
        if (lostCreate !== undefined) fs.rmSync(lostCreate.file, { force: true });
        return lostCreate;
      },
      discard: () => {
        if (file !== undefined) fs.rmSync(file, { force: true });
      },
      // The workspace responded. The note stays until Terraform has saved the object.
      confirm: (id) => {
        if (file === undefined) return;
        writePrivate(file, JSON.stringify({ ...note, id, answered: true }));
        this.#confirmedNotes.add(file);
      },
    };
  }

  /** Removes the note of an object that is in Terraform's state. */
  remove(type: string, id: unknown): void {
    this.#notesOfObjects ??= this.#notesByObject();
    const file = this.#notesOfObjects.get(objectKey(type, id));
    if (file !== undefined) fs.rmSync(file, { force: true });
  }

  /**
   * Removes the notes of confirmed creates if Terraform has saved its state in a local file. Called
   * when Terraform has received all responses and stops this process.
   */
  close(): void {
    const { TF_DATA_DIR: dataFolder = ".terraform", LAKEFORM_STATE_SERVED: served } = process.env;
    // During a deploy, lakeform serves the state over HTTP, and the deploy calls `forgetSaved`.
    if (served !== undefined || isBackendRemote(this.stack().directory, dataFolder)) return;
    for (const file of this.#confirmedNotes) fs.rmSync(file, { force: true });
  }

  #notesByObject(): Map<string, string> {
    const notes = filesIn(this.folder, markOf(this.stack())).map((file) => {
      const note = readNote(file);
      return [objectKey(note?.type, note?.id), file] as const;
    });
    return new Map(notes);
  }

  /** Returns an earlier create of the same object whose result is unknown. */
  async #findLostCreate(
    name: string,
  ): Promise<(LostCreate & { readonly file: string }) | undefined> {
    for (const file of filesIn(this.folder, name)) {
      const note = readNote(file);
      if (note === undefined || this.#confirmedNotes.has(file) || !(await hasEnded(note))) continue;
      const { started, difference, id } = note;
      if (Date.now() - started < maxAge) return { file, started, ...defined({ difference, id }) };
      fs.rmSync(file, { force: true });
    }
    return undefined;
  }
}

function filesIn(folder: string, prefix: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .flatMap((name) => (name.startsWith(prefix) ? [path.join(folder, name)] : []));
}

function readNote(file: string): Note | undefined {
  try {
    return JSON.parse(readPrivate(file)?.toString("utf8") ?? "") as Note;
  } catch {
    return undefined; // A truncated note: its process ended before it made the call.
  }
}

/**
 * Whether a create is no longer in flight. It is in flight while both processes run. If only the
 * Terraform process has ended, the provider exits soon, but its call may still be in flight.
 */
async function hasEnded(note: Note): Promise<boolean> {
  const deadline = Date.now() + exitTimeout;
  while (isRunning(note.maker)) {
    if (isRunning(note.terraform) || Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}
