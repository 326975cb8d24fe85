/**
 * Fills a workspace like that of a data team after two years: 60 jobs in five areas, on shared
 * clusters and job clusters, with owners, tags and access lists.
 */
import type { Connection } from "../../src/api";
import type { JsonObject } from "./replay-format";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const areas = ["sales", "crm", "finance", "logistics", "web"] as const;
const steps = ["ingest", "clean", "publish"] as const;
const notifications = { on_failure: ["data-oncall@example.com"] };

const fieldOf = async (call: Promise<unknown>, field: string): Promise<string> => {
  const { [field]: value } = (await call) as Record<string, string | number>;
  return String(value);
};

export interface Company {
  readonly policy: string;
  readonly cluster: string;
  readonly warehouse: string;
  readonly count: number;
}

/** Creates the workspace's objects. */
export async function prepareCompany(api: Connection): Promise<Company> {
  for (const name of ["analysts", "engineers"])
    await api.post("/api/2.0/preview/scim/v2/Groups", { displayName: name });
  const policy = await fieldOf(
    api.post("/api/2.0/policies/clusters/create", {
      name: "Job compute (small)",
      definition: JSON.stringify({
        num_workers: { type: "range", maxValue: 8 },
        "custom_tags.cost": { type: "fixed", value: "data" },
      }),
    }),
    "policy_id",
  );
  const cluster = await fieldOf(
    api.post("/api/2.1/clusters/create", {
      cluster_name: "Shared Analytics",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      autoscale: { min_workers: 1, max_workers: 4 },
      autotermination_minutes: 30,
    }),
    "cluster_id",
  );
  const warehouse = await fieldOf(
    api.post("/api/2.0/sql/warehouses", {
      name: "BI",
      cluster_size: "Small",
      max_num_clusters: 1,
      auto_stop_mins: 10,
    }),
    "id",
  );
  await api.post("/api/2.0/secrets/scopes/create", { scope: "etl" });
  await api.post("/api/2.0/secrets/put", {
    scope: "etl",
    key: "token",
    string_value: "hidden-value",
  });
  for (const notebookPath of [
    ...areas.flatMap((area) => steps.map((step) => `/Shared/${area}/${step}`)),
    "/Shared/common/report",
  ]) {
    await api.post("/api/2.0/workspace/mkdirs", {
      path: notebookPath.slice(0, notebookPath.lastIndexOf("/")),
    });
    await api.post("/api/2.0/workspace/import", {
      path: notebookPath,
      language: "PYTHON",
      format: "SOURCE",
      content: base64(`# Databricks notebook source\nprint("${notebookPath}")\n`),
    });
  }
  let count = 0;
  const create = async (body: JsonObject): Promise<string> => {
    count += 1;
    return fieldOf(
      api.post("/api/2.2/jobs/create", {
        queue: { enabled: true },
        max_concurrent_runs: 1,
        ...body,
      }),
      "job_id",
    );
  };
  for (const [index, area] of areas.entries()) {
    const dailyJob = await createAreaJobs(create, area, index, policy);
    await api.patch(`/api/2.0/permissions/jobs/${dailyJob}`, {
      access_control_list: [
        { group_name: "engineers", permission_level: "CAN_MANAGE" },
        { group_name: "analysts", permission_level: "CAN_VIEW" },
      ],
    });
    for (let number = 1; number <= 6; number += 1)
      await create({
        name: `${area} report ${number}`,
        tags: { team: area },
        schedule: {
          quartz_cron_expression: `0 ${number * 7} 7 * * ?`,
          timezone_id: "Europe/Berlin",
          pause_status: "UNPAUSED",
        },
        email_notifications: notifications,
        tasks: [
          {
            task_key: "report",
            existing_cluster_id: cluster,
            run_if: "ALL_SUCCESS",
            timeout_seconds: 0,
            email_notifications: {},
            notebook_task: {
              notebook_path: "/Shared/common/report",
              source: "WORKSPACE",
              base_parameters: { area, number: String(number) },
            },
          },
        ],
      });
  }
  for (const area of areas)
    await create({
      name: `${area} dashboard refresh`,
      tags: { team: area },
      tasks: [
        {
          task_key: "refresh",
          sql_task: { warehouse_id: warehouse, query: { query_id: `q-${area}` } },
        },
      ],
    });
  return { policy, cluster, warehouse, count };
}

/** Creates five jobs of one area. @returns the id of the daily job */
async function createAreaJobs(
  create: (body: JsonObject) => Promise<string>,
  area: string,
  index: number,
  policy: string,
): Promise<string> {
  const cluster = {
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 2 + index,
    policy_id: policy,
    spark_conf: { "spark.sql.shuffle.partitions": "200" },
    spark_env_vars: { API_TOKEN: "{{secrets/etl/token}}" },
    custom_tags: { area },
    data_security_mode: "SINGLE_USER",
    runtime_engine: "STANDARD",
    aws_attributes: { availability: "SPOT_WITH_FALLBACK", zone_id: "auto", first_on_demand: 1 },
  };
  const daily = await create({
    name: `${area} daily`,
    description: `Loads the tables of ${area}`,
    tags: { team: area, tier: "gold" },
    parameters: [
      { name: "run_date", default: "{{job.start_time.iso_date}}" },
      { name: "catalog", default: "main" },
    ],
    schedule: {
      quartz_cron_expression: `0 30 ${index + 2} * * ?`,
      timezone_id: "Europe/Berlin",
      pause_status: "UNPAUSED",
    },
    email_notifications: notifications,
    job_clusters: [{ job_cluster_key: "Job_cluster", new_cluster: cluster }],
    tasks: steps.map((step, stepIndex) => ({
      task_key: `${step}_${area}`,
      job_cluster_key: "Job_cluster",
      ...(stepIndex > 0 && { depends_on: [{ task_key: `${steps[stepIndex - 1] ?? ""}_${area}` }] }),
      notebook_task: {
        notebook_path: `/Shared/${area}/${step}`,
        source: "WORKSPACE",
        base_parameters: { run_date: "{{job.parameters.run_date}}" },
      },
      timeout_seconds: 3600,
      max_retries: 2,
      min_retry_interval_millis: 60000,
      email_notifications: {},
      webhook_notifications: {},
    })),
  });
  await create({
    name: `[${area.toUpperCase()}] hourly sync (v2)`,
    max_concurrent_runs: 3,
    trigger: { periodic: { interval: 1, unit: "HOURS" }, pause_status: "UNPAUSED" },
    git_source: {
      git_url: "https://github.com/acme/etl",
      git_provider: "gitHub",
      git_branch: "main",
    },
    environments: [
      {
        environment_key: "Default",
        spec: { environment_version: "2", dependencies: ["requests==2.32.3"] },
      },
    ],
    tasks: [
      {
        task_key: "sync",
        environment_key: "Default",
        spark_python_task: {
          python_file: "jobs/sync.py",
          source: "GIT",
          parameters: ["--area", area],
        },
      },
    ],
  });
  await create({
    name: `${area} backfill`,
    job_clusters: [
      {
        job_cluster_key: "main",
        new_cluster: {
          spark_version: "14.3.x-scala2.12",
          node_type_id: "i3.2xlarge",
          autoscale: { min_workers: 2, max_workers: 8 },
        },
      },
    ],
    tasks: [
      {
        task_key: "each_day",
        for_each_task: {
          inputs: '["2024-01-01","2024-01-02"]',
          concurrency: 2,
          task: {
            task_key: "load",
            job_cluster_key: "main",
            notebook_task: {
              notebook_path: `/Shared/${area}/ingest`,
              base_parameters: { day: "{{input}}" },
            },
            libraries: [{ pypi: { package: "pandas==2.2.2" } }],
          },
        },
      },
    ],
  });
  await create({
    name: `${area} quality`,
    health: { rules: [{ metric: "RUN_DURATION_SECONDS", op: "GREATER_THAN", value: 1800 }] },
    tasks: [
      { task_key: "check", notebook_task: { notebook_path: `/Shared/${area}/clean` } },
      {
        task_key: "is_bad",
        depends_on: [{ task_key: "check" }],
        condition_task: { op: "GREATER_THAN", left: "{{tasks.check.values.bad_rows}}", right: "0" },
      },
      {
        task_key: "alarm",
        depends_on: [{ task_key: "is_bad", outcome: "true" }],
        notebook_task: { notebook_path: "/Shared/common/report" },
      },
      {
        task_key: "cleanup",
        depends_on: [{ task_key: "check" }],
        run_if: "ALL_DONE",
        notebook_task: { notebook_path: "/Shared/common/report" },
      },
    ],
  });
  await create({
    name: `${area} weekly`,
    tasks: [
      {
        task_key: "daily",
        run_job_task: { job_id: Number(daily), job_parameters: { catalog: "archive" } },
      },
    ],
  });
  return daily;
}
