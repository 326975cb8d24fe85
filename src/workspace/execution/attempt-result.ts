import { defined } from "../../defined";
import type { JsonValue } from "../errors";
import type { AttemptResult } from "../jobs/run-model";
import type { ProcessResult } from "./execution";
import type { Report } from "./report";

/**
 * Converts the result of a process to the engine's format, and completes the report.
 * @param problems sentences about files of the task that could not be stored
 */
export function toAttemptResult(
  report: Report,
  processResult: ProcessResult,
  problems: readonly string[],
): AttemptResult {
  report.notices.push(...problems);
  const values: { values?: Record<string, JsonValue> } =
    Object.keys(processResult.values).length === 0 ? {} : { values: processResult.values };
  if (processResult.ok && problems.length === 0)
    return { result: "SUCCESS", ...defined({ output: report.exit }), ...values };
  if (processResult.ok) {
    report.error = {
      name: "Error",
      message: `could not store files of the task: ${problems.join("; ")}`,
      source: "",
      trace: "",
    };
    return { result: "FAILED", error: report.error.message, ...values };
  }
  const { error } = processResult;
  const cell =
    report.cells.find((candidate) => candidate.error === error) ??
    report.cells.find((candidate) => candidate.state === "failed");
  const notebook = cell === undefined || cell.depth === 0 ? "" : ` of ${cell.notebook}`;
  const cellName =
    report.kind !== "notebook" ? "" : cell === undefined ? "" : `cell ${cell.number}${notebook}`;
  const line =
    error?.line === undefined
      ? ""
      : `line ${error.line}${error.source === "" ? "" : `: ${error.source}`}`;
  const location = [cellName, line].filter((part) => part !== "").join(", ");
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
