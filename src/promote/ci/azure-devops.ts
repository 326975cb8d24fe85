import { stringify } from "yaml";
import { defined } from "../../defined";
import {
  asComment,
  defaults,
  deployerVariableNames,
  deploySteps,
  digestStep,
  headerOf,
  install,
  nightlyStep,
  promoteSteps,
  promotions,
  readDigest,
  readerVariableNames,
  reports,
  reviewStep,
  synth,
  test,
  type CiProject,
  type CiStep,
} from "./plan";

type Yaml = Readonly<Record<string, unknown>>;

const header = headerOf("azure-devops", [
  'Each stage has its own variable group: "lakeform-review" has principals that can read but not write;',
  "the others are protected by checks, so that a pull request gets none of their secrets. A policy of the branch runs this for pull requests.",
]);

const group = (name: string): Yaml => ({ group: `lakeform-${name}` });

/** Renders `azure-pipelines.yml`. */
export function renderAzureDevOps(project: CiProject): string {
  const branch = project.branch ?? defaults.branch;
  const [first = ""] = project.environments;
  const pipeline: Yaml = {
    trigger: { branches: { include: [branch] }, tags: { include: ["v*"] } },
    pr: { branches: { include: [branch] } },
    schedules: [
      {
        cron: "17 3 * * *",
        displayName: "nightly verify",
        branches: { include: [branch] },
        always: true,
      },
    ],
    pool: { vmImage: "ubuntu-latest" },
    variables: [{ name: "npm_config_cache", value: "$(Pipeline.Workspace)/.npm" }],
    stages: [
      {
        stage: "Review",
        condition: "eq(variables['Build.Reason'], 'PullRequest')",
        variables: [group("review")],
        jobs: [
          {
            job: "review",
            steps: [
              ...setUpSteps(project),
              script(synth),
              script(test),
              script(
                reviewStep(project),
                environmentOf(readerVariableNames(project, project.environments)),
              ),
              {
                ...script(
                  { name: "Comment", run: commentScript },
                  { SYSTEM_ACCESSTOKEN: "$(System.AccessToken)" },
                ),
                condition: "always()",
              },
            ],
          },
        ],
      },
      {
        stage: "Deploy",
        condition: `and(not(in(variables['Build.Reason'], 'PullRequest', 'Schedule')), eq(variables['Build.SourceBranch'], 'refs/heads/${branch}'))`,
        dependsOn: [],
        variables: [group(first)],
        jobs: [
          deployment(first, [
            ...setUpSteps(project),
            script(synth),
            script(test),
            ...deploySteps(project, first).map((step) =>
              script(step, environmentOf(deployerVariableNames(project, [first]))),
            ),
          ]),
        ],
      },
      ...promotionStages(project),
      {
        stage: "Nightly",
        condition: "eq(variables['Build.Reason'], 'Schedule')",
        dependsOn: [],
        variables: [group("review")],
        jobs: [
          {
            job: "verify",
            steps: [
              ...setUpSteps(project),
              script(
                nightlyStep(project),
                environmentOf(readerVariableNames(project, project.environments)),
              ),
              {
                task: "PublishTestResults@2",
                condition: "always()",
                inputs: { testResultsFormat: "JUnit", testResultsFiles: reports.junit },
              },
            ],
          },
        ],
      },
    ],
  };
  return asComment(header) + stringify(pipeline, { lineWidth: 0 });
}

function promotionStages(project: CiProject): readonly Yaml[] {
  let previous: readonly string[] = [];
  return promotions(project).flatMap(({ from, to }) => {
    const [review, promote] = [`Review_${identifier(to)}`, `Promote_${identifier(to)}`];
    const env = environmentOf(deployerVariableNames(project, [from, to]));
    const stages = [
      {
        stage: review,
        condition: "and(succeeded(), startsWith(variables['Build.SourceBranch'], 'refs/tags/v'))",
        dependsOn: previous,
        variables: [group(`${to}-review`)],
        jobs: [
          {
            job: "review",
            steps: [
              ...setUpSteps(project),
              script(digestStep(to), environmentOf(deployerVariableNames(project, [to]))),
              {
                ...script({
                  name: "Digest",
                  run: `echo "##vso[task.setvariable variable=digest;isOutput=true]$(${readDigest})"\n[ ! -f ${reports.markdown} ] || echo "##vso[task.uploadsummary]$PWD/${reports.markdown}"`,
                }),
                name: "digest",
              },
            ],
          },
        ],
      },
      {
        stage: promote,
        dependsOn: [review],
        variables: [
          group(to),
          {
            name: "DIGEST",
            value: `$[ stageDependencies.${review}.review.outputs['digest.digest'] ]`,
          },
        ],
        jobs: [
          deployment(to, [
            ...setUpSteps(project),
            ...promoteSteps(project, from, to, "$DIGEST").map((step) =>
              script(step, { ...env, DIGEST: "$(DIGEST)" }),
            ),
          ]),
        ],
      },
    ];
    previous = [promote];
    return stages;
  });
}

/** Renders a job that waits for the approvals and checks of an environment. */
function deployment(environment: string, steps: readonly Yaml[]): Yaml {
  return {
    deployment: `to_${identifier(environment)}`,
    environment,
    strategy: { runOnce: { deploy: { steps } } },
  };
}

function setUpSteps(project: CiProject): readonly Yaml[] {
  return [
    { checkout: "self", fetchDepth: 0 },
    {
      task: "NodeTool@0",
      inputs: { versionSpec: `${project.nodeVersion ?? defaults.nodeVersion}.x` },
    },
    {
      task: "TerraformInstaller@1",
      inputs: { terraformVersion: project.terraformVersion ?? defaults.terraformVersion },
    },
    {
      task: "Cache@2",
      inputs: { key: 'npm | "$(Agent.OS)" | package-lock.json', path: "$(npm_config_cache)" },
    },
    script(install),
  ];
}

function script(step: CiStep, env?: Readonly<Record<string, string>>): Yaml {
  return { script: step.run, displayName: step.name, ...defined({ env }) };
}

function environmentOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `$(${name})`]));
}

function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, "_");
}

/** Keeps one thread per pull request, updated in place. */
const commentScript = `[ -f ${reports.markdown} ] || exit 0
node -e '
const fs = require("fs");
const marker = "<!-- lakeform review -->";
const { SYSTEM_COLLECTIONURI: base, SYSTEM_TEAMPROJECT: project, BUILD_REPOSITORY_ID: repository, SYSTEM_PULLREQUEST_PULLREQUESTID: id, SYSTEM_ACCESSTOKEN: token } = process.env;
const threads = base + encodeURIComponent(project) + "/_apis/git/repositories/" + repository + "/pullRequests/" + id + "/threads";
const call = async (method, url, body) => {
  const answer = await fetch(url + "?api-version=7.1", { method, headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(method + " " + answer.status);
  return answer.json();
};
const content = marker + String.fromCharCode(10) + fs.readFileSync("${reports.markdown}", "utf8");
(async () => {
  const mine = (await call("GET", threads)).value.find((thread) => thread.comments.some((comment) => (comment.content || "").startsWith(marker)));
  if (mine) await call("PATCH", threads + "/" + mine.id + "/comments/" + mine.comments[0].id, { content });
  else await call("POST", threads, { comments: [{ parentCommentId: 0, commentType: 1, content }], status: "closed" });
})().catch((error) => { console.error(error.message); process.exit(1); });
'
`;
