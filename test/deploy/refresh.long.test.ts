import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { useWorkspace } from "../support/workspace";

const task = (path: string): unknown => ({ task_key: "a", notebook_task: { notebook_path: path } });
const resourcesOf = (notebook: string): Record<string, unknown> => ({
  databricks_secret_scope: { s: { name: "refresh" } },
  databricks_job: {
    j: { name: "refresh", max_concurrent_runs: 2, task: [task(notebook)] },
    other: { name: "other", task: [task("/Shared/other")] },
  },
  databricks_permissions: {
    p: {
      job_id: "${databricks_job.j.id}",
      access_control: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    },
  },
});

describe("a plan after a verification", () => {
  const workspace = useWorkspace();
  let env: NodeJS.ProcessEnv;
  let root: string;

  beforeAll(async () => {
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
    root = makeProject({ "etl-local": { resource: resourcesOf("/Shared/a") } });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
  });
  afterAll(removeFolders);

  const review = async (...options: string[]): Promise<CliResult & { digest: string }> => {
    const result = await lakeform(root, ["review", "local", "--format", "json", ...options], env);
    expectExit(result, 0);
    return { ...result, digest: (JSON.parse(result.stdout) as { digest: string }).digest };
  };
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
  const noRefresh = "without a refresh: verify found no difference from the state";

  test("does not read objects that equal the state, and has the digest of a full refresh", async () => {
    setResource(root, "etl-local", resourcesOf("/Shared/b"));
    const [verifiedReview, refreshedReview] = [await review(), await review("--no-verify")];
    expect(verifiedReview.stderr).toContain(noRefresh);
    expect(refreshedReview.stderr).not.toContain(noRefresh);
    expect(verifiedReview.digest).toBe(refreshedReview.digest);
    expect(verifiedReview.stdout).toContain("/Shared/b");
  });

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
