import type { JsonObject, JsonValue } from "../errors";

/** The states and results that the platform documents (Jobs API 2.2). */
export type LifeCycle =
  "QUEUED" | "PENDING" | "RUNNING" | "TERMINATING" | "TERMINATED" | "SKIPPED" | "INTERNAL_ERROR" | "BLOCKED" | "WAITING_FOR_RETRY";

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

/** What an attempt, an iteration or a whole run has come to. Times are milliseconds since 1970. */
export interface Progress {
  life: LifeCycle;
  result?: Result;
  message?: string;
  code?: TerminationCode;
  /** When it left BLOCKED or QUEUED; for a whole run, when it was triggered. */
  start?: number;
  /** When its own work began (after the cluster's start). */
  executing?: number;
  /** When its own work ended. */
  executed?: number;
  end?: number;
  cancelled?: boolean;
}

/** One attempt at a task: a run of its own, with an id. */
export interface Attempt extends Progress {
  run_id: number;
  /** 0 for the first, one more for each retry. */
  attempt: number;
  /** 0 in the original run, n in the n-th repair. */
  repair: number;
  /** When the next change is due on the clock; absent when it waits for something else. */
  due?: number;
  /** What the script says that this attempt comes to; fixed when the attempt starts. */
  plan?: Outcome;
  cluster_id?: string;
  /** The task as it was started: references replaced. */
  resolved?: JsonObject;
  /** condition_task: which arm. */
  outcome?: "true" | "false";
  /** Task values that it set. */
  values?: Record<string, JsonValue>;
  /** for_each_task: one entry an input. */
  iterations?: TaskRun[];
  /** run_job_task: the run that it started. */
  child_run_id?: number;
  /** Why it is TERMINATING. */
  stopping?: "CANCELED" | "TIMEDOUT";
}

/** A task within a run, with all its attempts, oldest first. */
export interface TaskRun {
  key: string;
  spec: JsonObject;
  attempts: Attempt[];
  /** An iteration's input. */
  input?: JsonValue;
  index?: number;
}

export interface Repair {
  id: number;
  start: number;
  /** What it came to, kept when the next repair begins; the last one's is the run's own. */
  progress?: Progress;
}

export interface Parameter {
  name: string;
  default?: string;
  value: string;
}

/** What a run refers to as `{{job.trigger.file_arrival…}}` and `{{job.trigger.table_update…}}`. */
export interface Arrival {
  /** The place that the job watches. */
  location?: string;
  /** The last change of each table since the run before. */
  tables?: Record<string, { version: number; at: number }>;
}

export interface Run extends Progress {
  run_id: number;
  job_id: number;
  run_name: string;
  /** SUBMIT_RUN: runs/submit. WORKFLOW_RUN: started by a run_job_task. */
  run_type: "JOB_RUN" | "SUBMIT_RUN" | "WORKFLOW_RUN";
  trigger: "ONE_TIME" | "PERIODIC" | "RUN_JOB_TASK" | "CONTINUOUS" | "RETRY" | "FILE_ARRIVAL" | "TABLE";
  /** What came that started it: FILE_ARRIVAL and TABLE. */
  arrival?: Arrival;
  creator: string;
  run_as: string;
  format: "SINGLE_TASK" | "MULTI_TASK";
  number_in_job: number;
  /** Job parameters with the run's values in. */
  parameters: Parameter[];
  /** What run-now overrode, as sent. */
  overriding: JsonObject;
  tasks: TaskRun[];
  job_clusters: JsonValue[];
  /** The job's environments: what serverless tasks depend on. */
  environments?: JsonValue[];
  git_source?: JsonObject;
  schedule?: JsonObject;
  description?: string;
  performance_target?: string;
  timeout_seconds: number;
  queue: boolean;
  max_concurrent_runs: number;
  repairs: Repair[];
  /** What the run came to before its first repair. */
  original?: Progress;
  /** Clusters by job_cluster_key, started once a run. */
  clusters: Record<string, string>;
  /** What attempts run on that ends, or is free again, with them: by the attempt's run id. */
  held?: Record<string, { readonly cluster_id: string; readonly existing: boolean }>;
  /** QUEUED since, and why. */
  queued?: { at: number; code: string; message: string };
  parent?: { run_id: number; task_run_id: number };
  cancel?: { at: number; by: string };
  timed_out?: boolean;
  /** Task keys that run-now's `only` or `disabled` left out. */
  left_out: string[];
  /** Outcomes for this run alone, from the call that started it. */
  script?: JsonValue;
}

/** What is to come of an attempt: from the outcomes script, else the defaults. */
export interface Outcome {
  result: "SUCCESS" | "FAILED" | "TIMEDOUT" | "CANCELED" | "SKIPPED";
  /** Milliseconds from PENDING to RUNNING. */
  setup_ms: number;
  /** Milliseconds of RUNNING. */
  duration_ms: number;
  /** What the notebook exits with, or the last result of a SQL task. */
  output?: JsonValue;
  logs?: string;
  error?: string;
  error_trace?: string;
  values?: Record<string, JsonValue>;
  /** The task is executed: result, output, error and values are what its process comes to. */
  execute?: true;
}

/** What a process came to. */
export interface Landed extends Pick<Outcome, "output" | "error" | "error_trace" | "values"> {
  readonly result: "SUCCESS" | "FAILED";
  /** It could not be started, for a reason that is not the workload's own. */
  readonly notStarted?: { readonly message: string; readonly code: TerminationCode };
}

export const terminal = (life: LifeCycle): boolean => life === "TERMINATED" || life === "SKIPPED" || life === "INTERNAL_ERROR";

/** The attempt that counts: the last one. */
export function latest(task: TaskRun): Attempt {
  const attempt = task.attempts.at(-1);
  if (attempt === undefined) throw new Error(`task ${task.key} has no attempt`);
  return attempt;
}

/** The kind of work that a task does, by the field that describes it. */
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
  "alert_task",
  "python_operator_task",
] as const;

export type TaskKind = (typeof taskKinds)[number];

export const kindOf = (spec: JsonObject): TaskKind | undefined => taskKinds.find((kind) => spec[kind] !== undefined && spec[kind] !== null);

/** True while a process executes the task or one of its iterations. */
export const isExecuting = (task: TaskRun): boolean =>
  [task, ...(latest(task).iterations ?? [])].some((one) => latest(one).life === "RUNNING" && latest(one).plan?.execute === true);

/** The ids of all task runs of a run, attempts and iterations included. */
export function idsOf(run: Run): number[] {
  return run.tasks.flatMap((task) =>
    task.attempts.flatMap((attempt) => [
      attempt.run_id,
      ...(attempt.iterations ?? []).flatMap((iteration) => iteration.attempts.map((inner) => inner.run_id)),
    ]),
  );
}
