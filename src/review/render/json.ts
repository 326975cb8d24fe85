import type { Review } from "../model";

/** The review as JSON, `docs/schemas/review.schema.json`. */
export const renderJson = (review: Review): string => `${JSON.stringify(review, null, 2)}\n`;
