import type { Attributes, RestoreContext } from "../kind";

/**
 * What a call must say of fields that somebody has set and the code leaves out: what was deployed there, else the value by which the platform knows "not set".
 * @param unset by field; null where there is no such value
 */
export function clearing({ cleared = {} }: RestoreContext, unset: Attributes): Attributes {
  const sent: Attributes = {};
  for (const [field, nothing] of Object.entries(unset)) {
    const value = cleared[field] ?? nothing;
    if (field in cleared && value !== null) sent[field] = value;
  }
  return sent;
}
