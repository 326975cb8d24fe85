import { addresses, page, usePages } from "./pages-lab";

describe("the pages, in a real browser", () => {
  usePages();

  test("show the workspace, time, author and approval command of a review", async () => {
    await page.goto(addresses.find((address) => address.includes("rewiring")) ?? "");
    expect(await page.textContent("dl.facts")).toMatch(
      /Workspacehttps:\/\/adb-1\.azuredatabricks\.netReviewed2026-01-02 03:04 UTCCommit0123456789abAuthorAdaDigestsha256:\w+Approve withlakeform deploy dev --approve sha256:/,
    );
  });

  test("let the keyboard select a node of a task graph, fade the rest and mark its fields", async () => {
    await page.goto(addresses.find((address) => address.includes("rewiring")) ?? "");
    await page.locator("figure.graph [data-node=check]").focus();
    await page.keyboard.press("Enter");
    expect(await page.getAttribute("figure.graph [data-node=check]", "aria-pressed")).toBe("true");
    expect(await page.locator("figure.graph .faded").count()).toBeGreaterThan(0);
    expect(await page.locator("tr.marked").count()).toBeGreaterThan(0);
    await page.keyboard.press("Enter");
    expect(await page.locator(".faded, tr.marked").count()).toBe(0);
  });

  test("link a node of the resource graph to its change", async () => {
    await page.goto(addresses.find((address) => address.includes("first")) ?? "");
    const graph = page.locator("figure.graph").first();
    expect(await graph.locator("[data-from]").count()).toBeGreaterThan(0);
    await page.click("#all");
    await graph.locator("[data-change]").last().click();
    expect(await page.locator("details.change[open]").count()).toBe(1);
  });

  test("distinguish added and removed tasks in the graph of verify", async () => {
    await page.goto(addresses.find((address) => address.includes("verify")) ?? "");
    expect(await page.locator("svg .added").textContent()).toContain("+ extra");
    expect(await page.locator("svg .removed").textContent()).toContain("− clean");
  });
});
