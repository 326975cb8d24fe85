import type { VerifyReport } from "../model";

/** The report as it is: `docs/schemas/verify-report.schema.json`. */
export function renderJson(report: VerifyReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
