import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { renderAzureDevOps } from "../../src/promote/ci/azure-devops";
import { renderGithubActions } from "../../src/promote/ci/github-actions";
import { renderJenkins } from "../../src/promote/ci/jenkins";
import { backendCredentials, type CiProject } from "../../src/promote/ci/plan";
import { ciSystems } from "../../src/promote/ci/systems";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, makeProject, removeFolders } from "../support/project";
import { jobsOf, type CiJob } from "./ci-runner";
import { scriptsOf } from "./ci-scripts";

const project: CiProject = {
  name: "etl",
  environments: ["dev", "staging", "prod"],
  secrets: ["API_KEY"],
  smokeJobs: ["daily"],
};
const pipelines = {
  "github-actions": renderGithubActions(project),
  "azure-devops": renderAzureDevOps(project),
  jenkins: renderJenkins(project),
};

const jobs = Object.entries(pipelines).map(
  ([system, text]) => [system, jobsOf(system, text)] as const,
);
const secretsOf = (job: CiJob | undefined): string[] => [
  ...new Set(
    job?.steps.flatMap(({ env }) =>
      Object.values(env).map(({ store, name }) => `${store}: ${name}`),
    ),
  ),
];

describe("the pipelines' secrets", () => {
  test.each(jobs)(
    "in %s: give pull requests and the nightly verify only read access",
    (_system, pipelineJobs) => {
      for (const event of ["pull request", "schedule"]) {
        const names = pipelineJobs.filter((job) => job.event === event).flatMap(secretsOf);
        expect(names.length).toBe(9);
        expect(names.filter((name) => !/^review: LAKEFORM_/.test(name))).toEqual([]);
      }
    },
  );

  test.each(jobs)(
    "in %s: give a deploying job only the secrets of its own protected environment",
    (system, pipelineJobs) => {
      const deployJobs = pipelineJobs.filter((job) =>
        job.steps.some(({ run }) => /lakeform (deploy|promote)/.test(run)),
      );
      expect(deployJobs.map((job) => job.event)).toEqual(["push", "tag", "tag"]);
      const stores =
        system === "jenkins"
          ? [[""], ["review", ""], ["review", ""]]
          : [["dev"], ["staging"], ["prod"]];
      expect(
        deployJobs.map((job) => [
          ...new Set(secretsOf(job).map((name) => name.split(":")[0] ?? "")),
        ]),
      ).toEqual(stores);
      for (const job of deployJobs)
        expect(secretsOf(job).some((name) => name.endsWith(" API_KEY"))).toBe(true);
    },
  );

  test("include a backend's credentials, and the key of an encrypted state in the workspace", () => {
    const backendVariables = {
      dev: ["LAKEFORM_STATE_KEY"],
      staging: backendCredentials["s3"] ?? [],
      prod: [],
    };
    const [review, deploy, , staging] = jobsOf(
      "github-actions",
      renderGithubActions({ ...project, backendVariables }),
    );
    expect(secretsOf(review)).toEqual(
      expect.arrayContaining(["review: LAKEFORM_STATE_KEY", "review: AWS_SECRET_ACCESS_KEY"]),
    );
    expect(secretsOf(deploy)).toContain("dev: LAKEFORM_STATE_KEY");
    expect(secretsOf(staging)).toEqual(
      expect.arrayContaining(["staging: LAKEFORM_STATE_KEY", "staging: AWS_ACCESS_KEY_ID"]),
    );
  });

  test.each(Object.entries(ciSystems))(
    "%s: --setup lists every environment and every secret that the pipeline uses",
    (system, { setUp }) => {
      const text = setUp({ ...project, recordFolders: ["/Workspace/Records/etl-dev"] });
      expect(text.replaceAll(/\s+/g, " ")).toContain(
        "CAN_READ on the folder that holds the records and states (/Workspace/Records)",
      );
      for (const job of jobsOf(system, pipelines[system as keyof typeof pipelines])) {
        for (const { store, name } of job.steps.flatMap(({ env }) => Object.values(env))) {
          expect(text).toContain(
            system === "jenkins" && store === "review" ? `REVIEW_${name}` : name,
          );
          if (system !== "jenkins") expect(text).toContain(`"${store}"`);
        }
      }
    },
  );

  test("are not generated for a local state, which is rejected with a fix", async () => {
    const root = makeProject({ "etl-dev": { provider: "official" } });
    const result = await lakeform(root, ["ci", "github-actions"]);
    expectExit(result, 1);
    expect(result.stderr).toMatch(
      /STATE_NOT_DURABLE[^]*etl-dev[^]*set backend: \{ kind: "workspace" \}[^]*lakeform state migrate etl-dev/,
    );
    expect(fs.existsSync(path.join(root, ".github"))).toBe(false);
  });
});

test("run rejects --all together with a job name", async () => {
  const result = await lakeform(makeFolder(), ["run", "dev", "etl", "--all"]);
  expect(result).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ALL_OR_ONE") as string,
  });
});

describe("CI pipelines", () => {
  afterAll(removeFolders);

  test.each(Object.entries(pipelines))(
    "in %s: have every step of the plan in order",
    (system, text) => {
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
      let searchStart = 0;
      for (const line of expected) {
        const index = scripts.indexOf(line, searchStart);
        expect(`${line}: ${index >= 0 ? "present" : "missing"}`).toBe(`${line}: present`);
        searchStart = index;
      }
    },
  );

  test.each(Object.entries(pipelines))(
    "in %s: use machine-to-machine credentials and no tokens, and keep no plan",
    (_system, text) => {
      for (const environment of ["DEV", "STAGING", "PROD"]) {
        for (const name of ["HOST", "CLIENT_ID", "CLIENT_SECRET"])
          expect(text).toContain(`LAKEFORM_${environment}_${name}`);
      }
      expect(text).not.toMatch(/DATABRICKS_TOKEN|_TOKEN\b(?<!ACCESSTOKEN)|tfplan/);
    },
  );

  test("in GitHub: have minimal permissions and actions pinned by commit, and pass the approved digest from review to promotion", () => {
    const workflow = parse(pipelines["github-actions"]) as {
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
    const actions = Object.values(workflow.jobs).flatMap((job) =>
      job.steps.flatMap((step) => step.uses ?? []),
    );
    expect(actions.length).toBeGreaterThan(10);
    for (const action of actions) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40}$/);
    expect(workflow.jobs["promote-prod"]).toMatchObject({
      environment: "prod",
      needs: "review-prod",
    });
    expect(workflow.jobs["promote-prod"]?.steps.at(-1)?.env?.DIGEST).toBe(
      "${{ needs.review-prod.outputs.digest }}",
    );
    expect(
      Object.keys(workflow.jobs).filter((name) => workflow.jobs[name]?.permissions !== undefined),
    ).toEqual(["review"]);
  });

  test("in GitHub: take hosts from variables, and all values of secrets from secrets", () => {
    const text = renderGithubActions({ ...project, secrets: ["WAREHOUSE_HOST"] });
    expect(text).toContain("${{ vars.LAKEFORM_DEV_HOST }}");
    expect(text).toContain("${{ secrets.WAREHOUSE_HOST }}");
    expect(text).not.toContain("vars.WAREHOUSE_HOST");
  });

  test("in Jenkins: promote only tags v*, as in the other systems", () => {
    const [, ...promotionStages] = pipelines.jenkins.split("stage('Promote ");
    expect(promotionStages.length).toBe(2);
    for (const stage of promotionStages) expect(stage).toContain("when { tag 'v*' }");
  });

  test("in Azure DevOps and GitHub: are valid YAML with the same content", () => {
    for (const system of ["github-actions", "azure-devops"] as const)
      expect(Object.keys(parse(pipelines[system]) as object)).toContain(
        system === "azure-devops" ? "stages" : "jobs",
      );
  });

  test("are omitted from a new project on request", async () => {
    const initResult = await lakeform(makeFolder("etl"), ["init", "--ci", "none"]);
    expectExit(initResult, 0);
    expect(initResult.stdout).not.toMatch(/workflows|azure|Jenkinsfile/);
  });

  test("are rejected for an unknown CI system", async () => {
    const result = await lakeform(makeFolder(), ["ci", "travis"]);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("allowed: github-actions, azure-devops, jenkins") as string,
    });
  });
});
