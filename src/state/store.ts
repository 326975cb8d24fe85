/** Stores the Terraform state of one stack in the workspace: files and versions. */
import { defined } from "../defined";
import { exactJson, isSameJson, parseWithBigints } from "../exact-json";
import { randomBytes } from "node:crypto";
import type { Client, ReadClient } from "../api/client";
import { LakeformError } from "../errors";
import { headOfState } from "../terraform/state-file";
import { restrictAccess, readersOf } from "./access";
import { chunksOf, corruptStateError, pack, requireKey, unpack, type StateKeys } from "./pack";
import { StateLock, userAtHost } from "./state-lock";
import { WorkspaceFiles } from "./workspace-files";

/** One saved version of the state. */
export interface StateVersion {
  /** Incremented by each write. */
  readonly number: number;
  /** The serial in the state, which Terraform increments with each change. */
  readonly serial: number;
  /** The lineage in the state, which Terraform creates with the first version. */
  readonly lineage: string;
  /** Size of the state in bytes. */
  readonly size: number;
  /** SHA-256 over all files together, as stored. */
  readonly sha256: string;
  /** The names of the files that contain the state, in order. */
  readonly files: readonly string[];
  /** The id of the encryption key. */
  readonly key?: string;
  /** ISO time. */
  readonly writtenAt: string;
  /** The user who wrote the version. */
  readonly by: string;
  /** Set if a command other than an apply wrote the version: `pushed`, `rolled back to 7`. */
  readonly note?: string;
}

/** The index file. It is written last, so that an interrupted write leaves the old state. */
interface Index {
  readonly format: 1;
  /** Newest first; the first one is the current state. */
  readonly versions: readonly StateVersion[];
}

export interface StateStoreOptions {
  /** The stack's name. */
  readonly stack: string;
  /** The folder of the stack's deployment record; the state is in its subfolder `state`. */
  readonly recordFolder: string;
  readonly keys: StateKeys;
  /** Called for problems that do not fail the operation. */
  readonly warn: (text: string) => void;
}

export interface WriteOptions {
  /** The id of the lock that the caller holds. */
  readonly lock: string;
  /** The note of the version. */
  readonly note?: string;
  /** Write the state even if it has another lineage or an older serial. */
  readonly force?: boolean;
}

export const maxVersions = 20;
const indexFile = "index.json";

export class StateStore {
  readonly stack: string;
  readonly lock: StateLock;
  readonly #files: WorkspaceFiles;
  /** Cache of the version that was last read or written, as stored. */
  #cached: { readonly sha256: string; readonly bytes: Buffer } | undefined;

  constructor(
    private readonly client: ReadClient | Client,
    private readonly options: StateStoreOptions,
  ) {
    this.stack = options.stack;
    this.#files = new WorkspaceFiles(client, `${options.recordFolder}/state`);
    this.lock = new StateLock(options.stack, this.#files, options.warn);
  }

  get folder(): string {
    return this.#files.folder;
  }

  /**
   * Returns the saved versions, newest first.
   * @throws LakeformError STATE_CORRUPT, NEWER_STATE_FORMAT
   */
  async versions(): Promise<readonly StateVersion[]> {
    const bytes = await this.#files.readFile(indexFile);
    if (bytes === undefined) return [];
    let index: { readonly format?: number; readonly versions?: Index["versions"] } | null;
    try {
      index = JSON.parse(bytes.toString("utf8")) as typeof index;
    } catch (error) {
      throw this.#brokenIndex(error);
    }
    if (typeof index?.format === "number" && index.format > 1) {
      throw new LakeformError("NEWER_STATE_FORMAT", "the state was written by a newer lakeform", {
        path: this.folder,
        value: `format ${String(index.format)}`,
        allowed: "1",
        fix: "use at least the lakeform version of the last deploy",
      });
    }
    const versions = index?.format === 1 ? index.versions : undefined;
    if (!Array.isArray(versions)) throw this.#brokenIndex();
    return versions as Index["versions"];
  }

  #brokenIndex(cause?: unknown): LakeformError {
    return new LakeformError(
      "STATE_CORRUPT",
      "the list of the state's versions was edited or truncated",
      {
        path: `${this.folder}/${indexFile}`,
        fix: "restore the file (from a copy, or the trash of the workspace); do not delete it: Terraform would create everything again",
        cause,
      },
    );
  }

  /**
   * Reads the current state, or an earlier version. Returns undefined if there is no state.
   * @throws LakeformError STATE_CORRUPT, NEWER_STATE_FORMAT, STATE_KEY_MISSING,
   * NO_SUCH_STATE_VERSION
   */
  async read(number?: number): Promise<Buffer | undefined> {
    const versions = await this.versions();
    if (number === undefined)
      return versions[0] === undefined ? undefined : this.#load(versions[0]);
    const version = versions.find((stateVersion) => stateVersion.number === number);
    if (version !== undefined) return this.#load(version);
    throw new LakeformError(
      "NO_SUCH_STATE_VERSION",
      `no such version of the state of ${this.stack}`,
      {
        value: String(number),
        allowed:
          versions.length === 0
            ? "there is no state"
            : versions.map((stateVersion) => stateVersion.number).join(", "),
        fix: `lakeform state list ${this.stack}`,
      },
    );
  }

  async #load(version: StateVersion): Promise<Buffer> {
    const name = this.#nameOf(version.number);
    if (version.key !== undefined) requireKey(version.key, name, this.options.keys);
    const bytes =
      this.#cached?.sha256 === version.sha256 ? this.#cached.bytes : await this.#loadFiles(version);
    const state = await unpack({ ...version, bytes }, name, this.options.keys);
    this.#cached = { sha256: version.sha256, bytes };
    return state;
  }

  async #loadFiles(version: StateVersion): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (const file of version.files) {
      const part = await this.#files.readFile(`versions/${file}`);
      if (part === undefined)
        throw corruptStateError(
          this.#nameOf(version.number),
          `a part of it is missing: ${this.folder}/versions/${file}`,
        );
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  readonly #nameOf = (number: number): string => `${this.stack}, version ${number}`;

  /**
   * Replaces the state. The caller must hold the lock.
   * @returns the new version, or the current one if it already contains this state
   * @throws LakeformError STATE_NOT_LOCKED; OTHER_STATE for another lineage, an older serial, or
   * other content with the current serial; BROKEN_STATE, STATE_CORRUPT, NEWER_STATE_FORMAT,
   * STATE_KEY_MISSING
   */
  async write(state: Buffer, { lock, note, force }: WriteOptions): Promise<StateVersion> {
    const { serial, lineage } = headOfState(state, `the new state of ${this.stack}`);
    await this.lock.requireHeld(lock);
    const versions = await this.versions();
    const [current] = versions;
    if (current !== undefined) {
      const [key] = this.options.keys;
      // An unencrypted state never replaces an encrypted one.
      if (current.key !== undefined && key === undefined)
        requireKey(current.key, this.#nameOf(current.number), []);
      if (force !== true) {
        if (lineage !== current.lineage)
          throw this.#otherState(`lineage ${lineage}`, `lineage ${current.lineage}`);
        if (serial < current.serial)
          throw this.#otherState(`serial ${serial}`, `serial ${current.serial} or newer`);
        if (serial === current.serial) {
          // After a lost response, Terraform sends the same state again. The JSON is compared,
          // because a state from another backend may have other line breaks at its end.
          if (isSameJson(await this.#load(current), state)) return current;
          throw this.#otherState(
            `another state of serial ${serial}`,
            `serial ${current.serial + 1} or newer`,
          );
        }
      }
    }
    const number = (current?.number ?? 0) + 1;
    const packed = await pack(state, this.#nameOf(number), this.options.keys);
    const unique = randomBytes(4).toString("hex");
    const files: string[] = [];
    for (const [chunkIndex, chunk] of chunksOf(packed.bytes).entries()) {
      const file = `${String(number).padStart(8, "0")}-${unique}.${chunkIndex}`;
      await this.#files.writeFile(`versions/${file}`, chunk);
      files.push(file);
    }
    const { sha256, key } = packed;
    const version = {
      number,
      serial,
      lineage,
      size: state.length,
      sha256,
      files,
      writtenAt: new Date().toISOString(),
      by: userAtHost(),
      ...defined({ key, note }),
    };
    const index: Index = { format: 1, versions: [version, ...versions].slice(0, maxVersions) };
    // Another process may have broken the lock during the upload.
    await this.lock.requireHeld(lock);
    await this.#files.writeFile(indexFile, Buffer.from(JSON.stringify(index, undefined, 1)));
    this.#cached = { sha256, bytes: packed.bytes };
    if (current === undefined) await this.#restrictAccess();
    await this.#removeOutdated(index);
    return version;
  }

  #otherState(value: string, allowed: string): LakeformError {
    return new LakeformError(
      "OTHER_STATE",
      `the new state does not follow the current state of ${this.stack}: it was not written`,
      {
        path: this.folder,
        value,
        allowed,
        fix: `check the current state (lakeform state list ${this.stack}); to replace it anyway: lakeform state push ${this.stack} FILE --force`,
      },
    );
  }

  /** Restricts a new folder to its creator. */
  async #restrictAccess(): Promise<void> {
    try {
      await restrictAccess(this.client as Client, this.folder);
    } catch (error) {
      if (!(error instanceof LakeformError)) throw error;
      this.options.warn(
        `the access list of ${this.folder} could not be restricted: ${error.message}`,
      );
    }
  }

  /**
   * Returns the principals that can read the secrets in the state, except admins, and users and
   * service principals that manage the folder directly, such as the deployer. Returns none if there
   * is a key, because the next write encrypts the state.
   * @returns undefined if unknown
   */
  async readers(): Promise<readonly string[] | undefined> {
    if (this.options.keys.length > 0) return [];
    return readersOf(this.client, this.folder);
  }

  /** Removes the files of discarded versions and of interrupted writes. */
  async #removeOutdated({ versions }: Index): Promise<void> {
    const needed = new Set(versions.flatMap(({ files }) => files));
    try {
      for (const name of await this.#files.names("versions"))
        if (!needed.has(name)) await this.#files.remove(`versions/${name}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.options.warn(
        `old versions of the state of ${this.stack} could not be removed: ${error.message}`,
      );
    }
  }

  /**
   * Writes an earlier version again, as the newest version.
   * @throws LakeformError NO_SUCH_STATE_VERSION, and all errors of {@link write} except OTHER_STATE
   */
  async rollback(number: number, lock: string): Promise<StateVersion> {
    const [current] = await this.versions();
    const state = parseWithBigints((await this.read(number))?.toString("utf8") ?? "null") as Record<
      string,
      unknown
    >;
    const newState = { ...state, serial: (current?.serial ?? 0) + 1 };
    return this.write(Buffer.from(`${exactJson(newState, undefined, 2)}\n`), {
      lock,
      note: `rolled back to ${number}`,
      force: true,
    });
  }
}
