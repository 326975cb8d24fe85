import { connect } from "../../src/api";
import { renderReport, type VerifyReport } from "../../src/verify";
import {
  addFaults,
  changeJob,
  deployed,
  directory,
  lab,
  refuseReads,
  useDeployedStack,
  variable,
  verifyLab,
} from "./deployed-stack";
import { check, summary } from "./harness";

useDeployedStack();

describe("failures of the workspace", () => {
  test("are errors for objects that cannot be read, not matches", async () => {
    refuseReads("/api/2.0/workspace/get-status");
    const report = await verifyLab();
    expect(summary(report)).toEqual([
      "error databricks_directory.folder",
      "error databricks_notebook.ingest",
    ]);
    expect(report.exitCode).toBe(1);
  });

  test("are errors for a rejected list, of which the managed objects are read individually", async () => {
    refuseReads("/api/2.2/jobs/list");
    const report = await verifyLab();
    expect(summary(report)).toEqual(["failure the list of jobs, so unmanaged ones may be missed"]);
    expect(report).toMatchObject({ exitCode: 1, counts: { match: 6 } });
  });

  test("do not change the report if a fifth of the calls fail", async () => {
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
