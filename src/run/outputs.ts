import type { Id } from "../api";
import { defined } from "../defined";
import { printable } from "../printable";
import { isApiError, type ReadClient } from "../api";
import { RunsReader, type Run } from "../api/families/runs";
import { latestAttempts } from "./failure";
import { stateWord, symbol } from "./format";

/** Output and exit value of one task. */
export interface TaskOutput {
  readonly task: string;
  readonly run_id: Id;
  /** The result of the task, or its life cycle state before the end. */
  readonly state: string;
  /** The exit value of a notebook. */
  readonly result?: string;
  /** The standard output of a task that is not a notebook. */
  readonly logs?: string;
  readonly error?: string;
  readonly error_trace?: string;
}

/** Reads the outputs of the tasks that ran. */
export async function outputsOf(client: ReadClient, run: Run): Promise<TaskOutput[]> {
  const runs = new RunsReader(client);
  const outputs: TaskOutput[] = [];
  for (const task of latestAttempts(run.tasks ?? [])) {
    if (symbol(task.state) === "-") continue;
    const common = { task: task.task_key, run_id: task.run_id, state: stateWord(task.state) };
    try {
      const {
        notebook_output: notebook,
        logs,
        error,
        error_trace,
      } = await runs.output(task.run_id);
      outputs.push({
        ...common,
        ...defined({ result: notebook?.result }),
        ...(logs === undefined || logs === "" ? {} : { logs }),
        ...(error === undefined || error === "" ? {} : { error }),
        ...defined({ error_trace }),
      });
    } catch (error) {
      // One expired or unreadable output must not hide the others.
      if (!isApiError(error)) throw error;
      outputs.push({ ...common, error: `could not read its output: ${error.workspaceMessage}` });
    }
  }
  return outputs;
}

export function outputsText(outputs: readonly TaskOutput[]): string {
  if (outputs.length === 0) return "no task of the run has an output";
  return outputs
    .flatMap(({ task, state, result, logs, error, error_trace }) => [
      printable(`${task} ${state}${result === undefined ? "" : `: ${result}`}`),
      ...[logs, error, error_trace]
        .flatMap((text) => (text === undefined ? [] : text.trimEnd().split("\n")))
        .map((line) => `  | ${printable(line)}`),
    ])
    .join("\n");
}
