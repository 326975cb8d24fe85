import { check, openLab, summary, type Deployed, type Lab } from "../harness";

let lab: Lab;
beforeAll(async () => (lab = await openLab()));
afterAll(() => lab.close());

test("an object that the next deploy adopts is pending, and not unmanaged", async () => {
  const createJob = async (name: string): Promise<string> => {
    const created = await lab.client.post("/api/2.2/jobs/create", { name });
    return String((created as { readonly job_id: number }).job_id);
  };
  const adopted = await createJob("etl");
  await createJob("other");
  const resource = { databricks_job: { etl: { name: "etl" }, other: { name: "other" } } };
  const stackWithImports = (blocks: readonly object[]): Deployed => ({
    stack: { resource, import: blocks },
    state: { version: 4, serial: 1, lineage: "lab", resources: [] },
  });
  const findingsWithImports = async (blocks: readonly object[]): Promise<string[]> =>
    summary(await check(lab, stackWithImports(blocks)));
  expect(await findingsWithImports([])).toContain("unmanaged databricks_job etl");
  const findingsAfter = await findingsWithImports([{ to: "databricks_job.etl", id: adopted }]);
  expect(findingsAfter).not.toContain("unmanaged databricks_job etl");
  expect(findingsAfter).toContain("pending databricks_job.etl");
  expect(findingsAfter).toContain("unmanaged databricks_job other");
});
