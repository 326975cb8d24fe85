import { printableJson } from "../../printable";
import type { VerifyReport } from "../model";

/** Renders the complete report. Its schema is `docs/schemas/verify-report.schema.json`. */
export function renderJson(report: VerifyReport): string {
  return `${printableJson(report)}\n`;
}
