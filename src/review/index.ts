export { exitCodeOf, hasChanges, review, type ReviewInput } from "./review";
export { compareReviews, type ReviewComparison } from "./compare";
export type * from "./model";
export type { StackInput } from "./stack-review";
export type { VerifyInput } from "./left-out";
export type { Artifact, SecretAllowance } from "./secrets/scan";
export { renderText, type TextOptions } from "./render/text";
