import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { AttemptReport } from "../api/transport/diagnostics";
import { printable, printableLines } from "../printable";
import type { Io } from "./io";

/**
 * Prints each exchange with the workspace, with secrets shown as `***`, for `--debug`.
 * @returns a function that stops the output
 */
export function showExchanges({ stderr, secrets }: Pick<Io, "stderr" | "secrets">): () => void {
  const listener = (message: unknown): void => {
    const report = message as AttemptReport;
    const mask = secrets.mask();
    const write = (text: string): void => void stderr.write(printableLines(mask.ownText(text)));
    const hide = (text: string): string => mask.value(text);
    const outcome =
      report.status === undefined
        ? (report.error ?? "no response")
        : `${report.status}${report.error === undefined ? "" : ` ${report.error}`}`;
    const retryNote =
      report.retryInMs === undefined ? "" : `, retry in ${Math.round(report.retryInMs)} ms`;
    const id = report.requestId === undefined ? "" : `, request ${report.requestId}`;
    write(
      `> ${report.method} ${report.host}${report.path}${report.attempt === 0 ? "" : ` (attempt ${report.attempt + 1})`}\n`,
    );
    const request = report.requestBody(hide);
    if (request !== "") write(`> ${printable(request)}\n`);
    write(`< ${outcome} in ${Math.round(report.durationMs)} ms${id}${retryNote}\n`);
    const response = report.responseBody(hide);
    if (response !== "") write(`< ${printable(response)}\n`);
  };
  subscribe("lakeform:api:attempt", listener);
  return () => unsubscribe("lakeform:api:attempt", listener);
}
