import type { Verification, VerifyReport } from "../../src/verify";

/**
 * Returns a verification with this report that has compared all states.
 * @param stale the reasons why states are not current, by stack
 */
export const verificationOf = (
  report: VerifyReport,
  stale: Readonly<Record<string, string>> = {},
): Verification => ({
  report,
  values: () => undefined,
  whyStale: (stack) => stale[stack],
  currentObjects: () => ({}),
});
