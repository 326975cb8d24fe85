import type { Suppression } from "../../terraform/metadata";
import type { Finding, StaleSuppression } from "../model";

/**
 * Marks the findings that a suppression covers, and reports suppressions that cover nothing or have
 * expired.
 */
export function applySuppressions(
  suppressions: readonly Suppression[],
  policies: readonly Finding[],
  secrets: readonly Finding[],
  today: string,
): { policies: Finding[]; secrets: Finding[]; stale: StaleSuppression[] } {
  const used = new Set<Suppression>();
  const withSuppression = (finding: Finding): Finding => {
    if (finding.suppressed !== undefined) return finding;
    const matching = suppressions.filter(
      (suppression) => suppression.rule === finding.rule && covers(suppression.path, finding.path),
    );
    for (const suppression of matching) used.add(suppression);
    const valid = matching.find(({ expires }) => today <= expires);
    return valid === undefined
      ? finding
      : { ...finding, suppressed: { reason: valid.reason, expires: valid.expires } };
  };
  const findings = {
    policies: policies.map(withSuppression),
    secrets: secrets.map(withSuppression),
  };
  const ineffective = suppressions.flatMap((suppression): StaleSuppression[] => {
    const { path, rule, reason, expires } = suppression;
    const state = today > expires ? "expired" : used.has(suppression) ? undefined : "unused";
    return state === undefined ? [] : [{ path, rule, reason, expires, state }];
  });
  return { ...findings, stale: ineffective };
}

const covers = (path: string, target: string): boolean =>
  target === path || target.startsWith(`${path}/`);
