/** The pages of a workspace in a browser, for web.test.ts and web.long.test.ts. */
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../support/browser";
import type { JsonObject } from "../../src/workspace/errors";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

/** The folder for screenshots, set with LAKEFORM_SCREENSHOTS=folder. */
const screenshotFolder = process.env.LAKEFORM_SCREENSHOTS;
export let server: TestWorkspace;
let browser: Browser;
export let page: Page;
/** The errors of the pages since a test last emptied the list. */
export const errors: string[] = [];
export const externalRequests: string[] = [];

/** Starts a workspace and a browser for the tests of the file. */
export function useWebLab(): void {
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
}

export async function takeScreenshot(name: string): Promise<void> {
  if (screenshotFolder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: path.join(screenshotFolder, `${name}-${colorScheme}.png`),
      fullPage: true,
    });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

export const openPage = (address: string): Promise<unknown> =>
  page.goto(`${server.workspace.host}${address}`);
export const createJob = async (settings: JsonObject): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/create", settings)).job_id as number;
export const runNow = async (job_id: number): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/run-now", { job_id })).run_id as number;

export const signIn = (): Promise<unknown> => openPage(`/?token=${server.workspace.token}`);

/** Creates a cluster, a secret, a file in DBFS and a notebook. */
export async function createSampleObjects(): Promise<void> {
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
  await server.call("POST", "/api/2.0/workspace/import", {
    path: "/Shared/etl/main",
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from("print('hello')").toString("base64"),
  });
  await server.call("POST", "/api/2.1/clusters/create", {
    cluster_name: "shared",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 2,
  });
}
