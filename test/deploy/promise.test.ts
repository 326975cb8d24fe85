import { check, deployDirect, openLab, summary, type Lab } from "../verify/harness";
import { promiseAndHeal, recordOf } from "./promise";

describe("what a review promises, healing does", () => {
  const runner = "11111111-2222-4333-8444-555555555555";
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"];
    await lab.client.post("/api/2.0/preview/scim/v2/ServicePrincipals", { schemas, applicationId: runner, displayName: "runner" });
  });
  afterAll(() => lab.close());

  const task = [{ task_key: "a", notebook_task: [{ notebook_path: "/Shared/a" }], existing_cluster_id: "0101-000000-aaaaaaaa" }];
  const job = { name: "j", task };

  test("a queue that is gone from the code is promised and written; run_as, which no write clears, is not", async () => {
    const kept = await promiseAndHeal(
      lab,
      { databricks_job: { j: { ...job, queue: [{ enabled: true }], run_as: [{ service_principal_name: runner }] } } },
      { databricks_job: { j: job } },
    );
    expect(kept).toMatchObject({
      promised: ["databricks_job.j"],
      written: ["databricks_job.j"],
      refused: [{ field: "run_as", manual: expect.stringContaining("set run_as (runAs) in the code") as string }],
      again: [],
    });
  });

  test("run_as alone promises nothing and writes nothing; the record keeps it, and verify says so", async () => {
    const before = { databricks_job: { j: { ...job, run_as: [{ service_principal_name: runner }] } } };
    expect(await promiseAndHeal(lab, before, { databricks_job: { j: job } })).toMatchObject({ promised: [], written: [] });
    const deployed = await deployDirect(lab, before);
    const now = { ...deployed, stack: { resource: { databricks_job: { j: job } } } };
    const leftOver = { "databricks_job.j": { run_as: [{ service_principal_name: runner }] } };
    const deep = { deep: true, unmanaged: "none" } as const;
    expect(summary(await check(lab, now, { ...deep, record: recordOf(now.stack, { leftOver }) }))).toEqual([
      "pending databricks_job.j run_as",
    ]);
    // Once somebody has changed it there, nothing is left over.
    const id = Number(deployed.state.resources[0]?.instances[0]?.attributes?.["id"]);
    await lab.client.post("/api/2.2/jobs/update", { job_id: id, new_settings: { run_as: { user_name: "admin@lakeform.local" } } });
    const findings = (await check(lab, now, { ...deep, record: recordOf(now.stack, { leftOver }) })).resources[0]?.findings ?? [];
    expect(findings.filter(({ status }) => status === "pending")).toEqual([]);
  });

  test("what the workspace already has is not promised", async () => {
    const kept = await promiseAndHeal(
      lab,
      { databricks_job: { j: { ...job, queue: [{ enabled: true }] } } },
      { databricks_job: { j: job } },
      async ({ state }) => {
        const id = Number(state.resources[0]?.instances[0]?.attributes?.["id"]);
        await lab.client.post("/api/2.2/jobs/update", { job_id: id, new_settings: { queue: { enabled: false } } });
      },
    );
    expect(kept).toEqual({ promised: [], written: [], refused: [], again: [] });
  });
});
