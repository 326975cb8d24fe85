import { printableJson } from "../../printable";
import type { Review } from "../model";

/** The review as JSON, `docs/schemas/review.schema.json`. */
export const renderJson = (review: Review): string => `${printableJson(review)}\n`;
