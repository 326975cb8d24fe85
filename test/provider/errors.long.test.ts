/**
 * The provider's behaviour on failures, with the real terraform: API errors, lost responses,
 * partial creates, an invalid configuration, an interrupt.
 */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { Directory, requiredProviders } from "../support/replay-terraform";
import type { JsonObject } from "../support/replay-format";

describe("the provider", () => {
  let workspace: RunningWorkspace;
  let directory: Directory;

  beforeAll(async () => {
    workspace = await startWorkspace();
    directory = new Directory({
      DATABRICKS_HOST: workspace.host,
      DATABRICKS_TOKEN: workspace.token,
    });
    await directory.init();
  });
  afterEach(() => workspace.faults.clear());
  afterAll(async () => {
    directory.close();
    await workspace.close();
  });

  const job = (changes: JsonObject = {}): JsonObject => ({
    databricks_job: {
      a: {
        name: "a",
        tags: { lakeform: "p/s" },
        task: [{ task_key: "t", notebook_task: { notebook_path: "/t" }, existing_cluster_id: "c" }],
        ...changes,
      },
    },
  });
  function writeConfig(
    resource: JsonObject,
    otherBlocks: JsonObject = {},
    folder: Directory = directory,
  ): void {
    folder.write("main.tf.json", {
      terraform: { required_providers: requiredProviders },
      resource,
      ...otherBlocks,
    });
  }
  async function apply(folder: Directory = directory): Promise<string> {
    const planResult = await folder.plan();
    const errors = planResult.length > 0 ? planResult : await folder.apply();
    return errors.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
  }
  const jobs = async (): Promise<unknown[]> => {
    const response = await fetch(`${workspace.host}/api/2.2/jobs/list`, {
      headers: { Authorization: `Bearer ${workspace.token}` },
    });
    return ((await response.json()) as { jobs?: unknown[] }).jobs ?? [];
  };
  const instance = () => directory.readState()[0]?.instances[0];

  test("creates only one job if the response to the create is lost", async () => {
    writeConfig(job());
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      nth: 1,
      when: "after",
      drop: true,
    });
    expect(await apply()).toBe("");
    const jobList = (await jobs()) as { job_id: number }[];
    expect(jobList).toHaveLength(1);
    expect(instance()?.attributes["id"]).toBe(String(jobList[0]?.job_id));
  });

  test("destroys a job that no longer exists without an error", async () => {
    const id = Number(instance()?.attributes["id"]);
    await directory.terraform(["plan", "-destroy", "-out=plan"]);
    await fetch(`${workspace.host}/api/2.2/jobs/delete`, {
      method: "POST",
      headers: { Authorization: `Bearer ${workspace.token}` },
      body: JSON.stringify({ job_id: id }),
    });
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/delete",
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" },
    });
    expect(await directory.apply()).toEqual([]);
    expect(directory.readState()).toEqual([]);
  });

  test("keeps an object as tainted if it was created and cannot be read", async () => {
    writeConfig(job());
    workspace.faults.add({
      method: "GET",
      path: "/api/2.2/jobs/get",
      nth: 1,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    expect(await apply()).toMatch(/^cannot read job: no/);
    expect(instance()?.status).toBe("tainted");
    expect(await jobs()).toHaveLength(1);
    workspace.faults.clear();
    await directory.terraform(["destroy", "-auto-approve"]);
    expect(await jobs()).toEqual([]);
  });

  test("saves a starting cluster in the state and exits soon after an interrupt", async () => {
    const cluster = {
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    writeConfig({ databricks_cluster: { c: cluster } });
    expect(await directory.plan()).toEqual([]);
    // This cluster never starts.
    workspace.faults.add({
      method: "GET",
      path: "/api/2.1/clusters/get",
      body: { cluster_id: "x", state: "PENDING", spark_version: "15.4.x-scala2.12" },
      status: 200,
    });
    const started = Date.now();
    const { output } = await directory.interrupted(
      ["apply", "-input=false", "-no-color", "plan"],
      () => workspace.journal({ path: "/api/2.1/clusters/get" }).length > 0,
    );
    expect(output).toContain("stopped while waiting for the cluster to be RUNNING");
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(instance()?.status).toBe("tainted");
    expect(instance()?.attributes["id"]).toMatch(/^\d{4}-\d{6}-/);
    workspace.faults.clear();
    expect((await directory.terraform(["destroy", "-auto-approve"])).code).toBe(0);
  });
});
