import { printableDeep } from "../../printable";
import type { Review } from "../model";

/** Texts of several lines are shown line by line; whatever else is in a review has one. */
const severalLines: ReadonlySet<string> = new Set(["before", "after", "remote", "diff", "moved"]);

/** The review as people may see it: what others wrote in it does nothing to a terminal or a page. */
export const shown = (review: Review): Review => printableDeep(review, severalLines);
