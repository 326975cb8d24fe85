import type { Attributes, RestoreContext } from "../kind";
import { isZeroValue } from "./shape";

/**
 * Returns the values with which healing clears fields that the workspace sets and the code omits:
 * the deployed value or, if it is unknown, the value that the platform treats as not set.
 * @param unset that value of each field that can be cleared; null if the platform has none
 */
export function clearingValues({ cleared = {} }: RestoreContext, unset: Attributes): Attributes {
  const values: Attributes = {};
  for (const [field, unsetValue] of Object.entries(unset)) {
    const value = cleared[field] ?? unsetValue;
    if (field in cleared && value !== null) values[field] = value;
  }
  return values;
}

/**
 * Returns the values that clear fields which the code no longer sets, for an update that ignores
 * absent fields.
 * @param emptyValues the value that clears each field
 * @param sent the fields that the update sends
 */
export function removedFields(
  emptyValues: Attributes,
  prior: Attributes,
  sent: Readonly<Record<string, unknown>>,
): Attributes {
  return Object.fromEntries(
    Object.entries(emptyValues).filter(
      ([field]) => !isZeroValue(prior[field]) && sent[field] === undefined,
    ),
  );
}
