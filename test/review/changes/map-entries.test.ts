/** A map entry with an empty value counts as a value, however the code expresses it. */
import { renderMarkdown, renderText, review, type Review } from "../../../src/review";
import { planOf, stackOf, type Planned } from "../plans";

type Values = Readonly<Record<string, unknown>>;
const reviewOf = (resource: Omit<Planned, "name">): Review => {
  const namedResource = { ...resource, name: "it" };
  return review({
    stacks: [{ name: "etl-dev", stack: stackOf([namedResource]), plan: planOf([namedResource]) }],
    today: "2026-01-02",
  });
};
const pathsIn = (result: Review): string[] =>
  result.stacks.flatMap(({ changes }) =>
    changes.flatMap(({ fields }) => fields.map(({ kind, path }) => `${kind} ${path}`)),
  );
const job = (tags: Values | null): Values => ({ name: "etl", tags });
const task = (base_parameters: Values | null): Values => ({
  name: "etl",
  task: [{ task_key: "t", notebook_task: [{ notebook_path: "/a", base_parameters }] }],
});

describe("an entry with an empty value", () => {
  test.each<[string, Values, Values, Values, string]>([
    ["added", job({ a: "1" }), job({ a: "1", b: "" }), job({ a: "1", b: "" }), "added tags[b]"],
    [
      "added to a map from an expression",
      job({ a: "1" }),
      job({ a: "1", b: "" }),
      { name: "etl", tags: "${var.tags}" },
      "added tags[b]",
    ],
    [
      "added to a map from a function",
      job({ a: "1" }),
      job({ a: "1", b: "" }),
      { name: "etl", tags: '${merge(var.a, {b = ""})}' },
      "added tags[b]",
    ],
    [
      "removed from a map",
      job({ a: "1", b: "" }),
      job({ a: "1" }),
      job({ a: "1" }),
      "removed tags[b]",
    ],
    [
      "emptied",
      job({ a: "1" }),
      job({ a: "" }),
      { name: "etl", tags: "${var.tags}" },
      "changed tags[a]",
    ],
    [
      "added to an empty map",
      job(null),
      job({ b: "" }),
      { name: "etl", tags: "${var.tags}" },
      "added tags",
    ],
    [
      "added to a map in a block",
      task({ a: "1" }),
      task({ a: "1", b: "" }),
      {
        name: "etl",
        task: [
          { task_key: "t", notebook_task: { notebook_path: "/a", base_parameters: "${var.p}" } },
        ],
      },
      "added task[t].notebook_task.base_parameters[b]",
    ],
    [
      "added to a map in a dynamic block",
      task({ a: "1" }),
      task({ a: "1", b: "" }),
      { name: "etl", dynamic: { task: { for_each: "${var.t}", content: {} } } },
      "added task[t].notebook_task.base_parameters[b]",
    ],
  ])("%s is reported", (_what, before, after, config, change) => {
    const result = reviewOf({
      type: "databricks_job",
      before: { id: "1", ...before },
      after: { id: "1", ...after },
      config,
    });
    expect(pathsIn(result)).toEqual([change]);
    for (const text of [renderText(result), renderMarkdown(result)])
      expect(text).toContain("tags" in before ? "tags" : "base_parameters");
  });

  test("is also reported for a kind without a schema", () => {
    const [before, after] = [
      { id: "1", labels: {} },
      { id: "1", labels: { a: "" } },
    ];
    expect(
      pathsIn(
        reviewOf({
          type: "google_storage_bucket",
          before,
          after,
          config: { labels: "${var.labels}" },
        }),
      ),
    ).toEqual(["added labels"]);
  });

  test("in a new object is shown", () => {
    const result = reviewOf({
      type: "databricks_job",
      after: job({ b: "" }),
      config: { name: "etl", tags: "${var.tags}" },
    });
    expect(pathsIn(result)).toContain("added tags");
  });
});

test("zero values that a provider plans and the code omits are not shown", () => {
  const after = {
    id: "1",
    name: "etl",
    task: [
      {
        task_key: "t",
        max_retries: 0,
        description: "",
        notebook_task: [{ notebook_path: "/a", warehouse_id: "" }],
      },
    ],
  };
  const result = reviewOf({
    type: "databricks_job",
    before: { id: "1", name: "etl" },
    after,
    config: { name: "etl", task: { task_key: "t", notebook_task: { notebook_path: "/a" } } },
  });
  expect(JSON.stringify(result.stacks[0]?.changes[0]?.fields)).not.toMatch(
    /max_retries|description|warehouse_id/,
  );
});
