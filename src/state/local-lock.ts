/** Terraform's own lock of a local state file. */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { terraformEnvironment, type TerraformContext } from "../terraform/run";
import { lockInfoFile } from "../terraform/state-file";
import type { LockInfo, ServedLock } from "./state-lock";

export class LocalLock implements ServedLock {
  #held: { readonly id: string; readonly holder: ChildProcess } | undefined;

  constructor(
    private readonly context: TerraformContext,
    private readonly stack: string,
    private readonly file: string,
  ) {}

  /**
   * Takes Terraform's own lock of the file, so that a `terraform apply` in another terminal waits.
   * A `terraform console` holds the lock until its input ends, which also happens if this process
   * is killed.
   * @throws LakeformError STATE_LOCKED; STATE_SERVER_FAILED if Terraform fails for another reason
   */
  async take(info: LockInfo): Promise<void> {
    if (this.#held?.id === info.ID) return;
    fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    // The console would create the file with the mode of the user's umask.
    fs.closeSync(fs.openSync(this.file, "a", 0o600));
    fs.chmodSync(this.file, 0o600);
    const previousId = this.#info()?.ID;
    const holder = this.#startHolder();
    let output = "";
    for (const stream of [holder.stdout, holder.stderr])
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const isHeld = (): boolean => {
      const { ID: id, Operation: operation } = this.#info() ?? {};
      // Only a console writes this operation.
      return id !== undefined && id !== previousId && operation === "OperationTypeInvalid";
    };
    while (!isHeld() && !hasEnded(holder)) await sleep(10);
    // The lock may be that of another process's console. A console that cannot get it ends at once.
    await sleep(30);
    if (hasEnded(holder)) throw this.#notLocked(output);
    this.#held = { id: info.ID, holder };
    // Other Terraform processes show this file to their users.
    fs.writeFileSync(lockInfoFile(this.file), JSON.stringify({ ...info, Path: this.file }), {
      mode: 0o600,
    });
  }

  #startHolder(): ChildProcess {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-lock-"));
    // The empty folder has only the default workspace.
    const { TF_WORKSPACE: _selected, ...env } = terraformEnvironment(this.context);
    const holder = spawn(this.context.engine.binary, ["console", `-state=${this.file}`], {
      cwd: folder,
      env,
      // An interrupt on the terminal must not release the lock before Terraform has ended.
      detached: process.platform !== "win32",
    });
    holder.once("close", () => fs.rmSync(folder, { recursive: true, force: true }));
    return holder;
  }

  #info(): LockInfo | undefined {
    try {
      return JSON.parse(fs.readFileSync(lockInfoFile(this.file), "utf8")) as LockInfo;
    } catch {
      return undefined; // missing, or being written
    }
  }

  #notLocked(output: string): LakeformError {
    return output.includes("Error acquiring the state lock")
      ? new LakeformError("STATE_LOCKED", "another Terraform process holds the lock of the state", {
          path: this.stack,
          fix: "wait for it, then run the command again",
        })
      : new LakeformError("STATE_SERVER_FAILED", `the state could not be locked: ${output}`, {
          path: this.stack,
          fix: "run the command again with --debug",
        });
  }

  /** Whether this process holds the lock with this id. */
  isHeld(id: string): boolean {
    return this.#held?.id === id && !hasEnded(this.#held.holder);
  }

  async release(id: string): Promise<void> {
    if (this.#held?.id === id) await this.releaseHeld();
  }

  holder(): Promise<LockInfo | undefined> {
    return Promise.resolve(this.#info());
  }

  /** Releases the lock, if it is held. */
  async releaseHeld(): Promise<void> {
    const { holder } = this.#held ?? {};
    this.#held = undefined;
    if (holder === undefined || hasEnded(holder)) return;
    const ended = new Promise((resolve) => holder.once("close", resolve));
    holder.stdin?.end();
    await ended;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
