/**
 * User-controlled strings in the evidence of a promotion, in task graphs and in the differences
 * between environments.
 */
import { Mask } from "../../src/mask";
import type { EnvironmentDiff } from "../../src/promote/environment-diff";
import { checkReview } from "../../src/promote/evidence";
import { checkGates, type GateResult } from "../../src/promote/gates";
import { renderDiffMarkdown, renderDiffText } from "../../src/promote/render-diff";
import type { Review } from "../../src/review";
import { mermaid } from "../../src/review/render/mermaid";
import { controlCharacters, hostile, markdownFaults, payloads } from "../support/hostile";

const finding = {
  severity: "error",
  rule: "no-x",
  path: hostile,
  message: `${hostile}\n✓ approval: all is well (passed)`,
};
const reviewWithFinding = {
  format: "lakeform.review",
  stacks: [{ policies: [finding], secrets: [], changes: [], counts: {} }],
} as unknown as Review;

test("a finding becomes one line of the evidence", () => {
  expect(checkReview(reviewWithFinding).evidence.split("\n")).toHaveLength(1);
});

test("the result of a gate contains no terminal control sequences", async () => {
  const { evidence } = checkReview(reviewWithFinding);
  const gateResults: GateResult[] = [];
  const check = () =>
    Promise.resolve({
      outcome: "failed",
      evidence: `${evidence}\n${payloads.join(" ")}`,
      fix: "x",
    } as const);
  await checkGates(
    [{ name: "review", title: "t", check }],
    new Set(["review"]),
    "because",
    new Mask([]),
    (gate) => gateResults.push(gate),
  );
  expect(gateResults).toHaveLength(1);
  expect(
    controlCharacters.exec((gateResults[0]?.evidence ?? "").replaceAll("\n", ""))?.[0],
  ).toBeUndefined();
});

test("the diff of two environments shows hostile names in their table cells, without links or mentions", () => {
  const difference = {
    path: hostile,
    kind: "databricks_job",
    field: `tags[${hostile}]`,
    change: "changed",
    from: hostile,
    to: `${hostile}!`,
  } as const;
  const allowedDifference = { ...difference, allowed: { by: "rule", reason: hostile } } as const;
  const diff: EnvironmentDiff = {
    format: "lakeform.environment-diff",
    version: 1,
    from: hostile,
    to: "prod",
    stacks: [{ name: hostile, differences: [difference, allowedDifference] }],
    allowed: 1,
    notAllowed: 1,
  };
  expect(markdownFaults(renderDiffMarkdown(diff))).toEqual([]);
  expect(controlCharacters.test(renderDiffMarkdown(diff))).toBe(false);
  const text = renderDiffText(diff);
  expect(controlCharacters.test(text)).toBe(false);
  expect(text.trimEnd().split("\n")).toHaveLength(5);
});

test("a Mermaid graph shows a hostile task key in one label, without additional lines", () => {
  const key = `${hostile}\nclick t0 href "https://example.com"\n:::\n\`\`\`\n%%{init: {}}%%`;
  for (const host of ["github", "azure"] as const) {
    const graph = {
      address: "databricks_job.a",
      path: "etl/a",
      title: "a",
      nodes: [
        { key, state: "added" as const, kind: "notebook" },
        { key: "b", state: "same" as const, kind: "notebook" },
      ],
      edges: [
        { from: key, to: "b", state: "added" as const, outcome: key },
        { from: `${key}2`, to: "b", state: "same" as const },
      ],
    };
    const lines = mermaid(graph, host).trim().split("\n");
    expect(
      lines
        .slice(1, -1)
        .filter((line) => !/^( {2}(t\d|missing_\d|linkStyle|classDef)|flowchart|graph)/.test(line)),
    ).toEqual([]);
    // The last line closes the fence of the graph.
    expect(lines.slice(1, -1).filter((line) => /^\s*click|^(:::|```)$/.test(line))).toEqual([]);
    expect(lines.filter((line) => (line.match(/"/g) ?? []).length % 2 === 1)).toEqual([]);
    expect(controlCharacters.test(lines.join("\n"))).toBe(false);
  }
});
