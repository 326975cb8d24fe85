import { isReferenceOutput } from "../../terraform/references";
import type { FieldChange } from "../model";
import type { PlanFacts } from "../plan/plan";
import { diffFields } from "./diff";
import { annotateBoth } from "./unknown-and-sensitive";

/**
 * Returns the changed outputs, except those for other stacks: the reviews of those stacks show
 * their effect.
 */
export function outputChanges(plan: PlanFacts): FieldChange[] {
  return plan.outputs.flatMap((output) => {
    if (isReferenceOutput(output.name) || output.actions.every((action) => action === "no-op"))
      return [];
    const { name } = output;
    const { before, after } = annotateBoth(
      "output",
      { value: { [name]: output.before }, sensitive: { [name]: output.beforeSensitive } },
      {
        value: { [name]: output.after },
        unknown: { [name]: output.afterUnknown },
        sensitive: { [name]: output.afterSensitive },
      },
    );
    return diffFields(before, after, { rules: {} });
  });
}
