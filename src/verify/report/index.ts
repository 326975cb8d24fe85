import type { VerifyReport } from "../model";
import { renderJson } from "./json";
import { renderText } from "./text";

export const reportFormats = ["text", "json"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** The report as text of one format, ending with a line feed. */
export async function renderReport(
  report: VerifyReport,
  format: ReportFormat,
  options: { readonly color?: boolean } = {},
): Promise<string> {
  switch (format) {
    case "text":
      return renderText(report, options);
    case "json":
      return Promise.resolve(renderJson(report));
  }
}
