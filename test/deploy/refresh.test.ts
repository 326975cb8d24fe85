import { computedReference, destroyRefreshReason } from "../../src/deploy/refresh";
import type { StackJson } from "../../src/terraform/stack";
import type { RawReport } from "../../src/verify/model";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { verificationOf } from "../support/verification";
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
  const noRefresh = "without a refresh: verify found no difference from the state";

  test("does not read objects that equal the state, and has the digest of a full refresh", async () => {
    setResource(root, "etl-local", resourcesOf("/Shared/b"));
    const [verifiedReview, refreshedReview] = [await review(), await review("--no-verify")];
    expect(verifiedReview.stderr).toContain(noRefresh);
    expect(refreshedReview.stderr).not.toContain(noRefresh);
    expect(verifiedReview.digest).toBe(refreshedReview.digest);
    expect(verifiedReview.stdout).toContain("/Shared/b");
  });

  test("refreshes for a destroy if the provider is configured with values that a plan reads", () => {
    const report = { stacks: [{ name: "s" }], resources: [] } as unknown as RawReport;
    const refreshReason = (host: string, stale = {}): string | undefined =>
      destroyRefreshReason(
        { provider: { databricks: [{ host }] } },
        verificationOf(report, stale),
        "s",
      );
    expect([refreshReason("https://a"), refreshReason("${var.host}")]).toEqual([
      undefined,
      undefined,
    ]);
    expect(refreshReason("${data.databricks_current_config.c.host}")).toBe(
      "the provider is configured with values that a plan reads",
    );
    expect(destroyRefreshReason({}, undefined, "s")).toBe("the workspace was not verified");
    expect(refreshReason("https://a", { s: "databricks_job.j: drift" })).toBe(
      "databricks_job.j: drift",
    );
  });

  test("refreshes for references to values computed by the platform", () => {
    const stack = (value: string): StackJson => ({
      resource: {
        databricks_job: { j: { name: "j" } },
        databricks_notebook: { n: { path: "/n" } },
      },
      output: { o: { value } },
    });
    expect(
      computedReference(stack("${databricks_job.j.id} at ${databricks_notebook.n.path}")),
    ).toBeUndefined();
    expect(computedReference(stack("databricks_job.j.url"))).toBeUndefined();
    expect(computedReference(stack("${data.databricks_job.j.url}"))).toBeUndefined();
    expect(computedReference(stack("${databricks_job.j.url}"))).toBe("databricks_job.j.url");
    expect(computedReference(stack("${jsonencode(databricks_job.j)}"))).toBe("databricks_job.j");
  });
});
