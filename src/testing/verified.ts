import type { VerifyReport } from "../verify/model";
import { renderText } from "../verify/report/text";

/** The result of a jest matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Jest matchers for reports of the verifier. Register them once, in a setup file:
 *
 *     import { verifyMatchers } from "lakeform/testing";
 *     expect.extend(verifyMatchers);
 *
 * then `expect(await verify("cdktf.out/stacks/daily-etl-local")).toBeVerified()` shows the report
 * when the workspace does not match the code.
 */
export const verifyMatchers = {
  /**
   * Passes if `lakeform verify` would exit with 0: every resource matches, is ignored by a rule, or
   * cannot be compared, and no object is unmanaged.
   */
  toBeVerified(received: unknown): MatcherResult {
    const report = asReport(received);
    return {
      pass: report.exitCode === 0,
      message: () =>
        report.exitCode === 0
          ? "expected the workspace to differ from the code, but it matches"
          : `${report.exitCode === 1 ? "the workspace could not be read completely" : "the workspace does not match the code"}\n\n${renderText(report)}`,
    };
  },
};

function asReport(received: unknown): VerifyReport {
  const report = received as Partial<VerifyReport> | null;
  if (report?.schema !== "lakeform/verify-report")
    throw new TypeError(
      "toBeVerified() needs the report returned by verify(); is an await missing?",
    );
  return report as VerifyReport;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how jest's matchers are typed
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- the parameters must be those of the interface that is merged
    interface Matchers<R, T = {}> {
      /** See `verifyMatchers`. */
      toBeVerified(): R;
    }
  }
}
