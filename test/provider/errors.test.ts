/**
 * The provider's behaviour on failures, with the real terraform: API errors, lost responses and an
 * invalid configuration; errors.long.test.ts covers partial creates and an interrupt.
 */
import { Directory } from "../support/replay-terraform";
import { jobConfig, joinErrors, useErrorsLab } from "./errors-lab";

describe("the provider", () => {
  const lab = useErrorsLab();

  test("reports an API error with its message, its code and the call", async () => {
    lab.writeConfig(jobConfig());
    lab.workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message: "Bad job." },
    });
    expect(await lab.apply()).toMatch(
      /^cannot create job: Bad job\.\nPOST \/api\/2\.2\/jobs\/create returned 400 INVALID_PARAMETER_VALUE/,
    );
    expect(lab.directory.readState()).toEqual([]);
  });

  test("creates only one job if the response to the create is lost", async () => {
    lab.writeConfig(jobConfig());
    lab.workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/create",
      nth: 1,
      when: "after",
      drop: true,
    });
    expect(await lab.apply()).toBe("");
    const createdJobs = await lab.listJobs();
    expect(createdJobs).toHaveLength(1);
    expect(lab.savedInstance?.attributes["id"]).toBe(String(createdJobs[0]?.job_id));
  });

  test("keeps the old values in the state after a failed update", async () => {
    lab.writeConfig(jobConfig({ tags: { lakeform: "p/s", team: "x" } }));
    lab.workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/reset",
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    expect(await lab.apply()).toMatch(/^cannot update job: no/);
    expect(lab.savedInstance?.attributes["tags"]).toEqual({ lakeform: "p/s" });
    lab.workspace.faults.clear();
    expect(await lab.apply()).toBe("");
  });

  test("reports a missing host at the first call, not before", async () => {
    const withoutHost = new Directory({});
    try {
      await withoutHost.init();
      lab.writeConfig(jobConfig(), {}, withoutHost);
      expect(await withoutHost.plan()).toEqual([]);
      expect(joinErrors(await withoutHost.apply())).toMatch(
        /^cannot create job: no workspace is configured\n(.*\n)*code: NO_HOST/,
      );
    } finally {
      withoutHost.close();
    }
  });

  test("rejects two authentication methods at plan time; the provider block takes precedence over the environment", async () => {
    lab.writeConfig(jobConfig(), {
      provider: { databricks: { client_id: "c", client_secret: "s3cret-value" } },
    });
    const errors = joinErrors(await lab.directory.plan());
    expect(errors).toMatch(
      /^cannot configure the provider: more than one authorization method configured/,
    );
    expect(errors).not.toContain("s3cret-value");
    lab.writeConfig(jobConfig(), { provider: { databricks: { token: "wrong" } } });
    expect(await lab.apply()).toMatch(/returned 401/);
  });
});
