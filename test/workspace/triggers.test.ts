import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { notebook, startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

let w: TestWorkspace;
const UC = "/api/2.1/unity-catalog";
const create = async (settings: JsonObject): Promise<number> =>
  (await w.ok("POST", "/api/2.2/jobs/create", { tasks: [notebook("a")], ...settings }))
    .job_id as number;
const runs = async (job: number): Promise<JsonObject[]> =>
  ((await w.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}&limit=25`)).runs ??
    []) as JsonObject[];
const put = async (file: string, query = ""): Promise<void> => {
  const answer = await fetch(`${w.workspace.host}/api/2.0/fs/files${file}${query}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${w.workspace.token}` },
    body: "x",
  });
  expect(answer.status).toBe(204);
};

describe("triggers", () => {
  beforeAll(async () => {
    w = await startTestWorkspace();
    await w.ok("POST", `${UC}/schemas`, { catalog_name: "main", name: "raw" });
    await w.ok("POST", `${UC}/volumes`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "in",
      volume_type: "MANAGED",
    });
    await w.ok("POST", `${UC}/volumes`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "lake",
      volume_type: "EXTERNAL",
      storage_location: "s3://lake/landing",
    });
  });
  afterAll(() => w.close());

  test("start a run for a new file, and none for a file in another folder or an overwritten file", async () => {
    const job = await create({
      trigger: { file_arrival: { url: "/Volumes/Main/raw/in/orders/" } },
    });
    await put("/Volumes/main/raw/in/other/1.csv");
    await w.advance("1m");
    expect(await runs(job)).toEqual([]);
    await put("/Volumes/main/raw/in/orders/2026/1.csv");
    await w.advance("1m");
    expect(await runs(job)).toMatchObject([
      { trigger: "FILE_ARRIVAL", run_type: "JOB_RUN", state: { result_state: "SUCCESS" } },
    ]);
    await put("/Volumes/main/raw/in/orders/2026/1.csv", "?overwrite=true");
    await put("/Volumes/main/raw/in/orders_2/1.csv");
    await w.advance("1m");
    expect(await runs(job)).toHaveLength(1);
    await w.ok("POST", "/api/2.2/jobs/update", {
      job_id: job,
      new_settings: {
        trigger: { file_arrival: { url: "/Volumes/main/raw/in/orders" }, pause_status: "PAUSED" },
      },
    });
    await put("/Volumes/main/raw/in/orders/2.csv");
    await w.advance("1m");
    expect(await runs(job)).toHaveLength(1);
  });

  test("start runs for each of several triggers that is not paused", async () => {
    const url = (folder: string): string => `/Volumes/main/raw/in/${folder}/`;
    const schedule = { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "UTC" };
    const job = await create({
      triggers: [
        { file_arrival: { url: url("a") } },
        { file_arrival: { url: url("b"), wait_after_last_change_seconds: 600 } },
        { file_arrival: { url: url("c") }, pause_status: "PAUSED" },
        { table_update: { table_names: ["main.raw.several"] } },
        { schedule, pause_status: "PAUSED" },
        { periodic: { interval: 1, unit: "DAYS" } },
      ],
    });
    const started = async (): Promise<unknown[]> =>
      (await runs(job)).map(({ trigger }) => trigger).reverse();
    for (const folder of ["b", "a", "c"]) await put(`/Volumes/main/raw/in/${folder}/several.csv`);
    await w.advance("1m");
    expect(await started()).toEqual(["FILE_ARRIVAL"]);
    await w.ok("POST", `${UC}/tables`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "several",
    });
    await w.advance("1m");
    expect(await started()).toEqual(["FILE_ARRIVAL", "TABLE"]);
    await w.advance("10m");
    expect(await started()).toEqual(["FILE_ARRIVAL", "TABLE", "FILE_ARRIVAL"]);
    await w.advance("24h");
    expect(await started()).toEqual(["FILE_ARRIVAL", "TABLE", "FILE_ARRIVAL", "PERIODIC"]);
    const settings = await w.ok("GET", `/api/2.2/jobs/get?job_id=${job}`);
    expect(settings).toHaveProperty("settings.triggers.5", {
      periodic: { interval: 1, unit: "DAYS" },
    });
    const refused = await w.call("POST", "/api/2.2/jobs/create", {
      tasks: [notebook("a")],
      schedule,
      triggers: [{ schedule }],
    });
    expect(refused.status).toBe(400);
  });

  test("start one run for several files after a quiet period, and the next one after the minimum interval", async () => {
    const job = await create({
      trigger: {
        file_arrival: {
          url: "s3://lake/landing",
          wait_after_last_change_seconds: 60,
          min_time_between_triggers_seconds: 600,
        },
      },
    });
    await put("/Volumes/main/raw/lake/1.csv");
    await w.advance("50s");
    await w.ok("POST", "/_lakeform/arrivals", { files: ["s3://lake/landing/2.csv"] });
    await w.advance("50s");
    expect(await runs(job)).toEqual([]);
    await w.advance("11s");
    expect(await runs(job)).toHaveLength(1);
    await put("/Volumes/main/raw/lake/3.csv");
    await w.advance("9m");
    expect(await runs(job)).toHaveLength(1);
    await w.advance("1m");
    expect(await runs(job)).toHaveLength(2);
  });

  test("start a run when any or all tables are updated", async () => {
    const table_names = ["main.raw.orders", "main.raw.items"];
    const any = await create({
      trigger: { table_update: { table_names, condition: "ANY_UPDATED" } },
    });
    const all = await create({
      trigger: { table_update: { table_names, condition: "ALL_UPDATED" } },
    });
    await w.ok("POST", `${UC}/tables`, {
      catalog_name: "main",
      schema_name: "raw",
      name: "orders",
    });
    await w.advance("1m");
    expect((await runs(any)).map(({ trigger }) => trigger)).toEqual(["TABLE"]);
    expect(await runs(all)).toEqual([]);
    await w.ok("POST", "/_lakeform/arrivals", { tables: ["main.raw.Items"] });
    await w.advance("1m");
    expect(await runs(any)).toHaveLength(2);
    expect((await runs(all)).map(({ trigger }) => trigger)).toEqual(["TABLE"]);
    await w.ok("POST", "/_lakeform/arrivals", { tables: ["main.raw.items"] });
    await w.advance("1m");
    expect(await runs(all)).toHaveLength(1);
  });

  test("reject an invalid trigger", async () => {
    for (const trigger of [
      { file_arrival: {} },
      { file_arrival: { url: "s3://x", wait_after_last_change_seconds: 59 } },
      { table_update: { table_names: [] } },
      { table_update: { table_names: ["a.b.c"], condition: "SOME" } },
      { periodic: { interval: 0, unit: "DAYS" } },
    ])
      expect(await w.call("POST", "/api/2.2/jobs/create", { name: "bad", trigger })).toMatchObject({
        status: 400,
        body: { error_code: "INVALID_PARAMETER_VALUE" },
      });
  });
});

test("start the run after a restart for a file that arrived before it", async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-triggers-"));
  try {
    w = await startTestWorkspace({ data });
    const job = await create({
      trigger: { file_arrival: { url: "s3://lake", wait_after_last_change_seconds: 60 } },
    });
    await w.ok("POST", "/_lakeform/arrivals", { files: ["s3://lake/1.csv"] });
    await w.close();
    w = await startTestWorkspace({ data }, { manual: false });
    await w.advance("1m");
    await w.close();
    w = await startTestWorkspace({ data }, { manual: false });
    await w.advance("1h");
    expect(await runs(job)).toMatchObject([{ trigger: "FILE_ARRIVAL" }]);
    await w.close();
  } finally {
    fs.rmSync(data, { recursive: true, force: true });
  }
});

describe("the limit of concurrent task runs", () => {
  beforeAll(async () => {
    w = await startTestWorkspace();
    await w.ok("PUT", "/_lakeform/limits", { concurrent_task_runs: 2 });
  });
  afterAll(() => w.close());

  test("rejects a run without a queue with 429, and makes others wait for capacity", async () => {
    const busy = await create({
      name: "busy",
      tasks: [notebook("a"), notebook("b")],
      max_concurrent_runs: 5,
    });
    const queued = await create({ name: "queued" });
    const plain = await create({ name: "plain", queue: { enabled: false } });
    await w.ok("POST", "/api/2.2/jobs/run-now", { job_id: busy });
    expect(
      await w.call("POST", "/api/2.2/jobs/run-now", { job_id: plain, idempotency_token: "again" }),
    ).toMatchObject({
      status: 429,
      body: {
        error_code: "REQUEST_LIMIT_EXCEEDED",
        message: expect.stringContaining("limit of 2 concurrent task runs") as string,
      },
    });
    const { run_id } = await w.ok("POST", "/api/2.2/jobs/run-now", { job_id: queued });
    expect(await w.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { life_cycle_state: "QUEUED" },
      status: { state: "QUEUED", queue_details: { code: "ACTIVE_RUN_JOB_TASKS_LIMIT_REACHED" } },
    });
    await w.advance("10s");
    expect(await w.ok("GET", `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}`)).toMatchObject({
      state: { result_state: "SUCCESS" },
    });
    // The rejected call had no effect, so the same token now starts a run.
    await w.ok("POST", "/api/2.2/jobs/run-now", { job_id: plain, idempotency_token: "again" });
    expect(await runs(plain)).toHaveLength(1);
  });
});
