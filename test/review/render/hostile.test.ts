import { review } from "../../../src/review";
import { renderReview, reviewFormats } from "../../../src/review/render";
import { renderDiffMarkdown, renderDiffText } from "../../../src/promote/render-diff";
import { controlCharacters, hostile, markdownFaults, payloads } from "../../support/hostile";
import { planOf, stackOf } from "../plans";

function reviewOf(text: string): ReturnType<typeof review> {
  const job = {
    name: text,
    description: text,
    tags: { [text]: text },
    email_notifications: [{ on_failure: [text] }],
    task: [{ task_key: text, run_if: text }],
  };
  const planned = [
    {
      type: "databricks_job",
      name: "a",
      path: `etl/${text}`,
      before: { id: "1", name: "x" },
      after: { ...job, id: "1" },
    },
    { type: "databricks_job", name: "b", path: "etl/b", before: { ...job, id: "2" }, reason: text },
    { type: "databricks_job", name: "c", path: "etl/c", after: job },
  ];
  return review({
    stacks: [{ name: "etl-dev", stack: stackOf(planned), plan: planOf(planned), notes: [text] }],
  });
}

describe.each(reviewFormats)("%s review", (format) => {
  test.each([...payloads, hostile])(
    "renders %j as text: no control sequences, links, markup or scripts",
    async (text) => {
      const page = await renderReview(reviewOf(text), format);
      expect(controlCharacters.exec(page.replaceAll(/[\n\t]/g, ""))?.[0]).toBeUndefined();
      if (format === "markdown") expect(markdownFaults(page)).toEqual([]);
      if (format === "html") expect(/<img|<script>1|<a href='x'/.test(page)).toBe(false);
    },
  );
});

test.each([...payloads, hostile])(
  "environment diff renders %j as text in the terminal and in Markdown",
  (text) => {
    const differences = [
      { path: text, field: text, change: "changed" as const, from: text, to: text },
    ];
    const diff = {
      from: "dev",
      to: "prod",
      stacks: [{ name: "etl", differences }],
      allowed: 0,
      notAllowed: 1,
    };
    expect(controlCharacters.test(renderDiffText(diff as never).replaceAll(/[\n\t]/g, ""))).toBe(
      false,
    );
    expect(markdownFaults(renderDiffMarkdown(diff as never))).toEqual([]);
  },
);
