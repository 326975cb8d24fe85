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
  isHostVariable,
  nightlyStep,
  offlineReviewStep,
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

/** Pinned by commit, because a tag can be moved. */
const actions = {
  checkout: "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", // v4.2.2
  node: "actions/setup-node@39370e3970a6d050c480ffad4ff0ed4d3fdee5af", // v4.1.0
  terraform: "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd", // v3.1.2
  sarif: "github/codeql-action/upload-sarif@48ab28a6f5dbc2a99bf1e0131198dd8f1df78169", // v3.28.0
  artifact: "actions/upload-artifact@b4b15b8c7c6ac21ea08fcf65892d2ee8f75cf882", // v4.4.3
  script: "actions/github-script@60a0d83039c74a4aee543508d2ffcb1c3799cdea", // v7.0.1
} as const;

type Yaml = Readonly<Record<string, unknown>>;

const header = headerOf("github-actions", [
  "Secrets and variables belong to the GitHub environments, never to the repository:",
  '"review" has principals that can read but not write; the others are protected, so that a pull request gets none of their secrets.',
]);

/** The GitHub environment of jobs that only read; a pull request may use it. */
const readOnlyEnvironment = "review";

/** Renders `.github/workflows/lakeform.yml`. */
export function renderGithubActions(project: CiProject): string {
  const branch = project.branch ?? defaults.branch;
  const [first = ""] = project.environments;
  const isPullRequest = "github.event_name == 'pull_request'";
  const sameRepository = "github.event.pull_request.head.repo.full_name == github.repository";
  const workflow: Yaml = {
    name: "lakeform",
    on: {
      pull_request: { branches: [branch] },
      push: { branches: [branch], tags: ["v*"] },
      schedule: [{ cron: "17 3 * * *" }],
    },
    permissions: { contents: "read" },
    concurrency: { group: "lakeform-${{ github.ref }}", "cancel-in-progress": false },
    jobs: {
      review: {
        if: isPullRequest,
        "runs-on": "ubuntu-latest",
        environment: readOnlyEnvironment,
        permissions: { contents: "read", "pull-requests": "write", "security-events": "write" },
        steps: [
          ...setUpSteps(project, { history: true }),
          shell(synth),
          shell(test),
          {
            ...shell(reviewStep(project)),
            if: sameRepository,
            env: environmentOf(readerVariableNames(project, project.environments)),
          },
          { ...shell(offlineReviewStep(project)), if: `!(${sameRepository})` },
          {
            name: "Comment",
            if: `always() && ${sameRepository}`,
            uses: actions.script,
            with: { script: commentScript },
          },
          {
            name: "Findings",
            if: `always() && ${sameRepository}`,
            uses: actions.sarif,
            with: { sarif_file: reports.sarif, category: "lakeform" },
          },
        ],
      },
      deploy: {
        if: `github.event_name == 'push' && github.ref == 'refs/heads/${branch}'`,
        "runs-on": "ubuntu-latest",
        environment: first,
        steps: [
          ...setUpSteps(project),
          shell(synth),
          shell(test),
          ...deploySteps(project, first).map((step) => ({
            ...shell(step),
            env: environmentOf(deployerVariableNames(project, [first])),
          })),
        ],
      },
      ...promotionJobs(project),
      nightly: {
        if: "github.event_name == 'schedule'",
        "runs-on": "ubuntu-latest",
        environment: readOnlyEnvironment,
        steps: [
          ...setUpSteps(project),
          {
            ...shell(nightlyStep(project)),
            env: environmentOf(readerVariableNames(project, project.environments)),
          },
          {
            name: "Report",
            if: "always()",
            uses: actions.artifact,
            with: { name: "verify", path: reports.junit },
          },
        ],
      },
    },
  };
  return asComment(header) + stringify(workflow, { lineWidth: 0 });
}

/**
 * Two jobs per promotion: the first creates the review and its digest, the second waits for the
 * environment's approval and deploys exactly the reviewed version.
 */
function promotionJobs(project: CiProject): Yaml {
  const jobs: Record<string, unknown> = {};
  let previous: string | undefined;
  for (const { from, to } of promotions(project)) {
    const review = `review-${to}`;
    const env = environmentOf(deployerVariableNames(project, [from, to]));
    jobs[review] = {
      if: "startsWith(github.ref, 'refs/tags/v')",
      ...defined({ needs: previous }),
      "runs-on": "ubuntu-latest",
      environment: `${to}-review`,
      outputs: { digest: "${{ steps.digest.outputs.digest }}" },
      steps: [
        ...setUpSteps(project),
        { ...shell(digestStep(to)), env: environmentOf(deployerVariableNames(project, [to])) },
        {
          name: "Digest",
          id: "digest",
          run: `echo "digest=$(${readDigest})" >> "$GITHUB_OUTPUT"\ncat ${reports.markdown} >> "$GITHUB_STEP_SUMMARY"`,
        },
      ],
    };
    jobs[`promote-${to}`] = {
      needs: review,
      "runs-on": "ubuntu-latest",
      environment: to,
      steps: [
        ...setUpSteps(project, { history: true }),
        ...promoteSteps(project, from, to, "$DIGEST").map((step) => ({
          ...shell(step),
          env: { ...env, DIGEST: `\${{ needs.${review}.outputs.digest }}` },
        })),
      ],
    };
    previous = `promote-${to}`;
  }
  return jobs;
}

function setUpSteps(
  project: CiProject,
  options: { readonly history?: boolean } = {},
): readonly Yaml[] {
  return [
    {
      uses: actions.checkout,
      with: { "persist-credentials": false, ...(options.history === true && { "fetch-depth": 0 }) },
    },
    {
      uses: actions.node,
      with: { "node-version": project.nodeVersion ?? defaults.nodeVersion, cache: "npm" },
    },
    {
      uses: actions.terraform,
      with: {
        terraform_version: project.terraformVersion ?? defaults.terraformVersion,
        terraform_wrapper: false,
      },
    },
    shell(install),
  ];
}

function shell(step: CiStep): Yaml {
  return { name: step.name, run: step.run };
}

function environmentOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      isHostVariable(name) ? `\${{ vars.${name} }}` : `\${{ secrets.${name} }}`,
    ]),
  );
}

/**
 * Keeps one comment per pull request, updated in place. The script finds it by a marker that a
 * review's Markdown cannot contain by chance.
 */
const commentScript = `const fs = require("fs");
const marker = "<!-- lakeform review -->";
if (!fs.existsSync("${reports.markdown}")) return;
const body = marker + String.fromCharCode(10) + fs.readFileSync("${reports.markdown}", "utf8");
const where = { owner: context.repo.owner, repo: context.repo.repo };
const comments = await github.paginate(github.rest.issues.listComments, { ...where, issue_number: context.issue.number });
const mine = comments.find((comment) => comment.body.startsWith(marker));
if (mine) await github.rest.issues.updateComment({ ...where, comment_id: mine.id, body });
else await github.rest.issues.createComment({ ...where, issue_number: context.issue.number, body });
`;
