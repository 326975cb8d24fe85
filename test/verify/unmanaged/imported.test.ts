import { check, openLab, summary, type Deployed, type Lab } from "../harness";

let lab: Lab;
beforeAll(async () => (lab = await openLab()));
afterAll(() => lab.close());

test("an object that the next deploy adopts is pending, and not unmanaged", async () => {
  const made = async (name: string): Promise<string> => {
    const created = await lab.client.post("/api/2.2/jobs/create", { name });
    return String((created as { readonly job_id: number }).job_id);
  };
  const adopted = await made("etl");
  await made("other");
  const resource = { databricks_job: { etl: { name: "etl" }, other: { name: "other" } } };
  const deployed = (blocks: readonly object[]): Deployed => ({
    stack: { resource, import: blocks },
    state: { version: 4, serial: 1, lineage: "lab", resources: [] },
  });
  const found = async (blocks: readonly object[]): Promise<string[]> =>
    summary(await check(lab, deployed(blocks)));
  expect(await found([])).toContain("unmanaged databricks_job etl");
  const after = await found([{ to: "databricks_job.etl", id: adopted }]);
  expect(after).not.toContain("unmanaged databricks_job etl");
  expect(after).toContain("pending databricks_job.etl");
  expect(after).toContain("unmanaged databricks_job other");
});
