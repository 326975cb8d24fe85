import type { Verification, VerifyReport } from "../../src/verify";

/** A verification with this report that has compared all states. @param stale by stack, why its state is not current */
export const verificationOf = (report: VerifyReport, stale: Readonly<Record<string, string>> = {}): Verification => ({
  report,
  values: () => undefined,
  whyStale: (stack) => stale[stack],
  currentObjects: () => ({}),
});
