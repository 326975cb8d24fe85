import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser";
import { findKind, kinds } from "../../src/resources";
import type { JsonObject } from "../../src/workspace/errors";
import { notebook, startTestWorkspace, type TestWorkspace } from "./jobs-support";

/** The folder for screenshots, set with LAKEFORM_SCREENSHOTS=folder. */
const screenshotFolder = process.env.LAKEFORM_SCREENSHOTS;
const hostileText = `"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'\``;

let server: TestWorkspace;
let browser: Browser;
let page: Page;
const errors: string[] = [];
const externalRequests: string[] = [];

beforeAll(async () => {
  server = await startTestWorkspace({
    principals: [{ name: "reader@example.com", token: "dapi-reader" }],
  });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.workspace.host) && !request.url().startsWith("data:"))
      externalRequests.push(request.url());
  });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});

async function takeScreenshot(name: string): Promise<void> {
  if (screenshotFolder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: path.join(screenshotFolder, `${name}-${colorScheme}.png`),
      fullPage: true,
    });
  }
  fs.mkdirSync(screenshotFolder, { recursive: true });
  await page.emulateMedia({ colorScheme: "light" });
}

const openPage = (address: string): Promise<unknown> =>
  page.goto(`${server.workspace.host}${address}`);
const createJob = async (settings: JsonObject): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/create", settings)).job_id as number;
const runNow = async (job_id: number): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/run-now", { job_id })).run_id as number;

test("nothing is visible without a token; a valid token opens a session and is removed from the address", async () => {
  await openPage("/jobs");
  expect(await page.textContent("h1")).toBe("Local workspace");
  await takeScreenshot("login");
  await page.fill("#token", "dapi-wrong");
  await page.click("text=Sign in >> nth=-1");
  expect(await page.textContent(".note")).toContain("invalid or has expired");
  expect((await page.request.get(`${server.workspace.host}/?live=1`)).status()).toBe(401);
  errors.length = 0;
  await openPage(`/?token=${server.workspace.token}`);
  expect(page.url()).toBe(`${server.workspace.host}/`);
  expect(await page.textContent("h1")).toBe("Overview");
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(cookie?.value).not.toContain(server.workspace.token);
  const journal = JSON.stringify(server.workspace.journal());
  expect(journal).not.toContain(server.workspace.token);
  expect(journal).not.toContain("dapi-wrong");
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
    const redirectedAddress = address.startsWith("/#")
      ? `/hash?address=${encodeURIComponent(address.slice(1))}`
      : address;
    const response = await fetch(`${server.workspace.host}${redirectedAddress}`, {
      redirect: "manual",
    });
    expect([type, response.status < 400 && response.headers.get("location") !== "/"]).toEqual([
      type,
      true,
    ]);
  }
  const warehouse = (
    await server.ok("POST", "/api/2.0/sql/warehouses", { name: "reports", cluster_size: "Small" })
  ).id as string;
  const pool = { instance_pool_name: "spare", node_type_id: "Standard_DS3_v2" };
  const { instance_pool_id } = await server.ok("POST", "/api/2.0/instance-pools/create", pool);
  await server.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "a@b" });
  await server.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/100% a b" });
  const linkFor = (type: string, objectId: string): string =>
    findKind(type)?.identity.link?.("", objectId, {}) ?? "";
  for (const [type, objectId, expectedUrl, expectedText] of [
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
    await openPage(linkFor(type, objectId));
    await page.waitForURL((url) => url.href.includes(expectedUrl));
    expect(await page.textContent("main")).toContain(expectedText);
  }
  expect(
    await page.request
      .get(`${server.workspace.host}/sql/warehouses/none`)
      .then((response) => response.status()),
  ).toBe(404);
});

test("user input is shown as text", async () => {
  const job = await createJob({
    name: hostileText,
    tags: { [hostileText]: hostileText },
    description: hostileText,
    parameters: [{ name: "p", default: hostileText }],
    tasks: [
      {
        task_key: "a",
        notebook_task: {
          notebook_path: hostileText,
          base_parameters: { [hostileText]: hostileText },
        },
      },
    ],
  });
  await server.ok("PUT", "/_lakeform/outcomes", {
    outcomes: [
      {
        job: hostileText,
        result: "FAILED",
        error: hostileText,
        error_trace: hostileText,
        values: { [hostileText]: hostileText },
      },
    ],
  });
  const run = await runNow(job);
  await server.advance("1m");
  const runResponse = await server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${run}`);
  const taskRunId = (runResponse.tasks as { run_id: number }[])[0]?.run_id ?? 0;
  const pages = ["/", "/jobs", `/jobs?name=${encodeURIComponent(hostileText)}`, `/jobs/${job}`, `/jobs/${job}/runs/${run}`, `/jobs/${job}/runs/${taskRunId}`, "/runs", "/journal", `/journal?path=${encodeURIComponent(hostileText)}`, `/workspace?path=${encodeURIComponent(hostileText)}`, `/dbfs?path=${encodeURIComponent(hostileText)}`]; // prettier-ignore
  for (const address of pages) {
    await openPage(address);
    expect([
      address,
      await page.evaluate("window.hit"),
      await page.locator("main img, main script").count(),
    ]).toEqual([address, undefined, 0]);
  }
  errors.length = 0;
});

test("pages show clusters, secrets by name only, DBFS, the workspace tree and requests", async () => {
  await server.call("POST", "/api/2.0/secrets/scopes/create", { scope: "etl" });
  await server.call("POST", "/api/2.0/secrets/put", {
    scope: "etl",
    key: "password",
    string_value: "hunter2-very-secret",
  });
  await server.call("POST", "/api/2.0/dbfs/put", {
    path: "/tmp/sample.json",
    contents: Buffer.from('{"a": 1}').toString("base64"),
    overwrite: true,
  });
  await server.call("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/etl" });
  await server.call("POST", "/api/2.0/workspace/import", { path: "/Shared/etl/main", language: "PYTHON", format: "SOURCE", content: Buffer.from("print('hello')").toString("base64") }); // prettier-ignore
  await server.call("POST", "/api/2.1/clusters/create", {
    cluster_name: "shared",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 2,
  });
  for (const [address, expected] of [
    ["/clusters", "shared"],
    ["/secrets", "password"],
    ["/dbfs", "tmp/"],
    ["/dbfs?path=/tmp/sample.json", '{"a": 1}'],
    ["/workspace?path=/Shared/etl", "main"],
    ["/workspace?path=/Shared/etl/main", "print('hello')"],
    ["/journal", "/api/2.0/secrets/put"],
  ] as const) {
    await openPage(address);
    expect([address, await page.textContent("main")]).toEqual([
      address,
      expect.stringContaining(expected),
    ]);
    expect(await page.content()).not.toContain("hunter2");
    await takeScreenshot(address.replace(/\W+/g, "-").replace(/^-/, ""));
  }
  await page.setViewportSize({ width: 420, height: 800 });
  await openPage("/");
  await takeScreenshot("narrow");
});

test("long lists are paged, and every page fits a phone", async () => {
  await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      createJob({ name: `bulk ${index}`, tasks: [notebook("a")] }),
    ),
  );
  const job = await createJob({ name: "often", tasks: [notebook("a")], max_concurrent_runs: 100 });
  for (let index = 0; index < 60; index++) await runNow(job);
  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
  for (let index = 0; index < 51; index++)
    await server.ok("POST", "/api/2.1/clusters/create", { ...cluster, cluster_name: `c ${index}` });
  const rows = (): Promise<number> => page.locator("tbody tr").count();
  for (const [address, olderLink, newestLink] of [
    ["/jobs", "Older jobs", "Newest jobs"],
    [`/runs?job=${job}`, "Older runs", "Newest runs"],
    ["/clusters", "Older clusters", "Newest clusters"],
  ] as const) {
    await openPage(address);
    expect([address, await rows(), await page.locator(`text=${newestLink}`).count()]).toEqual([
      address,
      50,
      0,
    ]);
    await page.click(`text=${olderLink}`);
    await page.waitForSelector(`text=${newestLink}`);
    expect(await rows()).toBeGreaterThan(0);
    await page.click(`text=${newestLink}`);
    await page.waitForSelector(`text=${olderLink}`);
  }
  await openPage(`/jobs/${job}`);
  await page.click("text=All runs of this job");
  await page.waitForSelector("h1:has-text('Runs of often')");
  await page.setViewportSize({ width: 390, height: 800 });
  const [run] = (await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}&limit=1`)).runs as {
    run_id: number;
  }[];
  for (const address of [
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
    await openPage(address);
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect([address, overflow]).toEqual([address, 0]);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
});

test("the pages load nothing from outside and comply with their content security policy", () => {
  expect(externalRequests).toEqual([]);
  expect(errors).toEqual([]);
});
