import type { Kind } from "../kind";

/**
 * Returns a `restore` for a kind whose update keeps fields that the request omits. It makes an
 * update in which the fields to clear count as set before.
 */
export function restoreByUpdate(kind: Kind): NonNullable<Kind["restore"]> {
  return async (api, id, desired, context) => {
    const cleared = Object.entries(context.cleared ?? {});
    const prior = Object.fromEntries(cleared.map(([field]) => [field, true]));
    const deployedValues = Object.fromEntries(cleared.filter(([, value]) => value !== null));
    await kind.update?.(api, id, prior, { ...desired, ...deployedValues }, context);
  };
}
