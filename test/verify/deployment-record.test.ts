import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { deployed, lab, refuseReads, useDeployedStack, verifyLab } from "./deployed-stack";
import { summary } from "./harness";

useDeployedStack();

describe("the deployment record", () => {
  const recordWith = (fields: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
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
    ...fields,
  });

  test("is used only if it belongs to this state", async () => {
    expect((await verifyLab({ record: recordWith() })).stacks[0]).toMatchObject({
      basis: "record",
      weaker: [],
    });
    const stale = await verifyLab({ record: recordWith({ state: { lineage: "lab", serial: 0 } }) });
    expect(stale.stacks[0]?.basis).toBe("state");
    expect(stale.stacks[0]?.weaker[0]).toMatch(/another tool has deployed since/);
  });

  test("shows that a file was changed in the code and in the workspace", async () => {
    const content = { "databricks_notebook.ingest": { sha256: "0".repeat(64), size: 1 } };
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/etl/ingest",
      language: "PYTHON",
      overwrite: true,
      content: Buffer.from("x").toString("base64"),
    });
    const report = await verifyLab({ record: recordWith({ content }) });
    expect(
      report.resources.find(({ kind }) => kind === "databricks_notebook")?.findings[0],
    ).toMatchObject({ status: "drift", both: true });
  });

  test("detects an overwritten secret that cannot be read by its time", async () => {
    refuseReads("/api/2.0/secrets/get");
    expect(summary(await verifyLab())).toEqual(["unverifiable databricks_secret.key string_value"]);
    const { secrets } = (await lab.client.get("/api/2.0/secrets/list", {
      query: { scope: "etl" },
    })) as {
      secrets: { last_updated_timestamp: number }[];
    };
    const time = secrets[0]?.last_updated_timestamp ?? 0;
    const recordWithTime = (lastUpdatedTimestamp: number): DeploymentRecord =>
      recordWith({ secrets: { "databricks_secret.key": { lastUpdatedTimestamp } } });
    expect(summary(await verifyLab({ record: recordWithTime(time) }))).toEqual([]);
    expect(summary(await verifyLab({ record: recordWithTime(time - 1000) }))).toEqual([
      "drift databricks_secret.key string_value",
    ]);
  });
});
