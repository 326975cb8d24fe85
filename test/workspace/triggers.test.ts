import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { openFormBrowser } from "./forms";
import { notebook, startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
const UC = "/api/2.1/unity-catalog";
const createJob = async (settings: JsonObject): Promise<number> =>
  (await server.ok("POST", "/api/2.2/jobs/create", { tasks: [notebook("a")], ...settings }))
    .job_id as number;
const listRuns = async (job: number): Promise<JsonObject[]> =>
  ((await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}&limit=25`)).runs ??
    []) as JsonObject[];
const uploadFile = async (file: string, query = ""): Promise<void> => {
  const response = await fetch(`${server.workspace.host}/api/2.0/fs/files${file}${query}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${server.workspace.token}` },
    body: "x",
  });
  expect(response.status).toBe(204);
};

describe("triggers", () => {
  beforeAll(async () => {
    server = await startTestWorkspace();
    await server.ok("POST", `${UC}/schemas`, { catalog_name: "main", name: "raw" });
    await server.ok("POST", `${UC}/volumes`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "in",
      volume_type: "MANAGED",
    });
    await server.ok("POST", `${UC}/volumes`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "lake",
      volume_type: "EXTERNAL",
      storage_location: "s3://lake/landing",
    });
  });
  afterAll(() => server.close());

  test("start a run for a new file, and none for a file in another folder or an overwritten file", async () => {
    const job = await createJob({
      trigger: { file_arrival: { url: "/Volumes/Main/raw/in/orders/" } },
    });
    await uploadFile("/Volumes/main/raw/in/other/1.csv");
    await server.advance("1m");
    expect(await listRuns(job)).toEqual([]);
    await uploadFile("/Volumes/main/raw/in/orders/2026/1.csv");
    await server.advance("1m");
    expect(await listRuns(job)).toMatchObject([
      { trigger: "FILE_ARRIVAL", run_type: "JOB_RUN", state: { result_state: "SUCCESS" } },
    ]);
    await uploadFile("/Volumes/main/raw/in/orders/2026/1.csv", "?overwrite=true");
    await uploadFile("/Volumes/main/raw/in/orders_2/1.csv");
    await server.advance("1m");
    expect(await listRuns(job)).toHaveLength(1);
    await server.ok("POST", "/api/2.2/jobs/update", {
      job_id: job,
      new_settings: {
        trigger: { file_arrival: { url: "/Volumes/main/raw/in/orders" }, pause_status: "PAUSED" },
      },
    });
    await uploadFile("/Volumes/main/raw/in/orders/2.csv");
    await server.advance("1m");
    expect(await listRuns(job)).toHaveLength(1);
  });

  test("of one job each start runs, unless they are paused", async () => {
    const url = (folder: string): string => `/Volumes/main/raw/in/${folder}/`;
    const schedule = { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "UTC" };
    const job = await createJob({
      triggers: [
        { file_arrival: { url: url("a") } },
        { file_arrival: { url: url("b"), wait_after_last_change_seconds: 600 } },
        { file_arrival: { url: url("c") }, pause_status: "PAUSED" },
        { table_update: { table_names: ["main.raw.several"] } },
        { schedule, pause_status: "PAUSED" },
        { periodic: { interval: 1, unit: "DAYS" } },
      ],
    });
    const startedTriggers = async (): Promise<unknown[]> =>
      (await listRuns(job)).map(({ trigger }) => trigger).reverse();
    for (const folder of ["b", "a", "c"])
      await uploadFile(`/Volumes/main/raw/in/${folder}/several.csv`);
    await server.advance("1m");
    expect(await startedTriggers()).toEqual(["FILE_ARRIVAL"]);
    await server.ok("POST", `${UC}/tables`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "several",
    });
    await server.advance("1m");
    expect(await startedTriggers()).toEqual(["FILE_ARRIVAL", "TABLE"]);
    await server.advance("10m");
    expect(await startedTriggers()).toEqual(["FILE_ARRIVAL", "TABLE", "FILE_ARRIVAL"]);
    await server.advance("24h");
    expect(await startedTriggers()).toEqual(["FILE_ARRIVAL", "TABLE", "FILE_ARRIVAL", "PERIODIC"]);
    const visitor = openFormBrowser(server.workspace.host);
    await visitor.get("/");
    await visitor.send("/login", { token: server.workspace.token });
    expect((await visitor.get(`/jobs/${job}`)).text).toContain(
      "file_arrival, file_arrival, file_arrival (paused), table_update, 0 0 6 * * ? (paused), periodic",
    );
    const settings = await server.ok("GET", `/api/2.2/jobs/get?job_id=${job}`);
    expect(settings).toHaveProperty("settings.triggers.5", {
      periodic: { interval: 1, unit: "DAYS" },
    });
    const rejected = await server.call("POST", "/api/2.2/jobs/create", {
      tasks: [notebook("a")],
      schedule,
      triggers: [{ schedule }],
    });
    expect(rejected.status).toBe(400);
  });

  test("start one run for several files after a quiet period, and the next one after the minimum interval", async () => {
    const job = await createJob({
      trigger: {
        file_arrival: {
          url: "s3://lake/landing",
          wait_after_last_change_seconds: 60,
          min_time_between_triggers_seconds: 600,
        },
      },
    });
    await uploadFile("/Volumes/main/raw/lake/1.csv");
    await server.advance("50s");
    await server.ok("POST", "/_lakeform/arrivals", { files: ["s3://lake/landing/2.csv"] });
    await server.advance("50s");
    expect(await listRuns(job)).toEqual([]);
    await server.advance("11s");
    expect(await listRuns(job)).toHaveLength(1);
    await uploadFile("/Volumes/main/raw/lake/3.csv");
    await server.advance("9m");
    expect(await listRuns(job)).toHaveLength(1);
    await server.advance("1m");
    expect(await listRuns(job)).toHaveLength(2);
  });

  test("start a run when any or all tables are updated", async () => {
    const table_names = ["main.raw.orders", "main.raw.items"];
    const anyJob = await createJob({
      trigger: { table_update: { table_names, condition: "ANY_UPDATED" } },
    });
    const allJob = await createJob({
      trigger: { table_update: { table_names, condition: "ALL_UPDATED" } },
    });
    await server.ok("POST", `${UC}/tables`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "orders",
    });
    await server.advance("1m");
    expect((await listRuns(anyJob)).map(({ trigger }) => trigger)).toEqual(["TABLE"]);
    expect(await listRuns(allJob)).toEqual([]);
    await server.ok("POST", "/_lakeform/arrivals", { tables: ["main.raw.Items"] });
    await server.advance("1m");
    expect(await listRuns(anyJob)).toHaveLength(2);
    expect((await listRuns(allJob)).map(({ trigger }) => trigger)).toEqual(["TABLE"]);
    await server.ok("POST", "/_lakeform/arrivals", { tables: ["main.raw.items"] });
    await server.advance("1m");
    expect(await listRuns(allJob)).toHaveLength(1);
  });

  test("are rejected if they are invalid", async () => {
    for (const trigger of [
      { file_arrival: {} },
      { file_arrival: { url: "s3://x", wait_after_last_change_seconds: 59 } },
      { table_update: { table_names: [] } },
      { table_update: { table_names: ["a.b.c"], condition: "SOME" } },
      { periodic: { interval: 0, unit: "DAYS" } },
    ])
      expect(
        await server.call("POST", "/api/2.2/jobs/create", { name: "bad", trigger }),
      ).toMatchObject({
        status: 400,
        body: { error_code: "INVALID_PARAMETER_VALUE" },
      });
  });
});

test("a file that arrived before a restart of the workspace starts a run after it", async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-triggers-"));
  try {
    server = await startTestWorkspace({ data });
    const job = await createJob({
      trigger: { file_arrival: { url: "s3://lake", wait_after_last_change_seconds: 60 } },
    });
    await server.ok("POST", "/_lakeform/arrivals", { files: ["s3://lake/1.csv"] });
    await server.close();
    server = await startTestWorkspace({ data }, { manualClock: false });
    await server.advance("1m");
    await server.close();
    server = await startTestWorkspace({ data }, { manualClock: false });
    await server.advance("1h");
    expect(await listRuns(job)).toMatchObject([{ trigger: "FILE_ARRIVAL" }]);
    await server.close();
  } finally {
    fs.rmSync(data, { recursive: true, force: true });
  }
});

describe("the limit of concurrent task runs", () => {
  beforeAll(async () => {
    server = await startTestWorkspace();
    await server.ok("PUT", "/_lakeform/limits", { concurrent_task_runs: 2 });
  });
  afterAll(() => server.close());

  test("rejects a run without a queue with 429, and lets other runs wait for capacity", async () => {
    const busyJob = await createJob({
      name: "busy",
      tasks: [notebook("a"), notebook("b")],
      max_concurrent_runs: 5,
    });
    const queuedJob = await createJob({ name: "queued" });
    const jobWithoutQueue = await createJob({ name: "plain", queue: { enabled: false } });
    await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: busyJob });
    expect(
      await server.call("POST", "/api/2.2/jobs/run-now", {
        job_id: jobWithoutQueue,
        idempotency_token: "again",
      }),
    ).toMatchObject({
      status: 429,
      body: {
        error_code: "REQUEST_LIMIT_EXCEEDED",
        message: expect.stringContaining("limit of 2 concurrent task runs") as string,
      },
    });
    const { run_id } = await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: queuedJob });
    expect(await server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { life_cycle_state: "QUEUED" },
      status: { state: "QUEUED", queue_details: { code: "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" } },
    });
    await server.advance("10s");
    expect(await server.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { result_state: "SUCCESS" },
    });
    // The rejected call had no effect, so the same token now starts a run.
    await server.ok("POST", "/api/2.2/jobs/run-now", {
      job_id: jobWithoutQueue,
      idempotency_token: "again",
    });
    expect(await listRuns(jobWithoutQueue)).toHaveLength(1);
  });
});
