import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { renderAzureDevOps } from "../../src/promote/ci/azure-devops";
import { renderGithubActions } from "../../src/promote/ci/github-actions";
import { renderJenkins } from "../../src/promote/ci/jenkins";
import type { CiProject } from "../../src/promote/ci/plan";
import { linkPackages } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, removeFolders } from "../support/project";
import { scriptsOf } from "./ci-scripts";

const project: CiProject = { name: "etl", environments: ["dev", "staging", "prod"], secrets: ["API_KEY"], smokeJobs: ["daily"] };
const rendered = {
  "github-actions": renderGithubActions(project),
  "azure-devops": renderAzureDevOps(project),
  jenkins: renderJenkins(project),
};

describe("CI pipelines", () => {
  afterAll(removeFolders);

  test.each(Object.entries(rendered))("%s: every step of the plan is there, in order", (system, text) => {
    const scripts = scriptsOf(system, text).join("\n");
    const expected = [
      "npm ci",
      "npx lakeform synth",
      "npm test",
      "npx lakeform review dev staging prod --no-synth",
      "npx lakeform deploy dev --auto-approve",
      "npx lakeform verify dev --deep",
      "npx lakeform run dev daily",
      "npx lakeform review staging --out cdktf.out/review.json",
      'npx lakeform promote dev staging --approve "$DIGEST"',
      "npx lakeform review prod --out cdktf.out/review.json",
      'npx lakeform promote staging prod --approve "$DIGEST"',
      "npx lakeform verify dev staging prod --deep --out cdktf.out/verify.junit.xml",
    ];
    let at = 0;
    for (const line of expected) {
      const found = scripts.indexOf(line, at);
      expect(`${line}: ${found >= 0 ? "there" : "missing"}`).toBe(`${line}: there`);
      at = found;
    }
  });

  test.each(Object.entries(rendered))("%s: machine-to-machine credentials, no tokens, no plan kept", (_system, text) => {
    for (const environment of ["DEV", "STAGING", "PROD"]) {
      for (const name of ["HOST", "CLIENT_ID", "CLIENT_SECRET"]) expect(text).toContain(`LAKEFORM_${environment}_${name}`);
    }
    expect(text).not.toMatch(/DATABRICKS_TOKEN|_TOKEN\b(?<!ACCESSTOKEN)|tfplan/);
  });

  test("GitHub: least permissions, actions pinned by commit, the approved digest travels from review to promotion", () => {
    const workflow = parse(rendered["github-actions"]) as {
      permissions: unknown;
      jobs: Record<
        string,
        {
          environment?: string;
          needs?: string;
          permissions?: unknown;
          outputs?: unknown;
          steps: { uses?: string; env?: Record<string, string> }[];
        }
      >;
    };
    expect(workflow.permissions).toEqual({ contents: "read" });
    const used = Object.values(workflow.jobs).flatMap((job) => job.steps.flatMap((step) => step.uses ?? []));
    expect(used.length).toBeGreaterThan(10);
    for (const action of used) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40}$/);
    expect(workflow.jobs["promote-prod"]).toMatchObject({ environment: "prod", needs: "review-prod" });
    expect(workflow.jobs["promote-prod"]?.steps.at(-1)?.env?.DIGEST).toBe("${{ needs.review-prod.outputs.digest }}");
    expect(Object.keys(workflow.jobs).filter((name) => workflow.jobs[name]?.permissions !== undefined)).toEqual(["review"]);
  });

  test("Azure DevOps and GitHub: valid YAML that says what it said", () => {
    for (const system of ["github-actions", "azure-devops"] as const)
      expect(Object.keys(parse(rendered[system]) as object)).toContain(system === "azure-devops" ? "stages" : "jobs");
  });

  test.each([
    ["github-actions", ".github/workflows/lakeform.yml"],
    ["azure-devops", "azure-pipelines.yml"],
    ["jenkins", "Jenkinsfile"],
  ])("a new project has the pipeline that the command would write: %s", async (system, file) => {
    const root = makeFolder("etl");
    expectExit(await lakeform(root, ["init", "--ci", system]), 0);
    linkPackages(root);
    const written = fs.readFileSync(path.join(root, file), "utf8");
    expectExit(await lakeform(root, ["ci", system]), 0);
    expect(fs.readFileSync(path.join(root, file), "utf8")).toBe(written);
  });

  test("a new project without a pipeline", async () => {
    const made = await lakeform(makeFolder("etl"), ["init", "--ci", "none"]);
    expectExit(made, 0);
    expect(made.stdout).not.toMatch(/workflows|azure|Jenkinsfile/);
  });

  test("rejects a CI system that it does not know", async () => {
    const result = await lakeform(makeFolder(), ["ci", "travis"]);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("allowed: github-actions, azure-devops, jenkins") as string,
    });
  });
});
