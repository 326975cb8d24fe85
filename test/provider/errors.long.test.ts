/**
 * The provider's behaviour on failures, with the real terraform: a lost job, a partial create and
 * an interrupt; errors.test.ts covers the others.
 */
import { jobConfig, useErrorsLab } from "./errors-lab";

describe("the provider", () => {
  const lab = useErrorsLab();

  test("destroys a job that no longer exists without an error", async () => {
    lab.writeConfig(jobConfig());
    expect(await lab.apply()).toBe("");
    const id = Number(lab.savedInstance?.attributes["id"]);
    await lab.directory.terraform(["plan", "-destroy", "-out=plan"]);
    await fetch(`${lab.workspace.host}/api/2.2/jobs/delete`, {
      method: "POST",
      headers: { Authorization: `Bearer ${lab.workspace.token}` },
      body: JSON.stringify({ job_id: id }),
    });
    lab.workspace.faults.add({
      method: "POST",
      path: "/api/2.2/jobs/delete",
      status: 404,
      body: { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" },
    });
    expect(await lab.directory.apply()).toEqual([]);
    expect(lab.directory.readState()).toEqual([]);
  });

  test("keeps an object as tainted if it was created and cannot be read", async () => {
    lab.writeConfig(jobConfig());
    lab.workspace.faults.add({
      method: "GET",
      path: "/api/2.2/jobs/get",
      nth: 1,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    expect(await lab.apply()).toMatch(/^cannot read job: no/);
    expect(lab.savedInstance?.status).toBe("tainted");
    expect(await lab.listJobs()).toHaveLength(1);
    lab.workspace.faults.clear();
    await lab.directory.terraform(["destroy", "-auto-approve"]);
    expect(await lab.listJobs()).toEqual([]);
  });

  test("saves a starting cluster in the state and exits soon after an interrupt", async () => {
    const cluster = {
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    };
    lab.writeConfig({ databricks_cluster: { c: cluster } });
    expect(await lab.directory.plan()).toEqual([]);
    // This cluster never starts.
    lab.workspace.faults.add({
      method: "GET",
      path: "/api/2.1/clusters/get",
      body: { cluster_id: "x", state: "PENDING", spark_version: "15.4.x-scala2.12" },
      status: 200,
    });
    const started = Date.now();
    const { output } = await lab.directory.runInterrupted(
      ["apply", "-input=false", "-no-color", "plan"],
      () => lab.workspace.journal({ path: "/api/2.1/clusters/get" }).length > 0,
    );
    expect(output).toContain("stopped while waiting for the cluster to be RUNNING");
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(lab.savedInstance?.status).toBe("tainted");
    expect(lab.savedInstance?.attributes["id"]).toMatch(/^\d{4}-\d{6}-/);
    lab.workspace.faults.clear();
    expect((await lab.directory.terraform(["destroy", "-auto-approve"])).code).toBe(0);
  });
});
