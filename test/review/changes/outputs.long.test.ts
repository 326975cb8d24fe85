import { renderMarkdown, review } from "../../../src/review";
import { situations } from "../situations";
import { manyChanges, reviewOf } from "./many-changes";

describe("Markdown", () => {
  it.each([10, 400, 1500])(
    "of %d different changes stays within the size limit and reports what it omits",
    (count) => {
      const markdown = renderMarkdown(reviewOf(manyChanges(count)));
      expect(markdown.length).toBeLessThanOrEqual(65_000);
      expect(markdown).toContain(`| etl-dev | 0 | ${count} |`);
      expect(markdown.includes("Shortened to 65000 characters")).toBe(count > 100);
      if (count === 1500)
        expect(markdown).toMatch(
          /\d+ changes without details, \d+ changes not shown \(\d+ characters\)/,
        );
    },
  );

  it("of 500 stacks counts the stacks that do not fit into its table", () => {
    const [input] = situations.find(({ title }) => title === "destroy")?.stacks ?? [];
    if (input === undefined) throw new Error("no situation destroy");
    const stacks = Array.from({ length: 500 }, (_, index) => ({ ...input, name: `etl-${index}` }));
    const markdown = renderMarkdown(review({ stacks, today: "2026-01-02" }));
    expect(markdown.length).toBeLessThanOrEqual(65_000);
    const [, lastNamed, omittedCount] =
      /\| etl-(\d+) [^\n]*\n\| … (\d+) more stacks \| 0 \| 0 \| 0 \| \*\*\d+\*\* \|/.exec(
        markdown,
      ) ?? [];
    expect(lastNamed).toBeDefined();
    expect(markdown.match(/^\| etl-\d+ /gm)).toHaveLength(500 - Number(omittedCount));
    expect(markdown).toMatch(/^- … and \d+ more flags omitted$/m);
  });
});
