/**
 * Checks whether a state matches the workspace. If it does, a plan without refresh equals one with
 * refresh.
 */
import type { KindReader } from "../../resources/kind";
import { compare } from "./compare";
import type { Comparison } from "./comparison";
import type { ResourceResult } from "../model";
import { pathWithoutElementLabel } from "../redactor";

/**
 * Returns the reason why a resource's state may differ from the workspace; undefined if both are
 * known to be equal.
 */
export function staleReason(
  result: ResourceResult,
  unreadFields: readonly string[],
  comparison: Omit<Comparison, "desired" | "deployed"> & { readonly rules: KindReader["rules"] },
): string | undefined {
  // Pending means that only the code differs: the workspace still has the deployed value.
  const finding = result.findings.find(({ status }) => status !== "pending");
  if (finding !== undefined) return `${pathWithoutElementLabel(finding)}: ${finding.status}`;
  if (unreadFields.length > 0) return `${unreadFields.join(", ")}: not read`;
  const { state } = comparison;
  if (state === undefined) return "it is not in the state";
  // Compare the state alone with the workspace: a plan starts from it, not from the code or the
  // deployment record.
  const { trace: _trace, ...sides } = comparison;
  const difference = compare({ ...sides, desired: state, deployed: state }).findings.find(
    ({ status }) => status !== "unverifiable",
  );
  return difference === undefined
    ? undefined
    : `${pathWithoutElementLabel(difference)}: the state has a different value`;
}
