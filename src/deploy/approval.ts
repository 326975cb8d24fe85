import { LakeformError } from "../errors";
import { compareReviews } from "../review/approval/compare";
import type { Review } from "../review/model";

/** How a deploy is approved. */
export type Approval =
  /** `reviewed` is the approved review, if available: a refusal then shows the difference. */
  | { readonly kind: "digest"; readonly digest: string; readonly reviewed?: Review }
  | { readonly kind: "auto" }
  /** Prompts the user for approval; undefined without a terminal. */
  | { readonly kind: "ask"; readonly ask?: (question: string) => Promise<boolean> };

/** The minimum number of digits of an abbreviated digest. */
const minDigits = 12;
/** The maximum number of shown lines of a difference. */
const maxLines = 200;

/**
 * Checks that the plan is approved, or asks for approval.
 * @throws LakeformError PLAN_NOT_APPROVED (exit 2) if the plan differs from the approved one,
 * NOT_APPROVED (exit 2) without an approval
 */
export async function requireApproval(
  review: Review,
  approval: Approval,
  command: "deploy" | "destroy" | "promote" = "deploy",
): Promise<void> {
  if (approval.kind === "auto") return;
  if (approval.kind === "digest") {
    if (matchesDigest(approval.digest, review.digest)) return;
    throw new LakeformError(
      "PLAN_NOT_APPROVED",
      `the plan differs from the approved one: the code, the workspace or the environment has changed since\n\n${describeDifference(review, approval)}\n`,
      {
        value: `approved ${approval.digest}`,
        allowed: review.digest,
        fix: "read the review above; if it is correct, approve its digest",
        exitCode: 2,
      },
    );
  }
  if (
    approval.ask !== undefined &&
    (await approval.ask(
      `${command.charAt(0).toUpperCase()}${command.slice(1)} this? (digest ${shortDigest(review.digest)}) [y/N] `,
    ))
  )
    return;
  throw new LakeformError(
    "NOT_APPROVED",
    approval.ask === undefined
      ? "no terminal to prompt on, and no approval given"
      : "not approved: nothing was changed",
    {
      value: review.digest,
      fix: `lakeform ${command} … --approve ${review.digest}, or --auto-approve`,
      exitCode: 2,
    },
  );
}

function describeDifference(
  review: Review,
  approval: Extract<Approval, { kind: "digest" }>,
): string {
  const { lines } = compareReviews(approval.reviewed ?? approval.digest, review);
  const shownLines = lines.slice(0, maxLines);
  if (lines.length > maxLines) shownLines.push(`and ${lines.length - maxLines} more lines`);
  if (approval.reviewed === undefined) {
    shownLines.push(
      "the approved review is not available on this machine, so the difference cannot be shown",
    );
    shownLines.push(
      "to see it: lakeform review … --out review.json, then deploy --approve review.json",
    );
  }
  return shownLines.map((line) => `  ${line}`).join("\n");
}

/** Compares complete digests, or a prefix of at least 12 hex digits, with or without `sha256:`. */
export function matchesDigest(approved: string, digest: string): boolean {
  const [a, b] = [approved, digest].map((text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/^sha256:/, ""),
  ) as [string, string];
  return /^[0-9a-f]+$/.test(a) && a.length >= minDigits && b.startsWith(a);
}

function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, minDigits);
}
