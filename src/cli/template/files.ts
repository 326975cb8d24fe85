import { toolkitVersions, type Toolkit } from "../../terraform/toolkit";

/** The environments of a new project that have a real workspace, in promotion order. */
export const templateEnvironments = ["dev", "staging", "prod"];

/** Files that every project has: packages, tool settings. */
export function projectFiles(
  name: string,
  version: string,
  toolkit: Toolkit,
): Readonly<Record<string, string>> {
  return {
    "package.json": `${JSON.stringify(
      {
        name,
        version: "0.1.0",
        private: true,
        scripts: { synth: "lakeform synth", test: "tsc && jest", deploy: "lakeform deploy" },
        dependencies: { ...toolkitVersions[toolkit], lakeform: `^${version}` },
        devDependencies: {
          "@swc/core": "^1.10.0",
          "@swc/jest": "^0.2.37",
          "@types/jest": "^30.0.0",
          "@types/node": "^20.0.0",
          jest: "^30.0.0",
          "ts-node": "^10.9.2",
          typescript: "~5.9.0",
        },
        jest: {
          testEnvironment: "node",
          roots: ["<rootDir>/test"],
          testTimeout: 30_000,
          transform: {
            "^.+\\.ts$": [
              "@swc/jest",
              { jsc: { target: "es2022", parser: { syntax: "typescript" } } },
            ],
          },
        },
      },
      null,
      2,
    )}\n`,
    "cdktf.json": `${JSON.stringify({ language: "typescript", app: "npx ts-node stacks/main.ts", sendCrashReports: "false" }, null, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(
      {
        compilerOptions: {
          target: "ES2022",
          module: "node16",
          moduleResolution: "node16",
          types: ["node", "jest"],
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          esModuleInterop: true,
        },
        include: ["stacks", "test"],
        "ts-node": { swc: true, transpileOnly: true },
      },
      null,
      2,
    )}\n`,
    ".gitignore": "node_modules/\ncdktf.out/\n.lakeform/\n*.tfstate*\n",
  };
}

/**
 * The files of a new project (`lakeform init`), by path. They are short, so that a user has nothing
 * to delete.
 * @param name starts with a letter
 */
export function templateFiles(
  name: string,
  version: string,
  toolkit: Toolkit,
): Readonly<Record<string, string>> {
  const className = name.replaceAll(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_match, letter: string) =>
    letter.toUpperCase(),
  );
  return {
    ...projectFiles(name, version, toolkit),
    "stacks/main.ts": `import { synthesize } from "lakeform/constructs";
import { environments } from "./environments";
import { ${className} } from "./${name}";

// The app, run by \`npx ${toolkit} synth\` and by lakeform.
synthesize((app) => {
  for (const environment of environments) new ${className}(app, environment);
});
`,
    "stacks/environments.ts": `import { ClusterSize, defineEnvironments } from "lakeform/constructs";

/** Everything that may differ between the environments. */
export interface Values {
  readonly size: ClusterSize;
}

/**
 * The environments in promotion order. \`local\` is the workspace on your own machine. Set the addresses of the other workspaces in
 * LAKEFORM_DEV_HOST etc., or with \`host\` here. Except for \`local\`, the Terraform state is stored in the workspace.
 */
export const environments = defineEnvironments<Values>([
  { name: "local", provider: "embedded", values: { size: ClusterSize.fixed(1) } },
  { name: "dev", backend: { kind: "workspace" }, schedules: "off", values: { size: ClusterSize.fixed(1) } },
  { name: "staging", backend: { kind: "workspace" }, values: { size: ClusterSize.fixed(1) } },
  {
    name: "prod",
    backend: { kind: "workspace" },
    // Set \`runAs\` (a service principal) and \`notifications\`, then delete the next line, so that these policies are errors in production.
    policies: { "run-as-service-principal": "warning", "failure-notification": "warning" },
    allowedDifferences: [{ field: "job_cluster.new_cluster.*", reason: "production has all the data" }],
    values: { size: ClusterSize.fixed(4) },
  },
]);
`,
    [`stacks/${name}.ts`]: `import {
  Content,
  NodeType,
  Notebook,
  NotebookTask,
  SparkVersion,
  Workflow,
  WorkspaceStack,
  type Construct,
  type EnvironmentProfile,
} from "lakeform/constructs";
import type { Values } from "./environments";

export class ${className} extends WorkspaceStack<Values> {
  constructor(scope: Construct, environment: EnvironmentProfile<Values>) {
    super(scope, "${name}", { project: "${name}", environment });

    const hello = new Notebook(this, "hello", { path: "/Shared/${name}/hello", content: Content.file("stacks/notebooks/hello.py") });

    const workflow = new Workflow(this, "workflow", { name: "${name}" });
    const cluster = workflow.addJobCluster("main", {
      sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: environment.values.size,
    });
    workflow.addTask("hello", { run: NotebookTask.of(hello, { who: "lakehouse" }), on: cluster });
  }
}
`,
    "stacks/notebooks/hello.py": `# Databricks notebook source
dbutils.widgets.text("who", "world")
print(f"hello {dbutils.widgets.get('who')}")
`,
    "test/stack.test.ts": `import { App, Testing } from "lakeform/constructs";
import { ${className} } from "../stacks/${name}";
import { environments } from "../stacks/environments";

interface Synthesized {
  resource: { databricks_job: Record<string, { task: { task_key: string; job_cluster_key: string }[] }> };
}

test.each(environments.map((environment) => [environment.name, environment] as const))("%s runs its tasks on the cluster", (_name, environment) => {
  const { resource } = JSON.parse(Testing.synth(new ${className}(new App(), environment))) as Synthesized;
  const tasks = Object.values(resource.databricks_job).flatMap((job) => job.task);
  expect(tasks.map(({ task_key, job_cluster_key }) => [task_key, job_cluster_key])).toEqual([["hello", "main"]]);
});
`,
    "test/run.test.ts": `import { App } from "lakeform/constructs";
import { matchers, startWorkspace, type TestWorkspace } from "lakeform/testing";
import { ${className} } from "../stacks/${name}";
import { environments } from "../stacks/environments";

expect.extend(matchers);

// A Databricks workspace in this process: no account, no network. Outcomes are scripted; startWorkspace({ execute: true }) runs the
// notebooks for real.
const [local] = environments;
let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await startWorkspace();
  await workspace.deploy(new ${className}(new App(), local));
});
afterAll(() => workspace.close());

test("the workflow runs, and a repair reruns the failed task", async () => {
  const failed = await workspace.run("${name}", { outcomes: [{ task: "hello", result: "FAILED", error: "no greeting", times: 1 }] });
  expect(failed).toFailAt("hello");
  expect(await workspace.repair(failed)).toSucceed();
});
`,
    "README.md": `# ${name}

\`\`\`sh
npm install
npx lakeform workspace start --detach   # a Databricks workspace on this machine
npx lakeform deploy local
npx lakeform run local ${name}
npx lakeform verify local
npx lakeform ci --help                  # options: regenerate the CI pipeline, or generate it for another CI system
\`\`\`
`,
  };
}
