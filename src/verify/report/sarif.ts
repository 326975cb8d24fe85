import { printableDeep } from "../../printable";
import type { ShownFinding, ShownResult, Status, VerifyReport } from "../model";
import { describeChange, statusWords } from "./common";
import { projectItself, sarifLocation, sarifLog, type SourcePlace } from "./sarif-log";

const reportedStatuses = [
  "error",
  "missing",
  "drift",
  "unmanaged",
  "pending",
  "ignored",
  "unverifiable",
] as const;
const levels: Readonly<Record<(typeof reportedStatuses)[number], "error" | "warning" | "note">> = {
  error: "error",
  missing: "error",
  drift: "error",
  unmanaged: "warning",
  pending: "note",
  ignored: "note",
  unverifiable: "note",
};

/** Renders SARIF 2.1.0, which code review shows at the construct's line. */
export function renderSarif(raw: VerifyReport, place: SourcePlace = projectItself): string {
  const report = printableDeep(raw);
  const rules = reportedStatuses.map((id) => ({
    id,
    shortDescription: { text: statusWords[id] },
    defaultConfiguration: { level: levels[id] },
  }));
  return sarifLog({
    driver: {
      name: "lakeform verify",
      informationUri: "https://www.npmjs.com/package/lakeform",
      rules,
    },
    more: {
      invocations: [{ executionSuccessful: report.exitCode !== 1, startTimeUtc: report.startedAt }],
    },
    results: [
      ...report.resources.filter(({ status }) => status !== "match").flatMap(resourceResults),
      ...report.unmanaged.map((object) => ({
        ruleId: "unmanaged",
        level: levels.unmanaged,
        message: {
          text: `${object.title} ${object.name} (id ${object.id}) ${object.reason}. Remove it: ${object.removal}`,
        },
        locations: [
          sarifLocation(undefined, place, { fullyQualifiedName: `${object.kind}/${object.name}` }),
        ],
        partialFingerprints: { "lakeform/v1": `${object.kind}/${object.name}/${object.id}` },
        ...(object.status === "ignored"
          ? {
              suppressions: [
                { kind: "external", justification: justification(report, object.rule) },
              ],
            }
          : {}),
      })),
      ...report.failures.map(({ stack, what, reason }) => ({
        ruleId: "error",
        level: levels.error,
        message: { text: `${what}: ${reason}` },
        locations: [sarifLocation(undefined, place, { fullyQualifiedName: what })],
        partialFingerprints: { "lakeform/v1": `${stack}/${what}` },
      })),
    ],
  });

  function resourceResults(resource: ShownResult): unknown[] {
    if (resource.findings.length === 0)
      return [result(resource, resource.status, resource.reason ?? "", undefined)];
    return resource.findings.map((finding) =>
      result(
        resource,
        finding.status,
        `${finding.path}: ${describeChange(finding)} (${finding.reason})`,
        finding,
      ),
    );
  }

  function result(
    resource: ShownResult,
    status: Status,
    text: string,
    finding: ShownFinding | undefined,
  ): unknown {
    return {
      ruleId: status,
      level: status === "match" ? "none" : levels[status],
      message: {
        text: `${resource.path} (${resource.title}${resource.id === undefined ? "" : ` ${resource.id}`}): ${text}`,
      },
      locations: [
        sarifLocation(resource.source, place, {
          fullyQualifiedName:
            finding === undefined ? resource.path : `${resource.path}#${finding.path}`,
        }),
      ],
      partialFingerprints: {
        "lakeform/v1": `${resource.stack}/${resource.address}/${finding?.path ?? ""}`,
      },
      ...(finding?.ignored === undefined
        ? {}
        : {
            suppressions: [
              { kind: "external", justification: justification(report, finding.ignored.rule) },
            ],
          }),
    };
  }
}

function justification(report: VerifyReport, ruleIndex: number | undefined): string {
  const rule = ruleIndex === undefined ? undefined : report.ignoreRules[ruleIndex];
  return rule === undefined
    ? "an ignore rule"
    : `${rule.reason} (${rule.from}, until ${rule.expires})`;
}
