import type { Finding, Review, Severity } from "../model";
import {
  projectItself,
  sarifLocation,
  sarifLog,
  type SourcePlace,
} from "../../verify/report/sarif-log";
import { policies } from "../policies/all";
import { secretRule } from "../secrets/scan";
import { printableReview } from "./printable-review";

const levels: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  info: "note",
};

/**
 * Renders policy and secret findings as SARIF 2.1.0, each at the source line of its construct, so
 * that code hosts show them in the pull request. Suppressed findings are included and marked.
 */
export function renderSarif(
  raw: Review,
  version = "0.0.0",
  location: SourcePlace = projectItself,
): string {
  const review = printableReview(raw);
  const findings = review.stacks.flatMap((stack) =>
    [...stack.secrets, ...stack.policies].map((finding) => ({ stack: stack.stack, finding })),
  );
  const used = [...new Set(findings.map(({ finding }) => finding.rule))].sort();
  return sarifLog({
    driver: { name: "lakeform review", version, rules: used.map(sarifRule) },
    more: { properties: { digest: review.digest } },
    results: findings.map(({ stack, finding }) =>
      sarifResult(stack, finding, used.indexOf(finding.rule), location),
    ),
  });
}

function sarifRule(id: string): unknown {
  const policy = policies.find((policy) => policy.id === id);
  return {
    id,
    shortDescription: {
      text: policy?.title ?? (id === secretRule ? "no secrets in code, plan and notebooks" : id),
    },
    ...(policy === undefined
      ? {}
      : { fullDescription: { text: policy.explanation }, help: { text: policy.fix } }),
  };
}

function sarifResult(
  stack: string,
  finding: Finding,
  ruleIndex: number,
  location: SourcePlace,
): unknown {
  const { rule: ruleId, severity, address, path, source, where, message, suppressed } = finding;
  return {
    ruleId,
    ruleIndex,
    level: levels[severity],
    message: { text: `${path}${where === undefined ? "" : ` ${where}`}: ${message}` },
    locations: [sarifLocation(source, location, { name: address, fullyQualifiedName: path })],
    partialFingerprints: { "lakeform/v1": `${stack} ${ruleId} ${path} ${where ?? ""}` },
    ...(suppressed === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: "inSource",
              justification: `${suppressed.reason} (until ${suppressed.expires})`,
            },
          ],
        }),
  };
}
