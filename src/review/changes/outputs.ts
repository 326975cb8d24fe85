import { isReferenceOutput } from "../../terraform/references";
import type { FieldChange } from "../model";
import type { PlanFacts } from "../plan/plan";
import { diffFields } from "./diff";
import { annotate } from "./unknown-and-sensitive";

/**
 * Returns the changed outputs, except those for other stacks: the reviews of those stacks show
 * their effect.
 */
export function outputChanges(plan: PlanFacts): FieldChange[] {
  return plan.outputs.flatMap((output) => {
    if (isReferenceOutput(output.name) || output.actions.every((action) => action === "no-op"))
      return [];
    const before = annotate(
      { [output.name]: output.before },
      undefined,
      { [output.name]: output.beforeSensitive },
      "output",
    );
    const after = annotate(
      { [output.name]: output.after },
      { [output.name]: output.afterUnknown },
      { [output.name]: output.afterSensitive },
      "output",
    );
    return diffFields(before, after, { rules: {} });
  });
}
