/**
 * Explains objects that are missing after a rename without `moved`. Terraform destroys the object of
 * the old address and creates that of the new one in any order. If both are the same notebook or
 * file, and the destroy comes last, nothing remains. The official provider behaves the same.
 */
import type { Review } from "../review";
import type { VerifyReport } from "../verify/model";

export function explainLostRenames(
  { stacks }: Pick<Review, "stacks">,
  { resources }: Pick<VerifyReport, "resources">,
): string[] {
  return stacks.flatMap(({ stack: name, renames }) =>
    renames.flatMap(({ from, to }) =>
      resources.some(
        ({ stack, address, status }) => stack === name && address === to && status === "missing",
      )
        ? [
            `${to} of ${name} is missing: it is the same object as ${from}, which Terraform destroyed after it had created ${to}. Deploy again to create it; to rename it without a destroy, write moved (see "Looks like a rename" in the review)`,
          ]
        : [],
    ),
  );
}
