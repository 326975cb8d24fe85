import { printableDeep } from "../../printable";
import type { Review } from "../model";

/** Fields whose strings may have several lines. In all other fields, line breaks are escaped. */
const multiLineFields: ReadonlySet<string> = new Set([
  "before",
  "after",
  "remote",
  "diff",
  "moved",
]);

/** Escapes all strings of a review, so that none of them can affect a terminal or a page. */
export const printableReview = (review: Review): Review => printableDeep(review, multiLineFields);
