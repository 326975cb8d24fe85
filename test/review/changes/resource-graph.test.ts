import { renderHtml, review, type Review } from "../../../src/review";
import { readSchema, schemaProblems } from "../../support/json-schema";
import { job, planOf, stackOf, task, type Planned } from "../plans";
import { ReportRedactor } from "../../../src/verify";

const policy: Planned = {
  type: "databricks_cluster_policy",
  name: "small",
  after: { id: "1", name: "small" },
  before: { id: "1", name: "small" },
};
const unchanged = (type: string, name: string, config: Planned["config"] = { name }): Planned => ({
  type,
  name,
  before: { id: "1", name },
  after: { id: "1", name },
  ...(config && { config }),
});
const reviewOf = (
  resources: readonly Planned[],
  previous?: readonly Planned[],
  rest = {},
): Review =>
  review({
    stacks: [
      {
        name: "etl-dev",
        stack: stackOf(resources, {}, rest),
        plan: planOf(resources),
        verify: { resources: [], redactor: new ReportRedactor() },
        ...(previous && { previous: stackOf(previous) }),
      },
    ],
    today: "2026-01-02",
  });
const graphOf = (result: Review): { nodes: string[]; edges: string[] } => {
  const { nodes = [], edges = [] } = result.stacks[0]?.resourceGraph ?? {};
  return {
    nodes: nodes.map(({ address }) => address).sort(),
    edges: edges.map(({ from, to }) => `${from} > ${to}`).sort(),
  };
};

test("the resource graph has all resources of the stack, and all references anywhere in its code", () => {
  const daily = job("daily", [task("ingest")]);
  const removed = {
    type: "databricks_notebook",
    name: "old",
    before: { id: "/old", path: "/old" },
  };
  const result = reviewOf(
    [
      policy,
      unchanged("databricks_notebook", "ingest"),
      unchanged("databricks_notebook", "alone"),
      {
        type: "databricks_job",
        name: "pipeline",
        before: daily,
        after: { ...daily, max_concurrent_runs: 2 },
        config: {
          name: "daily",
          description: "$${databricks_notebook.alone.id} and databricks_notebook.alone.id are text",
          task: [
            {
              task_key: "a",
              notebook_task: { notebook_path: "${databricks_notebook.ingest.path}" },
            },
            {
              task_key: "b",
              new_cluster: {
                policy_id:
                  '${var.x ? data.databricks_notebook.alone.id : join("}", [databricks_cluster_policy.small.id])}',
              },
            },
          ],
        },
      },
      unchanged("databricks_permissions", "access", {
        job_id: "${databricks_job.pipeline.id}",
        depends_on: ["databricks_notebook.alone"],
      }),
      removed,
    ],
    [{ ...removed, after: { path: "/old", comment: "${databricks_cluster_policy.small.name}" } }],
  );
  expect(graphOf(result)).toEqual({
    nodes: [
      "databricks_cluster_policy.small",
      "databricks_job.pipeline",
      "databricks_notebook.alone",
      "databricks_notebook.ingest",
      "databricks_notebook.old",
      "databricks_permissions.access",
    ],
    edges: [
      "databricks_cluster_policy.small > databricks_job.pipeline",
      "databricks_cluster_policy.small > databricks_notebook.old",
      "databricks_job.pipeline > databricks_permissions.access",
      "databricks_notebook.alone > databricks_permissions.access",
      "databricks_notebook.ingest > databricks_job.pipeline",
    ],
  });
  expect(
    schemaProblems(
      JSON.parse(JSON.stringify(result)),
      readSchema("docs/schemas/review.schema.json"),
    ),
  ).toEqual([]);
});

describe("the drawn resource graph", () => {
  const drawGraph = async (
    result: Review,
  ): Promise<{ svg: string; nodes: number; edges: number; caption: string }> => {
    const html = await renderHtml(result);
    const [svg = "", caption = ""] =
      /<figure class="graph wide">([\s\S]*?)<figcaption class="dim">([^<]*)/.exec(html)?.slice(1) ??
      [];
    const count = (part: string): number => svg.split(part).length - 1;
    return { svg, nodes: count(" data-node="), edges: count(" data-from="), caption };
  };
  const notebooks = (count: number, config?: (index: number) => Planned["config"]): Planned[] =>
    Array.from({ length: count }, (_, index) =>
      unchanged("databricks_notebook", `n${index}`, config?.(index)),
    );

  test("shows every resource of a stack with up to 100, and arranges those without references in rows", async () => {
    const { svg, nodes, edges, caption } = await drawGraph(
      reviewOf([...notebooks(99), { type: "databricks_job", name: "new", after: { name: "new" } }]),
    );
    expect([nodes, edges]).toEqual([100, 0]);
    expect(svg).toContain(">+ job new</text>");
    expect(svg).toContain(">notebook n42</text>");
    expect(caption).toBe(
      "Grey resources do not change. An arrow leads from a resource to one that uses it.",
    );
    const [, width = 0, height = 0] = /viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    expect(Number(height) / Number(width)).toBeLessThan(3);
  });

  test("merges the unchanged resources of a type if there are more than 100 resources", async () => {
    const uses = (): Planned["config"] => ({ path: "${databricks_cluster_policy.small.id}" });
    const { svg, nodes, edges } = await drawGraph(reviewOf([policy, ...notebooks(400, uses)]));
    expect([nodes, edges]).toEqual([2, 1]);
    expect(svg).toContain(">400 × notebook</text>");
  });

  test("is truncated with a note if it is still too large", async () => {
    const changed = Array.from({ length: 200 }, (_, index): Planned => ({
      type: "databricks_notebook",
      name: `n${index}`,
      before: { id: "1", path: `/${index}`, [`field_${index}`]: "a" },
      after: { id: "1", path: `/${index}`, [`field_${index}`]: "b" },
      config: {
        path: `/${index}`,
        x: index === 0 ? "" : `\${databricks_notebook.n${index - 1}.path}`,
      },
    }));
    const { nodes, edges, caption } = await drawGraph(reviewOf(changed));
    expect([nodes, edges]).toEqual([150, 149]);
    expect(caption).toContain("shows 150 of 200 resources and 149 of 199 references");
  });
});
