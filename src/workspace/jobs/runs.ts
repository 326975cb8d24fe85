import type { Clock } from "../clock";
import { invalid, type JsonObject } from "../errors";
import type { Collection, Store } from "../store";
import { end, type EngineHost } from "./endings";
import { advance, cancel, loseCluster, nextDue, onCluster, start } from "./engine";
import { Capacity } from "./capacity";
import { asNumber, asObject } from "./json";
import type { Outcomes } from "./outcomes";
import type { Executions } from "../execution/executions";
import type { RunClusters } from "./run-clusters";
import { idsOf, isExecuting, terminal, type Attempt, type Run, type TaskRun } from "./run-model";

/** Larger than all job ids and smaller than 2^53. */
const FIRST_RUN_ID = 200_000_000_000_000;
/**
 * The number of ids to skip at startup: clients may have seen ids that were not yet on disk when
 * the process died.
 */
const SKIPPED_IDS = 100_000;

/** The maximum nesting of run_job_task (docs "Run Job task": three levels). */
const DEEPEST = 3;

export interface RunsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly outcomes: Outcomes;
  readonly workspace: () => { readonly id: string; readonly url: string };
  /** Creates the run of a run_job_task. */
  readonly child: (
    jobId: number,
    parameters: JsonObject | undefined,
    parent: Run,
    attempt: Attempt,
  ) => Run | string;
  /** Returns the max number of concurrent task runs in the workspace. */
  readonly limit: () => number;
  readonly clusters: Pick<RunClusters, "acquire" | "release" | "settle">;
  readonly executions: () => Pick<Executions, "launch" | "landed" | "release" | "forget">;
  /** Called after a run has ended. */
  readonly ended: (run: Run) => void;
  readonly log: (line: string) => void;
}

/**
 * The runs. Unfinished runs are in memory and advance with the clock. Changes are written
 * asynchronously, and each call waits until its own change is durable. Finished runs are read from
 * the store. After a restart, unfinished runs continue from the last write.
 */
export class Runs {
  private readonly active = new Map<number, Run>();
  private readonly timers = new Map<number, () => void>();
  /** The ids of unfinished runs by job, oldest first. */
  private readonly byJob = new Map<number, Set<number>>();
  private readonly dirty = new Set<Run>();
  private inWrite: (() => void)[] = [];
  private pending: Promise<void> | undefined;
  readonly capacity: Capacity;
  private readonly runs: Collection<Run>;
  private readonly ofJob: Collection<number>;
  private readonly unfinished: Collection<number>;
  private readonly parents: Collection<number>;
  private readonly counter: Collection<number>;
  private last: number;
  private closed = false;

  constructor(private readonly parts: RunsParts) {
    const { store } = parts;
    this.capacity = new Capacity(parts.limit);
    this.runs = store.collection("runs");
    this.ofJob = store.collection("runs_of_job");
    this.unfinished = store.collection("runs_unfinished");
    this.parents = store.collection("task_runs");
    this.counter = store.collection("run_ids");
    const kept = this.counter.get("last");
    this.last = kept === undefined ? FIRST_RUN_ID : kept + SKIPPED_IDS;
  }

  readonly nextId = (): number => ++this.last;

  /** Resumes the unfinished runs after a restart. */
  resume(): void {
    for (const { key } of this.unfinished.range()) {
      const run = this.runs.get(key);
      if (run === undefined || terminal(run.life)) continue;
      this.track(run);
      this.timer(run);
      this.capacity.weigh(run);
      // The processes of these runs ended with the previous server.
      if (run.tasks.some(isExecuting)) this.parts.clock.setTimer(0, () => this.wake(run.run_id));
      if (run.queued?.code === "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" && run.life === "QUEUED")
        this.capacity.wait(run.run_id);
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
    for (const stop of this.timers.values()) stop();
  }

  find(id: number): Run | undefined {
    return this.active.get(id) ?? this.runs.get(id);
  }

  /** Returns a run. @throws 400 INVALID_PARAMETER_VALUE "Run N does not exist." */
  get(id: number): Run {
    const run = this.find(id);
    if (run === undefined) throw invalid(`Run ${id} does not exist.`);
    return run;
  }

  /** Finds a run by its own id or by the id of a task run in it. @throws as {@link get} */
  locate(id: number): { run: Run; task?: TaskRun; attempt?: Attempt } {
    const whole = this.find(id);
    if (whole !== undefined) return { run: whole };
    for (const run of [...this.active.values(), this.runs.get(this.parents.get(id) ?? -1)]) {
      if (run === undefined) continue;
      for (const task of run.tasks)
        for (const attempt of task.attempts) {
          if (attempt.run_id === id) return { run, task, attempt };
          for (const iteration of attempt.iterations ?? []) {
            const inner = iteration.attempts.find((item) => item.run_id === id);
            if (inner !== undefined) return { run, task: iteration, attempt: inner };
          }
        }
    }
    throw invalid(`Run ${id} does not exist.`);
  }

  /** Returns the unfinished runs of one job or of all jobs. */
  unfinishedRuns(jobId?: number): Run[] {
    const ids = jobId === undefined ? [...this.active.keys()] : [...(this.byJob.get(jobId) ?? [])];
    return ids
      .map((id) => this.active.get(id))
      .filter((run): run is Run => run !== undefined && !terminal(run.life));
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
        : this.ofJob
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
    return this.ofJob.count({ prefix: [jobId] });
  }

  /**
   * Adds a new run, which starts, waits in the queue or is skipped. The run is durable after {@link
   * flush}.
   * @param inWrite executed in the write that stores the run
   */
  add(run: Run, inWrite?: () => void): void {
    if (inWrite !== undefined) this.inWrite.push(inWrite);
    const now = this.parts.clock.now();
    this.track(run);
    const activeCount = this.unfinishedRuns(run.job_id).filter(
      (other) => other.life !== "QUEUED" && other !== run,
    ).length;
    const hasSlot = activeCount < run.max_concurrent_runs;
    if (hasSlot && !this.capacity.full) start(run, now, this.host);
    else if (run.queue && run.max_concurrent_runs > 0) {
      run.life = "QUEUED";
      run.message = hasSlot
        ? this.capacity.why
        : `Queued due to reaching maximum concurrent runs of ${run.max_concurrent_runs}.`;
      run.queued = {
        at: now,
        code: hasSlot ? "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" : "MAX_CONCURRENT_RUNS_REACHED",
        message: run.message,
      };
      if (hasSlot) this.capacity.wait(run.run_id);
    } else if (hasSlot) {
      end(run, now, {
        life: "SKIPPED",
        result: "MAXIMUM_CONCURRENT_RUNS_REACHED",
        code: "MAX_CONCURRENT_RUNS_EXCEEDED",
        message: this.capacity.why,
      });
    } else {
      run.life = "SKIPPED";
      run.result = "MAXIMUM_CONCURRENT_RUNS_REACHED";
      run.code = "MAX_CONCURRENT_RUNS_EXCEEDED";
      run.message = `Skipping this run because the limit of ${run.max_concurrent_runs} maximum concurrent runs has been reached.`;
      run.end = now;
    }
    this.changed(run);
  }

  /** Changes an unfinished run, or restarts a finished one (for a repair). */
  change(run: Run, action: (run: Run, now: number, host: EngineHost) => void): void {
    this.track(run);
    action(run, this.parts.clock.now(), this.host);
    this.changed(run);
  }

  cancel(run: Run, by: string): void {
    if (!terminal(run.life)) this.change(run, (stored, now, host) => cancel(stored, now, host, by));
  }

  /** Advances a run after an event that it waits for. */
  wake(id: number): void {
    const run = this.active.get(id);
    if (run !== undefined) this.advance(run);
  }

  /** Fails the tasks on a terminated cluster. */
  clusterGone(id: string): void {
    for (const run of this.unfinishedRuns())
      if (run.tasks.some((task) => onCluster(task, id)))
        this.change(run, (stored, now, host) => loseCluster(stored, id, now, host));
  }

  /** Deletes a run. Call only inside `store.write`. */
  remove(run: Run): void {
    this.forget(run);
    this.runs.remove(run.run_id);
    this.ofJob.remove([run.job_id, run.run_id]);
    for (const id of idsOf(run)) this.parents.remove(id);
    this.parts.executions().forget(idsOf(run));
  }

  /** Resolves once all previous changes are durable. */
  flush(): Promise<void> {
    return (this.pending ??= Promise.resolve().then(() => {
      this.pending = undefined;
      const [runs, inWrite] = [[...this.dirty], this.inWrite];
      this.inWrite = [];
      const tasks: [number, number][] = [];
      const ended = new Map<Run, number | undefined>();
      this.dirty.clear();
      if (runs.length === 0) return;
      let settled = (): void => undefined;
      const written = this.parts.store.write(() => {
        for (const change of inWrite) change();
        settled = this.parts.clusters.settle();
        for (const run of runs) {
          this.runs.put(run.run_id, run);
          if (!this.ofJob.has([run.job_id, run.run_id]))
            this.ofJob.put([run.job_id, run.run_id], 1);
          if (!terminal(run.life)) this.unfinished.put(run.run_id, 1);
          else if (this.unfinished.has(run.run_id)) this.unfinished.remove(run.run_id);
          if (terminal(run.life)) for (const id of idsOf(run)) tasks.push([id, run.run_id]);
          if (terminal(run.life)) ended.set(run, run.end);
        }
        for (const [id, parent] of tasks) this.parents.put(id, parent);
        this.counter.put("last", this.last);
      });
      return written.then(
        () => {
          settled();
          // A finished run leaves memory only after its end was written. A later change is part of
          // the next write.
          for (const [run, end] of ended)
            if (terminal(run.life) && run.end === end && !this.dirty.has(run)) this.forget(run);
        },
        (error: unknown) => {
          // The runs continue: the next write includes these changes.
          for (const run of runs) this.dirty.add(run);
          this.inWrite.unshift(...inWrite);
          throw error;
        },
      );
    }));
  }

  private track(run: Run): void {
    this.active.set(run.run_id, run);
    const siblings = this.byJob.get(run.job_id) ?? new Set();
    siblings.add(run.run_id);
    this.byJob.set(run.job_id, siblings);
  }

  private forget(run: Run): void {
    this.active.delete(run.run_id);
    const siblings = this.byJob.get(run.job_id);
    siblings?.delete(run.run_id);
    if (siblings?.size === 0) this.byJob.delete(run.job_id);
  }

  /**
   * Schedules the write and the next timer, and notifies listeners if the run has ended. Called
   * after every change.
   */
  private changed(run: Run): void {
    this.parts.clusters.release(run);
    this.parts.executions().release(run);
    this.dirty.add(run);
    this.flush().catch((error: unknown) =>
      this.parts.log(`a run was not written: ${String(error)}`),
    );
    this.timer(run);
    this.capacity.weigh(run);
    this.capacity.admit((id) => {
      const waiting = this.active.get(id);
      if (waiting?.life === "QUEUED") this.dispatch(waiting.job_id);
    });
    if (!terminal(run.life)) return;
    this.dispatch(run.job_id);
    if (run.parent !== undefined) {
      const parent = this.active.get(run.parent.run_id);
      if (parent !== undefined) this.parts.clock.setTimer(0, () => this.advance(parent));
    }
    this.parts.ended(run);
  }

  private timer(run: Run): void {
    this.timers.get(run.run_id)?.();
    this.timers.delete(run.run_id);
    const dueAt = nextDue(run);
    if (dueAt === undefined || this.closed) return;
    const stop = this.parts.clock.setTimer(dueAt - this.parts.clock.now(), () => {
      this.timers.delete(run.run_id);
      this.advance(run);
    });
    this.timers.set(run.run_id, stop);
  }

  private advance(run: Run): void {
    if (this.closed || terminal(run.life)) return;
    advance(run, this.parts.clock.now(), this.host);
    this.changed(run);
  }

  /** Starts queued runs of a job while there is capacity. */
  dispatch(jobId: number): void {
    const runs = this.unfinishedRuns(jobId);
    let activeCount = runs.filter((run) => run.life !== "QUEUED").length;
    for (const run of runs) {
      if (run.life !== "QUEUED" || activeCount >= run.max_concurrent_runs) continue;
      if (this.capacity.full) {
        this.capacity.wait(run.run_id);
        continue;
      }
      activeCount++;
      start(run, this.parts.clock.now(), this.host);
      this.changed(run);
    }
  }

  private readonly host: EngineHost = (() => {
    // `parts` is set after the fields are initialized, so the getters read it lazily.
    const runs = (): Runs => this;
    return {
      nextId: (): number => runs().nextId(),
      outcome: (run: Run, task: TaskRun, attempt: Attempt) =>
        runs().parts.outcomes.of(run, task, attempt),
      cluster: (run: Run, task: TaskRun, attempt: Attempt, setup_ms: number) =>
        runs().parts.clusters.acquire(run, task, attempt, setup_ms),
      launch: (run: Run, task: TaskRun, attempt: Attempt) =>
        runs().parts.executions().launch(run, task, attempt),
      landed: (attempt: Attempt) => runs().parts.executions().landed(attempt),
      startChild: (run: Run, attempt: Attempt, task: JsonObject) =>
        runs().startChild(run, attempt, task),
      child: (id: number) => runs().find(id),
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
    for (let at: Run | undefined = run; at?.parent !== undefined; at = this.find(at.parent.run_id))
      depth++;
    if (depth > DEEPEST)
      return { error: `Run Job tasks cannot be nested more than ${DEEPEST} levels deep.` };
    const child = this.parts.child(
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
