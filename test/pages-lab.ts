/** Writes and serves one page of each kind, and opens them in a real browser. */
import fs from "node:fs";
import path from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { renderHtml, review } from "../src/review";
import { renderReport } from "../src/verify";
import type { Finding, ResourceResult, VerifyReport } from "../src/verify/model";
import { openBrowser } from "./support/browser";
import { makeFolder, removeFolders } from "./support/project";
import { situations } from "./review/situations";
import { guideJob, startTestWorkspace, type TestWorkspace } from "./workspace/jobs-support";

const head = {
  workspaces: ["https://adb-1.azuredatabricks.net"],
  at: "2026-01-02T03:04:05Z",
  commit: "0123456789abcdef",
  author: "Ada",
};

function resource(
  status: ResourceResult["status"],
  more: Partial<ResourceResult> = {},
): ResourceResult {
  const path_ = `lab-local/${status}`;
  return {
    status,
    stack: "lab-local",
    address: `databricks_job.${status}`,
    kind: "databricks_job",
    title: "job",
    path: path_,
    id: "1",
    link: "http://127.0.0.1/jobs/1",
    findings: [],
    restorable: true,
    ...more,
  };
}
const finding: Finding = {
  path: "schedule.quartz_cron_expression",
  status: "drift",
  reason: "changed in the workspace",
  desired: "0 0 5 * * ?",
  remote: "0 0 3 * * ?",
} as Finding;
const tasks: ResourceResult["tasks"] = [
  { key: "ingest", after: [], state: "match" },
  { key: "clean", after: ["ingest"], state: "removed" },
  { key: "extra", after: ["ingest"], state: "added" },
];
const counts = {
  error: 1,
  missing: 1,
  drift: 1,
  unmanaged: 1,
  pending: 1,
  ignored: 1,
  unverifiable: 1,
  match: 1,
};
const report: VerifyReport = {
  schema: "lakeform/verify-report",
  version: 1,
  startedAt: "2026-01-02T03:04:05Z",
  milliseconds: 900,
  calls: 8,
  host: "https://adb-1.azuredatabricks.net",
  deep: false,
  stacks: [{ name: "lab-local", basis: "state", weaker: ["there is no deployment record"] }],
  counts,
  resources: [
    resource("drift", { findings: [finding], tasks }),
    ...(["error", "missing", "pending", "ignored", "unverifiable", "match"] as const).map(
      (status) => resource(status, { reason: "a reason" }),
    ),
  ],
  unmanaged: [
    {
      status: "unmanaged",
      kind: "databricks_job",
      title: "job",
      id: "2",
      name: "copy",
      reason: "has the name",
      removal: "lakeform api POST …",
    },
  ],
  notChecked: [{ what: "run_as", reason: "needs --deep", count: 1, examples: ["lab-local/drift"] }],
  ignoreRules: [],
  failures: [],
  exitCode: 2,
} as unknown as VerifyReport;

export let page: Page;
/** The addresses of all pages. */
export const addresses: string[] = [];
/** Errors that the browser reported. */
export const problems: string[] = [];
/** Violations on the page for signing in. */
export const signIn: string[] = [];

export function usePages(): void {
  let browser: Browser;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    const folder = makeFolder("pages");
    const write = (name: string, text: string): void => {
      fs.writeFileSync(path.join(folder, name), text);
      addresses.push(`file://${path.join(folder, name)}`);
    };
    for (const title of ["first deploy", "rewiring"]) {
      const stacks = situations.find((situation) => situation.title === title)?.stacks ?? [];
      const value = review({ stacks, today: "2026-01-02" });
      write(
        `review ${title}.html`,
        await renderHtml(value, {
          ...head,
          approve: `lakeform deploy dev --approve ${value.digest}`,
        }),
      );
    }
    write("verify.html", await renderReport(report, "html"));
    workspace = await startTestWorkspace();
    await workspace.ok("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared" });
    for (const name of ["/Shared/ingest_raw_data", "/Shared/transform_data"])
      await workspace.ok("POST", "/api/2.0/workspace/import", {
        path: name,
        format: "SOURCE",
        language: "PYTHON",
        overwrite: true,
        content: Buffer.from("# Databricks notebook source\nprint(1)\n").toString("base64"),
      });
    const job_id = (await workspace.ok("POST", "/api/2.2/jobs/create", guideJob)).job_id as number;
    const run_id = (await workspace.ok("POST", "/api/2.2/jobs/run-now", { job_id }))
      .run_id as number;
    const routes = [
      "/",
      "/jobs",
      "/clusters",
      "/policies",
      "/catalog",
      "/dbfs",
      "/workspace",
      "/journal",
    ];
    const objects = [`/jobs/${job_id}`, `/jobs/${job_id}/runs/${run_id}`];
    addresses.push(
      ...[...routes, ...objects].map((route) => `${workspace.workspace.host}${route}`),
    );
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(workspace.workspace.host);
    signIn.push(...(await violations()));
    problems.length = 0;
    await page.goto(`${workspace.workspace.host}/?token=${workspace.workspace.token}`);
  }, 60_000);
  afterAll(async () => {
    const pictures = process.env.LAKEFORM_SCREENSHOTS;
    if (pictures !== undefined) {
      for (const address of addresses)
        for (const [width, colorScheme] of [
          [1100, "light"],
          [360, "dark"],
        ] as const) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          await page.goto(address);
          await page.screenshot({
            path: path.join(pictures, `${address.replace(/\W+/g, "-").slice(-30)}-${width}.png`),
            fullPage: true,
          });
        }
    }
    removeFolders();
    await workspace.close();
    await browser.close();
  });
}

/** Runs axe from outside the page, whose content security policy would block a script. */
export async function violations(rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  }>(`axe.run(${JSON.stringify({ runOnly: rules, resultTypes: ["violations"] })})`);
  return found.map(
    ({ id, nodes }) =>
      `${page.url()}: ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`,
  );
}
