import {
  asComment,
  deployerVariableNames,
  deploySteps,
  digestStep,
  engineFolder,
  engineStep,
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
  defaults,
  type CiProject,
  type CiStep,
} from "./plan";

const header = headerOf("jenkins", [
  'Credentials (kind "secret text") with the prefix REVIEW_ are principals that can read but not write.',
]);

/**
 * Renders a declarative `Jenkinsfile` for a multibranch pipeline. Agents need Node; credentials are
 * "secret text" entries. Read-only stages use those with the prefix `REVIEW_`, whose principals
 * cannot write.
 */
export function renderJenkins(project: CiProject): string {
  const branch = project.branch ?? defaults.branch;
  const [first = ""] = project.environments;
  const reviewCredentials = reviewCredentialsOf(readerVariableNames(project, project.environments));
  const lines = [
    "pipeline {",
    "  agent any",
    "  options { disableConcurrentBuilds() }",
    `  environment { TERRAFORM_BINARY_NAME = "\${WORKSPACE}/${engineFolder}/terraform" }`,
    `  triggers { cron(env.BRANCH_NAME == '${branch}' ? 'H 3 * * *' : '') }`,
    "  stages {",
    ...renderStage("Install", undefined, [engineStep(project), install, synth, test], {}),
    ...renderStage("Review", "changeRequest()", [reviewStep(project)], reviewCredentials, [
      `archiveArtifacts artifacts: '${reports.markdown},${reports.sarif}', allowEmptyArchive: true`,
    ]),
    ...renderStage(
      `Deploy ${first}`,
      `allOf { branch '${branch}'; not { triggeredBy 'TimerTrigger' } }`,
      deploySteps(project, first),
      ownCredentials(deployerVariableNames(project, [first])),
    ),
    ...promotions(project).flatMap(({ from, to }) => renderPromotion(project, from, to)),
    ...renderStage(
      "Nightly",
      `allOf { branch '${branch}'; triggeredBy 'TimerTrigger' }`,
      [nightlyStep(project)],
      reviewCredentials,
      [`junit '${reports.junit}'`],
    ),
    "  }",
    "}",
    "",
  ];
  return asComment(header, "//") + lines.join("\n");
}

function renderPromotion(project: CiProject, from: string, to: string): string[] {
  return [
    `    stage('Promote ${to}') {`,
    "      when { tag 'v*' }",
    ...environmentBlock({
      ...reviewCredentialsOf(readerVariableNames(project, [from])),
      ...ownCredentials(deployerVariableNames(project, [to])),
    }),
    "      steps {",
    renderStep(digestStep(to)),
    "        script {",
    `          env.DIGEST = sh(script: '''${readDigest}''', returnStdout: true).trim()`,
    "        }",
    `        input message: "Promote ${from} to ${to}? digest \${env.DIGEST}", ok: 'Approve'`,
    ...promoteSteps(project, from, to, "$DIGEST").map(renderStep),
    "      }",
    "    }",
  ];
}

function renderStage(
  name: string,
  when: string | undefined,
  steps: readonly CiStep[],
  credentials: Credentials,
  alwaysSteps: readonly string[] = [],
): string[] {
  return [
    `    stage('${name}') {`,
    ...(when === undefined ? [] : [`      when { ${when} }`]),
    ...environmentBlock(credentials),
    "      steps {",
    ...steps.map(renderStep),
    "      }",
    ...(alwaysSteps.length === 0
      ? []
      : [
          "      post {",
          "        always {",
          ...alwaysSteps.map((line) => `          ${line}`),
          "        }",
          "      }",
        ]),
    "    }",
  ];
}

/** Maps each variable to the credential that provides its value. */
type Credentials = Readonly<Record<string, string>>;

const ownCredentials = (names: readonly string[]): Credentials =>
  Object.fromEntries(names.map((name) => [name, name]));
const reviewCredentialsOf = (names: readonly string[]): Credentials =>
  Object.fromEntries(names.map((name) => [name, `REVIEW_${name}`]));

function environmentBlock(credentials: Credentials): string[] {
  const entries = Object.entries(credentials);
  if (entries.length === 0) return [];
  return [
    "      environment {",
    ...entries.map(([name, credential]) => `        ${name} = credentials('${credential}')`),
    "      }",
  ];
}

/** Inside triple single quotes Groovy does not interpolate: the shell gets the script unchanged. */
function renderStep(step: CiStep): string {
  return `        sh(label: '${step.name}', script: '''${step.run}''')`;
}
