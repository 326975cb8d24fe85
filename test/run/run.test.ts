import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { connect, families, type Connection } from "../../src/api";
import { command, type CommandResult } from "./command";

const settings = {
  name: "daily-etl-pipeline",
  tasks: [
    {
      task_key: "ingest",
      notebook_task: { notebook_path: "/Shared/ingest_raw_data", base_parameters: { input_path: "s3://raw-data/" } },
      job_cluster_key: "shared_cluster",
    },
    {
      task_key: "transform",
      depends_on: [{ task_key: "ingest" }],
      notebook_task: { notebook_path: "/Shared/transform_data" },
      job_cluster_key: "shared_cluster",
    },
  ],
  job_clusters: [
    {
      job_cluster_key: "shared_cluster",
      new_cluster: { spark_version: "12.2.x-scala2.12", node_type_id: "Standard_DS3_v2", num_workers: 2 },
    },
  ],
};

describe("lakeform run", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let jobId: number;
  const run = (...words: string[]): Promise<CommandResult> =>
    command(["run", ...words], { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token });

  beforeAll(async () => {
    workspace = await startWorkspace();
    client = connect({ host: workspace.host, token: workspace.token, env: {} });
    jobId = await families(client).jobs.create(settings);
  });
  afterAll(async () => {
    await client.close();
    await workspace.close();
  });

  test("starts a job by name, shows its tasks advancing, and ends with 0", async () => {
    const result = await run("daily-etl-pipeline", "--notebook-param", "input_date=2024-01-01");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(/✓ daily-etl-pipeline \(run \d+\): SUCCESS/);
    expect(result.stdout).toMatch(/✓ ingest +SUCCESS[^\n]*\n +└─▶ ✓ transform +SUCCESS/);
    expect(result.stderr).toMatch(/ingest RUNNING[\s\S]*ingest SUCCESS[\s\S]*transform SUCCESS/);
  });

  test("by id, as JSON", async () => {
    const result = await run(String(jobId), "--format", "json", "--quiet");
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: "lakeform/run/1",
      job_id: jobId,
      success: true,
      tasks: [{ task_key: "ingest", state: "SUCCESS" }, { task_key: "transform" }],
    });
  });
});
