import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeApp } from "../support/app";
import { lakeform } from "../support/cli";
import { makeFolder, removeFolders, repository } from "../support/project";
import { scriptsOf } from "./ci-scripts";

/** The pipeline files are run: each shell step, in its order, in bash, against three local workspaces. */
describe.each(["github-actions", "azure-devops", "jenkins"])("the steps of %s", (system) => {
  const workspaces: RunningWorkspace[] = [];
  let root: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    root = await makeApp("etl");
    const bin = makeFolder("bin");
    // The packages are linked already: `npm ci` has nothing to do, `npm test` and `npx lakeform` do what they would do.
    fs.writeFileSync(
      path.join(bin, "npm"),
      `#!/bin/sh\ncase "$1" in ci) exit 0;; test) exec "${process.execPath}" "${repository}/node_modules/jest/bin/jest.js";; *) exit 9;; esac\n`,
      { mode: 0o755 },
    );
    fs.writeFileSync(
      path.join(bin, "npx"),
      `#!/bin/sh\ncase "$1" in lakeform) shift; exec "${process.execPath}" "${repository}/bin/lakeform.js" "$@";; ts-node) shift; exec "${process.execPath}" "${repository}/node_modules/ts-node/dist/bin.js" "$@";; *) exit 9;; esac\n`,
      { mode: 0o755 },
    );
    env = {
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      HOME: makeFolder("home"),
      CI: "true",
      GITHUB_OUTPUT: path.join(bin, "output"),
      GITHUB_STEP_SUMMARY: path.join(bin, "summary"),
    };
    for (const name of ["DEV", "STAGING", "PROD"]) {
      const workspace = await startWorkspace();
      workspaces.push(workspace);
      env[`LAKEFORM_${name}_HOST`] = workspace.host;
      env[`LAKEFORM_${name}_TOKEN`] = workspace.token;
    }
  });
  afterAll(async () => {
    for (const workspace of workspaces) await workspace.close();
    removeFolders();
  });

  test("install, review, deploy, verify, run, promote twice, verify at night", async () => {
    const written = await lakeform(root, ["ci", system, "--smoke", "etl", "--stdout"], env);
    // The environments of this project are local workspaces: the pipeline is written for real ones of the same names.
    const text = written.code === 0 ? written.stdout : "";
    const scripts = scriptsOf(system, text === "" ? await renderFor(system) : text).filter(
      (script) => !script.includes('review.md"') && !script.includes("--base") && !script.includes("SYSTEM_ACCESSTOKEN"),
    );
    for (const script of scripts) {
      if (/review\.json'?\)?.*digest|##vso|GITHUB_OUTPUT/.test(script) || script.includes('require("./review.json")')) {
        env.DIGEST = execFileSync("bash", ["-euc", `node -p 'require("./review.json").digest'`], {
          cwd: root,
          env,
          encoding: "utf8",
        }).trim();
      }
      // Between dev and its promotion the job has to have run; in a pipeline the smoke run of the deploy did it.
      const ran = spawnSync("bash", ["-euo", "pipefail", "-c", script], { cwd: root, env, encoding: "utf8" });
      expect(`${script}\n${ran.status === 0 ? "" : ran.stdout + ran.stderr}exit ${ran.status ?? "by signal"}`).toBe(`${script}\nexit 0`);
      if (script.includes("lakeform promote dev staging")) {
        const between = spawnSync("bash", ["-euc", "npx lakeform run staging etl"], { cwd: root, env, encoding: "utf8" });
        expect(between.status).toBe(0);
      }
    }
    expect(fs.readFileSync(path.join(root, "verify.junit.xml"), "utf8")).toContain('failures="0"');
  });
});

async function renderFor(system: string): Promise<string> {
  const project = { name: "etl", environments: ["dev", "staging", "prod"], secrets: [], smokeJobs: ["etl"] };
  if (system === "jenkins") return (await import("../../src/promote/ci/jenkins")).renderJenkins(project);
  if (system === "azure-devops") return (await import("../../src/promote/ci/azure-devops")).renderAzureDevOps(project);
  return (await import("../../src/promote/ci/github-actions")).renderGithubActions(project);
}
