import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { edit, makeApp } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";
import type { JsonObject } from "../support/replay-format";

let workspace: RunningWorkspace;
let root: string;
let ids: { ingest: number; caller: number };

const call = async (method: string, route: string, body?: unknown): Promise<JsonObject> => {
  const answer = await fetch(`${workspace.host}${route}`, {
    method,
    headers: { authorization: `Bearer ${workspace.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
  return JSON.parse(text === "" ? "{}" : text) as JsonObject;
};
const notebook = (at: string, content: string): Promise<JsonObject> =>
  call("POST", "/api/2.0/workspace/import", {
    path: at,
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from(content).toString("base64"),
  });
const run = (...words: string[]): Promise<CliResult> =>
  lakeform(root, [...words, "--quiet"], { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token });
const read = (file: string): string => fs.readFileSync(path.join(root, "stacks", "adopted", file), "utf8");

beforeAll(async () => {
  workspace = await startWorkspace();
  root = await makeApp("etl");
  await notebook("/Shared/ingest", "# Databricks notebook source\nprint(1)\n");
  await call("POST", "/api/2.0/preview/scim/v2/Groups", { displayName: "engineers" });
  const ingest = await call("POST", "/api/2.2/jobs/create", {
    name: "Daily ingest (v2)",
    tags: { team: "data" },
    queue: { enabled: true },
    schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Europe/Berlin", pause_status: "PAUSED" },
    parameters: [{ name: "day", default: "2024-01-01" }],
    job_clusters: [
      {
        job_cluster_key: "shared",
        new_cluster: {
          spark_version: "15.4.x-scala2.12",
          node_type_id: "i3.xlarge",
          num_workers: 2,
          spark_conf: { "x.key": "{{secrets/etl/key}}" },
        },
      },
    ],
    tasks: [
      {
        task_key: "ingest",
        job_cluster_key: "shared",
        notebook_task: { notebook_path: "/Shared/ingest", base_parameters: { day: "{{job.parameters.day}}" } },
      },
      {
        task_key: "check",
        depends_on: [{ task_key: "ingest" }],
        condition_task: { left: "{{tasks.ingest.values.rows}}", op: "GREATER_THAN", right: "0" },
      },
      {
        task_key: "publish",
        depends_on: [{ task_key: "check", outcome: "true" }],
        job_cluster_key: "shared",
        notebook_task: { notebook_path: "/Shared/absent" },
        max_retries: 2,
        timeout_seconds: 600,
        libraries: [{ pypi: { package: "requests==2.31.0" } }],
      },
    ],
  });
  const caller = await call("POST", "/api/2.2/jobs/create", {
    name: "class",
    tasks: [{ task_key: "1st", run_job_task: { job_id: ingest["job_id"] } }],
  });
  ids = { ingest: Number(ingest["job_id"]), caller: Number(caller["job_id"]) };
  await call("PATCH", `/api/2.0/permissions/jobs/${ids.ingest}`, {
    access_control_list: [{ group_name: "engineers", permission_level: "CAN_MANAGE_RUN" }],
  });
}, 60_000);

afterAll(async () => {
  await workspace.close();
  removeFolders();
});

describe("a workspace's jobs", () => {
  test("become constructs, and the first plan is imports alone", async () => {
    const before = await call("GET", "/api/2.2/jobs/list?expand_tasks=true");
    const adopted = await run("adopt", "local", "--all", "--strict");
    console.log(adopted.stdout, adopted.stderr);
    console.log(read("index.ts"), read("daily-ingest-v2.ts"), fs.readdirSync(path.join(root, "stacks", "adopted")));
    expectExit(adopted, 0);
    expect(await call("GET", "/api/2.2/jobs/list?expand_tasks=true")).toEqual(before);
    void edit;
  }, 60_000);
});
