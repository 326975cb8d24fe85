import type { Finding, Review, Severity } from "../model";
import { policies } from "../policies/all";
import { secretRule } from "../secrets/scan";

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

/**
 * Policy and secret findings as SARIF 2.1.0, each at the source line of its construct, so that code hosts show them in the pull request.
 * Suppressed findings are there, marked as such.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function renderSarif(review: Review, version = "0.0.0"): string {
  const findings = review.stacks.flatMap((stack) =>
    [...stack.secrets, ...stack.policies].map((finding) => ({ stack: stack.stack, finding })),
  );
  const used = [...new Set(findings.map(({ finding }) => finding.rule))].sort();
  const sarif = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "lakeform review", version, rules: used.map(rule) } },
        properties: { digest: review.digest },
        results: findings.map(({ stack, finding }) => result(stack, finding, used.indexOf(finding.rule))),
      },
    ],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
}

function rule(id: string): unknown {
  const policy = policies.find((one) => one.id === id);
  return {
    id,
    shortDescription: { text: policy?.title ?? (id === secretRule ? "no secrets in code, plan and notebooks" : id) },
    ...(policy === undefined ? {} : { fullDescription: { text: policy.explanation }, help: { text: policy.fix } }),
  };
}

function result(stack: string, finding: Finding, ruleIndex: number): unknown {
  const { rule: ruleId, severity, address, path, source, where, message, suppressed } = finding;
  // GitHub refuses the whole file when a result has no place in a file: what is not known to be at a line is at the project.
  const [, file = "cdktf.json", line = "1"] = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(source ?? "cdktf.json") ?? [];
  return {
    ruleId,
    ruleIndex,
    level: levels[severity],
    message: { text: `${path}${where === undefined ? "" : ` ${where}`}: ${message}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(file), uriBaseId: "%SRCROOT%" }, region: { startLine: Number(line) } },
        logicalLocations: [{ name: address, fullyQualifiedName: path, kind: "resource" }],
      },
    ],
    partialFingerprints: { "lakeform/v1": `${stack} ${ruleId} ${path} ${where ?? ""}` },
    ...(suppressed === undefined
      ? {}
      : { suppressions: [{ kind: "inSource", justification: `${suppressed.reason} (until ${suppressed.expires})` }] }),
  };
}
