import {
  credentialVariables,
  deploySteps,
  digestStep,
  install,
  nightlyStep,
  promoteStep,
  promotions,
  readDigest,
  reports,
  reviewStep,
  synth,
  test,
  defaults,
  type CiProject,
  type CiStep,
} from "./plan";

/**
 * `Jenkinsfile`, declarative, for a multibranch pipeline. Agents need Node and Terraform; credentials are "secret text" entries with the names of the
 * variables.
 */
export function renderJenkins(project: CiProject): string {
  const branch = project.branch ?? defaults.branch;
  const [first = ""] = project.environments;
  const all = project.environments;
  const lines = [
    "// Written by lakeform ci jenkins; regenerate it after adding an environment or a secret.",
    '// Credentials (kind "secret text"), for each environment: LAKEFORM_<ENV>_HOST, LAKEFORM_<ENV>_CLIENT_ID, LAKEFORM_<ENV>_CLIENT_SECRET',
    "// (a service principal's OAuth secret). Saved plans contain secrets in clear text: no stage archives one.",
    "pipeline {",
    "  agent any",
    "  options { disableConcurrentBuilds() }",
    `  triggers { cron(env.BRANCH_NAME == '${branch}' ? 'H 3 * * *' : '') }`,
    "  stages {",
    ...stage("Install", undefined, [install, synth, test], []),
    ...stage("Review", "changeRequest()", [reviewStep(project)], variables(project, all), [
      `archiveArtifacts artifacts: '${reports.markdown},${reports.sarif}', allowEmptyArchive: true`,
    ]),
    ...stage(
      `Deploy ${first}`,
      `allOf { branch '${branch}'; not { triggeredBy 'TimerTrigger' } }`,
      deploySteps(project, first),
      variables(project, [first]),
    ),
    ...promotions(project).flatMap(({ from, to }) => promotion(project, from, to)),
    ...stage("Nightly", `allOf { branch '${branch}'; triggeredBy 'TimerTrigger' }`, [nightlyStep(project)], variables(project, all), [
      `junit '${reports.junit}'`,
    ]),
    "  }",
    "}",
    "",
  ];
  return lines.join("\n");
}

function promotion(project: CiProject, from: string, to: string): string[] {
  return [
    `    stage('Promote ${to}') {`,
    "      when { buildingTag() }",
    ...environmentBlock(variables(project, [from, to])),
    "      steps {",
    shell(digestStep(to)),
    "        script {",
    `          env.DIGEST = sh(script: '''${readDigest}''', returnStdout: true).trim()`,
    "        }",
    `        input message: "Promote ${from} to ${to}? digest \${env.DIGEST}", ok: 'Approve'`,
    shell(promoteStep(project, from, to, "$DIGEST")),
    "      }",
    "    }",
  ];
}

function stage(
  name: string,
  when: string | undefined,
  steps: readonly CiStep[],
  names: readonly string[],
  always: readonly string[] = [],
): string[] {
  return [
    `    stage('${name}') {`,
    ...(when === undefined ? [] : [`      when { ${when} }`]),
    ...environmentBlock(names),
    "      steps {",
    ...steps.map(shell),
    "      }",
    ...(always.length === 0
      ? []
      : ["      post {", "        always {", ...always.map((line) => `          ${line}`), "        }", "      }"]),
    "    }",
  ];
}

function environmentBlock(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return ["      environment {", ...names.map((name) => `        ${name} = credentials('${name}')`), "      }"];
}

/** In triple single quotes Groovy leaves everything to the shell. */
function shell(step: CiStep): string {
  return `        sh(label: '${step.name}', script: '''${step.run}''')`;
}

function variables(project: CiProject, environments: readonly string[]): string[] {
  return [...environments.flatMap(credentialVariables), ...project.secrets];
}
