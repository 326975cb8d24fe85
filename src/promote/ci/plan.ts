import { variablePrefix } from "../../terraform/connection";

/**
 * The project settings that a pipeline needs. This file defines the steps and their shell lines
 * once; the files for GitHub, Azure DevOps and Jenkins are rendered from them, and a test runs the
 * lines.
 */
export interface CiProject {
  readonly name: string;
  /** Environments with a real workspace, in the order of promotion. */
  readonly environments: readonly string[];
  /**
   * Environment variables that hold the values of secrets (`Secret` constructs), to be filled from
   * the CI's secret store.
   */
  readonly secrets: readonly string[];
  /**
   * Names of the jobs that run after a deploy and that the promotion requires. If empty: all jobs
   * of the environment.
   */
  readonly smokeJobs: readonly string[];
  /** Variables required by the state backends, by environment. @default - none */
  readonly backendVariables?: Readonly<Record<string, readonly string[]>>;
  /** Folders of the deployment records and states. @default - none */
  readonly recordFolders?: readonly string[];
  /** @default "main" */
  readonly branch?: string;
  /** @default "20" */
  readonly nodeVersion?: string;
  /** @default "1.11.4" */
  readonly terraformVersion?: string;
}

export interface CiStep {
  readonly name: string;
  readonly run: string;
}

/**
 * Report files. They are in the synth output, which Git ignores: in any other folder of the
 * repository, the promotion's gate `git` would fail.
 */
export const reports = {
  markdown: "cdktf.out/review.md",
  sarif: "cdktf.out/review.sarif",
  json: "cdktf.out/review.json",
  junit: "cdktf.out/verify.junit.xml",
} as const;

/**
 * Returns the first lines of a pipeline file.
 * @param access how this system keeps the secrets of other environments from a pull request
 */
export function headerOf(system: string, access: readonly string[]): readonly string[] {
  const [first = "", ...furtherLines] = access;
  return [
    `Written by "lakeform ci ${system}"; regenerate it after adding an environment or a secret.`,
    `Set-up, once: "lakeform ci ${system} --setup". ${first}`,
    ...furtherLines,
    "Saved plans contain secrets in clear text: no step keeps one as an artifact.",
  ];
}

export const asComment = (lines: readonly string[], mark = "#"): string =>
  lines.map((line) => `${mark} ${line}\n`).join("");

export const defaults = { branch: "main", nodeVersion: "20", terraformVersion: "1.11.4" } as const;

/**
 * Environment variables with the host and the credentials of an environment: OAuth
 * machine-to-machine, no long-lived tokens.
 */
function credentialVariables(environment: string): readonly string[] {
  const prefix = variablePrefix(environment);
  return [`${prefix}HOST`, `${prefix}CLIENT_ID`, `${prefix}CLIENT_SECRET`];
}

/** True for the variable with the host of an environment, which is not a secret. */
export const isHostVariable = (name: string): boolean => /^LAKEFORM_\w*_HOST$/.test(name);

/**
 * The variables that Terraform's backends read. A state in the workspace uses the workspace's
 * credentials, and the state key if it is encrypted.
 */
export const backendCredentials: Readonly<Record<string, readonly string[]>> = {
  s3: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  azurerm: ["ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID"],
  gcs: ["GOOGLE_CREDENTIALS"],
  http: ["TF_HTTP_USERNAME", "TF_HTTP_PASSWORD"],
  pg: ["PG_CONN_STR"],
};

/** Variables for commands that only read environments: host, principal and state. */
export function readerVariableNames(
  project: CiProject,
  environments: readonly string[],
): readonly string[] {
  return [
    ...new Set([
      ...environments.flatMap(credentialVariables),
      ...environments.flatMap((name) => project.backendVariables?.[name] ?? []),
    ]),
  ];
}

/** Variables for commands that plan or deploy: those for reading, and the values of secrets. */
export function deployerVariableNames(
  project: CiProject,
  environments: readonly string[],
): readonly string[] {
  return [...new Set([...readerVariableNames(project, environments), ...project.secrets])];
}

/** The folder for Terraform in pipelines of systems that do not install it themselves. */
export const engineFolder = ".lakeform/bin";

/** Downloads Terraform from its vendor and checks its checksum. */
export function engineStep({ terraformVersion = defaults.terraformVersion }: CiProject): CiStep {
  const archive = `terraform_${terraformVersion}_linux_amd64.zip`;
  const downloadUrl = `https://releases.hashicorp.com/terraform/${terraformVersion}`;
  return {
    name: `Terraform ${terraformVersion}`,
    run: `mkdir -p ${engineFolder} && cd ${engineFolder} && curl -fsSLO ${downloadUrl}/${archive} && curl -fsSL ${downloadUrl}/terraform_${terraformVersion}_SHA256SUMS | grep " ${archive}$" | sha256sum -c - && unzip -oq ${archive}`,
  };
}

export const install: CiStep = { name: "Install", run: "npm ci" };
export const synth: CiStep = { name: "Synth", run: "npx lakeform synth" };
export const test: CiStep = { name: "Test", run: "npm test" };

/**
 * Reviews the environments. Exit code 2 for policy and secret findings fails the step; the reports
 * are written anyway. Pull requests do not get the values of secrets.
 */
export function reviewStep(project: CiProject): CiStep {
  const environments = project.environments.join(" ");
  return {
    name: "Review",
    run: `npx lakeform review ${environments} --no-synth --without-secrets --out ${reports.markdown} --out ${reports.sarif}`,
  };
}

/**
 * Reviews pull requests from forks, which get no credentials: compares the code of two revisions.
 */
export function offlineReviewStep(project: CiProject): CiStep {
  const branch = project.branch ?? defaults.branch;
  return {
    name: "Review without access",
    run: `npx lakeform review ${project.environments.join(" ")} --base origin/${branch} --out ${reports.markdown} --out ${reports.sarif}`,
  };
}

export function deploySteps(project: CiProject, environment: string): readonly CiStep[] {
  return [
    { name: `Deploy ${environment}`, run: `npx lakeform deploy ${environment} --auto-approve` },
    { name: `Verify ${environment}`, run: `npx lakeform verify ${environment} --deep` },
    ...runSteps(project, environment),
  ];
}

/** Runs the jobs that the promotion from this environment requires. */
function runSteps({ smokeJobs }: CiProject, environment: string): readonly CiStep[] {
  if (smokeJobs.length === 0)
    return [
      { name: `Run the jobs of ${environment}`, run: `npx lakeform run ${environment} --all` },
    ];
  return smokeJobs.map((job) => ({
    name: `Run ${job}`,
    run: `npx lakeform run ${environment} ${job}`,
  }));
}

/** Prints the digest to approve, and saves it for the promotion. */
export function digestStep(to: string): CiStep {
  return {
    name: `Review ${to}`,
    run: `npx lakeform review ${to} --out ${reports.json} --out ${reports.markdown}`,
  };
}

export const readDigest = `node -p 'require("./${reports.json}").digest'`;

/**
 * The promotion, and the runs that the next promotion requires. The jobs of FROM ran in a step of
 * their own, so this step needs only a principal that can read FROM. In the last environment only
 * the named jobs run.
 */
export function promoteSteps(
  project: CiProject,
  from: string,
  to: string,
  digest: string,
): readonly CiStep[] {
  const { environments, smokeJobs } = project;
  const jobOptions = smokeJobs.map((job) => ` --job ${job}`).join("");
  const run = `npx lakeform promote ${from} ${to} --approve "${digest}" --no-run${jobOptions}`;
  const isLast = environments.at(-1) === to;
  return [
    { name: `Promote ${from} to ${to}`, run },
    ...(isLast && smokeJobs.length === 0 ? [] : runSteps(project, to)),
  ];
}

export function nightlyStep(project: CiProject): CiStep {
  return {
    name: "Verify",
    run: `npx lakeform verify ${project.environments.join(" ")} --deep --out ${reports.junit}`,
  };
}

/** Consecutive pairs of environments: dev → staging, staging → prod. */
export function promotions(
  project: CiProject,
): readonly { readonly from: string; readonly to: string }[] {
  return project.environments
    .slice(1)
    .map((to, index) => ({ from: project.environments[index] ?? "", to }));
}
