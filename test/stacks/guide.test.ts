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
    const answer = await fetch(workspace.host + route, {
      headers: { Authorization: `Bearer ${workspace.token}` },
    });
    expect(answer.status).toBe(200);
    return answer.json();
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
    const deployed = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployed, 0);

    const journal = (await get("/_lakeform/journal")) as { entries: Call[] };
    const create = journal.entries.filter((call) => call.path.endsWith("/jobs/create"));
    expect(create).toHaveLength(1);
    const body = structuredClone(create[0]?.body) as typeof guideJob & Record<string, unknown>;
    // The additions to the guide's job: the stamp, and fields that the provider adds.
    expect(take(body, "tags")).toEqual({ lakeform: "lakeform/daily-etl-local" });
    expect(take(body, "queue")).toEqual({ enabled: false });
    expect(take(body, "max_concurrent_runs")).toBe(1);
    for (const task of body.tasks) expect(take(task.notebook_task, "source")).toBe("WORKSPACE");
    // The documented defaults that the constructs write, so that no task inherits another one's
    // value.
    for (const task of body.tasks) expect(take(task, "run_if")).toBe("ALL_SUCCESS");
    for (const { new_cluster } of body.job_clusters)
      expect(take(new_cluster, "driver_node_type_id")).toBe("Standard_DS3_v2");
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

    const verified = await lakeform(root, ["verify", "local", "--format", "json"], env);
    expectExit(verified, 0);
    expect((JSON.parse(verified.stdout) as { counts: unknown }).counts).toMatchObject({
      match: 6,
      drift: 0,
      unmanaged: 0,
    });
    const again = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expect(again.stdout).toContain("nothing to do");

    const ran = await lakeform(
      root,
      ["run", "local", "daily-etl-pipeline", "--notebook-param", "input_date=2024-01-01"],
      env,
    );
    expectExit(ran, 0);
    expect(ran.stdout).toContain("SUCCESS");

    expectExit(
      await lakeform(root, ["destroy", "local", "--auto-approve"], {
        ...env,
        DAILY_ETL_API_KEY: undefined,
      }),
      0,
    );
    expect(await get("/api/2.1/jobs/list")).not.toHaveProperty("jobs.0");
    for (const { stdout, stderr } of [deployed, verified, again, ran])
      expect(stdout + stderr).not.toContain(canary);
  });
});

function take(object: object, field: string): unknown {
  const record = object as Record<string, unknown>;
  const value = record[field];
  Reflect.deleteProperty(record, field);
  return value;
}
