import type { Attributes, RestoreContext } from "../kind";

/**
 * Returns the values that a call must send for fields that the workspace sets and the code omits:
 * the deployed value, or else the value that the platform treats as not set.
 * @param unset the latter by field; null if there is none
 */
export function clearing({ cleared = {} }: RestoreContext, unset: Attributes): Attributes {
  const values: Attributes = {};
  for (const [field, unsetValue] of Object.entries(unset)) {
    const value = cleared[field] ?? unsetValue;
    if (field in cleared && value !== null) values[field] = value;
  }
  return values;
}
