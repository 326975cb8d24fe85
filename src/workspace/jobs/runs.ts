import type { Clock } from "../clock";
import { invalid, type JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { end, type EngineHost } from "./endings";
import { advance, cancel, failTasksOnCluster, nextDue, runsOnCluster, start } from "./engine";
import { Capacity } from "./capacity";
import { asNumber, asObject } from "./json";
import type { Outcomes } from "./outcomes";
import type { Executions } from "../execution/executions";
import type { RunClusters } from "./run-clusters";
import {
  taskRunIds,
  isExecuting,
  isTerminal,
  type Attempt,
  type Run,
  type TaskRun,
} from "./run-model";

/** Larger than all job ids and smaller than 2^53. */
const FIRST_RUN_ID = 200_000_000_000_000;
/**
 * The number of ids to skip at startup: clients may have seen ids that were not yet on disk when
 * the process died.
 */
const SKIPPED_IDS = 100_000;

/** The maximum nesting of run_job_task (docs "Run Job task": three levels). */
const MAX_DEPTH = 3;

export interface RunsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly outcomes: Outcomes;
  readonly workspace: () => { readonly id: string; readonly url: string };
  /** Creates the run of a run_job_task. @returns a message if this is not possible */
  readonly createChild: (
    jobId: number,
    parameters: JsonObject | undefined,
    parent: Run,
    attempt: Attempt,
  ) => Run | string;
  /** Returns the max number of concurrent task runs in the workspace. */
  readonly limit: () => number;
  readonly clusters: Pick<RunClusters, "acquire" | "release" | "storeUnsaved">;
  readonly executions: () => Pick<Executions, "launch" | "findResult" | "release" | "deleteFiles">;
  /** Called after a run has ended. */
  readonly onEnded: (run: Run) => void;
  readonly log: (line: string) => void;
}

/**
 * The runs. Unfinished runs are in memory and advance with the clock. Changes are written
 * asynchronously, and each call waits until its own change is durable. Finished runs are read from
 * the store. After a restart, unfinished runs continue from the last write.
 */
export class Runs {
  private readonly activeRuns = new Map<number, Run>();
  private readonly timers = new Map<number, () => void>();
  /** The ids of unfinished runs by job, oldest first. */
  private readonly idsByJob = new Map<number, Set<number>>();
  private readonly unsavedRuns = new Set<Run>();
  private writeCallbacks: (() => void)[] = [];
  private pendingFlush: Promise<void> | undefined;
  private lastWrite: Promise<void> = Promise.resolve();
  readonly capacity: Capacity;
  private readonly runs: Collection<Run>;
  /** An index: its keys are the ids of a job and of one of its runs. */
  private readonly runsOfJob: Collection<number>;
  private readonly unfinished: Collection<number>;
  /** The id of the run by the id of each task run in it; only of finished runs. */
  private readonly parents: Collection<number>;
  private readonly counter: Collection<number>;
  private lastId: number;
  private isClosed = false;

  constructor(private readonly parts: RunsParts) {
    const { store } = parts;
    this.capacity = new Capacity(parts.limit);
    this.runs = store.collection("runs");
    this.runsOfJob = store.collection("runs_of_job");
    this.unfinished = store.collection("runs_unfinished");
    this.parents = store.collection("task_runs");
    this.counter = store.collection("run_ids");
    const storedLastId = this.counter.get("last");
    this.lastId = storedLastId === undefined ? FIRST_RUN_ID : storedLastId + SKIPPED_IDS;
  }

  readonly nextId = (): number => ++this.lastId;

  /** Resumes the unfinished runs after a restart. */
  resume(): void {
    for (const { key } of this.unfinished.range()) {
      const run = this.runs.get(key);
      if (run === undefined || isTerminal(run.life)) continue;
      this.track(run);
      this.setTimer(run);
      this.capacity.updateCount(run);
      // The processes of these runs ended with the previous server.
      if (run.tasks.some(isExecuting)) this.parts.clock.setTimer(0, () => this.wake(run.run_id));
      if (run.queued?.code === "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" && run.life === "QUEUED")
        this.capacity.enqueue(run.run_id);
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.isClosed = true;
    for (const stop of this.timers.values()) stop();
  }

  find(id: number): Run | undefined {
    return this.activeRuns.get(id) ?? this.runs.get(id);
  }

  /** Returns a run. @throws 400 INVALID_PARAMETER_VALUE "Run N does not exist." */
  mustFind(id: number): Run {
    const run = this.find(id);
    if (run === undefined) throw invalid(`Run ${id} does not exist.`);
    return run;
  }

  /** Finds a run by its own id or by the id of a task run in it. @throws as {@link mustFind} */
  locate(id: number): { run: Run; task?: TaskRun; attempt?: Attempt } {
    const wholeRun = this.find(id);
    if (wholeRun !== undefined) return { run: wholeRun };
    for (const run of [...this.activeRuns.values(), this.runs.get(this.parents.get(id) ?? -1)]) {
      if (run === undefined) continue;
      for (const task of run.tasks)
        for (const attempt of task.attempts) {
          if (attempt.run_id === id) return { run, task, attempt };
          for (const iteration of attempt.iterations ?? []) {
            const iterationAttempt = iteration.attempts.find((item) => item.run_id === id);
            if (iterationAttempt !== undefined)
              return { run, task: iteration, attempt: iterationAttempt };
          }
        }
    }
    throw invalid(`Run ${id} does not exist.`);
  }

  /** Returns the unfinished runs of one job or of all jobs. */
  unfinishedRuns(jobId?: number): Run[] {
    const ids =
      jobId === undefined ? [...this.activeRuns.keys()] : [...(this.idsByJob.get(jobId) ?? [])];
    return ids
      .map((id) => this.activeRuns.get(id))
      .filter((run): run is Run => run !== undefined && !isTerminal(run.life));
  }

  /**
   * Returns runs with ids below `before`, newest first. Fewer than `limit` means that there are no
   * more.
   */
  page(jobId: number | undefined, before: number | undefined, limit: number): Run[] {
    const ids =
      jobId === undefined
        ? this.runs
            .range({ reverse: true, limit, ...(before === undefined ? {} : { end: before }) })
            .map(({ key }) => key as number)
        : this.runsOfJob
            .range({
              reverse: true,
              limit,
              prefix: [jobId],
              ...(before === undefined ? {} : { end: [jobId, before] }),
            })
            .map(({ key }) => (key as [number, number])[1]);
    return ids.map((id) => this.find(id)).filter((run): run is Run => run !== undefined);
  }

  countOf(jobId: number): number {
    return this.runsOfJob.count({ prefix: [jobId] });
  }

  /**
   * Adds a new run, which starts, waits in the queue or is skipped. The run is durable after {@link
   * flush}.
   * @param inWrite executed in the write that stores the run
   */
  add(run: Run, inWrite?: () => void): void {
    if (inWrite !== undefined) this.writeCallbacks.push(inWrite);
    const now = this.parts.clock.now();
    this.track(run);
    const activeCount = this.unfinishedRuns(run.job_id).filter(
      (otherRun) => otherRun.life !== "QUEUED" && otherRun !== run,
    ).length;
    const hasSlot = activeCount < run.max_concurrent_runs;
    if (hasSlot && !this.capacity.isFull) start(run, now, this.host);
    else if (run.queue && run.max_concurrent_runs > 0) {
      run.life = "QUEUED";
      run.message = hasSlot
        ? this.capacity.fullMessage
        : `Queued due to reaching maximum concurrent runs of ${run.max_concurrent_runs}.`;
      run.queued = {
        at: now,
        code: hasSlot ? "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" : "MAX_CONCURRENT_RUNS_REACHED",
        message: run.message,
      };
      if (hasSlot) this.capacity.enqueue(run.run_id);
    } else
      end(run, now, {
        life: "SKIPPED",
        result: "MAXIMUM_CONCURRENT_RUNS_REACHED",
        code: "MAX_CONCURRENT_RUNS_EXCEEDED",
        message: hasSlot
          ? this.capacity.fullMessage
          : `Skipping this run because the limit of ${run.max_concurrent_runs} maximum concurrent runs has been reached.`,
      });
    this.afterChange(run);
  }

  /** Changes an unfinished run, or restarts a finished one (for a repair). */
  change(run: Run, action: (run: Run, now: number, host: EngineHost) => void): void {
    this.track(run);
    action(run, this.parts.clock.now(), this.host);
    this.afterChange(run);
  }

  cancel(run: Run, user: string): void {
    if (!isTerminal(run.life))
      this.change(run, (storedRun, now, host) => cancel(storedRun, now, host, user));
  }

  /** Advances a run after an event that it waits for. */
  wake(id: number): void {
    const run = this.activeRuns.get(id);
    if (run !== undefined) this.advance(run);
  }

  /** Fails the tasks on a terminated cluster. */
  failTasksOnCluster(id: string): void {
    for (const run of this.unfinishedRuns())
      if (run.tasks.some((task) => runsOnCluster(task, id)))
        this.change(run, (storedRun, now, host) => failTasksOnCluster(storedRun, id, now, host));
  }

  /** Deletes a run. Call only inside `store.write`. */
  remove(run: Run): void {
    this.untrack(run);
    this.runs.remove(run.run_id);
    this.runsOfJob.remove([run.job_id, run.run_id]);
    for (const id of taskRunIds(run)) this.parents.remove(id);
    this.parts.executions().deleteFiles(taskRunIds(run));
  }

  /** Resolves once all previous changes are durable. */
  flush(): Promise<void> {
    return (this.pendingFlush ??= Promise.resolve().then(() => {
      this.pendingFlush = undefined;
      const [runs, inWrite] = [[...this.unsavedRuns], this.writeCallbacks];
      this.writeCallbacks = [];
      const finishedTaskRuns: [number, number][] = [];
      const endedRuns = new Map<Run, number | undefined>();
      this.unsavedRuns.clear();
      if (runs.length === 0) return this.lastWrite;
      let confirmStored = (): void => undefined;
      const write = this.parts.store.write(() => {
        for (const change of inWrite) change();
        confirmStored = this.parts.clusters.storeUnsaved();
        for (const run of runs) {
          this.runs.put(run.run_id, run);
          if (!this.runsOfJob.has([run.job_id, run.run_id]))
            this.runsOfJob.put([run.job_id, run.run_id], 1);
          if (!isTerminal(run.life)) this.unfinished.put(run.run_id, 1);
          else if (this.unfinished.has(run.run_id)) this.unfinished.remove(run.run_id);
          if (isTerminal(run.life))
            for (const id of taskRunIds(run)) finishedTaskRuns.push([id, run.run_id]);
          if (isTerminal(run.life)) endedRuns.set(run, run.end);
        }
        for (const [id, parent] of finishedTaskRuns) this.parents.put(id, parent);
        this.counter.put("last", this.lastId);
      });
      this.lastWrite = write.then(
        () => {
          confirmStored();
          // A finished run leaves memory only after its end was written. A later change is part of
          // the next write.
          for (const [run, end] of endedRuns)
            if (isTerminal(run.life) && run.end === end && !this.unsavedRuns.has(run))
              this.untrack(run);
        },
        (error: unknown) => {
          // The runs continue: the next write includes these changes.
          for (const run of runs) this.unsavedRuns.add(run);
          this.writeCallbacks.unshift(...inWrite);
          throw error;
        },
      );
      return this.lastWrite;
    }));
  }

  private track(run: Run): void {
    this.activeRuns.set(run.run_id, run);
    const siblings = this.idsByJob.get(run.job_id) ?? new Set();
    siblings.add(run.run_id);
    this.idsByJob.set(run.job_id, siblings);
  }

  private untrack(run: Run): void {
    this.activeRuns.delete(run.run_id);
    const siblings = this.idsByJob.get(run.job_id);
    siblings?.delete(run.run_id);
    if (siblings?.size === 0) this.idsByJob.delete(run.job_id);
  }

  /**
   * Releases what the run no longer uses, schedules the write and the next timer, and starts queued
   * runs. If the run has ended, also advances its parent and notifies the listener. Called after every
   * change.
   */
  private afterChange(run: Run): void {
    this.parts.clusters.release(run);
    this.parts.executions().release(run);
    this.unsavedRuns.add(run);
    this.flush().catch((error: unknown) =>
      this.parts.log(`a run was not written: ${String(error)}`),
    );
    this.setTimer(run);
    this.capacity.updateCount(run);
    this.capacity.startWaiting((id) => {
      const queuedRun = this.activeRuns.get(id);
      if (queuedRun?.life === "QUEUED") this.dispatch(queuedRun.job_id);
    });
    if (!isTerminal(run.life)) return;
    this.dispatch(run.job_id);
    if (run.parent !== undefined) {
      const parent = this.activeRuns.get(run.parent.run_id);
      if (parent !== undefined) this.parts.clock.setTimer(0, () => this.advance(parent));
    }
    this.parts.onEnded(run);
  }

  private setTimer(run: Run): void {
    this.timers.get(run.run_id)?.();
    this.timers.delete(run.run_id);
    const dueAt = nextDue(run);
    if (dueAt === undefined || this.isClosed) return;
    const stop = this.parts.clock.setTimer(dueAt - this.parts.clock.now(), () => {
      this.timers.delete(run.run_id);
      this.advance(run);
    });
    this.timers.set(run.run_id, stop);
  }

  private advance(run: Run): void {
    if (this.isClosed || isTerminal(run.life)) return;
    advance(run, this.parts.clock.now(), this.host);
    this.afterChange(run);
  }

  /** Starts queued runs of a job while there is capacity. */
  dispatch(jobId: number): void {
    const runs = this.unfinishedRuns(jobId);
    let activeCount = runs.filter((run) => run.life !== "QUEUED").length;
    for (const run of runs) {
      if (run.life !== "QUEUED" || activeCount >= run.max_concurrent_runs) continue;
      if (this.capacity.isFull) {
        this.capacity.enqueue(run.run_id);
        continue;
      }
      activeCount++;
      start(run, this.parts.clock.now(), this.host);
      this.afterChange(run);
    }
  }

  private readonly host: EngineHost = (() => {
    // `parts` is set after the fields are initialized, so the getters read it lazily.
    const runs = (): Runs => this;
    return {
      nextId: (): number => runs().nextId(),
      outcome: (run: Run, task: TaskRun, attempt: Attempt) =>
        runs().parts.outcomes.outcomeFor(run, task, attempt),
      assignCluster: (run: Run, task: TaskRun, attempt: Attempt, setup_ms: number) =>
        runs().parts.clusters.acquire(run, task, attempt, setup_ms),
      launch: (run: Run, task: TaskRun, attempt: Attempt) =>
        runs().parts.executions().launch(run, task, attempt),
      findResult: (attempt: Attempt) => runs().parts.executions().findResult(attempt),
      startChild: (run: Run, attempt: Attempt, task: JsonObject) =>
        runs().startChild(run, attempt, task),
      childProgress: (id: number) => runs().find(id),
      cancelChild: (id: number) => {
        const child = runs().find(id);
        if (child !== undefined) runs().cancel(child, "parent run");
      },
      get workspace() {
        return runs().parts.workspace();
      },
      get terminating_ms() {
        return runs().parts.outcomes.durations.terminating_ms;
      },
    };
  })();

  private startChild(
    run: Run,
    attempt: Attempt,
    task: JsonObject,
  ): { run_id: number } | { error: string } {
    let depth = 1;
    for (
      let ancestor: Run | undefined = run;
      ancestor?.parent !== undefined;
      ancestor = this.find(ancestor.parent.run_id)
    )
      depth++;
    if (depth > MAX_DEPTH)
      return { error: `Run Job tasks cannot be nested more than ${MAX_DEPTH} levels deep.` };
    const child = this.parts.createChild(
      asNumber(task.job_id),
      asObject(task.job_parameters),
      run,
      attempt,
    );
    if (typeof child === "string") return { error: child };
    this.add(child);
    return { run_id: child.run_id };
  }
}
