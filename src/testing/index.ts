/** What tests of your own use: the verifier over a folder, and a matcher over its report. */
export { verify, type FolderOptions } from "../deploy/verify-folder";
export type { VerifyReport } from "../verify/model";
export { renderReport, type ReportFormat } from "../verify/report";
export { verifyMatchers, type MatcherResult } from "./verified";
