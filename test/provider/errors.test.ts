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
  function write(
    resource: JsonObject,
    otherSections: JsonObject = {},
    target: Directory = directory,
  ): void {
    target.write("main.tf.json", {
      terraform: { required_providers: requiredProviders },
      resource,
      ...otherSections,
    });
  }
  async function apply(target: Directory = directory): Promise<string> {
    const planErrors = await target.plan();
    const errors = planErrors.length > 0 ? planErrors : await target.apply();
    return errors.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
  }
  const jobs = async (): Promise<unknown[]> => {
    const response = await fetch(`${workspace.host}/api/2.2/jobs/list`, {
      headers: { Authorization: `Bearer ${workspace.token}` },
    });
    return ((await response.json()) as { jobs?: unknown[] }).jobs ?? [];
  };
  const instance = () => directory.readState()[0]?.instances[0];

  test("reports an API error with its message, its code and the call", async () => {
    write(job());
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: "Bad job." },
    });
    expect(await apply()).toMatch(
      /^cannot create job: Bad job\.\nPOST \/api\/2\.2\/jobs\/create returned 400 INVALID_PARAMETER_VALUE/,
    );
    expect(directory.readState()).toEqual([]);
  });

  test("creates only one job if the response to the create is lost", async () => {
    write(job());
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      nth: 1,
      when: "after",
      drop: true,
    });
    expect(await apply()).toBe("");
    const createdJobs = (await jobs()) as { job_id: number }[];
    expect(createdJobs).toHaveLength(1);
    expect(instance()?.attributes["id"]).toBe(String(createdJobs[0]?.job_id));
  });

  test("keeps the old values in the state after a failed update", async () => {
    write(job({ tags: { lakeform: "p/s", team: "x" } }));
    workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/reset",
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    expect(await apply()).toMatch(/^cannot update job: no/);
    expect(instance()?.attributes["tags"]).toEqual({ lakeform: "p/s" });
    workspace.faults.clear();
    expect(await apply()).toBe("");
  });

  test("reports a missing host at the first call, not before", async () => {
    const withoutHost = new Directory({});
    try {
      await withoutHost.init();
      write(job(), {}, withoutHost);
      expect(await withoutHost.plan()).toEqual([]);
      expect(
        (await withoutHost.apply()).map((error) => `${error.summary}\n${error.detail}`).join(),
      ).toMatch(/^cannot create job: no workspace is configured\n(.*\n)*code: NO_HOST/);
    } finally {
      withoutHost.close();
    }
  });

  test("rejects two authentication methods at plan time; the provider block takes precedence over the environment", async () => {
    write(job(), { provider: { databricks: { client_id: "c", client_secret: "s3cret-value" } } });
    const errors = await apply();
    expect(errors).toMatch(
      /^cannot configure the provider: more than one authorization method configured/,
    );
    expect(errors).not.toContain("s3cret-value");
    write(job(), { provider: { databricks: { token: "wrong" } } });
    expect(await apply()).toMatch(/returned 401/);
  });
});
