import { randomUUID } from "node:crypto";
import type { CallOptions, Client, ReadClient } from "../client";
import { bodyId, type Id } from "../transport/ids";
import type { TaskSettings } from "./jobs";
import { byOffset, byToken, mergedPages, type PageOptions } from "../transport/paging";
import { withJobsVersion } from "./jobs-api-version";

export interface RunState {
  /** PENDING, RUNNING, TERMINATING, TERMINATED, SKIPPED, INTERNAL_ERROR, … */
  readonly life_cycle_state?: string;
  /** SUCCESS, FAILED, TIMEDOUT, CANCELED, …; absent before the end. */
  readonly result_state?: string;
  readonly state_message?: string;
}

export interface RunTask {
  readonly task_key: string;
  readonly run_id: Id;
  readonly state?: RunState;
  readonly depends_on?: TaskSettings["depends_on"];
  /** The condition on the results of the tasks in `depends_on`. @default ALL_SUCCESS */
  readonly run_if?: string;
  /** Milliseconds since the epoch; 0 = not yet. */
  readonly start_time?: number;
  /** Milliseconds since the epoch; 0 = not yet. */
  readonly end_time?: number;
  /** 0 for the first attempt, and higher for a retry. */
  readonly attempt_number?: number;
  readonly run_page_url?: string;
  readonly [field: string]: unknown;
}

export interface Run {
  readonly run_id: Id;
  readonly job_id?: Id;
  readonly run_name?: string;
  readonly state?: RunState;
  /** Milliseconds since the epoch. */
  readonly start_time?: number;
  /** Milliseconds since the epoch; 0 = not yet. */
  readonly end_time?: number;
  readonly run_page_url?: string;
  readonly tasks?: readonly RunTask[];
  /** The runs of a `for_each_task`, instead of `tasks`. */
  readonly iterations?: readonly RunTask[];
  readonly job_parameters?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly default?: string;
  }[];
  /** The original run and its repairs. */
  readonly repair_history?: readonly {
    readonly id?: Id;
    readonly type?: string;
    readonly task_run_ids?: readonly Id[];
    readonly state?: RunState;
  }[];
  readonly creator_user_name?: string;
  readonly trigger?: string;
  readonly [field: string]: unknown;
}

export interface RunOutput {
  readonly error?: string;
  readonly error_trace?: string;
  /** The standard output of a task that is not a notebook; the platform truncates it. */
  readonly logs?: string;
  readonly notebook_output?: { readonly result?: string; readonly truncated?: boolean };
  /** The task run that the output belongs to. */
  readonly metadata?: Run;
  readonly [field: string]: unknown;
}

export interface RunNow {
  readonly job_id: Id;
  readonly job_parameters?: Readonly<Record<string, string>>;
  /** Parameters of all notebook tasks. A job with job parameters takes `job_parameters` instead. */
  readonly notebook_params?: Readonly<Record<string, string>>;
  /**
   * Task keys to run, with `+` before a key to include upstream tasks, or after it to include
   * downstream tasks.
   */
  readonly only?: readonly string[];
  /**
   * Up to 64 characters. @default a new token, so that a retry after a lost response does not start
   * a second run
   */
  readonly idempotency_token?: string;
  readonly [field: string]: unknown;
}

export interface ListRuns extends PageOptions {
  readonly jobId?: Id;
  readonly activeOnly?: boolean;
  readonly completedOnly?: boolean;
  /** JOB_RUN, WORKFLOW_RUN or SUBMIT_RUN. @default all types */
  readonly runType?: string;
  /** Milliseconds since the epoch. */
  readonly startTimeFrom?: number;
  /** Milliseconds since the epoch. */
  readonly startTimeTo?: number;
  readonly expandTasks?: boolean;
  /** 1 to 25. @default 25 */
  readonly limit?: number;
}

/** The arrays that runs/get returns page by page, each with the field that identifies an element. */
const pagedArrays = {
  tasks: "run_id",
  job_clusters: "job_cluster_key",
  job_parameters: "name",
  iterations: "run_id",
  repair_history: "id",
};
const terminal = new Set(["TERMINATED", "SKIPPED", "INTERNAL_ERROR"]);

/** Whether the run has ended. */
export const isFinished = (state: RunState | undefined): boolean =>
  terminal.has(state?.life_cycle_state ?? "");
/** Whether the run succeeded: SUCCESS, or SUCCESS_WITH_FAILURES (all leaf tasks succeeded). */
export const isSuccess = (state: RunState | undefined): boolean =>
  state?.result_state === "SUCCESS" || state?.result_state === "SUCCESS_WITH_FAILURES";

export class RunsReader {
  constructor(private readonly reader: ReadClient) {}

  /** Returns a run with all its tasks and iterations. @throws ApiError (isNotFound) */
  get(runId: Id, options: CallOptions & { readonly includeHistory?: boolean } = {}): Promise<Run> {
    const query = { run_id: runId, include_history: options.includeHistory };
    return withJobsVersion(this.reader, (base) =>
      mergedPages<Run>(
        this.reader,
        { path: `${base}/runs/get`, query, ...(options.signal ? { signal: options.signal } : {}) },
        pagedArrays,
      ),
    );
  }

  /** Lists runs, newest first. */
  async *list(options: ListRuns = {}): AsyncGenerator<Run> {
    const {
      jobId,
      activeOnly,
      completedOnly,
      runType,
      startTimeFrom,
      startTimeTo,
      expandTasks,
      limit,
      ...rest
    } = options;
    const query = {
      job_id: jobId,
      active_only: activeOnly,
      completed_only: completedOnly,
      run_type: runType,
      start_time_from: startTimeFrom,
      start_time_to: startTimeTo,
      expand_tasks: expandTasks,
      limit: limit ?? 25,
    };
    // runs/list with page tokens is the same in 2.1 and 2.2, and every workspace supports 2.1.
    yield* byToken<Run>(this.reader, {
      path: "/api/2.1/jobs/runs/list",
      query,
      items: "runs",
      ...rest,
    });
  }

  /**
   * Lists runs with API 2.0, paged by offset. Beyond offset 1,000 the list starts again at the start
   * time of the last run. For servers without a newer version.
   */
  async *listByOffset(
    options: Pick<ListRuns, "jobId" | "activeOnly" | "signal" | "skip"> = {},
  ): AsyncGenerator<Run> {
    const seenIds = new Set<Id>();
    const pages = byOffset<Run>(this.reader, {
      path: "/api/2.0/jobs/runs/list",
      query: { job_id: options.jobId, active_only: options.activeOnly },
      items: "runs",
      limit: 25,
      onLimit: (last) => ({ start_time_to: last.start_time }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let skip = options.skip ?? 0;
    for await (const run of pages) {
      if (seenIds.has(run.run_id)) continue;
      seenIds.add(run.run_id);
      if (skip > 0) skip -= 1;
      else yield run;
    }
  }

  /**
   * Returns the output of a task run. For a run of several tasks, call it with the run id of each
   * task.
   */
  output(runId: Id, options: CallOptions = {}): Promise<RunOutput> {
    return withJobsVersion(this.reader, (base) =>
      this.reader.get(`${base}/runs/get-output`, { query: { run_id: runId }, ...options }),
    ) as Promise<RunOutput>;
  }

  /** Exports the notebooks of a run as HTML. */
  async export(
    runId: Id,
    views: "CODE" | "DASHBOARDS" | "ALL" = "CODE",
  ): Promise<
    readonly { readonly name: string; readonly type: string; readonly content: string }[]
  > {
    const response = await withJobsVersion(this.reader, (base) =>
      this.reader.get(`${base}/runs/export`, { query: { run_id: runId, views_to_export: views } }),
    );
    return (response as { views?: { name: string; type: string; content: string }[] }).views ?? [];
  }
}

export class Runs extends RunsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Starts a job exactly once: the call has an idempotency token, so a retry after a lost response
   * returns the same run.
   */
  async runNow(
    request: RunNow,
    options: CallOptions = {},
  ): Promise<{ readonly run_id: Id; readonly number_in_job?: number }> {
    const body = { idempotency_token: randomUUID(), ...request, job_id: bodyId(request.job_id) };
    return (await withJobsVersion(this.client, (base) =>
      this.client.post(`${base}/run-now`, body, { idempotent: true, ...options }),
    )) as {
      run_id: Id;
    };
  }

  /** Starts a run of tasks without a job, exactly once: see {@link runNow}. */
  async submit(
    request: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<{ readonly run_id: Id }> {
    const body = { idempotency_token: randomUUID(), ...request };
    return (await withJobsVersion(this.client, (base) =>
      this.client.post(`${base}/runs/submit`, body, { idempotent: true, ...options }),
    )) as { run_id: Id };
  }

  async cancel(runId: Id, options: CallOptions = {}): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/runs/cancel`,
        { run_id: bodyId(runId) },
        { idempotent: true, ...options },
      ),
    );
  }

  async cancelAll(jobId: Id, options: CallOptions = {}): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/runs/cancel-all`,
        { job_id: bodyId(jobId) },
        { idempotent: true, ...options },
      ),
    );
  }

  /**
   * Reruns the failed tasks of a finished run, or the named ones. After a lost response, the run's
   * history shows whether the repair started.
   */
  async repair(
    runId: Id,
    request: {
      readonly rerun_tasks?: readonly string[];
      readonly rerun_all_failed_tasks?: boolean;
      readonly rerun_dependent_tasks?: boolean;
      readonly [field: string]: unknown;
    },
    options: CallOptions = {},
  ): Promise<{ readonly repair_id: Id }> {
    const repairIds = async (): Promise<Id[]> =>
      ((await this.get(runId, { includeHistory: true })).repair_history ?? []).flatMap((item) =>
        item.type === "REPAIR" && item.id !== undefined ? [item.id] : [],
      );
    const idsBefore = await repairIds();
    const latestId = idsBefore.at(-1);
    const recover = async (): Promise<unknown> => {
      const newId = (await repairIds()).find((id) => !idsBefore.includes(id));
      return newId === undefined ? undefined : { repair_id: newId };
    };
    const body = {
      run_id: bodyId(runId),
      ...(latestId === undefined ? {} : { latest_repair_id: bodyId(latestId) }),
      ...request,
    };
    return (await withJobsVersion(this.client, (base) =>
      this.client.post(`${base}/runs/repair`, body, { recover, ...options }),
    )) as {
      repair_id: Id;
    };
  }

  async delete(runId: Id, options: CallOptions = {}): Promise<void> {
    await withJobsVersion(this.client, (base) =>
      this.client.post(
        `${base}/runs/delete`,
        { run_id: bodyId(runId) },
        { idempotent: true, removes: true, ...options },
      ),
    );
  }
}
