import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { setResource } from "../support/project";
import {
  env,
  noRefresh,
  resourcesOf,
  review,
  root,
  useDeployedProject,
  workspace,
} from "./refresh-lab";

describe("a plan after a verification", () => {
  useDeployedProject();
  // The code differs from what is deployed, so that each review needs a plan.
  beforeAll(() => setResource(root, "etl-local", resourcesOf("/Shared/b")));

  const call = (route: string, body?: unknown): Promise<Response> =>
    fetch(`${workspace.host}${route}`, {
      headers: { authorization: `Bearer ${workspace.token}` },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
  const idsOf = async (name: string): Promise<readonly number[]> => {
    const { jobs = [] } = (await (await call(`/api/2.2/jobs/list?name=${name}`)).json()) as {
      jobs?: { job_id: number }[];
    };
    return jobs.map(({ job_id: id }) => id);
  };
  const updateJob = async (settings: Record<string, unknown>): Promise<void> => {
    const [id] = await idsOf("refresh");
    expect(
      (await call("/api/2.2/jobs/update", { job_id: id, new_settings: settings })).status,
    ).toBe(200);
  };

  test("refreshes after a change in the workspace, and not after a manual revert of the change", async () => {
    await updateJob({ max_concurrent_runs: 9 });
    const countReads = (): number =>
      workspace.faults.list().find(({ id }) => id === "reads")?.seen ?? 0;
    // A fault rule that never applies counts the calls.
    workspace.faults.add({
      id: "reads",
      method: "GET",
      path: "/api/2.2/jobs/get",
      nth: 1_000_000_000,
      status: 500,
    });
    const driftReview = await review();
    // Verify has read both jobs, and Terraform only the changed one again.
    expect(countReads()).toBe(3);
    workspace.faults.clear();
    expect(driftReview.stderr).toContain(
      "with a refresh: databricks_job.j: max_concurrent_runs: drift",
    );
    expect(driftReview.stdout).toContain('"before":9'.replace(":", ": "));
    expect(driftReview.digest).toBe((await review("--no-verify")).digest);
    await updateJob({ max_concurrent_runs: 2 });
    expect((await review()).stderr).toContain(noRefresh);
  });

  test("refreshes if the state has drift that a deploy recorded and that was reverted manually", async () => {
    const file = path.join(root, ".lakeform", "state", "etl-local.tfstate");
    const state = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, state.replace('"max_concurrent_runs": 2', '"max_concurrent_runs": 7'));
    const staleReview = await review();
    expect(staleReview.stderr).toContain("with a refresh: databricks_job.j: max_concurrent_runs: ");
    expect(staleReview.digest).toBe((await review("--no-verify")).digest);
    fs.writeFileSync(file, state);
    expect((await review()).stderr).toContain(noRefresh);
  });

  test("reads an object that verify skips because it is no longer in the code", async () => {
    const { databricks_permissions: _permissions, ...otherResources } = resourcesOf("/Shared/b");
    setResource(root, "etl-local", otherResources);
    expect((await review()).stderr).toContain(
      "with a refresh: databricks_permissions.p: not compared",
    );
  });

  test("needs no refresh after a deploy without a refresh", async () => {
    setResource(root, "etl-local", resourcesOf("/Shared/c"));
    const deployResult = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployResult, 0);
    expect(deployResult.stderr).toContain(noRefresh);
    const reviewAfter = await review();
    expect(reviewAfter.stderr).toContain("etl-local: no changes, Terraform is not needed");
    expect(reviewAfter.stdout).toContain('"changes": []');
    const fullReview = await review("--full");
    expect(fullReview.stderr).toContain(noRefresh);
    expect(fullReview.digest).toBe(reviewAfter.digest);
  });

  test("refreshes for a destroy only if an object differs from the state, and omits a deleted object", async () => {
    const destroyPreview = await lakeform(root, ["destroy", "local"], env);
    expectExit(destroyPreview, 2);
    expect(destroyPreview.stderr).toContain(noRefresh);
    expect(destroyPreview.stdout).toContain("etl-local: 0 create, 0 update, 0 replace, 4 destroy");
    const [otherJobId] = await idsOf("other");
    expect((await call("/api/2.2/jobs/delete", { job_id: otherJobId })).status).toBe(200);
    const destroyResult = await lakeform(root, ["destroy", "local", "--auto-approve"], env);
    expectExit(destroyResult, 0);
    expect(destroyResult.stderr).toContain("with a refresh: databricks_job.other: ");
    expect(destroyResult.stdout).toContain("etl-local: 0 create, 0 update, 0 replace, 3 destroy");
    expect(await idsOf("refresh")).toEqual([]);
  });
});
