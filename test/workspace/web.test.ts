import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser";
import { findKind, kinds } from "../../src/resources";
import type { JsonObject } from "../../src/workspace/errors";
import { formsOf } from "./forms";
import { guideJob, notebook, startTestWorkspace, type TestWorkspace } from "./jobs-support";

/** The folder for screenshots, set with LAKEFORM_SCREENSHOTS=folder. */
const pictures = process.env.LAKEFORM_SCREENSHOTS;
const evil = `"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'\``;

let w: TestWorkspace;
let browser: Browser;
let page: Page;
const errors: string[] = [];
const outside: string[] = [];

beforeAll(async () => {
  w = await startTestWorkspace({
    principals: [{ name: "reader@example.com", token: "dapi-reader" }],
  });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(w.workspace.host) && !request.url().startsWith("data:"))
      outside.push(request.url());
  });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await w.close();
});

async function picture(name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: path.join(pictures, `${name}-${colorScheme}.png`),
      fullPage: true,
    });
  }
  fs.mkdirSync(pictures, { recursive: true });
  await page.emulateMedia({ colorScheme: "light" });
}

const go = (where: string): Promise<unknown> => page.goto(`${w.workspace.host}${where}`);
const id = async (settings: JsonObject): Promise<number> =>
  (await w.ok("POST", "/api/2.2/jobs/create", settings)).job_id as number;
const runNow = async (job_id: number): Promise<number> =>
  (await w.ok("POST", "/api/2.2/jobs/run-now", { job_id })).run_id as number;

test("nothing is visible without a token; a valid token opens a session and is removed from the address", async () => {
  await go("/jobs");
  expect(await page.textContent("h1")).toBe("Local workspace");
  await picture("login");
  await page.fill("#token", "dapi-wrong");
  await page.click("text=Sign in >> nth=-1");
  expect(await page.textContent(".note")).toContain("invalid or has expired");
  expect((await page.request.get(`${w.workspace.host}/?live=1`)).status()).toBe(401);
  errors.length = 0;
  await go(`/?token=${w.workspace.token}`);
  expect(page.url()).toBe(`${w.workspace.host}/`);
  expect(await page.textContent("h1")).toBe("Overview");
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(cookie?.value).not.toContain(w.workspace.token);
  const journal = JSON.stringify(w.workspace.journal());
  expect(journal).not.toContain(w.workspace.token);
  expect(journal).not.toContain("dapi-wrong");
});

test("a session does not redirect to other sites, and expires", async () => {
  const visitor = formsOf(w.workspace.host);
  await visitor.get("/");
  expect(
    await visitor.send("/login", { token: w.workspace.token, next: "//evil.example.com/" }),
  ).toMatchObject({
    status: 303,
    location: "/",
  });
  expect((await visitor.get("/")).text).toContain("<h1>Overview");
  expect((await visitor.send("/logout")).status).toBe(303);
  expect((await visitor.get("/")).text).not.toContain("Overview");
});

test("a run updates without a reload until its final colour", async () => {
  await w.ok("PUT", "/_lakeform/outcomes", { outcomes: [{ task: "transform", attempt: 0, result: "FAILED" }, { task: "report", result: "FAILED", error: "ValueError: no rows\n  at line 3" }] }); // prettier-ignore
  const job = await id({
    ...guideJob,
    description: "d",
    tags: { team: "data" },
    schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Europe/Berlin" },
    parameters: [{ name: "day", default: "2026-01-01" }],
    tasks: [
      ...(guideJob.tasks as JsonObject[]).map((task) =>
        task.task_key === "transform" ? { ...task, max_retries: 1 } : task,
      ),
      { task_key: "fresh", condition_task: { op: "GREATER_THAN", left: "{{job.parameters.day}}", right: "0" }, depends_on: [{ task_key: "ingest" }], disabled: true }, // prettier-ignore
      {
        task_key: "loop",
        depends_on: [{ task_key: "ingest" }],
        for_each_task: { inputs: "[1,2,3]", concurrency: 2, task: notebook("each") },
      },
      notebook("report", ["transform", "loop"]),
      notebook("alert", ["report"], { run_if: "AT_LEAST_ONE_FAILED" }),
      notebook("archive", ["report"]),
    ],
  });
  await go(`/jobs/${job}`);
  expect(await page.textContent("h1")).toContain("daily-etl-pipeline");
  await picture("job");
  await page.click("text=Run now");
  await page.waitForURL(/\/runs\/\d+/);
  expect(await page.textContent("h1 .chip")).toBe("pending");
  await w.advance(250);
  await page.waitForSelector('h1 .chip:text-is("running")');
  await w.advance(500);
  await page.waitForSelector(".graph .ok");
  await picture("run-live");
  await w.advance("1m");
  await page.waitForSelector('h1 .chip:text-is("failed")');
  await picture("run");
  expect(await page.textContent(".note")).toContain("Task report failed with message");
  expect(await page.locator(".graph .node").count()).toBe(7);
  expect(await page.locator(".graph .bad").count()).toBe(2);
  await page.click(".graph a:has-text('report')");
  await page.waitForURL(/\/runs\/\d+/);
  expect(await page.textContent("main")).toContain("ValueError: no rows");
  await picture("task");
  await go("/");
  await picture("overview");
});

test("run_page_url and the old links lead to the page; a running run can be cancelled there", async () => {
  const job = await id({ name: "long", tasks: [notebook("a")] });
  const run = await runNow(job);
  const { run_page_url } = await w.ok("GET", `/api/2.2/jobs/runs/get?run_id=${run}`);
  await page.goto(run_page_url as string);
  expect(await page.textContent("h1")).toContain("long");
  await page.click("text=Cancel");
  expect(await page.textContent("h1 .chip")).toBe("terminating");
  await go(`/?x=1#job/${job}`);
  await page.waitForURL(`**/jobs/${job}`);
  await go(`/jobs/${job}/runs/1`);
  expect(await page.textContent(".note")).toContain("Run 1 does not exist.");
  errors.length = 0;
});

test("the link of every kind leads to its object", async () => {
  const ids: Readonly<Record<string, string>> = {
    databricks_directory: "/Shared",
    databricks_file: "/Volumes/a/b/c/d",
    databricks_notebook: "/Shared/a",
    databricks_registered_model: "a.b.c",
    databricks_volume: "a.b.c",
    databricks_workspace_file: "/Shared/a",
  };
  for (const { type, identity } of kinds) {
    const address = identity.link?.("", ids[type] ?? "7", { path: "/Repos/a" });
    if (address === undefined) continue;
    const path = address.startsWith("/#")
      ? `/hash?address=${encodeURIComponent(address.slice(1))}`
      : address;
    const answer = await fetch(`${w.workspace.host}${path}`, { redirect: "manual" });
    expect([type, answer.status < 400 && answer.headers.get("location") !== "/"]).toEqual([
      type,
      true,
    ]);
  }
  const warehouse = (
    await w.ok("POST", "/api/2.0/sql/warehouses", { name: "reports", cluster_size: "Small" })
  ).id as string;
  const pool = { instance_pool_name: "spare", node_type_id: "Standard_DS3_v2" };
  const { instance_pool_id } = await w.ok("POST", "/api/2.0/instance-pools/create", pool);
  await w.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "a@b" });
  await w.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/100% a b" });
  const linkOf = (type: string, of: string): string =>
    findKind(type)?.identity.link?.("", of, {}) ?? "";
  for (const [type, of, place, shown] of [
    ["databricks_sql_endpoint", warehouse, `/sql/warehouses/${warehouse}`, '"name": "reports"'],
    [
      "databricks_instance_pool",
      instance_pool_id as string,
      "/instance-pools/",
      '"instance_pool_name": "spare"',
    ],
    ["databricks_secret_scope", "a@b", "/secrets#a%40b", "a@b"],
    ["databricks_directory", "/Shared/100% a b", "/workspace?path=", "100% a b"],
  ] as const) {
    await page.goto("about:blank");
    await go(linkOf(type, of));
    await page.waitForURL((url) => url.href.includes(place));
    expect(await page.textContent("main")).toContain(shown);
  }
  expect(
    await page.request
      .get(`${w.workspace.host}/sql/warehouses/none`)
      .then((answer) => answer.status()),
  ).toBe(404);
});

test("user input is shown as text", async () => {
  const job = await id({
    name: evil,
    tags: { [evil]: evil },
    description: evil,
    parameters: [{ name: "p", default: evil }],
    tasks: [
      { task_key: "a", notebook_task: { notebook_path: evil, base_parameters: { [evil]: evil } } },
    ],
  });
  await w.ok("PUT", "/_lakeform/outcomes", {
    outcomes: [
      { job: evil, result: "FAILED", error: evil, error_trace: evil, values: { [evil]: evil } },
    ],
  });
  const run = await runNow(job);
  await w.advance("1m");
  const whole = await w.ok("GET", `/api/2.2/jobs/runs/get?run_id=${run}`);
  const task = (whole.tasks as { run_id: number }[])[0]?.run_id ?? 0;
  const pages = ["/", "/jobs", `/jobs?name=${encodeURIComponent(evil)}`, `/jobs/${job}`, `/jobs/${job}/runs/${run}`, `/jobs/${job}/runs/${task}`, "/runs", "/journal", `/journal?path=${encodeURIComponent(evil)}`, `/workspace?path=${encodeURIComponent(evil)}`, `/dbfs?path=${encodeURIComponent(evil)}`]; // prettier-ignore
  for (const where of pages) {
    await go(where);
    expect([
      where,
      await page.evaluate("window.hit"),
      await page.locator("main img, main script").count(),
    ]).toEqual([where, undefined, 0]);
  }
  errors.length = 0;
});

test("pages show clusters, secrets by name only, DBFS, the workspace tree and requests", async () => {
  await w.call("POST", "/api/2.0/secrets/scopes/create", { scope: "etl" });
  await w.call("POST", "/api/2.0/secrets/put", {
    scope: "etl",
    key: "password",
    string_value: "hunter2-very-secret",
  });
  await w.call("POST", "/api/2.0/dbfs/put", {
    path: "/tmp/sample.json",
    contents: Buffer.from('{"a": 1}').toString("base64"),
    overwrite: true,
  });
  await w.call("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/etl" });
  await w.call("POST", "/api/2.0/workspace/import", { path: "/Shared/etl/main", language: "PYTHON", format: "SOURCE", content: Buffer.from("print('hello')").toString("base64") }); // prettier-ignore
  await w.call("POST", "/api/2.1/clusters/create", {
    cluster_name: "shared",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 2,
  });
  for (const [where, expected] of [
    ["/clusters", "shared"],
    ["/secrets", "password"],
    ["/dbfs", "tmp/"],
    ["/dbfs?path=/tmp/sample.json", '{"a": 1}'],
    ["/workspace?path=/Shared/etl", "main"],
    ["/workspace?path=/Shared/etl/main", "print('hello')"],
    ["/journal", "/api/2.0/secrets/put"],
  ] as const) {
    await go(where);
    expect([where, await page.textContent("main")]).toEqual([
      where,
      expect.stringContaining(expected),
    ]);
    expect(await page.content()).not.toContain("hunter2");
    await picture(where.replace(/\W+/g, "-").replace(/^-/, ""));
  }
  await page.setViewportSize({ width: 420, height: 800 });
  await go("/");
  await picture("narrow");
});

test("long lists are paged, and every page fits a phone", async () => {
  await Promise.all(
    Array.from({ length: 60 }, (_, index) => id({ name: `bulk ${index}`, tasks: [notebook("a")] })),
  );
  const job = await id({ name: "often", tasks: [notebook("a")], max_concurrent_runs: 100 });
  for (let index = 0; index < 60; index++) await runNow(job);
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
  for (let index = 0; index < 51; index++)
    await w.ok("POST", "/api/2.1/clusters/create", { ...cluster, cluster_name: `c ${index}` });
  const rows = (): Promise<number> => page.locator("tbody tr").count();
  for (const [where, more, back] of [
    ["/jobs", "Older jobs", "Newest jobs"],
    [`/runs?job=${job}`, "Older runs", "Newest runs"],
    ["/clusters", "Older clusters", "Newest clusters"],
  ] as const) {
    await go(where);
    expect([where, await rows(), await page.locator(`text=${back}`).count()]).toEqual([
      where,
      50,
      0,
    ]);
    await page.click(`text=${more}`);
    await page.waitForSelector(`text=${back}`);
    expect(await rows()).toBeGreaterThan(0);
    await page.click(`text=${back}`);
    await page.waitForSelector(`text=${more}`);
  }
  await go(`/jobs/${job}`);
  await page.click("text=All runs of this job");
  await page.waitForSelector("h1:has-text('Runs of often')");
  await page.setViewportSize({ width: 390, height: 800 });
  const [run] = (await w.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}&limit=1`)).runs as {
    run_id: number;
  }[];
  for (const where of [
    "/",
    "/jobs",
    `/jobs/${job}`,
    `/jobs/${job}/runs/${run?.run_id ?? 0}`,
    "/runs",
    "/clusters",
    "/secrets",
    "/dbfs",
    "/workspace?path=/Shared/etl",
    "/journal",
  ]) {
    await go(where);
    const over = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect([where, over]).toEqual([where, 0]);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
});

test("a user without admin rights sees only what the API returns", async () => {
  const entered = await fetch(`${w.workspace.host}/jobs?token=dapi-reader`, { redirect: "manual" });
  const headers = { cookie: (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  const jobs = await fetch(`${w.workspace.host}/jobs`, { headers });
  expect([jobs.status, await jobs.text()]).toEqual([
    200,
    expect.not.stringContaining("daily-etl-pipeline"),
  ]);
  expect((await fetch(`${w.workspace.host}/journal`, { headers })).status).toBe(403);
});

test("the pages load nothing from outside and comply with their content security policy", () => {
  expect(outside).toEqual([]);
  expect(errors).toEqual([]);
});
