import {
  display,
  ReportRedactor,
  type RawReport,
  type Verification,
  type VerifyReport,
} from "../../src/verify";

/** Renders a report that contains no secrets for display. */
export const displayed = (raw: RawReport): VerifyReport => display(raw, new ReportRedactor());

/**
 * Returns a verification with this report, in which all states are compared.
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
