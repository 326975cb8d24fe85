import { printableJson } from "../../printable";
import type { Review } from "../model";

/** Renders a review as JSON that follows `docs/schemas/review.schema.json`. */
export const renderJson = (review: Review): string => `${printableJson(review)}\n`;
