/** The files of a new project with adopted code (`lakeform init --from`). */
import { stackClass } from "../../adopt/adopt";
import { variablePrefix } from "../../terraform/connection";
import type { Toolkit } from "../../terraform/toolkit";
import { projectFiles } from "./files";

export interface AdoptedProject {
  readonly name: string;
  readonly version: string;
  readonly toolkit: Toolkit;
  readonly environment: string;
  readonly host?: string;
  /** The stack's name without the environment. */
  readonly stack: string;
  /** Names of the jobs in the stack's code. */
  readonly jobs: readonly string[];
}

export function adoptedProjectFiles(project: AdoptedProject): Readonly<Record<string, string>> {
  const { name, version, environment, host, stack, jobs } = project;
  const className = stackClass(stack);
  const adoptedEnvironment = `{ name: ${JSON.stringify(environment)},${host === undefined ? "" : ` host: ${JSON.stringify(host)},`} backend: { kind: "workspace" }, values: {} }`;
  const environments = [
    '{ name: "local", provider: "embedded", values: {} }',
    ...(environment === "local" ? [] : [adoptedEnvironment]),
  ];
  const address = `${variablePrefix(environment)}HOST`;
  return {
    ...projectFiles(name, version, project.toolkit),
    "stacks/main.ts": `import { environmentNamed, synthesize } from "lakeform/constructs";
import { ${className} } from "./${stack}";
import { environments } from "./environments";

// The app, run by \`npx ${project.toolkit} synth\` and by lakeform.
synthesize((app) => {
  new ${className}(app, environmentNamed(environments, ${JSON.stringify(environment)}));
});
`,
    "stacks/environments.ts": `import { defineEnvironments } from "lakeform/constructs";

/**
 * The environments in promotion order. \`local\` is the workspace on your own machine. Set the address of another workspace with \`host\` here, or
 * in the variable ${address}.
 */
export const environments = defineEnvironments([
${environments.map((line) => `  ${line},\n`).join("")}]);
`,
    "test/stack.test.ts": `import { App, environmentNamed, Testing } from "lakeform/constructs";
import { ${className} } from "../stacks/${stack}";
import { environments } from "../stacks/environments";

interface Synthesized {
  resource: { databricks_job?: Record<string, { name: string }> };
}

test("the stack contains the adopted jobs", () => {
  const stack = new ${className}(new App(), environmentNamed(environments, ${JSON.stringify(environment)}));
  const { resource } = JSON.parse(Testing.synth(stack)) as Synthesized;
  const names = Object.values(resource.databricks_job ?? {}).map(({ name }) => name);
  expect(names.sort()).toEqual([${
    jobs.length === 0
      ? ""
      : `\n${jobs
          .toSorted()
          .map((job) => `    ${JSON.stringify(job)},\n`)
          .join("")}  `
  }]);
});
`,
    "README.md": `# ${name}

Adopted from ${environment}: the import blocks in \`stacks/${stack}\` import the existing objects.

\`\`\`sh
npm install
npx lakeform review ${stack}-${environment}   # only imports
npx lakeform deploy ${stack}-${environment}
npx lakeform verify ${stack}-${environment} --deep
npx lakeform adopt ${environment} --clean   # delete the import blocks, which are no longer needed
\`\`\`
`,
  };
}
