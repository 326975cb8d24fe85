import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser";
import { describeWithPython } from "../support/python";
import { Lab, notebookTask } from "./execution-support";

describeWithPython("the pages of executed runs, in a browser", () => {
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    lab = await Lab.open();
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${lab.server.workspace.host}/?token=${lab.server.workspace.token}`);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });

  test("the page shows cells and output while they run, marks the failing line, and starts a repair", async () => {
    await lab.writeDbfsFile("/gate", "closed");
    await lab.importNotebook(
      "/Shared/steps",
      'import sys, time\nprint("<b>first</b>")\nprint("to stderr", file=sys.stderr)',
      "# MAGIC %md\n# MAGIC # Waits for the gate",
      'while open("/dbfs/gate").read() == "closed":\n    dbutils.fs.ls("/")\n    time.sleep(0.05)',
      'dbutils.jobs.taskValues.set("rows", 3)\nwhen = open("/dbfs/gate").read()\nassert when == "open", when',
      'dbutils.notebook.exit("through")',
    );
    await lab.importNotebook("/Shared/after", "pass");
    const id = await lab.startRun([
      notebookTask("steps"),
      notebookTask("after", { depends_on: [{ task_key: "steps" }] }),
    ]);
    const run = await lab.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
    await page.goto((run.tasks as { run_page_url: string }[])[0]?.run_page_url ?? "");
    await page.waitForSelector('.cell .out:has-text("<b>first</b>")');
    await page.waitForSelector('.cell:has-text("Cell 3") .chip.run');
    expect(await page.textContent(".stderr")).toBe("to stderr\n");
    await lab.writeDbfsFile("/gate", "ajar");
    await page.waitForSelector('h1 .chip:text-is("failed")');
    expect(await page.textContent(".cell.bad mark")).toBe('assert when == "open", when');
    expect(await page.textContent(".cell.bad .err")).toContain("AssertionError: ajar");
    expect(await page.textContent("main")).toContain('"rows": 3');
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await lowContrastElements(page)]).toEqual([colorScheme, []]);
    }
    await page.emulateMedia({ colorScheme: "light" });

    await page.goto(run.run_page_url as string);
    const overflowCount = await page.evaluate(
      "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth).length",
    );
    expect(overflowCount).toBe(0);
    await lab.writeDbfsFile("/gate", "open");
    await page.click("text=Repair run");
    await page.waitForSelector('h1 .chip:text-is("success")');
    expect(await page.textContent("main")).toContain("Repair history");
    expect(errors).toEqual([]);
  });

  test("one task is canceled from its page, and a SQL task shows its statements", async () => {
    await lab.writeDbfsFile("/gate", "closed");
    await lab.importNotebook(
      "/Shared/waits",
      'while open("/dbfs/gate").read() == "closed":\n    pass',
    );
    const warehouse = (
      await lab.ok("POST", "/api/2.0/sql/warehouses", { name: "pages", cluster_size: "2X-Small" })
    ).id as string;
    const content = Buffer.from("SELECT 41 + 1 AS answer;\nSELECT 2 AS two").toString("base64");
    await lab.ok("POST", "/api/2.0/workspace/import", {
      path: "/Shared/answer.sql",
      format: "AUTO",
      overwrite: true,
      content,
    });
    const sql = {
      task_key: "sql",
      sql_task: { warehouse_id: warehouse, file: { path: "/Shared/answer.sql" } },
    };
    const id = await lab.startRun([notebookTask("waits"), sql]);
    const run = await lab.ok("GET", `/api/2.2/jobs/runs/get?run_id=${id}`);
    const pageOf = (key: string): string =>
      (run.tasks as { task_key: string; run_page_url: string }[]).find(
        ({ task_key }) => task_key === key,
      )?.run_page_url ?? "";
    await page.goto(pageOf("waits"));
    await page.click("text=Cancel task");
    await page.waitForSelector('h1 .chip:text-is("canceled")');
    await page.goto(pageOf("sql"));
    await page.waitForSelector('h1 .chip:text-is("success")');
    expect(await page.textContent("main")).toMatch(
      /Statements[\s\S]*Statement 1[\s\S]*answer\n42\n\(1 row\)[\s\S]*Statement 2/,
    );
    expect(errors).toEqual([]);
  });

  test("warehouses, policies, Unity Catalog and permissions have pages", async () => {
    await lab.ok("POST", "/api/2.0/policies/clusters/create", {
      name: "small",
      definition: '{"num_workers": {"type": "fixed", "value": 1}}',
    });
    await lab.ok("POST", "/api/2.0/sql/warehouses", { name: "reports", cluster_size: "2X-Small" });
    await lab.ok("POST", "/api/2.1/unity-catalog/catalogs", { name: "shop" });
    await lab.ok("POST", "/api/2.1/unity-catalog/schemas", { name: "raw", catalog_name: "shop" });
    await lab.ok("POST", "/api/2.1/unity-catalog/volumes", {
      catalog_name: "shop",
      schema_name: "raw",
      name: "files",
      volume_type: "MANAGED",
    });
    await lab.ok("POST", "/api/2.1/unity-catalog/tables", {
      catalog_name: "shop",
      schema_name: "raw",
      name: "orders",
      table_type: "MANAGED",
      data_source_format: "DELTA",
      columns: [{ name: "amount", type_text: "double", type_name: "DOUBLE", position: 0 }],
    });
    const { host } = lab.server.workspace;
    const expectPage = async (path: string, ...texts: string[]): Promise<void> => {
      await page.goto(host + path);
      for (const text of texts) expect(await page.textContent("main")).toContain(text);
    };
    await expectPage("/warehouses", "reports", "2X-Small");
    await expectPage("/policies", "small", '"type": "fixed"');
    await expectPage("/catalog", "shop");
    await page.click('main a:has-text("shop")');
    await page.click('main a:has-text("raw")');
    expect(await page.textContent("main")).toContain("files");
    expect(await page.innerText("main")).toContain("amount double");
    const job = await lab.ok("POST", "/api/2.2/jobs/create", {
      name: "owned",
      tasks: [notebookTask("steps")],
    });
    await expectPage(
      `/permissions/jobs/${job.job_id as number}`,
      "admin@lakeform.local",
      "IS_OWNER",
    );
    expect(errors).toEqual([]);
  });
});

/** Returns the text elements with a contrast below 4.5. */
async function lowContrastElements(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => { for (let at = element; at; at = at.parentElement) { const color = rgb(getComputedStyle(at).backgroundColor); if (color.length < 4 || color[3] > 0) return color; } return [255, 255, 255]; };
    return [...document.querySelectorAll(".cell pre, .cell mark, .cell .stderr, .cell .chip, .cell .dim")].filter((element) => {
      const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map((element) => element.className + ": " + element.textContent.slice(0, 40));
  })()`);
}
