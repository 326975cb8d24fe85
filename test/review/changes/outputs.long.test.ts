import { renderMarkdown, review } from "../../../src/review";
import { job, planOf, stackOf, task, type Planned } from "../plans";
import { situations } from "../situations";

/** Many jobs with different changes, so that none can be grouped. */
const many = (count: number): readonly Planned[] =>
  Array.from({ length: count }, (_, index) => {
    const before = { ...job(`j${index}`, [task("a"), task("b", ["a"])]), id: String(index) };
    return {
      type: "databricks_job",
      name: `j${index}`,
      before,
      after: {
        ...before,
        description: `number ${index} ${"x".repeat(200)}`,
        autotermination_minutes: 0,
      },
    };
  });
const reviewOf = (resources: readonly Planned[]) =>
  review({
    stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources) }],
    today: "2026-01-02",
  });

describe("Markdown", () => {
  it.each([10, 400, 1500])(
    "of %d different changes stays within the size limit and reports what it omits",
    (count) => {
      const markdown = renderMarkdown(reviewOf(many(count)));
      expect(markdown.length).toBeLessThanOrEqual(65_000);
      expect(markdown).toContain(`| etl-dev | 0 | ${count} |`);
      expect(markdown.includes("Shortened to 65000 characters")).toBe(count > 100);
      if (count === 1500)
        expect(markdown).toMatch(
          /\d+ changes without details, \d+ changes not shown \(\d+ characters\)/,
        );
    },
  );

  it("of 500 stacks counts the stacks that it cannot name", () => {
    const [input] = situations.find(({ title }) => title === "destroy")?.stacks ?? [];
    if (input === undefined) throw new Error("the situation is not there");
    const stacks = Array.from({ length: 500 }, (_, index) => ({ ...input, name: `etl-${index}` }));
    const markdown = renderMarkdown(review({ stacks, today: "2026-01-02" }));
    expect(markdown.length).toBeLessThanOrEqual(65_000);
    const [, named, rest] =
      /\| etl-(\d+) [^\n]*\n\| … (\d+) more stacks \| 0 \| 0 \| 0 \| \*\*\d+\*\* \|/.exec(
        markdown,
      ) ?? [];
    expect(named).toBeDefined();
    expect(markdown.match(/^\| etl-\d+ /gm)).toHaveLength(500 - Number(rest));
    expect(markdown).toMatch(/^- … and \d+ more flags omitted$/m);
  });
});
