import {
  display,
  ReportRedactor,
  type RawReport,
  type Verification,
  type VerifyReport,
} from "../../src/verify";

/** Returns a report of texts that contain no secrets. */
export const displayed = (raw: RawReport): VerifyReport => display(raw, new ReportRedactor());

/**
 * Returns a verification with this report that has compared all states.
 * @param staleReasons the reasons why states are not current, by stack
 */
export function verificationOf(
  raw: RawReport,
  staleReasons: Readonly<Record<string, string>> = {},
): Verification {
  const redactor = new ReportRedactor();
  return {
    raw,
    get report() {
      return display(raw, redactor);
    },
    redactor,
    values: () => undefined,
    staleReason: (stack) => {
      const reason = staleReasons[stack];
      return reason === undefined ? undefined : redactor.heading(reason);
    },
    versions: () => ({}),
    currentObjects: () => ({}),
  };
}
