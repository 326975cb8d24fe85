import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { commit, makeApp, useCachedSynth } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { removeFolders } from "../support/project";

/** One project, and a local workspace for each of its environments dev, staging and prod. */
export interface Pipeline {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly workspaces: Readonly<Record<string, RunningWorkspace>>;
  readonly run: (...args: string[]) => Promise<CliResult>;
}

/** Makes the pipeline before the tests of this block. Its fields are set when the tests run. */
export function usePipeline(): Pipeline {
  const workspaces: Record<string, RunningWorkspace> = {};
  const env: NodeJS.ProcessEnv = {};
  let root = "";

  beforeAll(async () => {
    root = await makeApp("etl");
    useCachedSynth(root);
    commit(root, "add the synth cache");
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

  return {
    get root() {
      return root;
    },
    env,
    workspaces,
    run: (...args) => lakeform(root, args, env),
  };
}

/** Returns the gates and their outcomes: `git passed`. */
export const gateOutcomes = (result: CliResult): string[] =>
  result.stdout
    .split("\n")
    .filter((line) => /^[✓✗!–] /.test(line))
    .map((line) => line.replace(/^(.) ([a-z-]+):.*\((.*)\)$/, "$2 $3"));

/** Tests the way from dev to staging, which the tests after it continue to prod. */
export function testPromotionToStaging({ run }: Pipeline): void {
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
}
