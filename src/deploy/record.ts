import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { ApiError, isNotFound } from "../api/transport/errors";
import type { ReadClient } from "../api/client";
import { LakeformError } from "../errors";
import { WorkspaceFiles } from "../state/workspace-files";
import type { DeploymentRecord } from "../verify/deployed/record";

/** The last try to deploy, whatever came of it: what an interrupted or half-failed deploy leaves behind. */
export interface Attempt {
  readonly version: 1;
  readonly startedAt: string;
  readonly by: string;
  readonly digest?: string;
  readonly commit?: string;
  readonly outcome: "started" | "succeeded" | "failed";
  /** Counts the tries: a deploy whose number is not the last one has lost its lock to another, and must not write the record. */
  readonly fence?: number;
  readonly endedAt?: string;
  /** What failed, in a line; no values. */
  readonly error?: string;
}

/** One line of the history: a record without the stack itself. */
export type HistoryEntry = Omit<DeploymentRecord, "synthesized" | "content" | "secrets">;

/**
 * Which of these folders are there at all. One call for all that lie beside each other, as the records of a project's stacks do: asked one by one, a stack
 * without a record costs two.
 * @returns folders that are certainly not there; what may not be listed is none of them
 */
export async function missingFolders(client: ReadClient, folders: readonly string[]): Promise<ReadonlySet<string>> {
  const parents = new Map<string, string[]>();
  for (const folder of folders) {
    const parent = folder.slice(0, folder.lastIndexOf("/"));
    parents.set(parent, [...(parents.get(parent) ?? []), folder]);
  }
  const missing = new Set<string>();
  for (const [parent, inside] of parents) {
    if (inside.length < 2) continue;
    const there = await namesIn(client, parent);
    for (const folder of inside) if (there?.has(folder.slice(folder.lastIndexOf("/") + 1)) === false) missing.add(folder);
  }
  return missing;
}

/** @returns nothing for a folder that is not there; undefined where it cannot be told */
async function namesIn(client: ReadClient, folder: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { objects = [] } = (await client.get("/api/2.0/workspace/list", { query: { path: folder } })) as { objects?: { path: string }[] };
    return new Set(objects.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

// workspace/import takes 10 MB of base64; a stack of thousands of jobs is larger as plain JSON.
const plainLimit = 5_000_000;

/**
 * The deployment record in the workspace itself (`recordFolder` of the stack), so that it survives throw-away machines. Files of JSON:
 * `record.json` (or .gz when large) the last deploy that succeeded, `attempt.json` the last try, `history/<time>.json` one entry a deploy.
 */
export class RecordStore extends WorkspaceFiles {
  /**
   * @returns undefined when nothing was deployed with a record
   * @throws LakeformError RECORD_TAMPERED when it is not as a deploy wrote it
   */
  async read(): Promise<DeploymentRecord | undefined> {
    const plain = await this.readFile("record.json");
    if (plain !== undefined) return this.unseal(plain.toString("utf8"));
    const packed = await this.readFile("record.json.gz");
    return packed === undefined ? undefined : this.unseal(unpacked(packed));
  }

  /** As {@link read}, but a record that cannot be trusted is as good as none, and `missing` says why. */
  async readTrusted(): Promise<{ readonly record: DeploymentRecord } | { readonly missing: string }> {
    try {
      const record = await this.read();
      return record === undefined ? this.none : { record };
    } catch (error) {
      if (error instanceof LakeformError && error.code === "RECORD_TAMPERED") return { missing: `${error.message} (${this.folder})` };
      throw error;
    }
  }

  get none(): { readonly missing: string } {
    return { missing: `no deployment record in ${this.folder}` };
  }

  private unseal(text: string): DeploymentRecord {
    const tampered = (cause?: unknown): LakeformError =>
      new LakeformError("RECORD_TAMPERED", "the deployment record was edited or truncated", {
        value: `${this.folder}/record.json`,
        fix: "deploy the stack again to write a new record; the old one cannot be trusted",
        cause,
      });
    let sealed: DeploymentRecord & { seal?: string };
    try {
      sealed = JSON.parse(text) as typeof sealed;
    } catch (error) {
      throw tampered(error);
    }
    const { seal, ...record } = sealed;
    if (seal !== sealOf(record)) throw tampered();
    return record;
  }

  /** One that was cut short or edited counts as a try that did not succeed. */
  async readAttempt(): Promise<Attempt | undefined> {
    const bytes = await this.readFile("attempt.json");
    if (bytes === undefined) return undefined;
    const found = parsed(bytes) as Partial<Attempt> | undefined;
    if (typeof found?.startedAt === "string" && typeof found.outcome === "string") return found as Attempt;
    return {
      version: 1,
      startedAt: "at an unknown time",
      by: "unknown",
      outcome: "failed",
      error: `${this.folder}/attempt.json was truncated`,
    };
  }

  /** Newest first. Entries that were cut short are left out. */
  async history(): Promise<HistoryEntry[]> {
    const names = (await this.names("history")).reverse();
    const entries: HistoryEntry[] = [];
    for (const name of names) {
      const text = await this.readFile(`history/${name}`);
      const entry = text === undefined ? undefined : parsed(text);
      if (entry !== undefined) entries.push(entry as HistoryEntry);
    }
    return entries;
  }

  async write(record: DeploymentRecord): Promise<void> {
    const text = Buffer.from(JSON.stringify({ ...record, seal: sealOf(record) }));
    const [name, other] = text.length > plainLimit ? ["record.json.gz", "record.json"] : ["record.json", "record.json.gz"];
    await this.writeFile(name, text.length > plainLimit ? gzipSync(text) : text);
    await this.remove(other);
    const { synthesized: _synthesized, content: _content, secrets: _secrets, ...entry } = record;
    await this.writeFile(`history/${record.deployedAt.replaceAll(":", "-")}.json`, Buffer.from(JSON.stringify(entry)));
  }

  async writeAttempt(attempt: Attempt): Promise<void> {
    await this.writeFile("attempt.json", Buffer.from(JSON.stringify(attempt)));
  }

  /** After a destroy: the record of something that is no more would make everything look missing. History stays. */
  async forget(): Promise<void> {
    await this.remove("record.json");
    await this.remove("record.json.gz");
  }
}

/** Finds edits by hand and files cut short; it is no protection against somebody who means harm and can write the folder. */
function sealOf(record: DeploymentRecord): string {
  return createHash("sha256").update(JSON.stringify(record)).digest("hex");
}

/** @returns "" for bytes that were cut short */
function unpacked(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (error) {
    if (/^Z_/.test((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

/** @returns undefined for what is no JSON object: cut short, or edited */
function parsed(bytes: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
