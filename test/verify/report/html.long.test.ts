import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../support/browser";
import { display, renderReport } from "../../../src/verify";
import type { ResourceResult } from "../../../src/verify/model";
import { makeFolder, removeFolders } from "../../support/project";
import { checkFully, deployDirect, openLab } from "../harness";

let browser: Browser;
let html: string;
let file: string;

beforeAll(async () => {
  const lab = await openLab();
  const task = (key: string, dependencies: string[] = []): object => ({
    task_key: key,
    depends_on: dependencies.map((task_key) => ({ task_key })),
    notebook_task: [{ notebook_path: `/Shared/${key}` }],
  });
  const deployed = await deployDirect(lab, {
    databricks_secret_scope: { scope: { name: "etl" } },
    databricks_job: {
      pipeline: {
        name: "daily-etl",
        task: [task("ingest"), task("clean", ["ingest"]), task("report", ["clean"])],
      },
    },
  });
  const id = Number(deployed.state.resources[1]?.instances[0]?.attributes?.id);
  const settings = {
    name: "daily-etl",
    schedule: { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" },
    tasks: [
      { task_key: "ingest", notebook_task: { notebook_path: "/Shared/other" } },
      {
        task_key: "clean",
        depends_on: [{ task_key: "ingest" }],
        notebook_task: { notebook_path: "/Shared/clean" },
      },
    ],
  };
  await lab.client.post("/api/2.2/jobs/reset", { job_id: id, new_settings: settings });
  await lab.client.post("/api/2.2/jobs/create", { name: "daily-etl" });
  const { raw, redactor } = await checkFully(lab, deployed);
  const unverifiable: ResourceResult = {
    status: "unverifiable",
    stack: "lab-local",
    address: "databricks_user.u",
    kind: "databricks_user",
    title: "user",
    path: "lab-local/user",
    reason: "lakeform cannot read databricks_user",
    findings: [],
    restorable: false,
  };
  html = await renderReport(
    display(
      {
        ...raw,
        resources: [...raw.resources, unverifiable],
        counts: { ...raw.counts, unverifiable: 1 },
      },
      redactor,
    ),
    "html",
  );
  await lab.close();
  file = path.join(makeFolder("html"), "report.html");
  fs.writeFileSync(file, html);
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  removeFolders();
});

test.each(["light", "dark"] as const)(
  "in a browser with a %s scheme, the page loads nothing, fits its width, has filters, a task graph and enough contrast",
  async (colorScheme) => {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 900 } });
    const requests: string[] = [];
    const consoleMessages: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => consoleMessages.push(message.text()));
    page.on("pageerror", (error) => consoleMessages.push(error.message));
    await page.goto(`file://${file}`);
    expect(requests).toEqual([`file://${file}`]);
    expect(consoleMessages).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(
      true,
    );
    const visibleCards = (): Promise<number> => page.locator("article:visible").count();
    expect(await visibleCards()).toBe(3);
    await page.click('button[data-filter="drift"]');
    expect(await visibleCards()).toBe(2);
    await page.click('button[data-filter="drift"]');
    await page.selectOption("#kind", "databricks_job");
    expect(await visibleCards()).toBe(2);
    await page.fill("#text", "quartz");
    expect(await visibleCards()).toBe(1);
    await page.fill("#text", "nothing like that");
    expect(await page.locator("#none").isVisible()).toBe(true);
    await page.fill("#text", "");
    expect(await page.locator("svg .node.removed").count()).toBe(1);
    expect(await page.locator("svg .node.drift").count()).toBe(1);
    // Text must contrast with its background in both schemes (WCAG AA, 4.5:1).
    const contrasts = await page.evaluate<number[]>(`(() => {
    const luminance = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((v) => { const c = v / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const backgroundOf = (element) => { for (let parent = element; parent !== null; parent = parent.parentElement) { const color = getComputedStyle(parent).backgroundColor; if (!/, 0\\)$|transparent/.test(color)) return color; } return "rgb(255, 255, 255)"; };
    return [...document.querySelectorAll("p, td, th, strong, code, .status, .dim, a")].map((element) => { const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); });
  })()`);
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
    const folder = process.env.LAKEFORM_SCREENSHOTS;
    if (folder !== undefined)
      await page.screenshot({
        path: path.join(folder, `verify-${colorScheme}.png`),
        fullPage: true,
      });
    await page.close();
  },
  60_000,
);
