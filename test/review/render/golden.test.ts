import fs from "node:fs";
import path from "node:path";
import { renderMarkdown, renderText, review } from "../../../src/review";
import { situations } from "../situations";

// To rewrite the golden files: UPDATE_GOLDENS=1 npx jest test/review/render/golden. Then review the
// diff.
const folder = path.join(__dirname, "../../fixtures/review/goldens");

function expectGolden(name: string, text: string): void {
  const file = path.join(folder, name);
  const masked = text.replace(/sha256:[0-9a-f]{64}/g, "sha256:<digest>");
  if (process.env.UPDATE_GOLDENS === "1") {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(file, masked);
  }
  expect(masked).toBe(fs.readFileSync(file, "utf8"));
}

describe("reviews in each situation", () => {
  it.each(situations.map((situation) => [situation.title, situation] as const))(
    "%s",
    (title, { stacks }) => {
      const result = review({ stacks, today: "2026-01-02" });
      const name = title.replaceAll(" ", "-");
      expectGolden(`${name}.txt`, renderText(result));
      expectGolden(`${name}.md`, renderMarkdown(result));
    },
  );

  it("contain no secret", () => {
    const outputs = situations.map(({ stacks }) => {
      const result = review({ stacks, today: "2026-01-02" });
      return renderText(result) + renderMarkdown(result) + JSON.stringify(result);
    });
    expect(outputs.join("")).not.toContain("never-in-a-golden");
  });
});
