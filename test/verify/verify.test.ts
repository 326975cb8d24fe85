import fs from "node:fs";
import path from "node:path";
import { connect } from "../../src/api";
import type { LakeformError } from "../../src/errors";
import { parseIgnoreFile, renderReport, reportFormats, type VerifyReport } from "../../src/verify";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import type { JsonObject } from "../../src/workspace/errors";
import { makeFolder, removeFolders } from "../support/project";
import {
  check,
  checkFully,
  deployDirect,
  openLab,
  summary,
  type Deployed,
  type Lab,
  type Resources,
} from "./harness";

const canary = "canary-9f1c7b2e";
const directory = makeFolder("verify");
fs.writeFileSync(path.join(directory, "ingest.py"), "# Databricks notebook source\nprint(1)\n");
fs.writeFileSync(path.join(directory, "sample.json"), '{"a":1}');
const variable = (name: string): string | undefined => (name === "key" ? canary : undefined);

const resources: Resources = {
  databricks_directory: { folder: { path: "/Shared/etl" } },
  databricks_notebook: {
    ingest: { path: "/Shared/etl/ingest", source: "ingest.py", language: "PYTHON" },
  },
  databricks_dbfs_file: { sample: { path: "/tmp/sample.json", source: "sample.json" } },
  databricks_secret_scope: { scope: { name: "etl" } },
  databricks_secret: {
    key: { scope: "${databricks_secret_scope.scope.name}", key: "api", string_value: "${var.key}" },
  },
  databricks_job: {
    pipeline: {
      name: "daily-etl",
      tags: { lakeform: "lab/lab-local" },
      job_cluster: [
        {
          job_cluster_key: "shared",
          new_cluster: {
            spark_version: "12.2.x-scala2.12",
            node_type_id: "i3.xlarge",
            num_workers: 2,
          },
        },
      ],
      task: [
        {
          task_key: "ingest",
          job_cluster_key: "shared",
          notebook_task: { notebook_path: "${databricks_notebook.ingest.path}" },
        },
        {
          task_key: "transform",
          job_cluster_key: "shared",
          depends_on: [{ task_key: "ingest" }],
          notebook_task: { notebook_path: "/Shared/t" },
        },
      ],
    },
  },
};
const more = { variable: { key: { type: "string", sensitive: true } } };

let lab: Lab;
let deployed: Deployed;
const verifyLab = (options: Parameters<typeof check>[2] = {}): Promise<VerifyReport> =>
  check(lab, deployed, { directory, variable, ...options });
const jobId = (): number =>
  Number(
    deployed.state.resources.find(({ type }) => type === "databricks_job")?.instances[0]?.attributes
      ?.id,
  );

function addFaults(rules: readonly JsonObject[]): void {
  for (const rule of rules) lab.workspace.faults.add(rule);
}

async function changeJob(
  change: (settings: Record<string, unknown>) => void,
  id = jobId(),
): Promise<void> {
  const { settings } = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id: id } })) as {
    settings: Record<string, unknown>;
  };
  change(settings);
  await lab.client.post("/api/2.2/jobs/reset", { job_id: id, new_settings: settings });
}

beforeEach(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, resources, { directory, more, variable });
});
afterEach(() => lab.close());
afterAll(removeFolders);

describe("immediately after a deploy", () => {
  test("everything matches, and unread fields are listed", async () => {
    const report = await verifyLab();
    expect(summary(report)).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, counts: { match: 6, drift: 0 } });
    expect((await verifyLab({ deep: true })).exitCode).toBe(0);
  });

  test("objects are found by name without a state", async () => {
    const report = await verifyLab({ byName: true });
    expect(summary(report)).toEqual([]);
    expect(report.stacks[0]).toMatchObject({ basis: "names" });
    await lab.client.post("/api/2.2/jobs/delete", { job_id: jobId() });
    expect(summary(await verifyLab({ byName: true }))).toEqual(["missing databricks_job.pipeline"]);
  });
});

describe("the six changes that Terraform does not detect", () => {
  test("are reported with the path as in the code, and exit code 2", async () => {
    await changeJob((settings) => {
      const [cluster] = settings.job_clusters as [{ new_cluster: { num_workers: number } }];
      cluster.new_cluster.num_workers = 20;
      settings.schedule = { quartz_cron_expression: "0 0 3 * * ?", timezone_id: "UTC" };
      settings.tasks = (settings.tasks as { task_key: string }[]).filter(
        ({ task_key }) => task_key !== "transform",
      );
    });
    const content = Buffer.from("# Databricks notebook source\nprint(2)\n").toString("base64");
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/etl/ingest",
      language: "PYTHON",
      overwrite: true,
      content,
    });
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "etl",
      key: "api",
      string_value: "somebody-elses",
    });
    await lab.client.post("/api/2.2/jobs/create", { name: "daily-etl" });
    const verified = await checkFully(lab, deployed, { directory, variable });
    const { report } = verified;
    expect(summary(report)).toEqual([
      "drift databricks_job.pipeline job_cluster[shared].new_cluster.num_workers",
      "drift databricks_job.pipeline schedule",
      "drift databricks_job.pipeline task[transform]",
      "drift databricks_notebook.ingest content",
      "drift databricks_secret.key string_value",
      "unmanaged databricks_job daily-etl",
    ]);
    expect(report.exitCode).toBe(2);
    const job = report.resources.find(({ kind }) => kind === "databricks_job");
    expect(job).toMatchObject({
      path: "lab-local/pipeline",
      source: "stacks/lab.ts:8",
      restorable: true,
      link: `${lab.workspace.host}/#job/${jobId()}`,
    });
    // The state also contains values that the platform filled in (run_if, source): they are not a
    // change of the code.
    expect(job?.findings.every(({ both }) => both === undefined)).toBe(true);
    expect(job?.tasks).toEqual([
      { key: "ingest", after: [], state: "match" },
      { key: "transform", after: ["ingest"], state: "removed" },
    ]);
    expect(verified.values("lab-local", "databricks_secret.key")?.desired).toEqual({
      scope: "etl",
      key: "api",
      string_value: canary,
    });
  });

  test("are in reports that contain no secret", async () => {
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "etl",
      key: "api",
      string_value: "somebody-elses",
    });
    await changeJob((settings) => {
      settings.description = `pasted ${canary} here`;
      settings.parameters = [{ name: canary, default: canary }];
    });
    const lines: string[] = [];
    const report = await verifyLab({
      explain: (_, decision) => void lines.push(JSON.stringify(decision)),
    });
    expect(summary(report)).toContain("drift databricks_job.pipeline description");
    for (const format of reportFormats) {
      const text = await renderReport(report, format);
      expect(text).not.toContain(canary);
      expect(text).not.toContain("somebody-elses");
    }
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.join("\n")).not.toContain(canary);
  });
});

describe("unmanaged", () => {
  test("objects are those with the stack's stamp, in its scope or in its folder, and no others", async () => {
    await lab.client.post("/api/2.2/jobs/create", {
      name: "stray",
      tags: { lakeform: "lab/lab-local" },
    });
    await lab.client.post("/api/2.2/jobs/create", {
      name: "other",
      tags: { lakeform: "lab/other-stack" },
    });
    await lab.client.post("/api/2.2/jobs/create", {
      name: "daily-etl",
      tags: { lakeform: "lab/other-stack" },
    });
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "etl",
      key: "extra",
      string_value: "x",
    });
    await lab.client.post("/api/2.0/secrets/acls/put", {
      scope: "etl",
      principal: "users",
      permission: "READ",
    });
    const content = Buffer.from("1").toString("base64");
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/etl/extra",
      language: "PYTHON",
      content,
    });
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/elsewhere",
      language: "PYTHON",
      content,
    });
    await lab.client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/etl/sub" });
    const report = await verifyLab();
    expect(summary(report)).toEqual([
      "unmanaged databricks_directory /Shared/etl/sub",
      "unmanaged databricks_job stray",
      "unmanaged databricks_notebook /Shared/etl/extra",
      "unmanaged databricks_secret etl/extra",
      "unmanaged databricks_secret_acl etl/users",
    ]);
    expect(report.unmanaged.every(({ removal }) => removal.startsWith("lakeform api POST "))).toBe(
      true,
    );
    expect(report.exitCode).toBe(2);
    expect((await verifyLab({ unmanaged: "none" })).exitCode).toBe(0);
    expect(summary(await verifyLab({ unmanaged: "all" }))).toContain(
      "unmanaged databricks_job other",
    );
  });
});

test("an access entry of a scope is unmanaged, except the creator's; a single unknown manager is taken for the creator", async () => {
  const put = (principal: string): Promise<unknown> =>
    lab.client.post("/api/2.0/secrets/acls/put", { scope: "etl", principal, permission: "MANAGE" });
  await put("users");
  expect(summary(await verifyLab())).toEqual(["unmanaged databricks_secret_acl etl/users"]);
  await lab.client.post("/api/2.0/secrets/acls/delete", {
    scope: "etl",
    principal: "admin@lakeform.local",
  });
  const report = await verifyLab();
  expect(summary(report)).toEqual([]);
  expect(report.notChecked.some(({ what }) => what.startsWith("MANAGE of users"))).toBe(true);
});

describe("pending and missing objects", () => {
  test("are not deployed yet, removed from the code, or deleted in the workspace", async () => {
    const { databricks_dbfs_file: _file, ...rest } = resources;
    const stack = {
      ...deployed.stack,
      resource: {
        ...rest,
        databricks_directory: { ...resources.databricks_directory, next: { path: "/Shared/next" } },
      },
    };
    await lab.client.post("/api/2.0/workspace/delete", { path: "/Shared/etl/ingest" });
    const report = await verifyLab({ stack });
    expect(summary(report)).toEqual([
      "missing databricks_notebook.ingest",
      "pending databricks_dbfs_file.sample",
      "pending databricks_directory.next",
    ]);
    expect(report.exitCode).toBe(2);
  });

  test("do not fail the command if only pending ones exist and they are allowed", async () => {
    const stack = structuredClone(deployed.stack) as {
      resource: { databricks_job: { pipeline: { description?: string } } };
    };
    stack.resource.databricks_job.pipeline.description = "new";
    const report = await verifyLab({ stack });
    expect(summary(report)).toEqual(["pending databricks_job.pipeline description"]);
    expect([report.exitCode, (await verifyLab({ stack, allowPending: true })).exitCode]).toEqual([
      2, 0,
    ]);
  });

  test("are all pending without a state", async () => {
    const report = await verifyLab({ state: () => Promise.resolve(undefined) });
    expect(report.counts).toMatchObject({ pending: 6, match: 0 });
    // The objects of the lab are now unmanaged.
    expect(summary(report).filter((line) => line.startsWith("unmanaged"))).toEqual([
      "unmanaged databricks_dbfs_file /tmp/sample.json",
      "unmanaged databricks_job daily-etl",
      "unmanaged databricks_notebook /Shared/etl/ingest",
      "unmanaged databricks_secret etl/api",
      "unmanaged databricks_secret_scope etl",
    ]);
  });

  test("include a file that was changed in the code only", async () => {
    const other = makeFolder("changed");
    fs.writeFileSync(path.join(other, "ingest.py"), "# Databricks notebook source\nprint(3)\n");
    fs.writeFileSync(path.join(other, "sample.json"), '{"a":1}');
    expect(summary(await verifyLab({ directory: other }))).toEqual([
      "pending databricks_notebook.ingest content",
    ]);
  });
});

describe("the deployment record", () => {
  const record = (more: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
    version: 1,
    project: "lab",
    environment: "local",
    stack: "lab-local",
    deployedAt: "2026-01-01T00:00:00.000Z",
    deployedBy: "dev@example.com",
    versions: {},
    synthesized: deployed.stack,
    state: { lineage: "lab", serial: 1 },
    content: {},
    secrets: {},
    ...more,
  });

  test("is used only if it belongs to this state", async () => {
    expect((await verifyLab({ record: record() })).stacks[0]).toMatchObject({
      basis: "record",
      weaker: [],
    });
    const stale = await verifyLab({ record: record({ state: { lineage: "lab", serial: 0 } }) });
    expect(stale.stacks[0]?.basis).toBe("state");
    expect(stale.stacks[0]?.weaker[0]).toMatch(/another tool has deployed since/);
  });

  test("shows both sides of a changed file", async () => {
    const content = { "databricks_notebook.ingest": { sha256: "0".repeat(64), size: 1 } };
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/etl/ingest",
      language: "PYTHON",
      overwrite: true,
      content: Buffer.from("x").toString("base64"),
    });
    const report = await verifyLab({ record: record({ content }) });
    expect(
      report.resources.find(({ kind }) => kind === "databricks_notebook")?.findings[0],
    ).toMatchObject({ status: "drift", both: true });
  });

  test("detects by its time an overwritten secret that may not be read", async () => {
    addFaults([
      {
        method: "GET",
        path: "/api/2.0/secrets/get",
        status: 403,
        body: { error_code: "PERMISSION_DENIED", message: "no" },
      },
    ]);
    expect(summary(await verifyLab())).toEqual(["unverifiable databricks_secret.key string_value"]);
    const { secrets } = (await lab.client.get("/api/2.0/secrets/list", {
      query: { scope: "etl" },
    })) as {
      secrets: { last_updated_timestamp: number }[];
    };
    const time = secrets[0]?.last_updated_timestamp ?? 0;
    const recordWithTime = (lastUpdatedTimestamp: number): DeploymentRecord =>
      record({ secrets: { "databricks_secret.key": { lastUpdatedTimestamp } } });
    expect(summary(await verifyLab({ record: recordWithTime(time) }))).toEqual([]);
    expect(summary(await verifyLab({ record: recordWithTime(time - 1000) }))).toEqual([
      "drift databricks_secret.key string_value",
    ]);
  });
});

describe("ignore rules", () => {
  test("apply to the named fields, are counted, expire, and are listed when unused", async () => {
    await changeJob((settings) => {
      settings.description = "by hand";
      settings.timeout_seconds = 60;
    });
    const rules = parseIgnoreFile(
      `- {path: "lab-local/**", kind: job, field: description, reason: a person owns it, expires: "2999-12-31"}
- {kind: databricks_job, field: timeout_seconds, reason: was needed once, expires: "2020-01-01"}
- {path: nowhere, reason: nothing there, expires: "2999-12-31"}`,
      "lakeform.ignore.yaml",
    );
    const report = await verifyLab({ ignore: rules });
    expect(summary(report)).toEqual([
      "drift databricks_job.pipeline timeout_seconds",
      "ignored databricks_job.pipeline description",
    ]);
    expect(report.ignoreRules.map(({ state, count }) => [state, count])).toEqual([
      ["used", 1],
      ["expired", 0],
      ["unused", 0],
    ]);
    expect(await renderReport(report, "text")).toContain("EXPIRED 2020-01-01");
  });

  test("give exit code 0 if only ignored differences exist", async () => {
    await changeJob((settings) => (settings.description = "by hand"));
    const metadata = { ignores: [{ field: "description", reason: "r", expires: "2999-12-31" }] };
    expect((await verifyLab({ metadata })).exitCode).toBe(0);
  });

  test.each([
    ["- {path: a, expires: '2999-01-01'}", /"reason" is required/],
    ["- {path: a, reason: r}", /"expires" is required/],
    ["- {path: a, reason: r, expires: 2999-02-31}", /expires/],
    ["- {path: a, reason: r, expires: '2999-13-01'}", /"expires" is required, a date/],
    ["- {reason: r, expires: '2999-01-01'}", /would ignore everything/],
    ["- {pth: a, reason: r, expires: '2999-01-01'}", /unknown key "pth"/],
    ["a: [", /lakeform.ignore.yaml:/],
    ["text", /a list of rules/],
  ])("rejects %s", (text, message) => {
    let thrown: unknown;
    try {
      parseIgnoreFile(text, "lakeform.ignore.yaml");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "BAD_IGNORE_FILE" });
    expect((thrown as LakeformError).details.value).toMatch(message);
  });
});

describe("failures of the workspace", () => {
  test("are errors for objects that may not be read, never matches", async () => {
    addFaults([
      {
        method: "GET",
        path: "/api/2.0/workspace/get-status",
        status: 403,
        body: { error_code: "PERMISSION_DENIED", message: "no" },
      },
    ]);
    const report = await verifyLab();
    expect(summary(report)).toEqual([
      "error databricks_directory.folder",
      "error databricks_notebook.ingest",
    ]);
    expect(report.exitCode).toBe(1);
  });

  test("are errors for a refused list, whose objects are read individually", async () => {
    addFaults([
      {
        method: "GET",
        path: "/api/2.2/jobs/list",
        status: 403,
        body: { error_code: "PERMISSION_DENIED", message: "no" },
      },
    ]);
    const report = await verifyLab();
    expect(summary(report)).toEqual(["failure the list of jobs, so unmanaged ones may be missed"]);
    expect(report).toMatchObject({ exitCode: 1, counts: { match: 6 } });
  });

  test("do not change the report if one call in five fails", async () => {
    await changeJob((settings) => (settings.description = "by hand"));
    const comparable = ({
      milliseconds: _,
      calls: __,
      startedAt: ___,
      ...rest
    }: VerifyReport): unknown => rest;
    const expectedReport = comparable(await verifyLab());
    addFaults([
      {
        path: "/api/*",
        probability: 0.1,
        seed: 7,
        status: 503,
        body: { error_code: "TEMPORARILY_UNAVAILABLE", message: "later" },
      },
      { path: "/api/*", probability: 0.1, seed: 8, drop: true },
    ]);
    for (let round = 0; round < 5; round += 1)
      expect(comparable(await verifyLab())).toEqual(expectedReport);
  });

  test("give exit code 1 and a list of unchecked objects if the workspace stops responding part-way", async () => {
    const client = connect({
      env: {},
      host: lab.workspace.host,
      token: lab.workspace.token,
      retry: { attempts: 2, baseMs: 1, capMs: 2 },
    });
    addFaults([{ path: "/api/2.0/*", drop: true }]);
    const report = await check({ ...lab, client }, deployed, {
      directory,
      variable,
      concurrency: 1,
    });
    await client.close();
    expect(report.exitCode).toBe(1);
    expect(report.counts.error).toBe(5);
    expect(report.notChecked.find(({ what }) => what === "resources")).toMatchObject({ count: 5 });
    expect(
      report.resources.filter(({ reason }) => reason?.startsWith("not checked")).length,
    ).toBeGreaterThan(0);
    expect(await renderReport(report, "text")).toContain("lab-local/ingest");
  });
});

test("verify --explain shows the reason for each result", async () => {
  const lines: string[] = [];
  await verifyLab({
    explain: ({ address }, { path: field, outcome, why }) => {
      if (address === "databricks_job.pipeline") lines.push(`${field} ${outcome} ${why}`);
    },
  });
  expect(lines).toContain("name equal the same on both sides");
  expect(
    lines.some((line) =>
      /task\[ingest\]\.notebook_task\.source accepted where the code is/.test(line),
    ),
  ).toBe(true);
});
