import { execFileSync } from "node:child_process";
import { listHealings } from "../../src/review/changes/healing";
import { display, ReportRedactor, type RawReport } from "../../src/verify";
import { Sensitive, Unresolved, type Desired } from "../../src/verify/expressions/values";
import { countByStatus, type Finding, type VerifyReport } from "../../src/verify/model";
import { Quote } from "../../src/verify/redactor";
import { renderHtml } from "../../src/verify/report/html";
import { renderJson } from "../../src/verify/report/json";
import { renderJunit } from "../../src/verify/report/junit";
import { renderMarkdown } from "../../src/verify/report/markdown";
import { renderSarif } from "../../src/verify/report/sarif";
import { renderText } from "../../src/verify/report/text";

const secret = "dapi7f3a9c0b1e5d84f2a6-Qx";
const finding: Finding = {
  status: "drift",
  path: `tags[${secret}]`,
  field: `tags.${secret}`,
  desired: `a ${secret}`,
  remote: { [secret]: secret, other: [secret], none: "" },
  reason: `it has ${secret}`,
};

function rawReport(findings: readonly Finding[], more: Partial<RawReport> = {}): RawReport {
  return {
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    milliseconds: 1,
    calls: 1,
    host: "https://w.example.com",
    deep: false,
    stacks: [{ name: "s", basis: "state", weaker: [secret], resources: 1 }],
    counts: countByStatus([{ status: "drift" }]),
    resources: [
      {
        status: "drift",
        stack: "s",
        address: `databricks_job.j["${secret}"]`,
        kind: "databricks_job",
        title: "job",
        path: `s/${secret}`,
        source: `stacks/${secret}.ts:1`,
        name: secret,
        id: secret,
        link: `https://w.example.com/${secret}`,
        reason: secret,
        findings,
        restorable: false,
        notRestorable: secret,
        tasks: [{ key: secret, after: [secret], state: "drift" }],
      },
    ],
    unmanaged: [
      {
        status: "unmanaged",
        stack: "s",
        kind: "databricks_job",
        title: "job",
        name: secret,
        id: secret,
        link: secret,
        reason: secret,
        removal: secret,
      },
    ],
    failures: [{ stack: "s", what: secret, reason: [secret, new Quote(secret)] }],
    notChecked: [{ what: secret, reason: secret, count: 1, examples: [secret] }],
    ignoreRules: [
      {
        from: secret,
        path: secret,
        kind: secret,
        field: secret,
        reason: secret,
        expires: "2999-12-31",
        state: "unused",
        count: 0,
      },
    ],
    exitCode: 2,
    ...more,
  };
}

const shownOf = (values: Partial<Finding>, secrets = [secret]): unknown =>
  display(rawReport([{ ...finding, ...values }]), new ReportRedactor(secrets)).resources[0]
    ?.findings[0];

describe("display", () => {
  test("leaves no secret in any text of a report", () => {
    const raw = rawReport([
      finding,
      { ...finding, diff: { lines: [`+${secret}`, "-pasted-1234"], secrets: ["pasted-1234"] } },
    ]);
    const text = JSON.stringify(display(raw, new ReportRedactor([secret])));
    expect(text).not.toContain(secret);
    expect(text).not.toContain("pasted-1234");
    // The raw report is unchanged.
    expect(JSON.stringify(raw)).toContain(secret);
  });

  test.each<[string, Desired, unknown]>([
    ["a secret", new Sensitive("x"), "(sensitive)"],
    ["an expression", new Unresolved("${uuid()}", "it is random"), "${uuid()}"],
    ["a text that contains a secret", `key=${secret};`, "key=(sensitive);"],
    ["a number", 0, 0],
    [
      "an object without its zero values",
      { a: 1, b: 0, c: [secret] },
      { a: 1, c: ["(sensitive)"] },
    ],
  ])("displays %s", (_, value, expected) => {
    expect(shownOf({ remote: value })).toMatchObject({ remote: expected });
  });

  test("omits an absent value", () => {
    expect(shownOf({ remote: null })).not.toHaveProperty("remote");
  });

  test("hides an ordinary word in values, but not in paths, where the gap would reveal it", () => {
    expect(
      shownOf({ path: "tags[production]", remote: "in production", reason: "r" }, ["production"]),
    ).toMatchObject({ path: "tags[production]", remote: "in (sensitive)" });
  });

  test("hides an ordinary word in the label of an element, which is a value, before the label is cut", () => {
    const label = `${"x".repeat(50)} production`;
    const path = `library[${"x".repeat(50)} producti…]`;
    expect(shownOf({ path, label }, ["production"])).toMatchObject({
      path: `library[${"x".repeat(50)} (sensiti…]`,
    });
  });

  test("withholds a quoted message with a short secret, and not the sentence around it", () => {
    expect(
      shownOf({ reason: ["could not be read (", new Quote("no access for ab1"), ")"] }, ["ab1"]),
    ).toMatchObject({
      reason: expect.stringMatching(
        /^could not be read \(\(\d+ characters withheld.*\)\)$/,
      ) as string,
    });
  });
});

// The compiler checks these calls; they are never made.
describe("the types", () => {
  const raw = rawReport([finding]);

  test("reject a raw report in every renderer", () => {
    const calls = (): unknown[] => [
      // @ts-expect-error -- a raw report
      renderText(raw),
      // @ts-expect-error -- a raw report
      renderJson(raw),
      // @ts-expect-error -- a raw report
      renderJunit(raw),
      // @ts-expect-error -- a raw report
      renderSarif(raw),
      // @ts-expect-error -- a raw report
      renderMarkdown(raw),
      // @ts-expect-error -- a raw report
      renderHtml(raw),
    ];
    expect(calls).toBeInstanceOf(Function);
  });

  test("reject a raw string in a report", () => {
    const report = display(raw, new ReportRedactor());
    const [unmanaged] = report.unmanaged;
    if (unmanaged === undefined) throw new Error("no object");
    const changed: VerifyReport["unmanaged"] = [
      {
        ...unmanaged,
        // @ts-expect-error -- a raw string
        name: "text",
      },
    ];
    expect(changed).toHaveLength(1);
  });

  test("reject displayed findings in healing", () => {
    const report = display(raw, new ReportRedactor());
    const call = (): unknown =>
      // @ts-expect-error -- displayed findings
      listHealings(report);
    expect(call).toBeInstanceOf(Function);
  });

  test("are cast to in one file only", () => {
    const files = execFileSync(
      "git",
      ["grep", "-lE", "as (unknown as )?(readonly )?Shown\\b", "--", "src"],
      { encoding: "utf8" },
    );
    expect(files.trim().split("\n")).toEqual(["src/verify/redactor.ts"]);
  });
});
