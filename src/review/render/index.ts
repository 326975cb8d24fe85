/**
 * This folder renders a review as text, Markdown, HTML, JSON or SARIF. `scripts/import-order.cjs`
 * lists what it may import.
 */
import type { SourcePlace } from "../../verify/report/sarif-log";
import type { Review } from "../model";
import { renderHtml, type ReviewHead } from "./html";
import { renderJson } from "./json";
import { renderMarkdown, type MarkdownOptions } from "./markdown";
import { renderSarif } from "./sarif";
import { renderText, type TextOptions } from "./text";

export const reviewFormats = ["text", "markdown", "html", "json", "sarif"] as const;
export type ReviewFormat = (typeof reviewFormats)[number];

/** Renders a review in the given format. */
export async function renderReview(
  review: Review,
  format: ReviewFormat,
  options: TextOptions &
    MarkdownOptions & {
      readonly version?: string;
      readonly place?: SourcePlace;
      readonly head?: ReviewHead;
    } = {},
): Promise<string> {
  switch (format) {
    case "text":
      return renderText(review, options);
    case "markdown":
      return renderMarkdown(review, options);
    case "html":
      return renderHtml(review, options.head);
    case "json":
      return renderJson(review);
    case "sarif":
      return renderSarif(review, options.version, options.place);
  }
}

const extensions: Readonly<Record<string, ReviewFormat>> = {
  txt: "text",
  md: "markdown",
  html: "html",
  json: "json",
  sarif: "sarif",
};

/** Returns the format that belongs to a file's extension; undefined for an unknown extension. */
export const reviewFormatOf = (file: string): ReviewFormat | undefined =>
  extensions[file.slice(file.lastIndexOf(".") + 1).toLowerCase()];
