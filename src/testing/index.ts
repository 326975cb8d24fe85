/**
 * Helpers for tests of a project: a workspace in the test's process, jest matchers for stacks and
 * runs, and the verifier for a folder.
 */
export { verify, type FolderOptions } from "../deploy/verify-folder";
export type { VerifyReport } from "../verify/model";
export { renderReport, type ReportFormat } from "../verify/report";
export { matchers, taskOf, tasksOf, type TaskOf } from "./matchers";
export type { RunResult, TaskResult } from "./run-result";
export { synthesizeStack, type CdktfStack } from "./synthesize";
export { verifyMatchers, type MatcherResult } from "./verified";
export {
  startWorkspace,
  TestWorkspace,
  type Deployed,
  type DeployOptions,
  type JobReference,
  type OutcomeLine,
  type RunOptions,
  type TestWorkspaceOptions,
} from "./workspace";
