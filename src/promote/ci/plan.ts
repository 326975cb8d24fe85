/**
 * The steps of a pipeline and their shell lines, defined once. The files for GitHub, Azure DevOps
 * and Jenkins are rendered from it, and a test runs these lines.
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
   * Names of jobs that are run after a deploy and that the promotion requires. None: all jobs of
   * the environment.
   */
  readonly smokeJobs: readonly string[];
  /** Variables that the backends of the states need, by environment. @default - none */
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
 * In the synth output, which Git ignores: a report in the tree would close the gate that requires a
 * clean tree.
 */
export const reports = {
  markdown: "cdktf.out/review.md",
  sarif: "cdktf.out/review.sarif",
  json: "cdktf.out/review.json",
  junit: "cdktf.out/verify.junit.xml",
} as const;

/**
 * The first lines of a pipeline file.
 * @param access how this system keeps the secrets of other environments from a pull request
 */
export function headerOf(system: string, access: readonly string[]): readonly string[] {
  const [first = "", ...more] = access;
  return [
    `Written by "lakeform ci ${system}"; regenerate it after adding an environment or a secret.`,
    `Set-up, once: "lakeform ci ${system} --setup". ${first}`,
    ...more,
    "Saved plans contain secrets in clear text: no step keeps one as an artifact.",
  ];
}

export const commented = (lines: readonly string[], mark = "#"): string =>
  lines.map((line) => `${mark} ${line}\n`).join("");

export const defaults = { branch: "main", nodeVersion: "20", terraformVersion: "1.11.4" } as const;

/**
 * Environment variables for the credentials of each environment: OAuth machine-to-machine, no
 * long-lived tokens.
 */
export function credentialVariables(environment: string): readonly string[] {
  const prefix = `LAKEFORM_${environment.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
  return [`${prefix}_HOST`, `${prefix}_CLIENT_ID`, `${prefix}_CLIENT_SECRET`];
}

/**
 * The variables that Terraform's backends read. A state in the workspace needs the workspace's own
 * credentials, and its key if it is encrypted.
 */
export const backendCredentials: Readonly<Record<string, readonly string[]>> = {
  s3: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  azurerm: ["ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID", "ARM_SUBSCRIPTION_ID"],
  gcs: ["GOOGLE_CREDENTIALS"],
  http: ["TF_HTTP_USERNAME", "TF_HTTP_PASSWORD"],
  pg: ["PG_CONN_STR"],
};

/** The variables of a command that reads environments: host, principal and state. */
export function readingVariables(
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

/** The same, and the values of secrets: for what plans or deploys. */
export function deployingVariables(
  project: CiProject,
  environments: readonly string[],
): readonly string[] {
  return [...new Set([...readingVariables(project, environments), ...project.secrets])];
}

/** Where the pipelines without a Terraform of their own system put it. */
export const engineFolder = ".lakeform/bin";

/** The engine of a version, from its vendor, with its checksum. */
export function engineStep({ terraformVersion = defaults.terraformVersion }: CiProject): CiStep {
  const archive = `terraform_${terraformVersion}_linux_amd64.zip`;
  const from = `https://releases.hashicorp.com/terraform/${terraformVersion}`;
  return {
    name: `Terraform ${terraformVersion}`,
    run: `mkdir -p ${engineFolder} && cd ${engineFolder} && curl -fsSLO ${from}/${archive} && curl -fsSL ${from}/terraform_${terraformVersion}_SHA256SUMS | grep " ${archive}$" | sha256sum -c - && unzip -oq ${archive}`,
  };
}

export const install: CiStep = { name: "Install", run: "npm ci" };
export const synth: CiStep = { name: "Synth", run: "npx lakeform synth" };
export const test: CiStep = { name: "Test", run: "npm test" };

/**
 * Exit 2 for policy and secret findings fails the step; the reports are written anyway. Pull
 * requests have no values of secrets.
 */
export function reviewStep(project: CiProject): CiStep {
  const environments = project.environments.join(" ");
  return {
    name: "Review",
    run: `npx lakeform review ${environments} --no-synth --without-secrets --out ${reports.markdown} --out ${reports.sarif}`,
  };
}

/**
 * For pull requests from authors without access to a workspace: compares the code of two revisions.
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

/** The runs that the promotion from this environment requires. */
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

/** Prints the digest to approve, and keeps it for the promotion. */
export function digestStep(to: string): CiStep {
  return {
    name: `Review ${to}`,
    run: `npx lakeform review ${to} --out ${reports.json} --out ${reports.markdown}`,
  };
}

export const readDigest = `node -p 'require("./${reports.json}").digest'`;

/**
 * The promotion, and the runs that the next one requires. The jobs of FROM ran in the pipeline's
 * own step, so here a principal that can read FROM is enough; in the last environment only the jobs
 * that were named are run.
 */
export function promoteSteps(
  project: CiProject,
  from: string,
  to: string,
  digest: string,
): readonly CiStep[] {
  const { environments, smokeJobs } = project;
  const asked = smokeJobs.map((job) => ` --job ${job}`).join("");
  const run = `npx lakeform promote ${from} ${to} --approve "${digest}" --no-run${asked}`;
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

/** Pairs of environments next to each other: dev → staging, staging → prod. */
export function promotions(
  project: CiProject,
): readonly { readonly from: string; readonly to: string }[] {
  return project.environments
    .slice(1)
    .map((to, index) => ({ from: project.environments[index] ?? "", to }));
}
