import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { WorkspaceError, type JsonObject, type JsonValue } from "../errors";

import {
  kindOf,
  latest,
  terminal,
  type Attempt,
  type Landed,
  type Run,
  type TaskRun,
} from "../jobs/run-model";
import { workspaceTree } from "../objects/tree";
import { tokenOf } from "../principals";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { savedQuery } from "../sql/saved-objects";
import { clusterEnvironment } from "./cluster-environment";
import { Execution, makeFolders, type Ended } from "./execution";
import { MappedFolder } from "./mapped-folder";
import { DEFAULT_MEMORY, DEFAULT_TIME_LIMIT_MS, type ExecutionOptions } from "./options";
import { environmentFor, findPython, type Python } from "./python";
import { loadReport, newReport, readOutput, saveReport, type Piece, type Report } from "./report";
import { SqlSessions } from "./sql-sessions";
import { SqlTask } from "./sql-task";
import { TaskProblem, workOf } from "./task-spec";

/**
 * Data that all tasks of a run share: a token of the run's user, and the secrets that the tasks
 * have read.
 */
interface RunContext {
  readonly token: string;
  readonly end: () => void;
  readonly secrets: Set<string>;
}

interface Live {
  readonly run_id: number;
  readonly attempt: Attempt;
  readonly report: Report;
  readonly token: string;
  execution?: Execution | SqlTask;
  stopped: boolean;
  /** The ids of runs that the task started with dbutils.notebook.run. */
  readonly children: number[];
}

const reportKinds: Readonly<Record<string, Report["kind"]>> = {
  notebook_task: "notebook",
  python_wheel_task: "wheel",
  sql_task: "sql",
};

/**
 * The file routes. When a task calls one of them, its mapped folder is pushed before the call and
 * pulled after it.
 */
const FILE_ROUTES = /^\/api\/2\.0\/(dbfs|fs|workspace|workspace-files)\//;

/**
 * Executes tasks as processes. The run engine launches attempts and is notified when they have
 * ended.
 */
export class Executions {
  private readonly live = new Map<number, Live>();
  private readonly landings = new Map<number, Landed>();
  private readonly contexts = new Map<number, RunContext>();
  private readonly mapped = new Map<string, MappedFolder>();
  private readonly folder: string;
  private python: Promise<Python> | undefined;
  private readonly working = new Set<Promise<void>>();
  readonly sql: SqlSessions;

  constructor(
    private readonly app: WorkspaceApp,
    readonly options: ExecutionOptions,
    private readonly engine: {
      readonly wake: (run_id: number) => void;
      readonly cancel: (run_id: number) => void;
    },
  ) {
    this.folder = path.join(app.store.folder, "executions");
    app.onClose(() => this.close());
    this.sql = new SqlSessions(
      app,
      (caller) => this.mappedFor(caller),
      options.project ?? process.cwd(),
    );
  }

  /** @throws LakeformError NO_PYTHON, PYTHON_TOO_OLD */
  findPython(): Promise<Python> {
    this.python ??= findPython(this.options);
    // After a failure, the next task searches again, because Python may have been installed.
    this.python.catch(() => (this.python = undefined));
    return this.python;
  }

  /** The number of running task processes. */
  get size(): number {
    return this.live.size;
  }

  /** Starts the process of an attempt. */
  launch(run: Run, task: TaskRun, attempt: Attempt): void {
    const context = this.contextOf(run);
    const kind = kindOf(attempt.resolved ?? task.spec);
    const report = newReport(reportKinds[kind ?? ""] ?? "python");
    const live: Live = {
      run_id: run.run_id,
      attempt,
      report,
      token: context?.token ?? "",
      stopped: false,
      children: [],
    };
    this.live.set(attempt.run_id, live);
    const work = this.work(run, task, attempt, live, context)
      .then((landed) => this.finish(run, attempt, landed))
      .catch((error: unknown) => {
        this.app.log(
          `BUG execution of ${attempt.run_id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        this.finish(run, attempt, {
          result: "FAILED",
          error: "the local workspace failed: this is a bug in lakeform, see the workspace's log",
        });
      })
      .finally(() => this.working.delete(work));
    this.working.add(work);
  }

  /** Returns the result of an attempt; undefined while it is running. */
  landed(attempt: Attempt): Landed | undefined {
    const found = this.landings.get(attempt.run_id);
    if (found !== undefined) return found;
    if (this.live.has(attempt.run_id)) return undefined;
    return {
      result: "FAILED",
      notStarted: {
        message: "The local workspace was restarted while the task ran.",
        code: "INTERNAL_ERROR",
      },
    };
  }

  /** Ends the attempts that a run no longer waits for. Call it after each change of a run. */
  release(run: Run): void {
    if (!this.contexts.has(run.run_id)) return;
    for (const live of this.live.values())
      if (
        live.run_id === run.run_id &&
        (terminal(live.attempt.life) || live.attempt.life === "TERMINATING") &&
        !live.stopped
      ) {
        live.stopped = true;
        live.execution?.kill();
        for (const child of live.children) this.engine.cancel(child);
      }
    for (const task of run.tasks)
      for (const taskRun of [task, ...(latest(task).iterations ?? [])])
        if (terminal(latest(taskRun).life)) this.landings.delete(latest(taskRun).run_id);
    if (!terminal(run.life)) return;
    this.contexts.get(run.run_id)?.end();
    this.contexts.delete(run.run_id);
  }

  /** Returns the current report of an attempt; undefined if it was not executed. */
  report(attempt: Attempt): Report | undefined {
    if (attempt.plan?.execute !== true) return undefined;
    return this.live.get(attempt.run_id)?.report ?? loadReport(this.folderOf(attempt.run_id));
  }

  output(attempt: Attempt, cell: number, most?: number): Piece[] {
    return readOutput(this.folderOf(attempt.run_id), cell, most);
  }

  /** Deletes the files of a deleted run's attempts. */
  forget(attempts: readonly number[]): void {
    for (const id of attempts) fs.rmSync(this.folderOf(id), { recursive: true, force: true });
  }

  /** Records a secret that a task read: it is redacted in all further output of the run. */
  sawSecret(authorization: string | undefined, base64: string): void {
    const value = Buffer.from(base64, "base64").toString("utf8");
    if (value === "" || authorization === undefined) return;
    const token = tokenOf(authorization);
    for (const context of this.contexts.values())
      if (context.token === token) context.secrets.add(value);
  }

  /** Records a run that a task started with dbutils.notebook.run. It is canceled with the task. */
  started(authorization: string | undefined, run_id: number): void {
    const token = authorization === undefined ? undefined : tokenOf(authorization);
    for (const live of this.live.values()) if (live.token === token) live.children.push(run_id);
  }

  /**
   * Returns the user and the session of a task that runs SQL; undefined if the token does not
   * belong to a task.
   */
  sqlSession(
    authorization: string | undefined,
    attempt: number,
  ): { readonly caller: Principal; readonly session: string } | undefined {
    const live = this.live.get(attempt);
    if (authorization === undefined || live === undefined || live.token !== tokenOf(authorization))
      return undefined;
    return { caller: this.app.principals.authenticate(authorization), session: `task ${attempt}` };
  }

  /**
   * Wraps a task's call to a file route: files that the task wrote are stored before the call, and
   * changes by the call or by others are made visible to the task after it.
   */
  async around(
    authorization: string | undefined,
    url: string,
  ): Promise<(() => Promise<void>) | undefined> {
    if (this.live.size === 0 || authorization === undefined || !FILE_ROUTES.test(url))
      return undefined;
    const token = tokenOf(authorization);
    const live = [...this.live.values()].find((each) => each.token === token);
    if (live === undefined) return undefined;
    const folder = this.mappedFor(this.app.principals.authenticate(authorization));
    live.report.notices.push(...(await folder.push()));
    return (): Promise<void> => folder.pull();
  }

  private async work(
    run: Run,
    task: TaskRun,
    attempt: Attempt,
    live: Live,
    context: RunContext | undefined,
  ): Promise<Landed> {
    const folder = this.folderOf(attempt.run_id);
    const { report } = live;
    try {
      if (context === undefined)
        throw new TaskProblem(
          `The user that the run runs as, ${run.run_as}, does not exist in this workspace.`,
          true,
          "UNAUTHORIZED_ERROR",
        );
      const caller = this.app.principals.authenticate(`Bearer ${context.token}`);
      const work = await workOf({
        run,
        task,
        attempt,
        caller,
        objects: workspaceTree(this.app),
        blobs: this.app.blobs,
        queries: (id) => savedQuery(this.app, id),
      });
      report.notices.push(...work.notices);
      if (work.sql !== undefined) {
        makeFolders(folder);
        live.execution = new SqlTask({
          ...work.sql,
          caller,
          sessions: this.sql,
          session: `task ${attempt.run_id}`,
          folder,
          report,
          app: this.app,
        });
        if (live.stopped) return { result: "FAILED" };
        return await live.execution.run(this.options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
      }
      const python = await this.findPython();
      report.python = python.version;
      makeFolders(folder);
      const mapped = this.mappedFor(caller);
      await mapped.pull();
      const cluster = await clusterEnvironment(this.app, caller, run, attempt, (value) =>
        context.secrets.add(value),
      );
      const spec: JsonObject = {
        host: this.app.host(),
        token: context.token,
        ...defined({ ca: this.options.caFile }),
        kind: work.kind,
        folder,
        mapped: mapped.folder,
        task_key: task.key,
        in_job: true,
        attempt: attempt.run_id,
        memory: this.options.memoryBytes ?? DEFAULT_MEMORY,
        allow_pip: this.options.allowPip === true,
        environment: {
          DATABRICKS_HOST: this.app.host(),
          DATABRICKS_TOKEN: context.token,
          ...cluster,
        },
        ...work.fields,
      };
      live.execution = new Execution({
        python,
        spec,
        env: environmentFor(python, this.options, folder),
        folder,
        compiled: path.join(this.folder, "compiled"),
        report,
        secrets: context.secrets,
        timeLimitMs: this.options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS,
        now: () => this.app.clock.now(),
      });
      if (live.stopped) return { result: "FAILED" };
      const ended = await live.execution.run();
      const problems = await mapped.push();
      return this.resultOf(report, ended, problems);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      report.error = { name: "Error", message: problem.message, source: "", trace: "" };
      return {
        result: "FAILED",
        error: problem.message,
        ...(problem.notStarted
          ? { notStarted: { message: problem.message, code: problem.code } }
          : {}),
      };
    } finally {
      this.sql.end(`task ${attempt.run_id}`);
      for (const name of ["work", "tmp", "site"])
        fs.rmSync(path.join(folder, name), { recursive: true, force: true });
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      saveReport(folder, report);
    }
  }

  /** Converts the result of a process to the engine's format. */
  private resultOf(report: Report, ended: Ended, problems: readonly string[]): Landed {
    report.notices.push(...problems);
    const values: { values?: Record<string, JsonValue> } =
      Object.keys(ended.values).length === 0 ? {} : { values: ended.values };
    if (ended.ok && problems.length === 0)
      return { result: "SUCCESS", ...defined({ output: report.exit }), ...values };
    if (ended.ok) {
      report.error = {
        name: "Error",
        message: `could not store files of the task: ${problems.join("; ")}`,
        source: "",
        trace: "",
      };
      return { result: "FAILED", error: report.error.message, ...values };
    }
    const { error } = ended;
    const cell =
      report.cells.find((each) => each.error === error) ??
      report.cells.find((each) => each.state === "failed");
    const notebook = cell === undefined || cell.depth === 0 ? "" : ` of ${cell.notebook}`;
    const at =
      report.kind !== "notebook" ? "" : cell === undefined ? "" : `cell ${cell.number}${notebook}`;
    const line =
      error?.line === undefined
        ? ""
        : `line ${error.line}${error.source === "" ? "" : `: ${error.source}`}`;
    const location = [at, line].filter((part) => part !== "").join(", ");
    if (cell !== undefined && cell.error === undefined && error !== undefined) cell.error = error;
    const name =
      error === undefined || error.name === "Error" || error.name === "CellError"
        ? ""
        : `${error.name}: `;
    return {
      result: "FAILED",
      error: `${name}${error?.message ?? "the task failed"}${location === "" ? "" : ` (${location})`}`,
      ...(error === undefined || error.trace === "" ? {} : { error_trace: error.trace }),
      ...values,
    };
  }

  private finish(run: Run, attempt: Attempt, landed: Landed): void {
    this.live.delete(attempt.run_id);
    if (terminal(attempt.life)) return;
    this.landings.set(attempt.run_id, landed);
    this.engine.wake(run.run_id);
  }

  private contextOf(run: Run): RunContext | undefined {
    const known = this.contexts.get(run.run_id);
    if (known !== undefined) return known;
    const user = this.app.principals.userNamed(run.run_as);
    if (user === undefined) return undefined;
    const { value, end } = this.app.principals.lend(user.id, `run ${run.run_id}`);
    const result = { token: value, end, secrets: new Set<string>() };
    this.contexts.set(run.run_id, result);
    return result;
  }

  private mappedFor(caller: Principal): MappedFolder {
    const known = this.mapped.get(caller.id);
    if (known !== undefined) return known;
    const name = createHash("sha256").update(caller.id).digest("hex").slice(0, 12);
    const result = new MappedFolder(this.app, path.join(this.folder, "mapped", name), () => {
      const record = this.app.principals.users.get(caller.id);
      return record === undefined ? caller : this.app.principals.principal(record);
    });
    this.mapped.set(caller.id, result);
    return result;
  }

  private folderOf(run_id: number): string {
    return path.join(this.folder, String(run_id));
  }

  private async close(): Promise<void> {
    for (const live of this.live.values()) {
      live.stopped = true;
      live.execution?.kill();
    }
    await Promise.all(this.working);
  }
}

function problemOf(error: unknown): TaskProblem | undefined {
  if (error instanceof TaskProblem) return error;
  if (error instanceof LakeformError)
    return new TaskProblem(
      `${error.message} (${error.details.value ?? ""}); ${error.details.fix ?? ""}`,
    );
  if (error instanceof WorkspaceError)
    return new TaskProblem(error.message, true, "UNAUTHORIZED_ERROR");
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall?.startsWith("spawn") === true)
    return new TaskProblem(`cannot start the Python for the task: ${code ?? ""}`);
  return undefined;
}

/** Returns the instance of the workspace; undefined before the jobs routes are registered. */
export const executionsOf = (app: WorkspaceApp): Executions | undefined =>
  app.services.get("executions") as Executions | undefined;
