import { printableDeep } from "../../printable";
import type { Review } from "../model";

/** Multi-line texts are shown line by line; every other text is a single line. */
const severalLines: ReadonlySet<string> = new Set(["before", "after", "remote", "diff", "moved"]);

/**
 * The review in a form that is safe to print: text from elsewhere cannot affect a terminal or a
 * page.
 */
export const shown = (review: Review): Review => printableDeep(review, severalLines);
