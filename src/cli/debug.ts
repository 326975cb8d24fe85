import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { AttemptReport } from "../api/diagnostics";

/** Prints each exchange with the workspace, secrets shown as `***`, for `--debug`. @returns how to end it */
export function showExchanges(stream: NodeJS.WritableStream): () => void {
  const listener = (message: unknown): void => {
    const report = message as AttemptReport;
    const ended =
      report.status === undefined
        ? (report.error ?? "no answer")
        : `${report.status}${report.error === undefined ? "" : ` ${report.error}`}`;
    const again = report.retryInMs === undefined ? "" : `, again in ${Math.round(report.retryInMs)} ms`;
    const id = report.requestId === undefined ? "" : `, request ${report.requestId}`;
    stream.write(`> ${report.method} ${report.host}${report.path}${report.attempt === 0 ? "" : ` (attempt ${report.attempt + 1})`}\n`);
    const request = report.requestBody();
    if (request !== "") stream.write(`> ${request}\n`);
    stream.write(`< ${ended} in ${Math.round(report.durationMs)} ms${id}${again}\n`);
    const response = report.responseBody();
    if (response !== "") stream.write(`< ${response}\n`);
  };
  subscribe("lakeform:api:attempt", listener);
  return () => unsubscribe("lakeform:api:attempt", listener);
}
