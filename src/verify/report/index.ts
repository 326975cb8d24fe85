/**
 * This folder renders the report of `verify`. `scripts/import-order.cjs` lists what it may import.
 */
import { LakeformError } from "../../errors";
import type { VerifyReport } from "../model";
import { renderHtml } from "./html";
import { renderJson } from "./json";
import { renderJunit } from "./junit";
import { renderMarkdown } from "./markdown";
import { renderSarif } from "./sarif";
import type { SourcePlace } from "./sarif-log";
import { renderText } from "./text";

export const reportFormats = ["text", "json", "junit", "sarif", "markdown", "html"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Renders the report in one format. The result ends with a line feed. */
export async function renderReport(
  report: VerifyReport,
  format: ReportFormat,
  options: { readonly color?: boolean; readonly place?: SourcePlace } = {},
): Promise<string> {
  switch (format) {
    case "text":
      return renderText(report, options);
    case "json":
      return renderJson(report);
    case "junit":
      return renderJunit(report);
    case "sarif":
      return renderSarif(report, options.place);
    case "markdown":
      return renderMarkdown(report);
    case "html":
      return renderHtml(report);
  }
}

const byExtension: readonly (readonly [string, ReportFormat])[] = [
  [".sarif.json", "sarif"],
  [".sarif", "sarif"],
  [".json", "json"],
  [".xml", "junit"],
  [".md", "markdown"],
  [".markdown", "markdown"],
  [".html", "html"],
  [".txt", "text"],
];

/** Returns the report format for a file's extension. @throws LakeformError UNKNOWN_REPORT_FORMAT */
export function formatOfFile(file: string): ReportFormat {
  const formatEntry = byExtension.find(([extension]) => file.toLowerCase().endsWith(extension));
  if (formatEntry !== undefined) return formatEntry[1];
  throw new LakeformError("UNKNOWN_REPORT_FORMAT", "unsupported file extension for a report", {
    value: file,
    allowed: byExtension.map(([extension]) => extension).join(" "),
    fix: "change the extension of the --out file",
  });
}
