/**
 * The steps of a pipeline and their shell lines, defined once. The files for GitHub, Azure DevOps and Jenkins are rendered from it, and a
 * test runs these lines.
 */
export interface CiProject {
  readonly name: string;
  /** Environments with a real workspace, in the order of promotion. */
  readonly environments: readonly string[];
  /** Environment variables that hold the values of secrets (`Secret` constructs), to be filled from the CI's secret store. */
  readonly secrets: readonly string[];
  /** Names of jobs that are run after a deploy of the first environment. */
  readonly smokeJobs: readonly string[];
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

/** In the synth output, which Git ignores: a report in the tree would close the gate that requires a clean tree. */
export const reports = {
  markdown: "cdktf.out/review.md",
  sarif: "cdktf.out/review.sarif",
  json: "cdktf.out/review.json",
  junit: "cdktf.out/verify.junit.xml",
} as const;

export const defaults = { branch: "main", nodeVersion: "20", terraformVersion: "1.11.4" } as const;

/** Environment variables for the credentials of each environment: OAuth machine-to-machine, no long-lived tokens. */
export function credentialVariables(environment: string): readonly string[] {
  const prefix = `LAKEFORM_${environment.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
  return [`${prefix}_HOST`, `${prefix}_CLIENT_ID`, `${prefix}_CLIENT_SECRET`];
}

export const install: CiStep = { name: "Install", run: "npm ci" };
export const synth: CiStep = { name: "Synth", run: "npx lakeform synth" };
export const test: CiStep = { name: "Test", run: "npm test" };

/** Exit 2 for policy and secret findings fails the step; the reports are written anyway. */
export function reviewStep(project: CiProject): CiStep {
  const environments = project.environments.join(" ");
  return { name: "Review", run: `npx lakeform review ${environments} --no-synth --out ${reports.markdown} --out ${reports.sarif}` };
}

/** For pull requests from authors without access to a workspace: compares the code of two revisions. */
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
    ...project.smokeJobs.map((job) => ({ name: `Run ${job}`, run: `npx lakeform run ${environment} ${job}` })),
  ];
}

/** Prints the digest to approve, and keeps it for the promotion. */
export function digestStep(to: string): CiStep {
  return { name: `Review ${to}`, run: `npx lakeform review ${to} --out ${reports.json} --out ${reports.markdown}` };
}

export const readDigest = `node -p 'require("./${reports.json}").digest'`;

/** The smoke runs after it are the evidence that the next promotion requires. */
export function promoteStep(project: CiProject, from: string, to: string, digest: string): CiStep {
  const smoke = project.smokeJobs.map((job) => ` --smoke ${job}`).join("");
  return { name: `Promote ${from} to ${to}`, run: `npx lakeform promote ${from} ${to} --approve "${digest}"${smoke}` };
}

export function nightlyStep(project: CiProject): CiStep {
  return { name: "Verify", run: `npx lakeform verify ${project.environments.join(" ")} --deep --out ${reports.junit}` };
}

/** Pairs of environments next to each other: dev → staging, staging → prod. */
export function promotions(project: CiProject): readonly { readonly from: string; readonly to: string }[] {
  return project.environments.slice(1).map((to, index) => ({ from: project.environments[index] ?? "", to }));
}
