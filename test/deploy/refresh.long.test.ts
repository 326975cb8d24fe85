import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { useWorkspace } from "../support/workspace";

const task = (path: string): unknown => ({ task_key: "a", notebook_task: { notebook_path: path } });
const resource = (notebook: string): Record<string, unknown> => ({
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
    root = makeProject({ "etl-local": { resource: resource("/Shared/a") } });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
  });
  afterAll(removeFolders);

  const review = async (...more: string[]): Promise<CliResult & { digest: string }> => {
    const result = await lakeform(root, ["review", "local", "--format", "json", ...more], env);
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
  const update = async (settings: Record<string, unknown>): Promise<void> => {
    const [id] = await idsOf("refresh");
    expect(
      (await call("/api/2.2/jobs/update", { job_id: id, new_settings: settings })).status,
    ).toBe(200);
  };
  const without = "without a refresh: verify found no difference from the state";

  test("does not read objects that equal the state, and has the digest of a full refresh", async () => {
    setResource(root, "etl-local", resource("/Shared/b"));
    const [verified, refreshed] = [await review(), await review("--no-verify")];
    expect(verified.stderr).toContain(without);
    expect(refreshed.stderr).not.toContain(without);
    expect(verified.digest).toBe(refreshed.digest);
    expect(verified.stdout).toContain("/Shared/b");
  });

  test("refreshes after a change in the workspace, and shows it; once it is reverted manually there is no refresh", async () => {
    await update({ max_concurrent_runs: 9 });
    const counted = (): number =>
      workspace.faults.list().find(({ id }) => id === "reads")?.seen ?? 0;
    // A fault rule that never applies counts the calls.
    workspace.faults.add({
      id: "reads",
      method: "GET",
      path: "/api/2.2/jobs/get",
      nth: 1_000_000_000,
      status: 500,
    });
    const drifted = await review();
    // Verify has read both jobs, and Terraform only the changed one again.
    expect(counted()).toBe(3);
    workspace.faults.clear();
    expect(drifted.stderr).toContain(
      "with a refresh: databricks_job.j: max_concurrent_runs: drift",
    );
    expect(drifted.stdout).toContain('"before":9'.replace(":", ": "));
    expect(drifted.digest).toBe((await review("--no-verify")).digest);
    await update({ max_concurrent_runs: 2 });
    expect((await review()).stderr).toContain(without);
  });

  test("refreshes if the state has values that no longer exist: drift refreshed into it by a deploy, then reverted manually", async () => {
    const file = path.join(root, ".lakeform", "state", "etl-local.tfstate");
    const state = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, state.replace('"max_concurrent_runs": 2', '"max_concurrent_runs": 7'));
    const stale = await review();
    expect(stale.stderr).toContain("with a refresh: databricks_job.j: max_concurrent_runs: ");
    expect(stale.digest).toBe((await review("--no-verify")).digest);
    fs.writeFileSync(file, state);
    expect((await review()).stderr).toContain(without);
  });

  test("reads an object that verify skips because it is no longer in the code", async () => {
    const { databricks_permissions: _gone, ...rest } = resource("/Shared/b");
    setResource(root, "etl-local", rest);
    expect((await review()).stderr).toContain(
      "with a refresh: databricks_permissions.p: not compared",
    );
  });

  test("needs no refresh after a deploy without one", async () => {
    setResource(root, "etl-local", resource("/Shared/c"));
    const deployed = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deployed, 0);
    expect(deployed.stderr).toContain(without);
    const after = await review();
    expect(after.stderr).toContain("etl-local: no changes, Terraform is not needed");
    expect(after.stdout).toContain('"changes": []');
    const full = await review("--full");
    expect(full.stderr).toContain(without);
    expect(full.digest).toBe(after.digest);
  });

  test("refreshes for a destroy only if an object differs from the state, and omits a deleted object", async () => {
    const shown = await lakeform(root, ["destroy", "local"], env);
    expectExit(shown, 2);
    expect(shown.stderr).toContain(without);
    expect(shown.stdout).toContain("etl-local: 0 create, 0 update, 0 replace, 4 destroy");
    const [other] = await idsOf("other");
    expect((await call("/api/2.2/jobs/delete", { job_id: other })).status).toBe(200);
    const destroyed = await lakeform(root, ["destroy", "local", "--auto-approve"], env);
    expectExit(destroyed, 0);
    expect(destroyed.stderr).toContain("with a refresh: databricks_job.other: ");
    expect(destroyed.stdout).toContain("etl-local: 0 create, 0 update, 0 replace, 3 destroy");
    expect(await idsOf("refresh")).toEqual([]);
  });
});
