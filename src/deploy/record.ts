import { parseExact } from "../exact-json";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { LakeformError } from "../errors";
import { WorkspaceFiles } from "../state/workspace-files";
import type { DeploymentRecord } from "../verify/deployed/record";

/** The last attempt to deploy, written even if it is interrupted or fails halfway. */
export interface Attempt {
  readonly version: 1;
  /** ISO time. */
  readonly startedAt: string;
  readonly by: string;
  readonly digest?: string;
  readonly commit?: string;
  /** `started` also means an interrupted attempt. */
  readonly outcome: "started" | "succeeded" | "failed";
  /**
   * Number of the attempt: a deploy whose number is not the latest has lost its lock to another,
   * and must not write the record.
   */
  readonly fence?: number;
  readonly endedAt?: string;
  /** The code of the error; or, for an unreadable file, the reason in one line without values. */
  readonly error?: string;
}

/** An entry of the history: a record without the code and the details of single objects. */
export type HistoryEntry = Omit<
  DeploymentRecord,
  "synthesized" | "content" | "secrets" | "verified"
>;

// workspace/import accepts 10 MB of base64; a stack with thousands of jobs is larger as plain JSON.
const maxPlainBytes = 5_000_000;

/**
 * The deployment record, stored in the workspace itself (`recordFolder` of the stack), so that it
 * is available on every machine. JSON files: `record.json` (or .gz when large) for the last
 * successful deploy, `attempt.json` for the last attempt, `history/<time>.json` with one entry per
 * deploy.
 */
export class RecordStore extends WorkspaceFiles {
  /**
   * @returns undefined if there is no record
   * @throws LakeformError RECORD_TAMPERED if it was changed since the deploy
   */
  async read(): Promise<DeploymentRecord | undefined> {
    const uncompressed = await this.readFile("record.json");
    if (uncompressed !== undefined) return this.unseal(uncompressed.toString("utf8"));
    const compressed = await this.readFile("record.json.gz");
    return compressed === undefined ? undefined : this.unseal(decompress(compressed));
  }

  /** Like {@link read}, but an invalid record counts as none, and `missing` has the reason. */
  async readTrusted(): Promise<
    { readonly record: DeploymentRecord } | { readonly missing: string }
  > {
    try {
      const record = await this.read();
      return record === undefined ? this.none : { record };
    } catch (error) {
      if (error instanceof LakeformError && error.code === "RECORD_TAMPERED")
        return { missing: `${error.message} (${this.folder})` };
      throw error;
    }
  }

  get none(): { readonly missing: string } {
    return { missing: `no deployment record in ${this.folder}` };
  }

  private unseal(text: string): DeploymentRecord {
    const tamperedError = (cause?: unknown): LakeformError =>
      new LakeformError("RECORD_TAMPERED", "the deployment record was edited or truncated", {
        value: `${this.folder}/record.json`,
        fix: "deploy the stack again to write a new record; the old one cannot be trusted",
        cause,
      });
    let sealedRecord: DeploymentRecord & { seal?: string };
    try {
      sealedRecord = JSON.parse(text) as typeof sealedRecord;
    } catch (error) {
      throw tamperedError(error);
    }
    const { seal, ...record } = sealedRecord;
    if (seal !== sealOf(record)) throw tamperedError();
    return record;
  }

  /** A truncated or edited file counts as a failed attempt. */
  async readAttempt(): Promise<Attempt | undefined> {
    const bytes = await this.readFile("attempt.json");
    if (bytes === undefined) return undefined;
    const attempt = parseObject(bytes) as Partial<Attempt> | undefined;
    if (typeof attempt?.startedAt === "string" && typeof attempt.outcome === "string")
      return attempt as Attempt;
    return {
      version: 1,
      startedAt: "at an unknown time",
      by: "unknown",
      outcome: "failed",
      error: `${this.folder}/attempt.json was truncated`,
    };
  }

  /** The deploys, newest first, without truncated entries. */
  async history(): Promise<HistoryEntry[]> {
    const names = (await this.names("history")).reverse();
    const entries: HistoryEntry[] = [];
    for (const name of names) {
      const text = await this.readFile(`history/${name}`);
      const entry = text === undefined ? undefined : parseObject(text);
      if (entry !== undefined) entries.push(entry as HistoryEntry);
    }
    return entries;
  }

  async write(record: DeploymentRecord): Promise<void> {
    await this.rewrite(record);
    const {
      synthesized: _synthesized,
      content: _content,
      secrets: _secrets,
      verified: _verified,
      ...entry
    } = record;
    await this.writeFile(
      `history/${record.deployedAt.replaceAll(":", "-")}.json`,
      Buffer.from(JSON.stringify(entry)),
    );
  }

  /** Writes the record of a deploy that is already in the history. */
  async rewrite(record: DeploymentRecord): Promise<void> {
    const text = Buffer.from(JSON.stringify({ ...record, seal: sealOf(record) }));
    const [name, outdatedName] =
      text.length > maxPlainBytes
        ? ["record.json.gz", "record.json"]
        : ["record.json", "record.json.gz"];
    await this.writeFile(name, text.length > maxPlainBytes ? gzipSync(text) : text);
    await this.remove(outdatedName);
  }

  async writeAttempt(attempt: Attempt): Promise<void> {
    await this.writeFile("attempt.json", Buffer.from(JSON.stringify(attempt)));
  }

  /**
   * Removes the record after a destroy, because verify would report every object as missing. Keeps
   * the history.
   */
  async forget(): Promise<void> {
    await this.remove("record.json");
    await this.remove("record.json.gz");
  }
}

/**
 * Detects manual edits and truncated files, but does not protect against an attacker with write
 * access to the folder.
 */
function sealOf(record: DeploymentRecord): string {
  return createHash("sha256").update(JSON.stringify(record)).digest("hex");
}

/** @returns "" for truncated bytes */
function decompress(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (error) {
    if (/^Z_/.test((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

/** @returns undefined for anything but a JSON object: truncated, or edited */
function parseObject(bytes: Buffer): object | undefined {
  try {
    const value: unknown = parseExact(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
