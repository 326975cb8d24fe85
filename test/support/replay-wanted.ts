/** Where the embedded provider does something else than the recordings, on purpose. The same list, with more words, is in docs/provider-differences.md. */
export interface WantedDifference {
  readonly case: string;
  /** Not compared from this step on (the answers of the recording do not fit any more). */
  readonly from?: string;
  /** Otherwise: the differences that are wanted, by their text. */
  readonly matching?: RegExp;
  readonly reason: string;
}

export const wantedDifferences: readonly WantedDifference[] = [
  {
    case: "catalog",
    from: "update: rename",
    reason: "a catalog is really renamed; the official provider sends no new name and plans the same update for ever",
  },
  {
    case: "catalog-provisioning-info",
    matching: /^plan after create: plan /,
    reason: "what only the platform sets is no difference; the official plan never becomes empty",
  },
  { case: "token-expired", matching: /^create: state: /, reason: "what was made and cannot be read is kept as tainted instead of lost" },
  {
    case: "validate-grants-two-securables",
    matching: /^create: the plan fails/,
    reason: "two securables are refused in the plan; the official provider writes to one of them first",
  },
  {
    case: "error-update-400",
    matching: /^(update fails with 400: state|plan after the failed update: plan drift)/,
    reason: "after a failed update the state keeps the old values: what failed has not happened",
  },
  {
    case: "error-cluster-update-400",
    matching: /^(resize fails with 400: state|plan after the failed update: plan drift)/,
    reason: "after a failed update the state keeps the old values: what failed has not happened",
  },
  {
    case: "config-no-token",
    matching: /^create: apply calls/,
    reason: "without credentials nothing is asked; the official provider looks for an OAuth endpoint six times",
  },
  {
    case: "config-empty-token",
    matching: /^create: apply calls/,
    reason: "without credentials nothing is asked; the official provider looks for an OAuth endpoint six times",
  },
  { case: "retry-503-forever", matching: /^create: apply calls/, reason: "retries end; the official provider asks for ever" },
  {
    case: "job-email-notifications",
    from: "update: change one list",
    reason: "addresses that were taken out are gone; the official provider sends as many blank ones",
  },
  {
    case: "drift-job-suppressed",
    matching: /email_notifications/,
    reason: "an address that somebody added is taken out; the official provider plans a blank one in its place",
  },
  {
    case: "drift-job-tasks",
    matching: /\.task\.|jobs\/reset/,
    reason: "tasks are compared by key; the official provider compares by position, and plans the change of one task as that of two",
  },
  {
    case: "job-unsorted-tasks",
    matching: /^(create|update: .*): (state|plan)|^(plan after|import)/,
    reason: "the state keeps the configuration's order of tasks, so the plan is empty; the official plan never is",
  },
  {
    case: "job-webhook-notifications",
    matching: /^create: state|^plan after create: plan/,
    reason: "the state keeps the configuration's order of destinations, so the plan is empty; the official plan never is",
  },
  {
    case: "job-git-source",
    matching: /^plan after create: plan|^update: tag instead of branch: (plan|apply body)|^plan after update/,
    reason: "the git provider that follows from the URL is kept; the official provider removes it in the next plan and sends an empty one",
  },
  {
    case: "job-always-running",
    matching: /apply calls/,
    reason:
      "the run is waited for until it runs; the official provider waits until it has ended, so that an apply hangs on a job that is always running",
  },
  {
    case: "cluster-libraries-uninstall-on-restart",
    matching: /^plan after update: swap one library|^update: swap one library: (state|plan .*changes\.library\.after)/,
    reason: "a library that goes away at the next restart is not there; in the official plan it comes back for ever",
  },
  {
    case: "cluster-libraries",
    matching: /plan drift|(state|changes).*library\.(after\.)?\d/,
    reason: "the order of a set, which means nothing",
  },
  {
    case: "sql-endpoint-full",
    from: "update: remove tags and channel",
    reason: "tags that were taken out are gone; the official provider sends as many empty ones",
  },
  {
    case: "drift-sql-endpoint",
    matching: /tags|warehouses\/0000000000000001\/edit/,
    reason: "a tag that somebody added is taken out; the official provider sends an empty one in its place",
  },
  {
    case: "library-cluster-terminated",
    matching: /plan drift/,
    reason: "a refresh keeps the id of a library; the official one loses it",
  },
  {
    case: "gone-library",
    from: "plan and apply after the object was deleted",
    reason: "a library that vanished is installed again; with the official provider the refresh fails, also that of a destroy",
  },
];
