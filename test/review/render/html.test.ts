import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../../support/browser";
import { renderHtml, review } from "../../../src/review";
import { situations } from "../situations";

const stacksOf = (title: string) =>
  situations.find((situation) => situation.title === title)?.stacks ?? [];

describe("the HTML review in a browser", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-html-"));
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  });

  async function openReview(
    title: string,
    options: Parameters<Browser["newPage"]>[0] = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const file = path.join(folder, "review.html");
    fs.writeFileSync(
      file,
      await renderHtml(review({ stacks: stacksOf(title), today: "2026-01-02" })),
    );
    const page = await browser.newPage(options);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) problems.push(`request ${request.url()}`);
    });
    await page.goto(`file://${file}`);
    return { page, problems };
  }

  it("shows the task graph with its changes, without network requests", async () => {
    const { page, problems } = await openReview("rewiring");
    const svg = page.locator("figure.graph svg");
    expect(await svg.count()).toBe(1);
    const box = await svg.boundingBox();
    expect(box?.width).toBeGreaterThan(100);
    expect(await page.locator("svg .task.added text").textContent()).toBe("+ check");
    expect(await page.locator("svg .task.removed text").textContent()).toBe("− transform");
    expect(await page.locator("svg .edge-added").count()).toBe(3);
    expect(await page.locator("svg .edge-removed").count()).toBe(2);
    expect(problems).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)(
    "has enough contrast in the %s scheme",
    async (colorScheme) => {
      const { page } = await openReview("replace", { colorScheme });
      const [front, back] = await page.evaluate<[string, string]>(
        `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]`,
      );
      expect(contrast(front, back)).toBeGreaterThan(7);
      const [chip] = await page.evaluate<[string]>(
        `[getComputedStyle(document.querySelector("summary .chip.replace")).color]`,
      );
      expect(contrast(chip, back)).toBeGreaterThan(4.5);
      await page.close();
    },
  );

  it("filters and opens changes", async () => {
    const { page, problems } = await openReview("first deploy");
    expect(await page.locator("details.change:visible").count()).toBe(5);
    await page.fill("#filter", "api-token");
    expect(await page.locator("details.change:visible").count()).toBe(1);
    await page.fill("#filter", "");
    const toggleButton = page.locator("#all");
    expect(await toggleButton.textContent()).toBe("Close all");
    await toggleButton.click();
    expect(await page.locator("details.change[open]").count()).toBe(0);
    expect(await toggleButton.textContent()).toBe("Open all");
    await page.locator("details.change summary").first().click();
    expect(await page.locator("details.change[open]").count()).toBe(1);
    await toggleButton.click();
    expect(await page.locator("details.change[open]").count()).toBe(5);
    expect(await toggleButton.textContent()).toBe("Close all");
    expect(await page.textContent("body")).not.toContain("never-in-a-golden");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("shows a new multi-line value with its lines, and every task's name inside its box", async () => {
    const { page } = await openReview("one task change");
    const query = page.locator("tr", { hasText: "sql_task" }).locator("pre");
    expect(await query.textContent()).toContain("query.query_text =\n    SELECT\n      day,\n");
    const spare = await page.evaluate<number[]>(
      `[...document.querySelectorAll("svg .task")].map((task) => task.querySelector("path").getBBox().width - task.querySelector("text").getBBox().width)`,
    );
    expect(spare).toHaveLength(3);
    expect(Math.min(...spare)).toBeGreaterThan(6);
    await page.close();
  });

  it("fits a narrow screen without horizontal scrolling", async () => {
    const { page } = await openReview("one task change", { viewport: { width: 390, height: 800 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    await page.close();
  });

  it("folds 200 equal changes into one entry", async () => {
    const { page } = await openReview("200 identical changes");
    expect(await page.locator("details.change").count()).toBe(1);
    expect(await page.locator("details.change").first().textContent()).toContain("200 ×");
    await page.close();
  });
});

/** WCAG contrast of two `rgb(…)` colours. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [bright, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}
