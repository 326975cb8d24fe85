import { renderReport, type VerifyReport } from "../../../src/verify";
import { reportFormats } from "../../../src/verify/report";
import { controlCharacters, hostile, markdownFaults, payloads } from "../../support/hostile";
import { displayed } from "../../support/verification";
import { statuses, type Status } from "../../../src/verify/model";

/** A report in which every user-controlled string is a payload. */
function reportOf(text: string): VerifyReport {
  const finding = {
    status: "drift" as const,
    path: `tags[${text}]`,
    field: "tags",
    desired: text,
    remote: { [text]: text },
    reason: `said: ${text}`,
  };
  const common = {
    kind: "databricks_job",
    title: "job",
    stack: "etl-dev",
    findings: [finding],
    restorable: false,
  } as const;
  const resources = [0, 1].map((index) => ({
    ...common,
    status: "drift" as const,
    address: `databricks_job.a["${text}"]`,
    path: `etl-dev/${text}${index}`,
    name: text,
    id: text,
  }));
  return displayed({
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    milliseconds: 1,
    calls: 1,
    host: "https://w.example.com",
    deep: false,
    stacks: [{ name: "etl-dev", basis: "record", weaker: [text], resources: 3 }],
    counts: {
      ...(Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>),
      drift: 2,
      error: 1,
    },
    resources: [
      ...resources,
      { ...common, address: "x", path: text, status: "error", reason: text, findings: [] },
    ],
    ignoreRules: [
      { from: text, field: text, reason: text, expires: "2999-12-31", state: "unused", count: 0 },
    ],
    exitCode: 1,
    unmanaged: [
      {
        status: "unmanaged",
        stack: "etl-dev",
        kind: "databricks_job",
        title: "job",
        name: text,
        id: text,
        reason: text,
        removal: `lakeform api POST '${text}'`,
      },
    ],
    failures: [{ stack: "etl-dev", what: text, reason: text }],
    notChecked: [{ what: text, reason: text, count: 1, examples: [text] }],
  });
}

describe.each(reportFormats)("%s report", (format) => {
  test.each([...payloads, hostile])(
    "renders %j as text: no control sequences, links, markup or scripts",
    async (text) => {
      const page = await renderReport(reportOf(text), format);
      expect(controlCharacters.exec(page.replaceAll(/[\n\t]/g, ""))?.[0]).toBeUndefined();
      // A payload must not start a line that looks like lakeform's own result.
      expect(
        page.split("\n").filter((line) => line.startsWith("the workspace matches the code")),
      ).toEqual([]);
      if (format === "markdown") expect(markdownFaults(page)).toEqual([]);
      if (format === "html") expect(/<img|<script>1|<a href='x'/.test(page)).toBe(false);
    },
  );
});
