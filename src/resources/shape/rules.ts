/** Rules of kinds for the comparison with the workspace. */
import type { BackendDefault, Value } from "../kind";

/** The rules of kinds whose id in the Terraform state is a path: `object_id` is set by the platform. */
export const objectIdRule: Readonly<Record<string, BackendDefault>> = {
  object_id: setByPlatform("the object id assigned by the platform"),
};

/** Rule for a value that the platform sets if the code does not; any value is accepted. */
export function acceptAny(reason: string): BackendDefault {
  return { reason, when: () => true };
}

/** Rule for a value that the platform sets if the code does not; only these are accepted. */
export function platformValue(reason: string, ...values: Value[]): BackendDefault {
  return {
    reason,
    when: (remote) => values.includes(remote),
    ...(values.length > 1 ? { acceptsSeveral: true as const } : {}),
  };
}

/** Rule for a value that only the platform sets and changes. */
export function setByPlatform(reason: string): BackendDefault {
  return { reason, when: () => true, follows: () => true };
}

/**
 * Rules for fields that only the platform sets, such as the time of the last change. A change of
 * them alone is not reported: it only follows from another change, which is reported.
 */
export function platformFields(
  ...fields: readonly string[]
): Readonly<Record<string, BackendDefault>> {
  const rule = setByPlatform("set by the platform: who changed it, and when");
  return Object.fromEntries(fields.map((field) => [field, rule]));
}

export const noRules = { keyed: {}, backendDefaults: {}, unverifiable: {}, configOnly: {} };
