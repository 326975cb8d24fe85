import { computedReference, destroyRefreshReason } from "../../src/deploy/refresh";
import type { StackJson } from "../../src/terraform/stack";
import type { RawReport } from "../../src/verify/model";
import { setResource } from "../support/project";
import { verificationOf } from "../support/verification";
import { noRefresh, resourcesOf, review, root, useDeployedProject } from "./refresh-lab";

describe("a plan after a verification", () => {
  useDeployedProject();

  test("does not read objects that equal the state, and has the digest of a full refresh", async () => {
    setResource(root, "etl-local", resourcesOf("/Shared/b"));
    const [verifiedReview, refreshedReview] = [await review(), await review("--no-verify")];
    expect(verifiedReview.stderr).toContain(noRefresh);
    expect(refreshedReview.stderr).not.toContain(noRefresh);
    expect(verifiedReview.digest).toBe(refreshedReview.digest);
    expect(verifiedReview.stdout).toContain("/Shared/b");
  });

  test("refreshes for a reference to a value that the platform computes", () => {
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

describe("a destroy", () => {
  test("refreshes after drift, without a verification, or if the provider's configuration uses values that Terraform reads during the plan", () => {
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
      "the provider's configuration uses values that Terraform reads during the plan",
    );
    expect(destroyRefreshReason({}, undefined, "s")).toBe("the workspace was not verified");
    expect(refreshReason("https://a", { s: "databricks_job.j: drift" })).toBe(
      "databricks_job.j: drift",
    );
  });
});
