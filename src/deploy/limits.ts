import { LakeformError } from "../errors";
import type { Attributes } from "../resources/kind";
import { overLimits } from "../resources/families/limits";
import type { PlanFacts } from "../review/plan/plan";
import type { SynthesizedStack } from "../terraform/stack";

/** The maximum number of values that the error lists. */
const maxListed = 20;

/**
 * Refuses a plan with values that the platform is known to reject.
 * @throws LakeformError OVER_LIMIT
 */
export function refuseOverLimits(
  { name, directory }: Pick<SynthesizedStack, "name" | "directory">,
  { changes }: PlanFacts,
): void {
  const lines: string[] = [];
  for (const { type, address, actions, after } of changes) {
    if (!actions.includes("create") && !actions.includes("update")) continue;
    for (const line of overLimits(type, (after ?? {}) as Attributes, directory))
      lines.push(`  ${address}: ${line}`);
  }
  if (lines.length === 0) return;
  const overflowNote = lines.length > maxListed ? `\n  and ${lines.length - maxListed} more` : "";
  throw new LakeformError(
    "OVER_LIMIT",
    `the plan has values that exceed the platform's limits\n\n${lines.slice(0, maxListed).join("\n")}${overflowNote}\n`,
    {
      path: name,
      fix: "shorten or split these values, and deploy again; nothing was changed",
    },
  );
}
