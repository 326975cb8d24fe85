import { printableDeep } from "../../printable";
import type { ShownResult, VerifyReport } from "../model";
import { describeChange, countsLine, objectLines, secondsOf } from "./common";

/**
 * Renders a test suite for each stack and a test case for each resource, so that CI systems can
 * show them. Drifted, missing, pending and unmanaged objects are failures, ignored and unverifiable
 * ones are skipped, and failed reads are errors.
 */
export function renderJunit(raw: VerifyReport): string {
  const report = printableDeep(raw);
  const suites = report.stacks.map(({ name }) => {
    const cases = [
      ...report.resources.filter(({ stack }) => stack === name).map(resourceCase),
      ...report.unmanaged
        .filter(
          (object) =>
            object.stack === name || (object.stack === "" && name === report.stacks[0]?.name),
        )
        .map((object) =>
          testCase(
            object.kind,
            `${object.title} ${object.name} (${object.id})`,
            object.status === "ignored"
              ? skippedElement(object.reason)
              : failureElement("unmanaged", `${object.reason}\nremove it: ${object.removal}`),
          ),
        ),
      ...report.failures
        .filter(({ stack }) => stack === name || (stack === "" && name === report.stacks[0]?.name))
        .map(({ what, reason }) => testCase("workspace", what, errorElement(reason))),
    ];
    const count = (tag: string): number => cases.filter((text) => text.includes(`<${tag} `)).length;
    return `  <testsuite name="${escapeXml(`lakeform verify ${name}`)}" tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}" time="${(report.milliseconds / 1000).toFixed(3)}" timestamp="${escapeXml(report.startedAt)}">\n${cases.join("\n")}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${escapeXml(countsLine(report)).replaceAll("--", "- -")}, ${secondsOf(report)} -->\n<testsuites>\n${suites.join("\n")}\n</testsuites>\n`;
}

function resourceCase(resource: ShownResult): string {
  const lines = resource.findings.map(
    (finding) =>
      `${finding.status} ${finding.path}: ${describeChange(finding)} (${finding.reason})`,
  );
  lines.push(...objectLines(resource, 50));
  if (resource.reason !== undefined) lines.unshift(resource.reason);
  if (resource.source !== undefined) lines.push(`at ${resource.source}`);
  const text = lines.join("\n");
  switch (resource.status) {
    case "match":
      return testCase(resource.kind, resource.path, "");
    case "ignored":
    case "unverifiable":
      return testCase(resource.kind, resource.path, skippedElement(`${resource.status}: ${text}`));
    case "error":
      return testCase(resource.kind, resource.path, errorElement(text));
    default:
      return testCase(resource.kind, resource.path, failureElement(resource.status, text));
  }
}

function testCase(kind: string, name: string, content: string): string {
  const opening = `    <testcase classname="${escapeXml(kind)}" name="${escapeXml(name)}"`;
  return content === "" ? `${opening}/>` : `${opening}>${content}</testcase>`;
}

function failureElement(type: string, text: string): string {
  return `<failure type="${escapeXml(type)}" message="${escapeXml(text.split("\n")[0] ?? "")}">${escapeXml(text)}</failure>`;
}

function errorElement(text: string): string {
  return `<error type="error" message="${escapeXml(text.split("\n")[0] ?? "")}">${escapeXml(text)}</error>`;
}

function skippedElement(text: string): string {
  return `<skipped message="${escapeXml(text)}"/>`;
}

/** Escapes text for XML 1.0, and drops the characters that it does not allow. */
function escapeXml(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return (
    text
      // eslint-disable-next-line no-control-regex -- exactly the characters that an XML document may not contain
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replaceAll(/[<>&"\n]/g, (character) => escapes[character] ?? character)
  );
}
