import { spawn, type ChildProcessByStdio } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject, JsonValue } from "../errors";
import { formatValue } from "../jobs/json";
import { OutputStream } from "./output-stream";
import { killTree, MARK_VARIABLE } from "./process-tree";
import type { Python } from "./python";
import { redact, redactValue } from "./redactor";
import { OutputFiles, type CellError, type Report } from "./report";

const RUNNER = path.join(__dirname, "python", "run.py");
/** Max length of an event. A longer line is ignored. */
const MAX_LINE = 64 * 1024 * 1024;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** An event that the task's process reports, as a line of JSON on file descriptor 3. */
interface TaskEvent {
  readonly event: string;
  readonly cell?: number | null;
  readonly cells?: readonly Partial<Report["cells"][number]>[];
  readonly ok?: boolean;
  readonly key?: string;
  readonly value?: JsonValue;
  readonly code?: number;
  readonly name?: string;
  readonly message?: string;
  readonly line?: number | null;
  readonly source?: string;
  readonly trace?: string;
}

export interface ExecutionParts {
  readonly python: Python;
  readonly spec: JsonObject;
  readonly env: NodeJS.ProcessEnv;
  /** The attempt's own folder for output, temporary files and packages. */
  readonly folder: string;
  readonly compiled: string;
  readonly report: Report;
  readonly secrets: ReadonlySet<string>;
  readonly timeLimitMs: number;
  readonly now: () => number;
}

/** The result of an ended process. */
export interface ProcessResult {
  readonly ok: boolean;
  readonly values: Record<string, JsonValue>;
  readonly error?: CellError;
  /** Whether the workspace killed the process because of a cancel or a timeout. */
  readonly killed: boolean;
}

/** The process of one attempt. */
export class Execution {
  readonly values: Record<string, JsonValue> = {};
  /** The value of an environment variable by which all processes of the task are found. */
  private readonly mark = randomBytes(12).toString("hex");
  private child: Child | undefined;
  private killed = false;
  private timedOut = false;
  private code: number | undefined;
  private error: CellError | undefined;
  private cells = new Map<number, Report["cells"][number]>();

  constructor(private readonly parts: ExecutionParts) {}

  async run(): Promise<ProcessResult> {
    const { python, env, folder, compiled, report, secrets, spec, timeLimitMs } = this.parts;
    // Marks the start of each cell's output in stdout and stderr.
    const nonce = randomBytes(12).toString("hex");
    const child = spawn(python.executable, [RUNNER, compiled], {
      cwd: path.join(folder, "work"),
      env: { ...env, [MARK_VARIABLE]: this.mark },
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    }) as unknown as Child;
    this.child = child;
    const files = new OutputFiles(folder, report);
    const streams = (["stdout", "stderr"] as const).map((name) => {
      const stream = new OutputStream(name, nonce, secrets, (cell, piece) =>
        files.write(cell, piece),
      );
      child[name].on("data", (bytes: Buffer) => stream.push(bytes));
      return { stream, whenClosed: waitForClose(child[name]) };
    });
    const channel = (child as unknown as { stdio: Readable[] }).stdio[3] as Readable;
    const lines = createInterface({ input: channel, crlfDelay: Infinity });
    lines.on("line", (line) => this.handleEvent(line));
    const channelClosed = waitForClose(channel);
    // The task may exit before it has read its description from stdin.
    child.stdin.on("error", () => undefined);
    child.stdin.write(`${JSON.stringify({ ...spec, nonce })}\n`);
    const timer = setTimeout(() => {
      this.timedOut = true;
      this.kill();
    }, timeLimitMs);
    const exit = await waitForExit(child).finally(() => clearTimeout(timer));
    const remainingProcesses = killTree(child.pid ?? 0, this.mark);
    // Reads the buffered output for at most 2 s: a process that escaped may keep the pipes open.
    await Promise.race([
      Promise.all([...streams.map((streamState) => streamState.whenClosed), channelClosed]),
      sleep(2000, undefined, { ref: false }),
    ]);
    child.stdin.destroy();
    for (const { stream } of streams) stream.end();
    files.close();
    if (remainingProcesses.length > 0 && !this.killed)
      report.notices.push(
        `${remainingProcesses.length === 1 ? "a process that the task left running was" : `${remainingProcesses.length} processes that the task left running were`} ended: ${remainingProcesses.slice(0, 5).join("; ")}`,
      );
    for (const [cell, bytes] of Object.entries(report.cut))
      report.notices.push(
        `${bytes} bytes of output of ${report.kind === "notebook" ? `cell ${this.cells.get(Number(cell))?.number ?? cell}` : "the log"} exceed the limit of the platform and were truncated`,
      );
    return this.toResult(exit);
  }

  /** Kills the process and everything it started. */
  kill(): void {
    this.killed = true;
    const pid = this.child?.pid;
    if (pid !== undefined && this.child?.exitCode === null) killTree(pid, this.mark);
  }

  private toResult(exit: {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }): ProcessResult {
    for (const cell of this.parts.report.cells)
      if (cell.state === "running")
        Object.assign(cell, { state: "failed", ended: this.parts.now() });
    const { values } = this;
    const toFailure = (message: string): ProcessResult => ({
      ok: false,
      values,
      killed: this.killed,
      error: { name: "Error", message, source: "", trace: "" },
    });
    if (this.timedOut)
      return toFailure(
        `the task ran longer than ${this.parts.timeLimitMs / 1000} s, the workspace's limit for a task (--task-timeout)`,
      );
    if (this.code === 0) return { ok: true, values, killed: this.killed };
    if (this.error !== undefined)
      return { ok: false, values, error: this.error, killed: this.killed };
    if (this.code !== undefined) return toFailure(`the process ended with exit code ${this.code}`);
    if (exit.signal !== null)
      return toFailure(
        `the process was ended by ${exit.signal}${exit.signal === "SIGKILL" && !this.killed ? ": out of memory?" : ""}`,
      );
    return toFailure(
      `the Python process exited unexpectedly with code ${exit.code ?? "unknown"} before the task ended`,
    );
  }

  private handleEvent(line: string): void {
    if (line.length > MAX_LINE) return;
    let event: TaskEvent;
    try {
      event = JSON.parse(line) as TaskEvent;
    } catch {
      // The line is not an event: the user's code can also write to the descriptor.
      return;
    }
    const { report, secrets, now } = this.parts;
    const redactSecrets = (text: string | undefined): string => redact(text ?? "", secrets);
    const cell = this.cells.get(event.cell ?? 0);
    switch (event.event) {
      case "cells":
        for (const cellEvent of event.cells ?? []) {
          const result: Report["cells"][number] = {
            id: cellEvent.id ?? 0,
            number: cellEvent.number ?? 0,
            notebook: cellEvent.notebook ?? "",
            language: cellEvent.language ?? "",
            source: cellEvent.source ?? "",
            ...(cellEvent.title === undefined || cellEvent.title === null
              ? {}
              : { title: cellEvent.title }),
            depth: cellEvent.depth ?? 0,
            state: "waiting",
          };
          this.cells.set(result.id, result);
          report.cells.push(result);
        }
        break;
      case "started":
        if (cell !== undefined) Object.assign(cell, { state: "running", started: now() });
        break;
      case "ended":
        if (cell !== undefined)
          Object.assign(cell, { state: event.ok === true ? "succeeded" : "failed", ended: now() });
        break;
      case "error": {
        const error: CellError = {
          name: event.name ?? "Error",
          message: redactSecrets(event.message),
          ...(typeof event.line === "number" ? { line: event.line } : {}),
          source: redactSecrets(event.source),
          trace: redactSecrets(event.trace),
        };
        this.error = error;
        if (cell === undefined) report.error = error;
        else cell.error = error;
        break;
      }
      case "value":
        if (event.key !== undefined && event.value !== undefined) {
          this.values[event.key] = event.value;
          report.values[event.key] = redactValue(event.value, secrets);
        }
        break;
      case "exit":
        report.exit = redactSecrets(formatValue(event.value));
        break;
      case "end":
        this.code = event.code ?? 1;
        break;
    }
  }
}

function waitForExit(
  child: Child,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

const waitForClose = (stream: Readable): Promise<void> =>
  new Promise((resolve) => stream.once("close", () => resolve()));

/** Deletes the folder of an attempt, and creates the empty folders that its process needs. */
export function createFolders(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  for (const name of ["work", "tmp"])
    fs.mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
}
