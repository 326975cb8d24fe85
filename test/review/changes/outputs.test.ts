import { renderJson, renderMarkdown, renderSarif, renderText, review } from "../../../src/review";
import { job, planOf, task, type Planned } from "../plans";
import { manyChanges, reviewOf } from "./many-changes";
import { readSchema, schemaProblems } from "../../support/json-schema";
import { situations } from "../situations";

const results = situations.map(
  ({ title, stacks }) => [title, review({ stacks, today: "2026-01-02" })] as const,
);
const schema = readSchema("docs/schemas/review.schema.json");

describe("JSON", () => {
  it.each(results)("of the situation %s matches the published schema", (_, result) => {
    expect(schemaProblems(JSON.parse(renderJson(result)), schema)).toEqual([]);
  });
  it("of an invalid review does not match the schema", () => {
    expect(
      schemaProblems(
        { format: "lakeform.review", version: 2, mode: "plan", digest: "x", stacks: [] },
        schema,
      ),
    ).toEqual(["$.version: is not 1", "$.digest: does not match ^sha256:[0-9a-f]{64}$"]);
  });
});

describe("Markdown", () => {
  it("keeps the most dangerous changes when most do not fit", () => {
    const destroyed: Planned = {
      type: "databricks_catalog",
      name: "zz",
      before: { id: "zz", name: "zz" },
    };
    const markdown = renderMarkdown(reviewOf([...manyChanges(400), destroyed]), { budget: 6000 });
    expect(markdown.length).toBeLessThanOrEqual(6000);
    expect(markdown).toContain("destroys catalog zz");
    expect(markdown).toContain("**− destroy catalog**");
  });

  it("escapes names: no table, link, mention, HTML or end of a code block", () => {
    const evil = "a|b](http://x) <img src=x> @team `` ``` # *x*";
    const before = { ...job("j", [task("a"), task('x"]:::evil')]), name: evil };
    const result = reviewOf([
      {
        type: "databricks_job",
        name: "j",
        before,
        after: {
          ...before,
          description: "```\n# heading\n````",
          task: [task('x"]:::evil', ["a"]), task("a")],
        },
      },
      { type: "databricks_schema", name: "s", before: { id: "1", name: evil } },
    ]);
    const markdown = renderMarkdown(result);
    const outside = markdown
      .replace(/\\[^`]/g, "")
      .replace(/(`{3,})[\s\S]*?\n\1(?=\n)/g, "")
      .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
    expect(outside).not.toMatch(/<img|\]\(http|@team|^# heading/m);
    expect(markdown).toContain("`````");
    expect(markdown).not.toContain('x"]:::evil"]');
  });

  it("writes Mermaid in the syntax of Azure DevOps", () => {
    const [, rewiring] = results.find(([title]) => title === "rewiring") ?? [];
    expect(rewiring && renderMarkdown(rewiring, { host: "azure" })).toContain(
      "::: mermaid\ngraph LR",
    );
  });
});

describe("SARIF", () => {
  it.each(results)("of the situation %s matches the standard's schema", (_, result) => {
    expect(
      schemaProblems(
        JSON.parse(renderSarif(result)),
        readSchema("test/fixtures/sarif-2.1.0-rtm.5.json"),
      ),
    ).toEqual([]);
  });

  it("has a location even if the construct's line is unknown, since GitHub rejects a result without a file", () => {
    const plain = {
      type: "databricks_cluster",
      name: "c",
      after: { cluster_name: "c", num_workers: 1, autotermination_minutes: 0 },
    };
    const stack = {
      resource: {
        databricks_cluster: {
          c: { cluster_name: "c", num_workers: 1, autotermination_minutes: 0 },
        },
      },
    };
    const sarif = JSON.parse(
      renderSarif(
        review({ stacks: [{ name: "plain", stack, plan: planOf([plain]) }], today: "2026-01-02" }),
      ),
    ) as {
      runs: [{ results: { locations: unknown[] }[] }];
    };
    expect(sarif.runs[0].results.length).toBeGreaterThan(0);
    for (const { locations } of sarif.runs[0].results)
      expect(locations).toMatchObject([
        { physicalLocation: { artifactLocation: { uri: "cdktf.json" }, region: { startLine: 1 } } },
      ]);
  });

  it("has each finding at the source line of its construct, and marks suppressed ones", () => {
    const [, result] = results.find(([title]) => title === "permission change") ?? [];
    const sarif = JSON.parse(renderSarif(result ?? reviewOf([]), "1.2.3")) as {
      version: string;
      runs: {
        results: { ruleId: string; suppressions?: unknown[] }[];
        tool: { driver: { rules: { id: string }[] } };
      }[];
    };
    expect(sarif.version).toBe("2.1.0");
    expect(sarif.runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual([
      "no-account-users",
      "no-all-privileges",
    ]);
    expect(sarif.runs[0]?.results).toMatchObject([
      {
        ruleId: "no-account-users",
        ruleIndex: 0,
        level: "error",
        suppressions: [
          { kind: "inSource", justification: "open data by decision 17 (until 2099-01-01)" },
        ],
      },
      {
        ruleId: "no-all-privileges",
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "stacks/etl.ts", uriBaseId: "%SRCROOT%" },
              region: { startLine: 24 },
            },
            logicalLocations: [{ fullyQualifiedName: "etl-dev/raw" }],
          },
        ],
      },
    ]);
    expect(sarif.runs[0]?.results[1]?.suppressions).toBeUndefined();
  });
});

describe("text", () => {
  it("has colours only on request", () => {
    const [, result] = results.find(([title]) => title === "destroy") ?? [];
    expect(result && renderText(result)).not.toContain("\u001b");
    expect(result && renderText(result, { color: true })).toContain("\u001b[31m");
  });
});
