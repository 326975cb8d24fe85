import { renderReport, reportFormats } from "../../src/verify";
import {
  canary,
  changeJob,
  deployed,
  directory,
  jobId,
  lab,
  useDeployedStack,
  variable,
  verifyLab,
} from "./deployed-stack";
import { checkFully, summary } from "./harness";

useDeployedStack();

describe("immediately after a deploy", () => {
  test("everything matches, also in a deep verification", async () => {
    const report = await verifyLab();
    expect(summary(report)).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, counts: { match: 6, drift: 0 } });
    expect((await verifyLab({ deep: true })).exitCode).toBe(0);
  });

  test("objects are found by name without a state, and a deleted one is reported as missing", async () => {
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
    // The state also contains values of the platform (run_if, source). They are not changes of the
    // code.
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

test("the decision about each field is explained", async () => {
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
