import { printableJson } from "../../printable";
import type { VerifyReport } from "../model";

/** The report unchanged: `docs/schemas/verify-report.schema.json`. */
export function renderJson(report: VerifyReport): string {
  return `${printableJson(report)}\n`;
}
