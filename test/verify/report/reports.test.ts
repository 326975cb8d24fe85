import { renderReport, type VerifyReport } from "../../../src/verify";
import {
  exitCodeOf,
  statuses,
  type RawReport,
  type ResourceResult,
  type Status,
} from "../../../src/verify/model";
import { formatOfFile } from "../../../src/verify/report";
import { renderMarkdown } from "../../../src/verify/report/markdown";
import { displayed } from "../../support/verification";
import { readSchema, schemaProblems } from "../../support/json-schema";

const counts = (some: Partial<Record<Status, number>>): Record<Status, number> => ({
  ...(Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>),
  ...some,
});

function resource(
  index: number,
  more: { [Field in keyof ResourceResult]?: ResourceResult[Field] | undefined } = {},
): ResourceResult {
  return {
    status: "drift",
    stack: "etl-dev",
    address: `databricks_job.job_${index}`,
    kind: "databricks_job",
    title: "job",
    path: `etl-dev/job-${index}`,
    source: `stacks/etl.ts:${index + 1}`,
    id: String(1000 + index),
    findings: [
      {
        status: "drift",
        path: "description",
        field: "description",
        desired: "",
        remote: "a <b>bold</b> `tick` | pipe ]]> & more",
        reason: "changed in the workspace",
      },
    ],
    restorable: true,
    ...more,
  };
}

function report(resources: readonly ResourceResult[], more: Partial<RawReport> = {}): VerifyReport {
  const countByStatus: Partial<Record<Status, number>> = {};
  for (const { status } of resources) countByStatus[status] = (countByStatus[status] ?? 0) + 1;
  return displayed({
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    milliseconds: 1234,
    calls: 7,
    host: "https://w.example.com",
    deep: false,
    stacks: [{ name: "etl-dev", basis: "record", weaker: [], resources: resources.length }],
    counts: counts(countByStatus),
    resources,
    unmanaged: [
      {
        status: "unmanaged",
        stack: "etl-dev",
        kind: "databricks_job",
        title: "job",
        name: "etl",
        id: "77",
        reason: "has the name of etl-dev/job-0",
        removal: "lakeform api POST /api/2.2/jobs/delete --json '{\"job_id\":77}'",
      },
    ],
    failures: [],
    notChecked: [
      {
        what: "run_as of databricks_job",
        reason: "not asked",
        count: 3,
        examples: ["databricks_job.job_0"],
      },
    ],
    ignoreRules: [
      {
        from: "lakeform.ignore.yaml: rule 1",
        field: "tags",
        reason: "cost team",
        expires: "2999-12-31",
        state: "unused",
        count: 0,
      },
    ],
    exitCode: 2,
    ...more,
  });
}

describe("exit codes", () => {
  test.each<[Partial<Record<Status, number>>, number, number]>([
    [{ match: 3, ignored: 1, unverifiable: 1 }, 0, 0],
    [{ pending: 1 }, 2, 0],
    [{ drift: 1 }, 2, 2],
    [{ missing: 1 }, 2, 2],
    [{ unmanaged: 1 }, 2, 2],
    [{ error: 1, drift: 1 }, 1, 1],
  ])("of %j are %d, with --allow-pending %d", (some, code, codeIfAllowed) => {
    expect(exitCodeOf(counts(some), [])).toBe(code);
    expect(exitCodeOf(counts(some), [], { allowPending: true })).toBe(codeIfAllowed);
  });
  test("are 1 for an unreadable list", () =>
    expect(exitCodeOf(counts({ match: 1 }), [{ stack: "", what: "x", reason: "y" }])).toBe(1));
});

describe("text", () => {
  test("has identical drift on many resources in one entry", async () => {
    const text = await renderReport(
      report(Array.from({ length: 400 }, (_, index) => resource(index))),
      "text",
    );
    expect(text).toContain("etl-dev/job-0 and 399 more jobs like it");
    expect(text.split("\n").length).toBeLessThan(25);
    expect(text).toContain("400 drift");
  });

  test("uses the plural of the type", async () => {
    const linesOf = async (title: string): Promise<string> =>
      renderReport(report([1, 2, 3].map((index) => resource(index, { title }))), "text");
    expect(await linesOf("vector search index")).toContain("2 more vector search indexes like it");
    expect(await linesOf("cluster policy")).toContain("2 more cluster policies like it");
    expect(await linesOf("permissions")).toContain("2 more permissions like it");
  });

  test("lists unchecked objects by reason", async () => {
    const reason = "not checked: needs one API call per object (use --deep)";
    const types = [
      "access list of databricks_job",
      "grants on databricks_schema",
      "access list of databricks_notebook",
    ];
    const notChecked = types.map((what, index) => ({
      what,
      reason,
      count: index + 1,
      examples: [],
    }));
    expect(await renderReport(report([], { notChecked }), "text")).toContain(
      "not checked\n  access list of databricks_job (1), databricks_notebook (3); grants on databricks_schema (2): needs one API call per object (use --deep)\n",
    );
  });
});

describe("markdown", () => {
  test("starts with the counts, has at most 65,000 characters, and counts the omitted lines", () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      resource(index, {
        findings: [
          {
            status: "drift",
            path: "description",
            field: "description",
            remote: `text ${index} ${"x".repeat(150)}`,
            reason: "changed in the workspace",
          },
        ],
      }),
    );
    const text = renderMarkdown(report(many));
    expect(text.length).toBeLessThan(65_000);
    expect(text.split("\n").slice(0, 3).join("\n")).toContain("2000 drift");
    expect(text).toMatch(/\d+ more entries do not fit here/);
  });

  test("also omits notes that do not fit", () => {
    const failures = Array.from({ length: 2000 }, (_, index) => ({
      stack: "etl-dev",
      what: `the list of volumes in the schema main.schema_${index}`,
      reason: "403 PERMISSION_DENIED",
    }));
    const text = renderMarkdown(report([], { failures }));
    expect(text.length).toBeLessThan(65_000);
    expect(text).toMatch(/main\.schema.*0: [\s\S]*\d+ more entries do not fit here/);
  });

  test("escapes markup in values", async () => {
    const text = await renderReport(report([resource(0)]), "markdown");
    expect(text).not.toContain("<b>");
    expect(text).toContain("&lt;b&gt;");
  });
});

describe("junit", () => {
  test("is well-formed, with one case per resource and unmanaged object", async () => {
    const text = await renderReport(
      report([resource(0), resource(1, { status: "match", findings: [] })]),
      "junit",
    );
    expect(text).toMatch(
      /<testsuite name="lakeform verify etl-dev" tests="3" failures="2" errors="0" skipped="0"/,
    );
    expect(text.match(/<testcase /g)).toHaveLength(3);
    expect(text).not.toContain("<b>");
    expect(text.replaceAll(/<!--.*?-->/gs, "").match(/&(?!amp;|lt;|gt;|quot;|#10;)/g)).toBeNull();
  });
});

describe("sarif", () => {
  interface Log {
    readonly runs: [
      {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
        readonly results: readonly {
          readonly ruleId: string;
          readonly locations: readonly unknown[];
        }[];
      },
    ];
  }
  const failed = { failures: [{ stack: "etl-dev", what: "the list of jobs", reason: "403" }] };
  const logOf = async (more: object = {}): Promise<Log> =>
    JSON.parse(
      await renderReport(
        report([resource(4), resource(5, { source: undefined })], failed),
        "sarif",
        more,
      ),
    ) as Log;
  const locationOf = (log: Log, index: number): unknown => log.runs[0].results[index]?.locations[0];

  test("has the construct's line, and declares each rule that a result refers to", async () => {
    const log = await logOf();
    const [run] = log.runs;
    expect(schemaProblems(log, readSchema("test/fixtures/sarif-2.1.0-rtm.5.json"))).toEqual([]);
    const ids = run.tool.driver.rules.map(({ id }) => id);
    expect(run.results.every(({ ruleId }) => ids.includes(ruleId))).toBe(true);
    expect(locationOf(log, 0)).toMatchObject({
      physicalLocation: {
        artifactLocation: { uri: "stacks/etl.ts", uriBaseId: "%SRCROOT%" },
        region: { startLine: 5 },
      },
    });
  });

  test("has a location in every result, as code review requires: without a source line, it is the project's cdktf.json", async () => {
    const log = await logOf();
    expect(log.runs[0].results).toHaveLength(4);
    for (const index of [1, 2, 3])
      expect(locationOf(log, index)).toMatchObject({
        physicalLocation: { artifactLocation: { uri: "cdktf.json" }, region: { startLine: 1 } },
      });
  });

  test("has paths relative to the root of the repository, wherever the project is", async () => {
    const log = await logOf({ place: { folder: "data/our etl", file: "main.tf" } });
    expect(locationOf(log, 0)).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "data/our%20etl/stacks/etl.ts" } },
    });
    expect(locationOf(log, 1)).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "data/our%20etl/main.tf" } },
    });
  });
});

describe("html", () => {
  test("is one file that loads nothing from other hosts", async () => {
    const html = await renderReport(
      report([
        resource(0, {
          tasks: [
            { key: "a", after: [], state: "match" },
            { key: "b", after: ["a"], state: "removed" },
          ],
        }),
      ]),
      "html",
    );
    expect(html).not.toMatch(/(src|href)="(?!https:\/\/w\.example\.com)/);
    expect(html).not.toContain("<b>bold");
    expect(html).toContain("<svg");
    expect(html).toContain("Content-Security-Policy");
  });
});

describe("json", () => {
  const schema = readSchema("docs/schemas/verify-report.schema.json");
  test("matches the published schema exactly", async () => {
    const value: unknown = JSON.parse(
      await renderReport(
        report([resource(0, { tasks: [{ key: "a", after: [], state: "match" }] })], {
          failures: [{ stack: "", what: "x", reason: "y" }],
        }),
        "json",
      ),
    );
    expect(schemaProblems(value, schema)).toEqual([]);
    expect(schemaProblems({ ...(value as object), extra: 1 }, schema)).toEqual([
      "$: extra is not in the schema",
    ]);
  });
});

test.each([
  ["a.json", "json"],
  ["x/y.SARIF", "sarif"],
  ["a.sarif.json", "sarif"],
  ["r.xml", "junit"],
  ["r.md", "markdown"],
  ["r.html", "html"],
  ["r.txt", "text"],
])("--out %s selects the format %s", (file, format) => expect(formatOfFile(file)).toBe(format));
test("--out rejects an unknown extension", () => {
  expect(() => formatOfFile("report.pdf")).toThrow(
    expect.objectContaining({ code: "UNKNOWN_REPORT_FORMAT" }) as Error,
  );
});
