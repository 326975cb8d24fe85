/**
 * Checks whether a state matches the workspace: then a plan without refresh equals one with
 * refresh.
 */
import type { KindReader } from "../../resources/kind";
import { compare } from "./compare";
import type { Comparison } from "./comparison";
import type { ResourceResult } from "../model";
import { withoutLabel } from "../redactor";

/**
 * Returns the reason why a resource's state may differ from the workspace; undefined if both are
 * known to be equal.
 */
export function staleReason(
  result: ResourceResult,
  unreadFields: readonly string[],
  comparison: Omit<Comparison, "desired" | "deployed"> & { readonly rules: KindReader["rules"] },
): string | undefined {
  const openFinding = result.findings.find(({ status }) => status !== "pending");
  if (openFinding !== undefined) return `${withoutLabel(openFinding)}: ${openFinding.status}`;
  if (unreadFields.length > 0) return `${unreadFields.join(", ")}: not read`;
  const { state } = comparison;
  if (state === undefined) return "it is not in the state";
  // A plan starts from the state, even if the code changed or the record is more accurate.
  const { trace: _trace, ...sides } = comparison;
  const difference = compare({ ...sides, desired: state, deployed: state }).findings.find(
    ({ status }) => status !== "unverifiable",
  );
  return difference === undefined
    ? undefined
    : `${withoutLabel(difference)}: the state has a different value`;
}
