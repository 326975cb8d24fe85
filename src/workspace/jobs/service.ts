import { LakeformError } from "../../errors";
import { clustersOf } from "../compute/clusters";
import { invalid, WorkspaceError } from "../errors";
import { eventsOf } from "../events";
import type { Principal } from "../principal-records";
import { Executions } from "../execution/executions";
import type { WorkspaceApp } from "../routes";
import { Arrivals } from "./arrivals";
import { cancelTask } from "./engine";
import { JobsStore } from "./jobs-store";
import { Outcomes } from "./outcomes";
import type { Pages } from "./render-run";
import { Runs } from "./runs";
import { isTerminal, type Run } from "./run-model";
import { Schedules } from "./schedules";
import type { JobRecord } from "./settings";
import { RunClusters } from "./run-clusters";
import { buildRun, type RunOptions } from "./trigger";

/** The jobs and runs of one workspace, shared by the routes, the control routes and the pages. */
export class JobsService {
  readonly jobs: JobsStore;
  readonly runs: Runs;
  readonly schedules: Schedules;
  readonly arrivals: Arrivals;
  readonly outcomes: Outcomes;
  readonly pages: Pages;
  readonly clusters: RunClusters;
  readonly executions: Executions;
  /** Platform limits that tests may change. */
  limits = { concurrent_task_runs: 2000 };
  /**
   * Calls in flight by idempotency token: a second call with the same token waits for the first.
   */
  private readonly pendingStarts = new Map<string, Promise<number>>();

  constructor(readonly app: WorkspaceApp) {
    this.jobs = new JobsStore(app.store);
    this.outcomes = loadOutcomes(app);
    this.pages = {
      run: (jobId, runId) => `${app.host()}/jobs/${jobId}/runs/${runId}?o=${app.workspaceId}`,
    };
    this.clusters = new RunClusters(app);
    this.executions = new Executions(app, app.execution, {
      wake: (id) => this.runs.wake(id),
      cancel: (id) => {
        const run = this.runs.find(id);
        if (run !== undefined) this.runs.cancel(run, "the task that started it");
      },
    });
    app.services.set("executions", this.executions);
    this.runs = new Runs({
      executions: () => this.executions,
      clusters: this.clusters,
      limit: () => this.limits.concurrent_task_runs,
      store: app.store,
      clock: app.clock,
      outcomes: this.outcomes,
      workspace: () => ({ id: app.workspaceId, url: app.host() }),
      createChild: (jobId, parameters, parent, attempt) => {
        const job = this.jobs.find(jobId);
        if (job === undefined) return `Job ${jobId} does not exist.`;
        return this.createRun(job, {
          trigger: "RUN_JOB_TASK",
          run_type: "WORKFLOW_RUN",
          creator: parent.creator,
          input: parameters === undefined ? {} : { job_parameters: parameters },
          parent: { run_id: parent.run_id, task_run_id: attempt.run_id },
        });
      },
      onEnded: (run) => this.schedules.scheduleNextRun(run.job_id),
      log: (line) => app.log(line),
    });
    this.schedules = new Schedules(
      app.clock,
      (id) => this.jobs.find(id),
      (job, trigger) =>
        this.runs.add(
          this.createRun(job, { trigger, run_type: "JOB_RUN", creator: job.creator_user_name }),
        ),
      (id) => this.runs.unfinishedRuns(id).length > 0,
    );
    this.arrivals = new Arrivals(
      app.store,
      app.clock,
      (id) => this.jobs.find(id),
      (job, trigger, arrival, inWrite) =>
        this.runs.add(
          this.createRun(job, {
            trigger,
            arrival,
            run_type: "JOB_RUN",
            creator: job.creator_user_name,
          }),
          inWrite,
        ),
    );
    eventsOf(app).on("file", (address) => this.arrivals.recordFile(address));
    eventsOf(app).on("table", (name) => this.arrivals.recordTable(name));
    clustersOf(app).onTermination((id) => this.runs.failTasksOnCluster(id));
    app.onStart(() => {
      this.runs.resume();
      for (const id of this.jobs.automaticJobIds()) {
        const job = this.jobs.find(id);
        if (job !== undefined) this.watch(job);
      }
    });
    app.onClose(async () => {
      this.schedules.close();
      this.arrivals.close();
      await this.runs.close();
    });
  }

  /** Updates a job's automatic starts. Call it after a job was created or changed. */
  watch(job: JobRecord): void {
    this.schedules.schedule(job);
    this.arrivals.watch(job);
  }

  /** Removes the automatic starts of a deleted job. */
  unwatch(id: number): void {
    this.schedules.cancel(id);
    this.arrivals.unwatch(id);
  }

  /** Creates a run of a job for `runs.add`. */
  createRun(
    job: JobRecord,
    options: Pick<
      RunOptions,
      "trigger" | "run_type" | "creator" | "arrival" | "input" | "parent" | "script"
    >,
  ): Run {
    return buildRun(job, {
      ...options,
      now: this.app.clock.now(),
      number_in_job: this.runs.countOf(job.job_id) + 1,
      nextId: this.runs.nextId,
    });
  }

  /**
   * Returns a job if the caller has the permission.
   * @throws 400 if it does not exist, 403 without permission
   */
  requireJob(caller: Principal, id: number, level: string): JobRecord {
    const job = this.jobs.mustFind(id);
    this.app.permissions.require(caller, "job", id, level);
    return job;
  }

  /** @throws 403 unless the caller created the run or has the permission on its job */
  requireRunAccess(caller: Principal, run: Run, level: string): void {
    if (caller.name !== run.creator) this.app.permissions.require(caller, "job", run.job_id, level);
  }

  /**
   * Cancels a run or, given the id of an attempt, one task of it. Ended runs and tasks do not
   * change.
   */
  cancel(id: number, user: string): void {
    const { run, task } = this.runs.locate(id);
    if (task === undefined) this.runs.cancel(run, user);
    else if (!isTerminal(run.life))
      this.runs.change(run, (storedRun, now, host) => cancelTask(storedRun, task, now, host));
  }

  /**
   * Starts a run once for each idempotency token ("": no token).
   * @returns the run's id, after the run was written
   * @throws if the token's run was deleted
   */
  async startOnce(
    kind: "run" | "submit",
    token: string,
    create: () => Run | Promise<Run>,
  ): Promise<number> {
    if (token === "") {
      const run = await create();
      this.requireCapacity(run);
      return this.addRun(run);
    }
    const key = `${kind}:${token}`;
    const pendingStart = this.pendingStarts.get(key);
    if (pendingStart !== undefined) return pendingStart;
    const id = this.jobs.findIdByToken(kind, token);
    if (id !== undefined) {
      if (this.runs.find(id) === undefined)
        throw invalid(`The run ${id} with this idempotency_token was deleted. Use a new token.`);
      return id;
    }
    const newStart = (async () => {
      const run = await create();
      this.requireCapacity(run);
      return this.addRun(run, () => this.jobs.storeToken(kind, token, run.run_id));
    })();
    this.pendingStarts.set(key, newStart);
    try {
      return await newStart;
    } finally {
      this.pendingStarts.delete(key);
    }
  }

  /**
   * @throws 429 for a run that can neither start now nor be queued (docs "Limits": concurrent task
   * runs)
   */
  private requireCapacity(run: Run): void {
    if (!run.queue && this.runs.capacity.isFull)
      throw new WorkspaceError(
        "REQUEST_LIMIT_EXCEEDED",
        `${this.runs.capacity.fullMessage} Queue the run, or try again later.`,
      );
  }

  private async addRun(run: Run, inWrite?: () => void): Promise<number> {
    this.runs.add(run, inWrite);
    await this.runs.flush();
    return run.run_id;
  }
}

/** @throws LakeformError WORKSPACE_OUTCOMES if the script given at startup is invalid */
function loadOutcomes({ outcomes, execution }: WorkspaceApp): Outcomes {
  try {
    return new Outcomes(outcomes, execution.all === true, execution.onRequest === true);
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    throw new LakeformError("WORKSPACE_OUTCOMES", "invalid outcomes script", {
      value: error.message,
      fix: "correct that line of the --outcomes file",
      cause: error,
    });
  }
}
