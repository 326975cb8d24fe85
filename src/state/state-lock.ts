/** The lock of a stack's state in the workspace, in Terraform's format. */
import { randomUUID } from "node:crypto";
import os from "node:os";
import { isForbidden } from "../api/transport/errors";
import { LakeformError } from "../errors";
import { atInterrupt } from "../interrupt";
import { ownLock, readLock, takeLock, type HeldLock, type Lock } from "./lock-file";
import type { WorkspaceFiles } from "./workspace-files";

/** A lock in the format that Terraform sends and expects. */
export interface LockInfo {
  readonly ID: string;
  /** `OperationTypePlan`, `OperationTypeApply`, … */
  readonly Operation?: string;
  readonly Info?: string;
  /** `user@host` */
  readonly Who?: string;
  /** The version of Terraform. */
  readonly Version?: string;
  /** ISO time. */
  readonly Created?: string;
  readonly Path?: string;
}

/** The lock of a state that is served to Terraform. */
export interface ServedLock {
  /** @throws LakeformError STATE_LOCKED if another process has the lock */
  take(info: LockInfo): Promise<void>;
  release(id: string): Promise<void>;
  /** Returns the lock of the state, if it is locked. */
  holder(): Promise<LockInfo | undefined>;
}

interface TerraformLock extends Lock {
  readonly terraform?: LockInfo;
}

const lockFile = "lock.json";

export const userAtHost = (): string => `${os.userInfo().username}@${os.hostname()}`;

export class StateLock implements ServedLock {
  /** The id of the lock that this process holds in the workspace. */
  #heldId: string | undefined;
  /** Ids of locks for plans by callers without write permission: they exist only in memory. */
  readonly #memoryIds = new Set<string>();

  /** @param warn called for problems that do not fail the operation */
  constructor(
    private readonly stack: string,
    private readonly files: WorkspaceFiles,
    private readonly warn: (text: string) => void,
  ) {}

  /** Returns the holder, in Terraform's format. */
  async holder(): Promise<(LockInfo & { readonly host: string }) | undefined> {
    const held: (HeldLock & TerraformLock) | undefined = await this.#read();
    return held === undefined ? undefined : this.#infoOf(held);
  }

  #read(): Promise<HeldLock | undefined> {
    return readLock(this.files, lockFile);
  }

  #infoOf({
    id,
    by,
    since,
    host,
    terraform,
  }: HeldLock & TerraformLock): LockInfo & { readonly host: string } {
    return {
      Operation: "unknown",
      Who: by,
      Created: since,
      Version: "",
      Path: this.files.folder,
      ...terraform,
      ID: id,
      host,
      Info: `to break it: lakeform state unlock ${this.stack} ${id}`,
    };
  }

  /**
   * Takes the lock, unless the caller already holds it. The lock of an ended process on this
   * machine is taken over.
   * @throws LakeformError STATE_LOCKED
   */
  async take(info: LockInfo): Promise<void> {
    const { ID: id, Who: by = "unknown" } = info;
    if ((await this.#read())?.id === id) return;
    const lock: TerraformLock = { ...ownLock(id, by), terraform: info };
    try {
      await takeLock(this.files, lockFile, lock, {
        onLeft: this.warn,
        onStale: (stale) =>
          this.warn(`took over the state lock of a process that has ended (${stale.by})`),
        heldError: (held) => this.#lockedError(held),
      });
      this.#heldId = id;
    } catch (error) {
      // Callers with only read permission can plan: no lock is written.
      if (!isForbidden(error) || info.Operation !== "OperationTypePlan") throw error;
      this.#memoryIds.add(id);
    }
  }

  #lockedError(held: HeldLock & TerraformLock): LakeformError {
    const { Operation, Who, Created, ID, host } = this.#infoOf(held);
    return new LakeformError(
      "STATE_LOCKED",
      `another Terraform process holds the lock of the state of ${this.stack}`,
      {
        value: `${Operation ?? ""} by ${Who ?? ""} on ${host} since ${Created ?? ""}`,
        fix: `wait for it; if no process is running: lakeform state unlock ${this.stack} ${ID}`,
      },
    );
  }

  /**
   * Releases the lock; does nothing if there is none.
   * @throws LakeformError STATE_NOT_LOCKED if another lock is held
   */
  async release(id: string): Promise<void> {
    if (this.#memoryIds.delete(id)) return;
    if (this.#heldId === id) this.#heldId = undefined;
    const held = await this.#read();
    if (held === undefined) return;
    if (held.id !== id) throw this.#notLockedError(id, held);
    await this.files.remove(lockFile);
  }

  /** Releases the lock if this process still holds it, such as after Terraform was killed. */
  async releaseHeld(): Promise<void> {
    if (this.#heldId !== undefined) await this.release(this.#heldId);
  }

  /** @throws LakeformError STATE_NOT_LOCKED if the lock with this id is not held */
  async requireHeld(id: string): Promise<void> {
    const held = await this.#read();
    if (held?.id !== id || id === "") throw this.#notLockedError(id, held);
  }

  #notLockedError(id: string, held: HeldLock | undefined): LakeformError {
    return new LakeformError(
      "STATE_NOT_LOCKED",
      held === undefined
        ? `the state of ${this.stack} is not locked`
        : `the state of ${this.stack} is locked by another process`,
      {
        value: id === "" ? "no lock (-lock=false)" : id,
        allowed:
          held === undefined
            ? "a lock: none is held"
            : `${held.id}, held by ${held.by} on ${held.host}`,
        fix: "let Terraform handle the lock; if another process broke it, wait until it ends, then deploy again",
      },
    );
  }

  /** Runs `work` while holding the lock, for lakeform's own writes to the state. */
  async during<T>(operation: string, work: (lock: string) => Promise<T>): Promise<T> {
    const id = randomUUID();
    const acquisition = this.take({
      ID: id,
      Operation: operation,
      Who: userAtHost(),
      Created: new Date().toISOString(),
    });
    const release = async (): Promise<void> => {
      // The call that creates the lock may be in flight when a signal arrives.
      await acquisition.catch(() => undefined);
      await this.release(id);
    };
    const removeInterruptHandler = atInterrupt(release);
    try {
      await acquisition;
      return await work(id).finally(release);
    } finally {
      removeInterruptHandler();
    }
  }
}
