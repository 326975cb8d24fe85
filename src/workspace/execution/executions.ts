import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { WorkspaceError, type JsonObject } from "../errors";
import {
  kindOf,
  latest,
  isTerminal,
  type Attempt,
  type AttemptResult,
  type Run,
  type TaskRun,
} from "../jobs/run-model";
import { workspaceTree } from "../objects/tree";
import { tokenOf } from "../principals";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { findSavedQuery } from "../sql/saved-objects";
import { readClusterEnvironment } from "./cluster-environment";
import { toAttemptResult } from "./attempt-result";
import { Execution, createFolders } from "./execution";
import { MappedFolder } from "./mapped-folder";
import { DEFAULT_MEMORY, DEFAULT_TIME_LIMIT_MS, type ExecutionOptions } from "./options";
import { environmentFor, findPython, type Python } from "./python";
import {
  createReport,
  loadReport,
  readOutput,
  saveReport,
  type Piece,
  type Report,
} from "./report";
import { SqlSessions } from "./sql-sessions";
import { SqlTaskAttempt } from "./sql-task";
import { TaskProblem, describeWork } from "./task-spec";

/** What all tasks of a run share: a token of its user, and the secrets that the tasks have read. */
interface RunContext {
  readonly token: string;
  readonly revokeToken: () => void;
  readonly secrets: Set<string>;
}

interface RunningAttempt {
  readonly run_id: number;
  readonly attempt: Attempt;
  readonly report: Report;
  readonly token: string;
  execution?: Execution | SqlTaskAttempt;
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
 * The routes for files. Before a task calls one, the files that it wrote are stored; after the call,
 * its mapped folder is updated.
 */
const FILE_ROUTES = /^\/api\/2\.0\/(dbfs|fs|workspace|workspace-files)\//;

/** Executes tasks as processes. The run engine launches attempts and is notified of their end. */
export class Executions {
  private readonly running = new Map<number, RunningAttempt>();
  private readonly results = new Map<number, AttemptResult>();
  private readonly contexts = new Map<number, RunContext>();
  private readonly mappedFolders = new Map<string, MappedFolder>();
  private readonly folder: string;
  private python: Promise<Python> | undefined;
  private readonly pendingWork = new Set<Promise<void>>();
  private closing = false;
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
      (caller) => this.mappedFolderFor(caller),
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
    return this.running.size;
  }

  /** Starts the process of an attempt. */
  launch(run: Run, task: TaskRun, attempt: Attempt): void {
    const context = this.contextFor(run);
    const kind = kindOf(attempt.resolved ?? task.spec);
    const report = createReport(reportKinds[kind ?? ""] ?? "python");
    const entry: RunningAttempt = {
      run_id: run.run_id,
      attempt,
      report,
      token: context?.token ?? "",
      stopped: false,
      children: [],
    };
    this.running.set(attempt.run_id, entry);
    const pending = this.execute(run, task, attempt, entry, context)
      .then((result) => this.finish(run, attempt, result))
      .catch((error: unknown) => {
        this.app.log(
          `BUG execution of ${attempt.run_id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        this.finish(run, attempt, {
          result: "FAILED",
          error: "the local workspace failed: this is a bug in lakeform, see the workspace's log",
        });
      })
      .finally(() => this.pendingWork.delete(pending));
    this.pendingWork.add(pending);
  }

  /**
   * Returns the result of an attempt; undefined while it runs. An attempt that a restart of the
   * workspace interrupted has failed.
   */
  findResult(attempt: Attempt): AttemptResult | undefined {
    const result = this.results.get(attempt.run_id);
    if (result !== undefined) return result;
    if (this.running.has(attempt.run_id)) return undefined;
    return {
      result: "FAILED",
      notStarted: {
        message: "The local workspace was restarted while the task ran.",
        code: "INTERNAL_ERROR",
      },
    };
  }

  /** Called after each change of a run: ends attempts that it no longer waits for. */
  release(run: Run): void {
    if (!this.contexts.has(run.run_id)) return;
    for (const entry of this.running.values())
      if (
        entry.run_id === run.run_id &&
        (isTerminal(entry.attempt.life) || entry.attempt.life === "TERMINATING") &&
        !entry.stopped
      ) {
        entry.stopped = true;
        entry.execution?.kill();
        for (const child of entry.children) this.engine.cancel(child);
      }
    for (const task of run.tasks)
      for (const taskRun of [task, ...(latest(task).iterations ?? [])])
        if (isTerminal(latest(taskRun).life)) this.results.delete(latest(taskRun).run_id);
    if (!isTerminal(run.life)) return;
    this.contexts.get(run.run_id)?.revokeToken();
    this.contexts.delete(run.run_id);
  }

  /** Returns the current report of an attempt; undefined if it was not executed. */
  findReport(attempt: Attempt): Report | undefined {
    if (attempt.plan?.execute !== true) return undefined;
    return this.running.get(attempt.run_id)?.report ?? loadReport(this.folderOf(attempt.run_id));
  }

  readOutput(attempt: Attempt, cell: number, maxCharacters?: number): Piece[] {
    return readOutput(this.folderOf(attempt.run_id), cell, maxCharacters);
  }

  /** Deletes the files of a deleted run's attempts. */
  deleteFiles(attempts: readonly number[]): void {
    for (const id of attempts) fs.rmSync(this.folderOf(id), { recursive: true, force: true });
  }

  /** Records a secret that a task read: it is redacted in all further output of the run. */
  addSecret(authorization: string | undefined, base64: string): void {
    const value = Buffer.from(base64, "base64").toString("utf8");
    if (value === "" || authorization === undefined) return;
    const token = tokenOf(authorization);
    for (const context of this.contexts.values())
      if (context.token === token) context.secrets.add(value);
  }

  /**
   * Records a run that a task started with dbutils.notebook.run. It is canceled with the task.
   * @param attempt the id of the task's attempt; the tasks of a run have the same token
   */
  addChildRun(
    authorization: string | undefined,
    attempt: string | undefined,
    run_id: number,
  ): void {
    this.findRunning(authorization, Number(attempt))?.children.push(run_id);
  }

  /**
   * Returns the user and the session of a task that runs SQL; undefined unless the attempt is running
   * and the token is that of its run.
   */
  findSqlSession(
    authorization: string | undefined,
    attempt: number,
  ): { readonly caller: Principal; readonly session: string } | undefined {
    if (authorization === undefined || this.findRunning(authorization, attempt) === undefined)
      return undefined;
    return { caller: this.app.principals.authenticate(authorization), session: `task ${attempt}` };
  }

  private findRunning(
    authorization: string | undefined,
    attempt: number,
  ): RunningAttempt | undefined {
    const entry = this.running.get(attempt);
    return authorization !== undefined && entry?.token === tokenOf(authorization)
      ? entry
      : undefined;
  }

  /**
   * Wraps a task's call to a file route: files that the task wrote are stored before the call, and
   * changes by the call or by others are made visible to the task after it.
   * @returns a function to call after the handler; undefined if the caller is not a task
   */
  async syncFiles(
    authorization: string | undefined,
    url: string,
  ): Promise<(() => Promise<void>) | undefined> {
    if (this.running.size === 0 || authorization === undefined || !FILE_ROUTES.test(url))
      return undefined;
    const token = tokenOf(authorization);
    const entry = [...this.running.values()].find((candidate) => candidate.token === token);
    if (entry === undefined) return undefined;
    const folder = this.mappedFolderFor(this.app.principals.authenticate(authorization));
    entry.report.notices.push(...(await folder.push()));
    return (): Promise<void> => folder.pull();
  }

  private async execute(
    run: Run,
    task: TaskRun,
    attempt: Attempt,
    entry: RunningAttempt,
    context: RunContext | undefined,
  ): Promise<AttemptResult> {
    const folder = this.folderOf(attempt.run_id);
    const { report } = entry;
    try {
      if (context === undefined)
        throw new TaskProblem(
          `The user that the run runs as, ${run.run_as}, does not exist in this workspace.`,
          true,
          "UNAUTHORIZED_ERROR",
        );
      const caller = this.app.principals.authenticate(`Bearer ${context.token}`);
      const taskSpec = await describeWork({
        run,
        task,
        attempt,
        caller,
        objects: workspaceTree(this.app),
        blobs: this.app.blobs,
        queries: (id) => findSavedQuery(this.app, id),
      });
      report.notices.push(...taskSpec.notices);
      if (taskSpec.sql !== undefined) {
        createFolders(folder);
        entry.execution = new SqlTaskAttempt({
          ...taskSpec.sql,
          caller,
          sessions: this.sql,
          session: `task ${attempt.run_id}`,
          folder,
          report,
          app: this.app,
        });
        if (entry.stopped) return { result: "FAILED" };
        return await entry.execution.run(this.options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
      }
      const python = await this.findPython();
      report.python = python.version;
      createFolders(folder);
      const mappedFolder = this.mappedFolderFor(caller);
      await mappedFolder.pull();
      const clusterVariables = await readClusterEnvironment(
        this.app,
        caller,
        run,
        attempt,
        (value) => context.secrets.add(value),
      );
      const spec: JsonObject = {
        host: this.app.host(),
        token: context.token,
        ...defined({ ca: this.options.caFile }),
        kind: taskSpec.kind,
        folder,
        mapped: mappedFolder.folder,
        task_key: task.key,
        in_job: true,
        attempt: attempt.run_id,
        memory: this.options.memoryBytes ?? DEFAULT_MEMORY,
        allow_pip: this.options.allowPip === true,
        environment: {
          DATABRICKS_HOST: this.app.host(),
          DATABRICKS_TOKEN: context.token,
          ...clusterVariables,
        },
        ...taskSpec.fields,
      };
      entry.execution = new Execution({
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
      if (entry.stopped) return { result: "FAILED" };
      const processResult = await entry.execution.run();
      const problems = await mappedFolder.push();
      return toAttemptResult(report, processResult, problems);
    } catch (error) {
      const problem = toTaskProblem(error);
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

  private finish(run: Run, attempt: Attempt, result: AttemptResult): void {
    this.running.delete(attempt.run_id);
    if (isTerminal(attempt.life)) return;
    // Without a result, the run says after the restart that the task was interrupted.
    if (!this.closing) this.results.set(attempt.run_id, result);
    this.engine.wake(run.run_id);
  }

  private contextFor(run: Run): RunContext | undefined {
    const existing = this.contexts.get(run.run_id);
    if (existing !== undefined) return existing;
    const user = this.app.principals.findUser(run.run_as);
    if (user === undefined) return undefined;
    const { value, revoke } = this.app.principals.issueTemporary(user.id, `run ${run.run_id}`);
    const context = { token: value, revokeToken: revoke, secrets: new Set<string>() };
    this.contexts.set(run.run_id, context);
    return context;
  }

  private mappedFolderFor(caller: Principal): MappedFolder {
    const existing = this.mappedFolders.get(caller.id);
    if (existing !== undefined) return existing;
    const name = createHash("sha256").update(caller.id).digest("hex").slice(0, 12);
    const mappedFolder = new MappedFolder(this.app, path.join(this.folder, "mapped", name), () => {
      const record = this.app.principals.users.get(caller.id);
      return record === undefined ? caller : this.app.principals.toPrincipal(record);
    });
    this.mappedFolders.set(caller.id, mappedFolder);
    return mappedFolder;
  }

  private folderOf(run_id: number): string {
    return path.join(this.folder, String(run_id));
  }

  private async close(): Promise<void> {
    this.closing = true;
    for (const entry of this.running.values()) {
      entry.stopped = true;
      entry.execution?.kill();
    }
    await Promise.all(this.pendingWork);
  }
}

function toTaskProblem(error: unknown): TaskProblem | undefined {
  if (error instanceof TaskProblem) return error;
  if (error instanceof LakeformError)
    return new TaskProblem(
      `${error.message} (${error.details.value ?? ""}); ${error.details.fix ?? ""}`,
    );
  // For example, the user of the run was deactivated.
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
