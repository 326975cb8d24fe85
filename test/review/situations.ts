import type { StackInput } from "../../src/review";
import { job, planOf, stackOf, task, without, type Planned } from "./plans";
import { ReportRedactor } from "../../src/verify";

/** The input of one review. */
export interface Situation {
  readonly title: string;
  readonly stacks: readonly StackInput[];
}

const verified = { resources: [], redactor: new ReportRedactor() };
const stack = (
  resources: readonly Planned[],
  more: Partial<StackInput> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): StackInput => ({
  name: "etl-dev",
  stack: stackOf(resources, metadata),
  plan: planOf(resources),
  verify: verified,
  ...more,
});

const daily = job(
  "daily",
  [task("ingest"), task("transform", ["ingest"]), task("publish", ["transform"])],
  {
    email_notifications: [{ on_failure: ["oncall@example.com"] }],
  },
);
const sql = (column: string): string =>
  `SELECT\n  day,\n  ${column},\n  count(*) AS events\nFROM main.raw.events\nWHERE day >= current_date() - 7\nGROUP BY ALL`;

const firstDeploy: readonly Planned[] = [
  {
    type: "databricks_job",
    name: "pipeline",
    after: without(daily, "id"),
    unknown: { id: true, url: true },
  },
  {
    type: "databricks_notebook",
    name: "ingest",
    after: {
      path: "/Shared/etl/ingest",
      language: "PYTHON",
      content_base64: Buffer.from("# Databricks notebook source\nprint(1)\n").toString("base64"),
    },
    unknown: { id: true, object_id: true, url: true },
  },
  {
    type: "databricks_secret_scope",
    name: "scope",
    after: { name: "etl" },
    unknown: { id: true, backend_type: true },
  },
  {
    type: "databricks_secret",
    name: "token",
    after: { key: "api-token", scope: "etl", string_value: "never-in-a-golden" },
    config: {
      key: "api-token",
      scope: "${databricks_secret_scope.scope.name}",
      string_value: "${var.api_token}",
    },
    unknown: { id: true },
    sensitive: { string_value: true },
  },
  {
    type: "databricks_permissions",
    name: "access",
    after: { access_control: [{ group_name: "analysts", permission_level: "CAN_VIEW" }] },
    config: {
      job_id: "${databricks_job.pipeline.id}",
      access_control: [{ group_name: "analysts", permission_level: "CAN_VIEW" }],
    },
    unknown: { id: true, job_id: true },
  },
];

const many: readonly Planned[] = Array.from({ length: 200 }, (_, index) => {
  const number = String(index).padStart(3, "0");
  const before = { ...job(`load-${number}`, [task("load")]), id: String(1000 + index) };
  return {
    type: "databricks_job",
    name: `load_${number}`,
    before,
    after: {
      ...before,
      job_cluster: [
        {
          job_cluster_key: "shared",
          new_cluster: [
            {
              spark_version: "16.4.x-scala2.12",
              node_type_id: "Standard_DS3_v2",
              num_workers: 2,
              data_security_mode: "SINGLE_USER",
            },
          ],
        },
      ],
    },
  };
});

const drifted = { ...daily, max_concurrent_runs: 7, schedule: [] };

/** Typical situations of a reviewer. */
export const situations: readonly Situation[] = [
  { title: "first deploy", stacks: [stack(firstDeploy)] },
  {
    title: "one task change",
    stacks: [
      stack([
        {
          type: "databricks_job",
          name: "pipeline",
          before: daily,
          after: job(
            "daily",
            [
              task("ingest"),
              task("transform", ["ingest"], {
                timeout_seconds: 900,
                sql_task: [{ query: [{ query_text: sql("region") }] }],
              }),
              task("publish", ["transform"]),
            ],
            {
              email_notifications: [{ on_failure: ["oncall@example.com", "data@example.com"] }],
            },
          ),
        },
        {
          type: "databricks_query",
          name: "report",
          before: { id: "q1", query_text: sql("country") },
          after: { id: "q1", query_text: sql("region") },
        },
      ]),
    ],
  },
  {
    title: "rewiring",
    stacks: [
      stack([
        {
          type: "databricks_job",
          name: "pipeline",
          before: daily,
          // The order differs as well, which is not a change.
          after: job(
            "daily",
            [task("publish", ["check", "ingest"]), task("ingest"), task("check", ["ingest"])],
            {
              email_notifications: [{ on_failure: ["oncall@example.com"] }],
            },
          ),
        },
      ]),
    ],
  },
  {
    title: "replace",
    stacks: [
      stack([
        {
          type: "databricks_schema",
          name: "raw",
          before: { id: "main.raw", catalog_name: "main", name: "raw", owner: "ann@example.com" },
          after: { catalog_name: "main", name: "raw_events", owner: "ann@example.com" },
          config: { catalog_name: "main", name: "raw_events" },
          unknown: { id: true },
          replacePaths: [["name"]],
          reason: "replace_because_cannot_update",
        },
        {
          type: "databricks_volume",
          name: "landing",
          before: {
            id: "main.raw.landing",
            catalog_name: "main",
            schema_name: "raw",
            name: "landing",
            volume_type: "MANAGED",
          },
          after: { catalog_name: "main", name: "landing", volume_type: "MANAGED" },
          config: {
            catalog_name: "main",
            schema_name: "${databricks_schema.raw.name}",
            name: "landing",
            volume_type: "MANAGED",
          },
          unknown: { id: true, schema_name: true },
          replacePaths: [["schema_name"]],
          reason: "replace_because_cannot_update",
        },
      ]),
    ],
  },
  {
    title: "destroy",
    stacks: [
      stack([
        {
          type: "databricks_job",
          name: "old",
          before: daily,
          reason: "delete_because_no_resource_config",
        },
        {
          type: "databricks_secret_scope",
          name: "scope",
          before: { id: "etl", name: "etl" },
          reason: "delete_because_no_resource_config",
        },
        {
          type: "databricks_catalog",
          name: "sandbox",
          before: { id: "sandbox", name: "sandbox" },
          reason: "delete_because_no_resource_config",
        },
      ]),
    ],
  },
  {
    title: "permission change",
    stacks: [
      stack(
        [
          {
            type: "databricks_permissions",
            name: "access",
            before: {
              id: "/jobs/4711",
              job_id: "4711",
              access_control: [
                { group_name: "analysts", permission_level: "CAN_VIEW" },
                { user_name: "bob@example.com", permission_level: "CAN_MANAGE" },
              ],
            },
            after: {
              id: "/jobs/4711",
              job_id: "4711",
              access_control: [
                { group_name: "analysts", permission_level: "CAN_MANAGE_RUN" },
                { group_name: "ops", permission_level: "CAN_MANAGE" },
              ],
            },
          },
          {
            type: "databricks_grants",
            name: "raw",
            before: {
              id: "schema/main.raw",
              schema: "main.raw",
              grant: [{ principal: "analysts", privileges: ["SELECT", "USE_SCHEMA"] }],
            },
            after: {
              id: "schema/main.raw",
              schema: "main.raw",
              grant: [
                { principal: "analysts", privileges: ["USE_SCHEMA", "MODIFY", "SELECT"] },
                { principal: "account users", privileges: ["ALL_PRIVILEGES"] },
              ],
            },
          },
        ],
        {},
        {
          suppressions: [
            {
              path: "etl-dev/raw",
              rule: "no-account-users",
              reason: "open data by decision 17",
              expires: "2099-01-01",
            },
            {
              path: "etl-dev/raw",
              rule: "no-all-privileges",
              reason: "until the migration",
              expires: "2020-01-01",
            },
            { path: "etl-dev/gone", rule: "retries", reason: "not needed", expires: "2099-01-01" },
          ],
        },
      ),
    ],
  },
  {
    title: "drift overwritten",
    stacks: [
      stack(
        [
          {
            type: "databricks_job",
            name: "pipeline",
            before: drifted,
            after: { ...daily, max_concurrent_runs: 1 },
          },
        ],
        {
          verify: {
            redactor: new ReportRedactor(),
            resources: [
              {
                stack: "etl-dev",
                address: "databricks_job.pipeline",
                path: "etl-dev/pipeline",
                status: "drift" as const,
                title: "job",
                kind: "databricks_job",
                id: "1",
                restorable: true,
                findings: [
                  {
                    status: "drift",
                    path: "max_concurrent_runs",
                    field: "max_concurrent_runs",
                    deployed: 1,
                    desired: 1,
                    remote: 7,
                  },
                  {
                    status: "drift",
                    path: "schedule",
                    field: "schedule",
                    remote: { quartz_cron_expression: "0 0 5 * * ?" },
                  },
                  { status: "pending", path: "queue", field: "queue", deployed: { enabled: true } },
                ],
              },
            ],
          },
        },
      ),
    ],
  },
  {
    title: "rename",
    stacks: [
      stack([
        {
          type: "databricks_job",
          name: "pipeline",
          before: daily,
          reason: "delete_because_no_resource_config",
        },
        {
          type: "databricks_job",
          name: "daily_pipeline",
          after: without(daily, "id"),
          unknown: { id: true },
        },
      ]),
    ],
  },
  { title: "200 identical changes", stacks: [stack(many)] },
  {
    title: "nothing to do",
    stacks: [
      stack([{ type: "databricks_job", name: "pipeline", before: daily, after: daily }]),
      {
        ...stack([{ type: "databricks_job", name: "pipeline", before: daily, after: daily }]),
        name: "etl-two-dev",
      },
    ],
  },
];
