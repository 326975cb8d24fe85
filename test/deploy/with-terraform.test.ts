/**
 * Resources of unsupported kinds, read by Terraform's refresh; supported kinds represent them here.
 */
import { withTerraform } from "../../src/deploy/with-terraform";
import { findEngine } from "../../src/terraform/engine";
import type { TerraformContext } from "../../src/terraform/run";
import { cannotReadReason, unreadKinds } from "../../src/verify/compare/without-reading";
import {
  statuses,
  type ResourceResult,
  type Status,
  type Verification,
  type VerifyReport,
} from "../../src/verify/model";
import { expectExit, lakeform } from "../support/cli";
import { Stack } from "../support/stack";
import { verificationOf } from "../support/verification";

const result = (address: string): ResourceResult => {
  const kind = address.split(".")[0] ?? "";
  const common = {
    stack: "s",
    address,
    kind,
    title: kind,
    path: address,
    findings: [],
    restorable: false,
  };
  return { ...common, status: "unverifiable", reason: cannotReadReason(kind), id: "1" };
};

function verificationOfResults(resources: readonly ResourceResult[]): Verification {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<
    Status,
    number
  >;
  return verificationOf({
    ...{
      schema: "lakeform/verify-report",
      version: 1,
      startedAt: "",
      milliseconds: 0,
      calls: 0,
      host: "h",
      deep: false,
    },
    ...{
      stacks: [],
      counts,
      resources,
      unmanaged: [],
      failures: [],
      notChecked: unreadKinds(resources),
      ignoreRules: [],
      exitCode: 0,
    },
  });
}

describe("verify --with-terraform", () => {
  let stack: Stack;
  let terraform: TerraformContext;
  beforeAll(async () => {
    stack = await Stack.open();
    stack.write({
      terraform_data: { t: { input: "one" } },
      databricks_cluster_policy: {
        changed: { name: "p", definition: "{}" },
        same: { name: "q", definition: "{}" },
      },
      databricks_secret_scope: { gone: { name: "gone" } },
      databricks_git_credential: {
        g: { git_provider: "gitHub", git_username: "a", personal_access_token: "s3cret-value" },
      },
    });
    expect((await stack.apply()).errors).toEqual([]);
    const { host, token } = stack.workspace;
    terraform = {
      engine: await findEngine(process.env),
      directory: stack.directory.path,
      env: { ...process.env, ...stack.directory.environment },
      credentials: { DATABRICKS_HOST: host, DATABRICKS_TOKEN: token },
      variables: {},
      mirror: undefined,
      foreign: true,
    };
  }, 60_000);
  afterAll(() => stack.close());

  test("checks types that REST does not cover, which are listed with the option's name otherwise", async () => {
    const verify = (...words: string[]): ReturnType<typeof lakeform> =>
      lakeform(
        stack.directory.path,
        ["verify", "--dir", ".", ...words],
        stack.directory.environment,
      );
    const withoutOption = await verify();
    expectExit(withoutOption, 0);
    expect(withoutOption.stdout).toMatch(
      /terraform_data \(1\): lakeform does not support them \(--with-terraform/,
    );
    const withOption = await verify("--with-terraform", "--format", "json");
    expectExit(withOption, 0);
    const { resources, notChecked } = JSON.parse(withOption.stdout) as VerifyReport;
    expect(resources.find(({ address }) => address === "terraform_data.t")).toMatchObject({
      status: "match",
      reason: "checked by Terraform's refresh",
    });
    expect(notChecked.find(({ what }) => what === "terraform_data")?.reason).toMatch(
      /does not detect changes to settings that the code omits/,
    );
  }, 60_000);

  test("reports changed and deleted objects; an object that is not in the state is an error, and nothing is written", async () => {
    const { id } = stack.state()["databricks_cluster_policy.changed"] as { readonly id: string };
    await stack.call("POST", "/api/2.0/policies/clusters/edit", {
      policy_id: id,
      name: "renamed",
      definition: "{}",
    });
    await stack.call("POST", "/api/2.0/secrets/scopes/delete", { scope: "gone" });
    const stateBefore = stack.directory.readState();
    const addresses = [
      "databricks_cluster_policy.changed",
      "databricks_cluster_policy.same",
      "databricks_secret_scope.gone",
    ];
    const report = await withTerraform(
      verificationOfResults(
        [...addresses, "databricks_git_credential.g", "databricks_directory.none"].map(result),
      ),
      [{ name: "s", terraform }],
    );
    expect(report.resources.map(({ address, status }) => `${status} ${address}`)).toEqual([
      "drift databricks_cluster_policy.changed",
      "match databricks_cluster_policy.same",
      "missing databricks_secret_scope.gone",
      "match databricks_git_credential.g",
      "error databricks_directory.none",
    ]);
    expect(report.resources[0]?.findings).toMatchObject([
      { field: "name", deployed: "p", remote: "renamed" },
    ]);
    expect([
      report.exitCode,
      report.counts.drift,
      report.counts.missing,
      report.counts.match,
    ]).toEqual([1, 1, 1, 2]);
    expect(stack.directory.readState()).toEqual(stateBefore);
  }, 60_000);

  test("reports a failed refresh as an error of each resource, not as a match", async () => {
    const failingEngine = {
      ...terraform,
      credentials: { ...terraform.credentials, DATABRICKS_TOKEN: "dapi-wrong" },
    };
    const report = await withTerraform(
      verificationOfResults([result("databricks_cluster_policy.same")]),
      [{ name: "s", terraform: failingEngine }],
    );
    expect(report.resources).toMatchObject([
      { status: "error", reason: expect.stringContaining("Terraform's refresh failed") as string },
    ]);
    expect(JSON.stringify(report)).not.toContain("dapi-wrong");
    expect(report.exitCode).toBe(1);
  }, 60_000);
});
