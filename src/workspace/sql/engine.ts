import { fork, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Reply, Request, Table } from "./engine-worker";
import { SqlProblem } from "./dialect";

const PACKAGE = "@duckdb/node-api";

/**
 * Runs DuckDB in a separate process, started on first use. A crash or memory shortage of DuckDB
 * does not affect the server.
 */
export class SqlEngine {
  private child: ChildProcess | undefined;
  private lastId = 0;
  private readonly canceledSessions = new Set<string>();
  private readonly pendingReplies = new Map<number, (reply: Reply | undefined) => void>();

  constructor(
    /** The user's project: the DuckDB package is looked up there first. */
    private readonly project: string,
    private readonly memory = "1GB",
  ) {}

  /** Incremented whenever the process has ended and lost its in-memory state. */
  generation = 0;

  /**
   * Runs statements of one session in order.
   * @param maxRows max number of returned rows
   * @returns the result of the last statement
   * @throws SqlProblem with DuckDB's message
   */
  async run(session: string, sql: readonly string[], maxRows = 1000): Promise<Table> {
    if (this.canceledSessions.has(session)) throw new SqlProblem("the statement was canceled");
    const child = this.start();
    const id = ++this.lastId;
    const reply = await new Promise<Reply | undefined>((resolve) => {
      this.pendingReplies.set(id, resolve);
      child.send({ id, session, sql, maxRows } satisfies Request);
    });
    if (reply === undefined)
      throw new SqlProblem("DuckDB's process ended while the statement ran: out of memory?");
    if ("error" in reply) throw new SqlProblem(reply.error);
    return reply.table;
  }

  /**
   * Cancels the running statement. The session then accepts no further statements until
   * {@link end} has closed it.
   */
  cancel(session: string): void {
    this.canceledSessions.add(session);
    this.child?.send({ cancel: session } satisfies Request);
  }

  /** Closes a session. A later statement with its name opens a new one. */
  end(session: string): void {
    this.canceledSessions.delete(session);
    this.child?.send({ end: session } satisfies Request);
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await exited;
  }

  private start(): ChildProcess {
    if (this.child !== undefined) return this.child;
    const child = fork(workerFile(), [this.findPackage(), this.memory], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    child.on("message", (reply: Reply) => {
      this.pendingReplies.get(reply.id)?.(reply);
      this.pendingReplies.delete(reply.id);
    });
    child.on("exit", () => {
      this.child = undefined;
      this.generation += 1;
      for (const resolve of this.pendingReplies.values()) resolve(undefined);
      this.pendingReplies.clear();
    });
    this.child = child;
    return child;
  }

  private findPackage(): string {
    for (const base of [path.join(this.project, "package.json"), __filename]) {
      try {
        return createRequire(base).resolve(PACKAGE);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
      }
    }
    throw new SqlProblem(
      `SQL is executed by DuckDB, which is not installed in the project: npm install --save-dev ${PACKAGE}; or script the task's outcome (docs/outcomes.md)`,
    );
  }
}

/** Returns the compiled worker. Tests run this file as TypeScript, and use the worker in `dist`. */
function workerFile(): string {
  const compiledFile = path.join(__dirname, "engine-worker.js");
  return fs.existsSync(compiledFile)
    ? compiledFile
    : path.join(__dirname, "..", "..", "..", "dist", "src", "workspace", "sql", "engine-worker.js");
}
