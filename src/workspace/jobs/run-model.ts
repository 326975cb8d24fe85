import type { JsonObject, JsonValue } from "../errors";

/** The life-cycle states documented by the platform (Jobs API 2.2). */
export type LifeCycle =
  | "QUEUED"
  | "PENDING"
  | "RUNNING"
  | "TERMINATING"
  | "TERMINATED"
  | "SKIPPED"
  | "INTERNAL_ERROR"
  | "BLOCKED"
  | "WAITING_FOR_RETRY";

export type Result =
  | "SUCCESS"
  | "FAILED"
  | "TIMEDOUT"
  | "CANCELED"
  | "MAXIMUM_CONCURRENT_RUNS_REACHED"
  | "EXCLUDED"
  | "SUCCESS_WITH_FAILURES"
  | "UPSTREAM_FAILED"
  | "UPSTREAM_CANCELED"
  | "DISABLED";

export type TerminationCode =
  | "SUCCESS"
  | "SUCCESS_WITH_FAILURES"
  | "USER_CANCELED"
  | "CANCELED"
  | "SKIPPED"
  | "INTERNAL_ERROR"
  | "RUN_EXECUTION_ERROR"
  | "INVALID_RUN_CONFIGURATION"
  | "CLUSTER_ERROR"
  | "RESOURCE_NOT_FOUND"
  | "UNAUTHORIZED_ERROR"
  | "MAX_CONCURRENT_RUNS_EXCEEDED"
  | "MAX_JOB_QUEUE_SIZE_EXCEEDED"
  | "DISABLED";

/**
 * The state of an attempt, an iteration or a complete run. Times are in milliseconds since 1970.
 */
export interface Progress {
  life: LifeCycle;
  result?: Result;
  message?: string;
  code?: TerminationCode;
  /** When the attempt left BLOCKED or QUEUED. For a complete run: when it was triggered. */
  start?: number;
  /** When the work started, after the cluster was ready. */
  executing?: number;
  /** When the work ended. */
  executed?: number;
  end?: number;
  /** Whether it was canceled or timed out. */
  cancelled?: boolean;
}

/** One attempt of a task, which is a run with its own id. */
export interface Attempt extends Progress {
  run_id: number;
  /** 0 for the first attempt, incremented by each retry and each repair. */
  attempt: number;
  /** 0 in the original run, n in the n-th repair. */
  repair: number;
  /** When the next change is due; absent if the attempt waits for an event. */
  due?: number;
  /** The scripted outcome of this attempt; fixed when the attempt starts. */
  plan?: Outcome;
  cluster_id?: string;
  /** The task's settings with resolved references. */
  resolved?: JsonObject;
  /** The outcome of a condition_task. */
  outcome?: "true" | "false";
  /** The task values that the attempt set. */
  values?: Record<string, JsonValue>;
  /** The iterations of a for_each_task, one per input. */
  iterations?: TaskRun[];
  /** The run started by a run_job_task. */
  child_run_id?: number;
  /** The reason for the state TERMINATING. */
  stopping?: "CANCELED" | "TIMEDOUT";
}

/** A task in a run with all its attempts, oldest first. */
export interface TaskRun {
  key: string;
  spec: JsonObject;
  attempts: Attempt[];
  /** The input of an iteration. */
  input?: JsonValue;
  /** The index of an iteration, counting from 0. */
  index?: number;
}

export interface Repair {
  id: number;
  start: number;
  /**
   * The result of the repair, stored when the next repair starts. The result of the last repair is
   * that of the run.
   */
  progress?: Progress;
}

export interface Parameter {
  name: string;
  default?: string;
  value: string;
}

/** The values of `{{job.trigger.file_arrival…}}` and `{{job.trigger.table_update…}}`. */
export interface Arrival {
  /** The watched location. */
  location?: string;
  /** The last change of each table since the previous run. */
  tables?: Record<string, { version: number; at: number }>;
}

export interface Run extends Progress {
  run_id: number;
  job_id: number;
  run_name: string;
  /** SUBMIT_RUN: started by runs/submit. WORKFLOW_RUN: started by a run_job_task. */
  run_type: "JOB_RUN" | "SUBMIT_RUN" | "WORKFLOW_RUN";
  trigger:
    "ONE_TIME" | "PERIODIC" | "RUN_JOB_TASK" | "CONTINUOUS" | "RETRY" | "FILE_ARRIVAL" | "TABLE";
  /** The event that started the run, for the triggers FILE_ARRIVAL and TABLE. */
  arrival?: Arrival;
  creator: string;
  run_as: string;
  format: "SINGLE_TASK" | "MULTI_TASK";
  number_in_job: number;
  /** The job's parameters with the values of this run. */
  parameters: Parameter[];
  /** The parameter overrides of run-now, as sent. */
  overriding: JsonObject;
  tasks: TaskRun[];
  job_clusters: JsonValue[];
  /** The job's environments, which contain the dependencies of serverless tasks. */
  environments?: JsonValue[];
  git_source?: JsonObject;
  schedule?: JsonObject;
  description?: string;
  performance_target?: string;
  timeout_seconds: number;
  queue: boolean;
  max_concurrent_runs: number;
  repairs: Repair[];
  /** The result of the run before its first repair. */
  original?: Progress;
  /** The clusters by job_cluster_key, started once per run. */
  clusters: Record<string, string>;
  /** The clusters to terminate or release at the end of an attempt, by the attempt's run id. */
  held?: Record<string, { readonly cluster_id: string; readonly existing: boolean }>;
  /** When and why the run was queued. */
  queued?: { at: number; code: string; message: string };
  /** The run and the attempt of the run_job_task that started this run. */
  parent?: { run_id: number; task_run_id: number };
  cancel?: { at: number; by: string };
  timed_out?: boolean;
  /** The keys of tasks that run-now's `only` does not select, except those repaired since. */
  left_out: string[];
  /** The outcomes script for this run only, from the call that started it. */
  script?: JsonValue;
}

/** The planned outcome of an attempt: from the outcomes script, else the defaults. */
export interface Outcome {
  result: "SUCCESS" | "FAILED" | "TIMEDOUT" | "CANCELED" | "SKIPPED";
  /** Milliseconds in state PENDING. */
  setup_ms: number;
  /** Milliseconds in state RUNNING. */
  duration_ms: number;
  /** The exit value of a notebook, or the last result of a SQL task. */
  output?: JsonValue;
  logs?: string;
  error?: string;
  error_trace?: string;
  values?: Record<string, JsonValue>;
  /** The task is executed: result, output, error and values come from its process. */
  execute?: true;
}

/** The result of a process. */
export interface AttemptResult extends Pick<
  Outcome,
  "output" | "error" | "error_trace" | "values"
> {
  readonly result: "SUCCESS" | "FAILED";
  /** Set if the task was not started, or was interrupted, for a reason outside the workload. */
  readonly notStarted?: { readonly message: string; readonly code: TerminationCode };
}

/** Whether a run or attempt in this state has ended. */
export const isTerminal = (life: LifeCycle): boolean =>
  life === "TERMINATED" || life === "SKIPPED" || life === "INTERNAL_ERROR";

/** Returns the current attempt, which is the last one. */
export function latest(task: TaskRun): Attempt {
  const attempt = task.attempts.at(-1);
  if (attempt === undefined) throw new Error(`task ${task.key} has no attempt`);
  return attempt;
}

/** The task types, named after the field that contains the task's settings. */
export const taskKinds = [
  "notebook_task",
  "spark_jar_task",
  "spark_python_task",
  "spark_submit_task",
  "pipeline_task",
  "python_wheel_task",
  "dbt_task",
  "sql_task",
  "run_job_task",
  "condition_task",
  "for_each_task",
  "clean_rooms_notebook_task",
  "dashboard_task",
  "power_bi_task",
  "dbt_cloud_task",
  "dbt_platform_task",
  "gen_ai_compute_task",
  "ai_runtime_task",
  "alert_task",
  "python_operator_task",
] as const;

export type TaskKind = (typeof taskKinds)[number];

/** Returns the type of a task; undefined if no field of a known type is set. */
export const kindOf = (spec: JsonObject): TaskKind | undefined =>
  taskKinds.find((kind) => spec[kind] !== undefined && spec[kind] !== null);

/** Whether a process is executing the task or one of its iterations. */
export const isExecuting = (task: TaskRun): boolean =>
  [task, ...(latest(task).iterations ?? [])].some(
    (taskRun) => latest(taskRun).life === "RUNNING" && latest(taskRun).plan?.execute === true,
  );

/** Returns the ids of all task runs of a run, including attempts and iterations. */
export function taskRunIds(run: Run): number[] {
  return run.tasks.flatMap((task) =>
    task.attempts.flatMap((attempt) => [
      attempt.run_id,
      ...(attempt.iterations ?? []).flatMap((iteration) =>
        iteration.attempts.map((iterationAttempt) => iterationAttempt.run_id),
      ),
    ]),
  );
}
