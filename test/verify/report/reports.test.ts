import fs from "node:fs";
import path from "node:path";
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

const counts = (found: Partial<Record<Status, number>>): Record<Status, number> => ({
  ...(Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>),
  ...found,
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

export function report(
  resources: readonly ResourceResult[],
  more: Partial<RawReport> = {},
): VerifyReport {
  const found: Partial<Record<Status, number>> = {};
  for (const { status } of resources) found[status] = (found[status] ?? 0) + 1;
  return displayed({
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    milliseconds: 1234,
    calls: 7,
    host: "https://w.example.com",
    deep: false,
    stacks: [{ name: "etl-dev", basis: "record", weaker: [], resources: resources.length }],
    counts: counts(found),
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
  ])("of %j are %d, with --allow-pending %d", (found, code, allowed) => {
    expect(exitCodeOf(counts(found), [])).toBe(code);
    expect(exitCodeOf(counts(found), [], { allowPending: true })).toBe(allowed);
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
  test("escapes markup in values", async () => {
    const text = await renderReport(report([resource(0)]), "markdown");
    expect(text).not.toContain("<b>");
    expect(text).toContain("&lt;b&gt;");
  });
});

describe("junit", () => {
  test("is well-formed, with one case per resource", async () => {
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
  const placeOf = (log: Log, index: number): unknown => log.runs[0].results[index]?.locations[0];

  test("names the construct's line, and rules that exist", async () => {
    const log = await logOf();
    const [run] = log.runs;
    expect(schemaProblems(log, readSchema("test/fixtures/sarif-2.1.0-rtm.5.json"))).toEqual([]);
    const ids = run.tool.driver.rules.map(({ id }) => id);
    expect(run.results.every(({ ruleId }) => ids.includes(ruleId))).toBe(true);
    expect(placeOf(log, 0)).toMatchObject({
      physicalLocation: {
        artifactLocation: { uri: "stacks/etl.ts", uriBaseId: "%SRCROOT%" },
        region: { startLine: 5 },
      },
    });
  });

  test("has a file location in every result, as code review requires, or the project without a line", async () => {
    const log = await logOf();
    expect(log.runs[0].results).toHaveLength(4);
    for (const index of [1, 2, 3])
      expect(placeOf(log, index)).toMatchObject({
        physicalLocation: { artifactLocation: { uri: "cdktf.json" }, region: { startLine: 1 } },
      });
  });

  test("has paths relative to the root of the repository, wherever the project is", async () => {
    const log = await logOf({ place: { folder: "data/our etl", file: "main.tf" } });
    expect(placeOf(log, 0)).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "data/our%20etl/stacks/etl.ts" } },
    });
    expect(placeOf(log, 1)).toMatchObject({
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
  const schema = JSON.parse(
    fs.readFileSync(
      path.join(__dirname, "..", "..", "..", "docs", "schemas", "verify-report.schema.json"),
      "utf8",
    ),
  ) as Schema;
  test("matches the published schema exactly", async () => {
    const value: unknown = JSON.parse(
      await renderReport(
        report([resource(0, { tasks: [{ key: "a", after: [], state: "match" }] })], {
          failures: [{ stack: "", what: "x", reason: "y" }],
        }),
        "json",
      ),
    );
    expect(problems(schema, value, schema, "$")).toEqual([]);
    expect(problems(schema, { ...(value as object), extra: 1 }, schema, "$")).toEqual([
      "$.extra is not in the schema",
    ]);
  });
});

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Validates the part of JSON Schema that the published schema uses. */
function problems(schema: Schema, value: unknown, root: Schema, at: string): string[] {
  if (schema.$ref !== undefined)
    return problems(root.$defs?.[schema.$ref.replace("#/$defs/", "")] ?? {}, value, root, at);
  const found: string[] = [];
  if (schema.const !== undefined && value !== schema.const)
    found.push(`${at} is not ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value))
    found.push(`${at} is none of ${JSON.stringify(schema.enum)}`);
  if (schema.type === "array" && Array.isArray(value))
    value.forEach((item: unknown, index) =>
      found.push(...problems(schema.items ?? {}, item, root, `${at}[${index}]`)),
    );
  if (schema.type === "object") {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [`${at} is no object`];
    for (const name of schema.required ?? [])
      if (!(name in value)) found.push(`${at}.${name} is missing`);
    for (const [name, inner] of Object.entries(value)) {
      const known =
        schema.properties?.[name] ??
        (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
      if (known !== undefined) found.push(...problems(known, inner, root, `${at}.${name}`));
      else if (schema.additionalProperties === false)
        found.push(`${at}.${name} is not in the schema`);
    }
  } else if (
    typeof schema.type === "string" &&
    !(schema.type === "integer"
      ? Number.isInteger(value)
      : schema.type === "array"
        ? Array.isArray(value)
        : typeof value === schema.type)
  )
    found.push(`${at} is no ${schema.type}`);
  return found;
}

test.each([["a.json", "json"], ["x/y.SARIF", "sarif"], ["a.sarif.json", "sarif"], ["r.xml", "junit"], ["r.md", "markdown"], ["r.html", "html"], ["r.txt", "text"]])("--out %s is %s", (file, format) => expect(formatOfFile(file)).toBe(format)); // prettier-ignore
test("rejects --out with another extension", () => {
  expect(() => formatOfFile("report.pdf")).toThrow(
    expect.objectContaining({ code: "UNKNOWN_REPORT_FORMAT" }) as Error,
  );
});
