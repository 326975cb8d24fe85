import { defined } from "../defined";
import { useSchemaFor } from "../resources/shape/schema";
import { requiredVersion } from "../terraform/provider-mirror";
import type { HealingInput } from "./changes/healing";
import type { Review } from "./model";
import { totalDigest } from "./approval/digest";
import { object } from "./plan/json";
import type { SecretAllowance } from "./secrets/scan";
import { reviewStack, type StackInput, type StackOptions } from "./stack-review";

export interface ReviewInput {
  readonly stacks: readonly StackInput[];
  /** ISO date (YYYY-MM-DD) on which suppressions are checked. @default today, UTC */
  readonly today?: string;
  /** Allowed findings of the secret scan. */
  readonly allowances?: readonly SecretAllowance[];
  /** Comparison rules by resource type. @default the rules in `src/resources/kinds` */
  readonly rules?: StackOptions["rules"];
  /** The base revision, if the input compares two revisions and contains no real plan. */
  readonly base?: string;
}

export interface FullReview {
  readonly review: Review;
  /** The input of healing, by stack, in clear text. It must not be shown or written. */
  readonly healing: ReadonlyMap<string, HealingInput>;
}

export const review = (input: ReviewInput): Review => reviewFully(input).review;

/**
 * Creates a review, which can be rendered, stored, compared and approved. Needs no network, and the
 * clock only for the default of `today`. Selects the schema of the stacks' provider version.
 *
 * @throws LakeformError PLAN_UNREADABLE for an invalid plan
 */
export function reviewFully(input: ReviewInput): FullReview {
  const options: StackOptions = {
    today: input.today ?? new Date().toISOString().slice(0, 10),
    allowances: input.allowances ?? [],
    ...defined({ rules: input.rules }),
    ...(input.base === undefined ? {} : { base: true }),
  };
  for (const { stack } of input.stacks)
    useSchemaFor(requiredVersion(object(object(stack).terraform)));
  const reviewed = input.stacks
    .map((stack) => reviewStack(stack, options))
    .sort((a, b) => (a.review.stack < b.review.stack ? -1 : 1));
  const stacks = reviewed.map((entry) => entry.review);
  const healing = new Map(reviewed.map((entry) => [entry.review.stack, entry.healing]));
  const result: Review = {
    format: "lakeform.review",
    version: 1,
    mode: input.base === undefined ? "plan" : "base",
    ...defined({ base: input.base }),
    digest: totalDigest(stacks),
    stacks,
  };
  return { review: result, healing };
}

/**
 * Returns 2 if a policy of severity "error" (or, if requested, "warning") or the secret scan has an
 * unsuppressed finding. Changes without such findings give 0.
 */
export function exitCodeOf(
  review: Review,
  options: { readonly failOn?: "error" | "warning" } = {},
): 0 | 2 {
  const failing = options.failOn === "warning" ? ["error", "warning"] : ["error"];
  return review.stacks.some(({ policies, secrets }) =>
    [...policies, ...secrets].some(
      ({ severity, suppressed }) => suppressed === undefined && failing.includes(severity),
    ),
  )
    ? 2
    : 0;
}
