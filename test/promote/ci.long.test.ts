import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { renderAzureDevOps } from "../../src/promote/ci/azure-devops";
import { renderGithubActions } from "../../src/promote/ci/github-actions";
import { renderJenkins } from "../../src/promote/ci/jenkins";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeApp } from "../support/app";
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
    // The environments of this project are local workspaces: the pipeline is written as for real ones of the same names. What talks to the CI's own server is left out.
    const scripts = scriptsOf(system, renderFor(system)).filter((script) => !/--base|SYSTEM_ACCESSTOKEN/.test(script));
    for (const script of scripts) {
      if (script.includes("lakeform promote")) {
        const review = JSON.parse(fs.readFileSync(path.join(root, "cdktf.out", "review.json"), "utf8")) as { digest: string };
        env.DIGEST = review.digest;
      }
      const { code, output } = await bash(script, root, env);
      expect(`${script}\n${code === 0 ? "" : output}exit ${code}`).toBe(`${script}\nexit 0`);
    }
    expect(fs.readFileSync(path.join(root, "cdktf.out", "verify.junit.xml"), "utf8")).toContain('failures="0"');
  });
});

/** Not the synchronous kind: the workspaces serve from this very process. */
function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile("bash", ["--norc", "-euo", "pipefail", "-c", script], { cwd, env, maxBuffer: 1e8 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, output: stdout + stderr });
    });
  });
}

function renderFor(system: string): string {
  const project = { name: "etl", environments: ["dev", "staging", "prod"], secrets: [], smokeJobs: ["etl"] };
  const render = { jenkins: renderJenkins, "azure-devops": renderAzureDevOps, "github-actions": renderGithubActions }[system];
  if (render === undefined) throw new Error(system);
  return render(project);
}
