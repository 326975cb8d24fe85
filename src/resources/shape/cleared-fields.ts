import type { Attributes, RestoreContext } from "../kind";

/**
 * Values that a call must send for fields that are set in the workspace and omitted in the code:
 * the deployed value, else the platform's value for "not set".
 * @param unset by field; null if there is no such value
 */
export function clearing({ cleared = {} }: RestoreContext, unset: Attributes): Attributes {
  const sent: Attributes = {};
  for (const [field, nothing] of Object.entries(unset)) {
    const value = cleared[field] ?? nothing;
    if (field in cleared && value !== null) sent[field] = value;
  }
  return sent;
}
