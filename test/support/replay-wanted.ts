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
];
