import fs from "node:fs";
import path from "node:path";
import { lakeform } from "../support/cli";
import { testPromotionToStaging, usePipeline } from "./promotion-lab";

/**
 * One project promoted from dev to staging to prod, on three local workspaces: the tests depend on
 * their order.
 */
describe("promotion", () => {
  const pipeline = usePipeline();
  const { env, run } = pipeline;

  test("rejects a FROM that was never deployed", async () => {
    const result = await run("promote", "dev", "staging", "--auto-approve");
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("NOT_DEPLOYED") as string,
    });
  });

  testPromotionToStaging(pipeline);

  test("stores the deployed version, time and evidence in the workspace's record", async () => {
    const promotionsResult = await run("promotions", "staging", "--format", "json");
    const { stacks } = JSON.parse(promotionsResult.stdout) as {
      stacks: {
        deploys: { promotion: { from: string; gates: { gate: string; outcome: string }[] } }[];
      }[];
    };
    expect(stacks[0]?.deploys[0]?.promotion).toMatchObject({ from: "dev" });
    expect(
      stacks[0]?.deploys[0]?.promotion.gates.map(({ gate, outcome }) => `${gate} ${outcome}`),
    ).toEqual([
      "git passed",
      "deployed passed",
      "artifacts passed",
      "verified passed",
      "runs passed",
      "environment-diff passed",
      "review passed",
      "approval passed",
    ]);
    expect((await run("promotions", "staging")).stdout).toMatch(
      /^\S+-staging\n {3}DEPLOYED \(UTC\) {7}PROMOTED FROM {2}BY .* WAIVED\n\* {2}\d{4}-\S+ [\d:]{8} {2}dev {2}/,
    );
  });

  test.each([
    ["an unknown environment", ["dev", "qa"], "UNKNOWN_STACK"],
    ["a promotion to an earlier environment", ["staging", "dev"], "WRONG_ORDER"],
    ["a promotion that skips an environment", ["dev", "prod"], "WRONG_ORDER"],
    ["the same environment twice", ["dev", "dev"], "WRONG_ORDER: promotion needs two different"],
    ["an unknown smoke job", ["dev", "staging", "--smoke", "daily-etl-pipelin"], "UNKNOWN_JOB"],
    ["an unknown gate", ["dev", "staging", "--waive", "tests", "--reason", "x"], "UNKNOWN_GATE"],
  ])("rejects %s", async (_what, args, code) => {
    expect(await run("promote", ...args, "--auto-approve")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(code) as string,
    });
  });

  test("rejects two environments in one workspace, and bad credentials with the names of their variables", async () => {
    const sameWorkspaceResult = await lakeform(pipeline.root, ["promote", "dev", "staging"], {
      ...env,
      LAKEFORM_STAGING_HOST: env.LAKEFORM_DEV_HOST,
      LAKEFORM_STAGING_TOKEN: env.LAKEFORM_DEV_TOKEN,
    });
    expect(sameWorkspaceResult).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("SAME_WORKSPACE") as string,
    });
    const badTokenResult = await lakeform(pipeline.root, ["promote", "dev", "staging"], {
      ...env,
      LAKEFORM_STAGING_TOKEN: "dapiwrong",
    });
    expect(badTokenResult).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LAKEFORM_STAGING_HOST") as string,
    });
  });

  test("leaves no saved plan behind", () => {
    const stacks = path.join(pipeline.root, "cdktf.out", "stacks");
    expect(
      fs
        .readdirSync(stacks)
        .flatMap((stack) => fs.readdirSync(path.join(stacks, stack)))
        .filter((file) => file.endsWith(".tfplan")),
    ).toEqual([]);
  });
});
