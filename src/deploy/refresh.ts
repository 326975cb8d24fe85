import type { Verification } from "../verify/model";
import { textsOf } from "../terraform/references";
import type { StackJson } from "../terraform/stack";

/**
 * Returns the reason why Terraform must read the workspace again before it plans (`-refresh`);
 * undefined if verify has just read every object of the state and found no difference. The plan is
 * then the same without a refresh, and each object is read once instead of twice.
 */
export function refreshReason(
  json: StackJson,
  verification: Verification | undefined,
  stack: string,
): string | undefined {
  const reason = staleReason(verification, stack);
  if (reason !== undefined) return reason;
  const computed = computedReference(json);
  return computed === undefined
    ? undefined
    : `the code uses ${computed}, which the platform computes`;
}

/**
 * Like {@link refreshReason}, for a destroy: only values that configure the provider matter. A
 * deleted object differs from the state, so the refresh removes it from the plan.
 */
export function destroyRefreshReason(
  json: StackJson,
  verification: Verification | undefined,
  stack: string,
): string | undefined {
  const reason = staleReason(verification, stack);
  if (reason !== undefined) return reason;
  const expression = /\$\{(?!\s*var\.)[^}]*\}/.exec(JSON.stringify(json.provider ?? {}));
  return expression === null
    ? undefined
    : "the provider's configuration uses values that Terraform reads during the plan";
}

const staleReason = (verification: Verification | undefined, stack: string): string | undefined =>
  verification === undefined ? "the workspace was not verified" : verification.staleReason(stack);

/**
 * Returns the objects that a refresh can skip, because verify found that they match the state. If
 * the code uses computed attributes, which verify does not compare, the refresh reads all objects.
 */
export function alreadyRead(
  json: StackJson,
  verification: Verification | undefined,
  stack: string,
): { alreadyRead?: string } {
  return computedReference(json) === undefined
    ? { alreadyRead: JSON.stringify(verification?.currentObjects(stack) ?? {}) }
    : {};
}

/**
 * Finds an expression that uses an attribute computed by the provider (a URL, a size). Verify does
 * not compare such attributes: it compares ids and the fields that the code sets.
 */
export function computedReference(json: StackJson): string | undefined {
  const { "//": _about, ...sections } = json as Readonly<Record<string, unknown>>;
  const resources = (sections.resource ?? {}) as Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
  const referenceIn = (text: string): string | undefined => {
    for (const [reference, data, type = "", name = "", attribute] of text.matchAll(
      /\b(data\.)?(databricks_\w+)\.([\w-]+)(?:\.(\w+))?/g,
    )) {
      if (data !== undefined || attribute === "id") continue;
      if (attribute === undefined || resources[type]?.[name]?.[attribute] === undefined)
        return reference;
    }
    return undefined;
  };
  for (const text of textsOf(sections)) {
    const reference = text.includes("${") ? referenceIn(text) : undefined;
    if (reference !== undefined) return reference;
  }
  return undefined;
}
