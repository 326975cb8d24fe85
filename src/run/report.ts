import type { Id } from "../api";
import { isFinished, isSuccess, type Run } from "../api/families/runs";
import { printableDeep } from "../printable";
import type { TaskFailure } from "./failure";
import { latestAttempts } from "./failure";
import { graphLines } from "./graph";
import { formatElapsed, stateWord, symbol } from "./format";

/** A run in the output of `--format json`. */
export interface RunReport {
  readonly schema: "lakeform/run/1";
  readonly run_id: Id;
  readonly job_id: Id | null;
  readonly name: string | null;
  readonly life_cycle_state: string;
  readonly result_state: string | null;
  readonly message: string;
  /** Null before the end. */
  readonly success: boolean | null;
  readonly url: string | null;
  /** Milliseconds since the epoch; null before the start. */
  readonly start_time: number | null;
  /** Milliseconds since the epoch; null before the end. */
  readonly end_time: number | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tasks: readonly {
    readonly task_key: string;
    readonly run_id: Id;
    readonly state: string;
    readonly depends_on: readonly string[];
    readonly attempt: number;
    readonly start_time: number | null;
    readonly end_time: number | null;
  }[];
  readonly failures: readonly TaskFailure[];
}

export function runReport(run: Run, failures: readonly TaskFailure[] = []): RunReport {
  const isRunFinished = isFinished(run.state);
  return {
    schema: "lakeform/run/1",
    run_id: run.run_id,
    job_id: run.job_id ?? null,
    name: run.run_name ?? null,
    life_cycle_state: run.state?.life_cycle_state ?? "UNKNOWN",
    result_state: run.state?.result_state ?? null,
    message: run.state?.state_message ?? "",
    success: isRunFinished ? isSuccess(run.state) : null,
    url: run.run_page_url ?? null,
    start_time: timeOrNull(run.start_time),
    end_time: timeOrNull(run.end_time),
    parameters: Object.fromEntries(
      (run.job_parameters ?? []).map((parameter) => [
        parameter.name,
        parameter.value ?? parameter.default ?? "",
      ]),
    ),
    tasks: latestAttempts(run.tasks ?? []).map((task) => ({
      task_key: task.task_key,
      run_id: task.run_id,
      state: stateWord(task.state),
      depends_on: (task.depends_on ?? []).map((edge) => edge.task_key),
      attempt: task.attempt_number ?? 0,
      start_time: timeOrNull(task.start_time),
      end_time: timeOrNull(task.end_time),
    })),
    failures,
  };
}

/** The API returns 0 for a time that is not known yet. */
const timeOrNull = (time: number | undefined): number | null =>
  time === undefined || time === 0 ? null : time;

/** Renders a run as text, for `run` and `runs show`. */
export function runText(rawRun: Run, rawFailures: readonly TaskFailure[], now: number): string {
  const [run, failures] = [printableDeep(rawRun), printableDeep(rawFailures)];
  const lines = [
    `${symbol(run.state)} ${run.run_name ?? "run"} (run ${run.run_id}): ${stateWord(run.state)} ${formatElapsed(run.start_time, run.end_time, now)}`.trimEnd(),
  ];
  if (run.run_page_url !== undefined) lines.push(`  ${run.run_page_url}`);
  const message = run.state?.state_message ?? "";
  if (message !== "" && !isSuccess(run.state)) lines.push(`  ${message}`);
  lines.push(...graphLines(run, now).map((line) => `  ${line}`));
  for (const failure of failures) {
    lines.push("", `task ${failure.task} ${failure.result}: ${failure.error ?? failure.message}`);
    lines.push(...failure.tail.map((line) => `  | ${line}`));
  }
  return `${lines.join("\n")}\n`;
}
