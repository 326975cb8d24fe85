import type { JsonObject } from "../../src/workspace/errors";
import { openFormBrowser } from "./forms";
import { guideJob, notebook } from "./jobs-support";
import {
  createJob,
  createSampleObjects,
  errors,
  externalRequests,
  openPage,
  page,
  runNow,
  server,
  signIn,
  takeScreenshot,
  useWebLab,
} from "./web-lab";

const hostileText = `"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'\``;

useWebLab();

test("nothing is visible without a token; a valid token opens a session and is removed from the address", async () => {
  await openPage("/jobs");
  expect(await page.textContent("h1")).toBe("Local workspace");
  await takeScreenshot("login");
  await page.fill("#token", "dapi-wrong");
  await page.click("text=Sign in >> nth=-1");
  expect(await page.textContent(".note")).toContain("invalid or has expired");
  expect((await page.request.get(`${server.workspace.host}/?live=1`)).status()).toBe(401);
  errors.length = 0;
  await signIn();
  expect(page.url()).toBe(`${server.workspace.host}/`);
  expect(await page.textContent("h1")).toBe("Overview");
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(cookie?.value).not.toContain(server.workspace.token);
  const journal = JSON.stringify(server.workspace.journal());
  expect(journal).not.toContain(server.workspace.token);
  expect(journal).not.toContain("dapi-wrong");
});

test("a session does not redirect to other sites, and ends at sign-out", async () => {
  const visitor = openFormBrowser(server.workspace.host);
  await visitor.get("/");
  expect(
    await visitor.send("/login", { token: server.workspace.token, next: "//evil.example.com/" }),
  ).toMatchObject({
    status: 303,
    location: "/",
  });
  expect((await visitor.get("/")).text).toContain("<h1>Overview");
  expect((await visitor.send("/logout")).status).toBe(303);
  expect((await visitor.get("/")).text).not.toContain("Overview");
});

test("a run's page updates without a reload until the run has its final colour", async () => {
  await server.ok("PUT", "/_lakeform/outcomes", {
    outcomes: [
      { task: "transform", attempt: 0, result: "FAILED" },
      { task: "report", result: "FAILED", error: "ValueError: no rows\n  at line 3" },
    ],
  });
  const job = await createJob({
    ...guideJob,
    description: "d",
    tags: { team: "data" },
    schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Europe/Berlin" },
    parameters: [{ name: "day", default: "2026-01-01" }],
    tasks: [
      ...(guideJob.tasks as JsonObject[]).map((task) =>
        task.task_key === "transform" ? { ...task, max_retries: 1 } : task,
      ),
      {
        task_key: "fresh",
        condition_task: { op: "GREATER_THAN", left: "{{job.parameters.day}}", right: "0" },
        depends_on: [{ task_key: "ingest" }],
        disabled: true,
      },
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
  await openPage(`/jobs/${job}`);
  expect(await page.textContent("h1")).toContain("daily-etl-pipeline");
  await takeScreenshot("job");
  await page.click("text=Run now");
  await page.waitForURL(/\/runs\/\d+/);
  expect(await page.textContent("h1 .chip")).toBe("pending");
  await server.advance(250);
  await page.waitForSelector('h1 .chip:text-is("running")');
  await server.advance(500);
  await page.waitForSelector(".graph .ok");
  await takeScreenshot("run-live");
  await server.advance("1m");
  await page.waitForSelector('h1 .chip:text-is("failed")');
  await takeScreenshot("run");
  expect(await page.textContent(".note")).toContain("Task report failed with message");
  expect(await page.locator(".graph .node").count()).toBe(7);
  expect(await page.locator(".graph .bad").count()).toBe(2);
  await page.click(".graph a:has-text('report')");
  await page.waitForURL(/\/runs\/\d+/);
  expect(await page.textContent("main")).toContain("ValueError: no rows");
  await takeScreenshot("task");
  await openPage("/");
  await takeScreenshot("overview");
});

test("run_page_url and the old links lead to the page, where a running run can be canceled", async () => {
  const job = await createJob({ name: "long", tasks: [notebook("a")] });
  const run = await runNow(job);
  const { run_page_url } = await server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${run}`);
  await page.goto(run_page_url as string);
  expect(await page.textContent("h1")).toContain("long");
  await page.click("text=Cancel");
  expect(await page.textContent("h1 .chip")).toBe("terminating");
  await openPage(`/?x=1#job/${job}`);
  await page.waitForURL(`**/jobs/${job}`);
  await openPage(`/jobs/${job}/runs/1`);
  expect(await page.textContent(".note")).toContain("Run 1 does not exist.");
  errors.length = 0;
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
  const pages = [
    "/",
    "/jobs",
    `/jobs?name=${encodeURIComponent(hostileText)}`,
    `/jobs/${job}`,
    `/jobs/${job}/runs/${run}`,
    `/jobs/${job}/runs/${taskRunId}`,
    "/runs",
    "/journal",
    `/journal?path=${encodeURIComponent(hostileText)}`,
    `/workspace?path=${encodeURIComponent(hostileText)}`,
    `/dbfs?path=${encodeURIComponent(hostileText)}`,
  ];
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
  await createSampleObjects();
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

test("a user without admin rights sees only what the API returns", async () => {
  const loginResponse = await fetch(`${server.workspace.host}/jobs?token=dapi-reader`, {
    redirect: "manual",
  });
  const headers = { cookie: (loginResponse.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  const jobs = await fetch(`${server.workspace.host}/jobs`, { headers });
  expect([jobs.status, await jobs.text()]).toEqual([
    200,
    expect.not.stringContaining("daily-etl-pipeline"),
  ]);
  expect((await fetch(`${server.workspace.host}/journal`, { headers })).status).toBe(403);
});

test("the pages load nothing from outside and comply with their content security policy", () => {
  expect(externalRequests).toEqual([]);
  expect(errors).toEqual([]);
});
