import { copyRepositoryStacks, useCachedSynth } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { guideJob } from "../support/guide-job";
import { removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

describe("the guide's daily ETL", () => {
  const workspace = useWorkspace();
  afterAll(removeFolders);

  const get = async (route: string): Promise<unknown> => {
    const response = await fetch(workspace.host + route, {
      headers: { Authorization: `Bearer ${workspace.token}` },
    });
    expect(response.status).toBe(200);
    return response.json();
  };

  test("is deployed with the guide's JSON, then verified, planned without changes, run and destroyed", async () => {
    const canary = "canary-4711-do-not-print";
    const root = copyRepositoryStacks();
    useCachedSynth(root);
    const env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      DAILY_ETL_API_KEY: canary,
    };
    const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deploy, 0);

    const journal = (await get("/_lakeform/journal")) as { entries: Call[] };
    const create = journal.entries.filter((call) => call.path.endsWith("/jobs/create"));
    expect(create).toHaveLength(1);
    const body = structuredClone(create[0]?.body) as typeof guideJob & Record<string, unknown>;
    // The additions to the guide's job: the stamp, and fields that the provider adds.
    expect(removeField(body, "tags")).toEqual({ lakeform: "lakeform/daily-etl-local" });
    expect(removeField(body, "queue")).toEqual({ enabled: false });
    expect(removeField(body, "max_concurrent_runs")).toBe(1);
    for (const task of body.tasks)
      expect(removeField(task.notebook_task, "source")).toBe("WORKSPACE");
    // The documented defaults that the constructs write, so that no task inherits another one's
    // value.
    for (const task of body.tasks) expect(removeField(task, "run_if")).toBe("ALL_SUCCESS");
    for (const { new_cluster } of body.job_clusters)
      expect(removeField(new_cluster, "driver_node_type_id")).toBe("Standard_DS3_v2");
    expect(body).toEqual(guideJob);

    for (const path of ["/Shared/ingest_raw_data", "/Shared/transform_data"]) {
      const { content } = (await get(`/api/2.0/workspace/export?path=${path}&format=SOURCE`)) as {
        content: string;
      };
      const source = Buffer.from(content, "base64").toString("utf8");
      expect(source).toMatch(/^# Databricks notebook source\n/);
      expect(source).toContain('dbutils.widgets.text("input_date"');
    }
    expect(await get("/api/2.0/dbfs/get-status?path=/tmp/sample.json")).toMatchObject({
      is_dir: false,
    });

    const verify = await lakeform(root, ["verify", "local", "--format", "json"], env);
    expectExit(verify, 0);
    expect((JSON.parse(verify.stdout) as { counts: unknown }).counts).toMatchObject({
      match: 6,
      drift: 0,
      unmanaged: 0,
    });
    const secondDeploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expect(secondDeploy.stdout).toContain("nothing to do");

    const run = await lakeform(
      root,
      ["run", "local", "daily-etl-pipeline", "--notebook-param", "input_date=2024-01-01"],
      env,
    );
    expectExit(run, 0);
    expect(run.stdout).toContain("SUCCESS");

    expectExit(
      await lakeform(root, ["destroy", "local", "--auto-approve"], {
        ...env,
        DAILY_ETL_API_KEY: undefined,
      }),
      0,
    );
    expect(await get("/api/2.1/jobs/list")).not.toHaveProperty("jobs.0");
    for (const { stdout, stderr } of [deploy, verify, secondDeploy, run])
      expect(stdout + stderr).not.toContain(canary);
  });
});

function removeField(object: object, field: string): unknown {
  const record = object as Record<string, unknown>;
  const value = record[field];
  Reflect.deleteProperty(record, field);
  return value;
}
