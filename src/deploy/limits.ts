import { LakeformError } from "../errors";
import type { Attributes } from "../resources/kind";
import { overLimits } from "../resources/families/limits";
import type { PlanFacts } from "../review/plan/plan";
import type { SynthesizedStack } from "../terraform/stack";

/** Max values shown; further ones are only counted. */
const shown = 20;

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
  const more = lines.length > shown ? `\n  and ${lines.length - shown} more` : "";
  throw new LakeformError(
    "OVER_LIMIT",
    `the platform rejects values of this plan\n\n${lines.slice(0, shown).join("\n")}${more}\n`,
    {
      path: name,
      fix: "shorten or split them: nothing was changed",
    },
  );
}
