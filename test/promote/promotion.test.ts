import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { commit, makeApp, useCachedSynth } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";

/**
 * One project promoted from dev to staging to prod, on three local workspaces: the tests depend on
 * their order.
 */
describe("promotion", () => {
  const workspaces: Record<string, RunningWorkspace> = {};
  let root: string;
  let env: NodeJS.ProcessEnv;
  const run = (...args: string[]): Promise<CliResult> => lakeform(root, args, env);

  beforeAll(async () => {
    root = await makeApp("etl");
    useCachedSynth(root);
    commit(root, "add the synth cache");
    env = {};
    for (const name of ["dev", "staging", "prod"]) {
      const workspace = await startWorkspace();
      workspaces[name] = workspace;
      env[`LAKEFORM_${name.toUpperCase()}_HOST`] = workspace.host;
      env[`LAKEFORM_${name.toUpperCase()}_TOKEN`] = workspace.token;
    }
  }, 120_000);

  afterAll(async () => {
    for (const workspace of Object.values(workspaces)) await workspace.close();
    removeFolders();
  });

  const gateOutcomes = (result: CliResult): string[] =>
    result.stdout
      .split("\n")
      .filter((line) => /^[✓✗!–] /.test(line))
      .map((line) => line.replace(/^(.) ([a-z-]+):.*\((.*)\)$/, "$2 $3"));

  test("rejects a FROM that was never deployed", async () => {
    const result = await run("promote", "dev", "staging", "--auto-approve");
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("NOT_DEPLOYED") as string,
    });
  });

  test("stops after a deploy to dev until the job has run there", async () => {
    const deployResult = await run("deploy", "dev", "--auto-approve");
    expectExit(deployResult, 0);
    const result = await run("promote", "dev", "staging", "--auto-approve", "--no-run");
    expect(result.code).toBe(2);
    expect(gateOutcomes(result)).toEqual([
      "git passed",
      "deployed passed",
      "artifacts passed",
      "verified passed",
      "runs failed",
    ]);
    expect(result.stdout).toContain("to open it: lakeform run dev <job>");
    expect(result.stdout).toContain("nothing was changed in staging");
  });

  test("stops at the last gate and prints the digest without an approval, and completes with one", async () => {
    const withoutApproval = await run("promote", "dev", "staging");
    expect(withoutApproval.code).toBe(2);
    // The gate has run the job that had not run since the deploy.
    expect(withoutApproval.stdout).toMatch(/etl: 1 successful since .*, run by this promotion/);
    expect(gateOutcomes(withoutApproval).slice(-2)).toEqual(["review passed", "approval failed"]);
    const digest = /--approve (sha256:[0-9a-f]+)/.exec(withoutApproval.stdout)?.[1] ?? "";

    const withWrongDigest = await run(
      "promote",
      "dev",
      "staging",
      "--approve",
      `sha256:${"0".repeat(64)}`,
    );
    expect(withWrongDigest.code).toBe(2);
    const withDigest = await run(
      "promote",
      "dev",
      "staging",
      "--approve",
      digest,
      "--smoke",
      "etl",
    );
    expectExit(withDigest, 0);
    expect(withDigest.stdout).not.toContain("run by this promotion");
    expect(withDigest.stdout).toContain("promoted dev to staging");
    expect(withDigest.stdout).toContain("✓ etl: SUCCESS");
  });

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
  });

  test.each([
    ["an unknown environment", ["dev", "qa"], "UNKNOWN_STACK"],
    ["a promotion to an earlier environment", ["staging", "dev"], "WRONG_ORDER"],
    ["a promotion that skips an environment", ["dev", "prod"], "WRONG_ORDER"],
    ["the same environment twice", ["dev", "dev"], "WRONG_ORDER: promotion needs two different"],
    ["an unknown gate", ["dev", "staging", "--waive", "tests", "--reason", "x"], "UNKNOWN_GATE"],
  ])("rejects %s", async (_what, args, code) => {
    expect(await run("promote", ...args, "--auto-approve")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(code) as string,
    });
  });

  test("rejects two environments in one workspace, and bad credentials with the names of their variables", async () => {
    const sameWorkspaceResult = await lakeform(root, ["promote", "dev", "staging"], {
      ...env,
      LAKEFORM_STAGING_HOST: env.LAKEFORM_DEV_HOST,
      LAKEFORM_STAGING_TOKEN: env.LAKEFORM_DEV_TOKEN,
    });
    expect(sameWorkspaceResult).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("SAME_WORKSPACE") as string,
    });
    const badTokenResult = await lakeform(root, ["promote", "dev", "staging"], {
      ...env,
      LAKEFORM_STAGING_TOKEN: "dapiwrong",
    });
    expect(badTokenResult).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LAKEFORM_STAGING_HOST") as string,
    });
  });

  test("leaves no saved plan behind", () => {
    const stacks = path.join(root, "cdktf.out", "stacks");
    expect(
      fs
        .readdirSync(stacks)
        .flatMap((stack) => fs.readdirSync(path.join(stacks, stack)))
        .filter((file) => file.endsWith(".tfplan")),
    ).toEqual([]);
  });
});
