import fs from "node:fs";
import path from "node:path";
import { readBundle, type Bundle, type BundleOptions } from "../../src/adopt/bundle/bundle";
import type { Connection } from "../../src/api";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { formatError, type LakeformError } from "../../src/errors";
import { applyByRest } from "../../src/testing/apply";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { renderAdoption } from "../../src/adopt/report";
import { makeFolder, removeFolders, repository } from "../support/project";
import { removeSynthesized } from "../../src/testing/synthesize";

let workspace: RunningWorkspace;
let api: Connection;

beforeAll(async () => {
  workspace = await startWorkspace();
  api = clientOf(workspace);
});
afterAll(async () => {
  await workspace.close();
  removeFolders();
});

/** Creates a bundle folder with these files. */
function bundleOf(files: Readonly<Record<string, string>>, folder = makeFolder("bundle")): string {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return path.join(folder, "databricks.yml");
}
const readWithOptions = (file: string, options: Partial<BundleOptions> = {}): Promise<Bundle> =>
  readBundle({ api, file, environment: "local", variables: [], env: {}, ...options });
const notebook = "# Databricks notebook source\nprint(1)\n";

const files = {
  "databricks.yml": `
bundle:
  name: sales
include:
  - resources/*.yml
variables:
  catalog:
    default: main
  node:
    description: type of the workers
    default: i3.xlarge
  cluster:
    type: complex
    default:
      spark_version: 15.4.x-scala2.12
      node_type_id: \${var.node}
      num_workers: 2
      data_security_mode: SINGLE_USER
permissions:
  - level: CAN_VIEW
    group_name: users
artifacts:
  lib:
    type: whl
    build: uv build --wheel
sync:
  exclude: [tmp]
resources:
  experiments:
    trial: { name: /Shared/trial }
  apps:
    shop: { name: shop, source_code_path: ./app }
targets:
  dev:
    default: true
    mode: development
  local:
    presets:
      name_prefix: "[team] "
      trigger_pause_status: PAUSED
      tags: { team: sales }
    variables:
      catalog: dev
    resources:
      jobs:
        daily:
          max_concurrent_runs: 3
          tasks:
            - task_key: ingest
              max_retries: 2
          job_clusters:
            - job_cluster_key: second
              new_cluster: { spark_version: 15.4.x-scala2.12, node_type_id: i3.xlarge, num_workers: 4 }
`,
  "resources/jobs.yml": `
x-mail: &mail
  on_failure: [ops@example.com]
resources:
  jobs:
    daily:
      name: daily \${bundle.target}
      email_notifications: *mail
      schedule:
        quartz_cron_expression: "0 0 5 * * ?"
        timezone_id: UTC
      parameters:
        - { name: catalog, default: "\${var.catalog}" }
      job_clusters:
        - job_cluster_key: main
          new_cluster: \${var.cluster}
      tasks:
        - task_key: ingest
          job_cluster_key: main
          notebook_task:
            notebook_path: ../src/ingest.py
            base_parameters:
              catalog: "{{job.parameters.catalog}}"
              target: /Volumes/\${var.catalog}/\${resources.schemas.raw.name}/files
        - task_key: score
          depends_on: [{ task_key: ingest }]
          job_cluster_key: main
          spark_python_task: { python_file: ../src/score.py, parameters: ["--secret", "{{secrets/sales/key}}"] }
          libraries: [{ whl: ../dist/*.whl }]
        - task_key: report
          depends_on: [{ task_key: score }]
          sql_task:
            warehouse_id: \${resources.sql_warehouses.bi.id}
            query: { query_id: 4c2a }
        - task_key: again
          depends_on: [{ task_key: report }]
          run_job_task: { job_id: "\${resources.jobs.weekly.id}" }
    weekly:
      permissions:
        - { level: CAN_MANAGE_RUN, group_name: admins2 }
      tasks:
        - task_key: load
          existing_cluster_id: \${resources.clusters.shared.id}
          notebook_task: { notebook_path: ../src/ingest.py }
  clusters:
    shared:
      spark_version: 15.4.x-scala2.12
      node_type_id: \${var.node}
      num_workers: 1
      autotermination_minutes: 30
  sql_warehouses:
    bi: { name: bi, cluster_size: Small, max_num_clusters: 2 }
  schemas:
    raw:
      catalog_name: \${var.catalog}
      name: raw
      grants: [{ principal: users, privileges: [USE_SCHEMA, SELECT] }]
  volumes:
    files: { catalog_name: "\${var.catalog}", schema_name: "\${resources.schemas.raw.name}", name: files }
  secret_scopes:
    keys: { name: sales, permissions: [{ group_name: users, level: READ }] }
`,
  "src/ingest.py": notebook,
  "src/score.py": "print(2)\n",
  "dist/lib-1.0-py3-none-any.whl": "x",
};

const noteLines = (notes: Bundle["notes"]): string[] =>
  notes.map(({ object, text }) => `${object}: ${text}`).sort();

describe("a bundle", () => {
  test("becomes constructs of one target that reference each other, and fields without a counterpart are listed", async () => {
    const root = smallProject("bundle");
    bundleOf(files, root);
    const bundle = await readWithOptions(path.join(root, "databricks.yml"));
    const adoption = await adoptInto(root, api, { stack: "sales", ...bundle });
    const { "main.ts": _main, ...code } = codeOf(root);
    expect(code).toMatchSnapshot();
    expect(noteLines([...bundle.notes, ...adoption.notes])).toMatchSnapshot();
    const stack = await synthesizeAdopted(root, "sales");
    expect(stack.json["import"]).toBeUndefined();
    expect((await firstPlan(stack, api)).creates).toHaveLength(15);
    removeSynthesized(stack);
  });

  test("is imported without changes if it is deployed, and each object keeps its deployed name", async () => {
    const ownWorkspace = await startWorkspace();
    try {
      const client = clientOf(ownWorkspace);
      await client.post("/api/2.1/unity-catalog/catalogs", { name: "dev" });
      const firstRoot = smallProject("before");
      bundleOf(files, firstRoot);
      await adoptInto(firstRoot, client, {
        stack: "sales",
        ...(await readWithOptions(path.join(firstRoot, "databricks.yml"), { api: client })),
      });
      const deployedStack = await synthesizeAdopted(firstRoot, "sales");
      await applyByRest(client, deployedStack, () => undefined);
      const secondRoot = smallProject("after");
      bundleOf(files, secondRoot);
      const bundle = await readWithOptions(path.join(secondRoot, "databricks.yml"), {
        api: client,
      });
      const adoption = await adoptInto(secondRoot, client, { stack: "sales", ...bundle });
      const stack = await synthesizeAdopted(secondRoot, "sales");
      const plan = await firstPlan(stack, client);
      expect(plan).toMatchObject({ creates: [], changes: {}, imports: 15 });
      expect(adoption.imports).toBe(15);
      expect(stack.json.resource).toEqual(deployedStack.json.resource);
      [deployedStack, stack].forEach(removeSynthesized);
    } finally {
      await ownWorkspace.close();
    }
  });

  test("gets the developer's name prefix and paused triggers in development mode", async () => {
    const { jobs, objects } = await readWithOptions(bundleOf(files), { target: "dev" });
    const daily = jobs.find(({ key }) => key === "daily");
    expect(daily).toMatchObject({ name: "[dev admin] daily dev" });
    expect(daily?.remote.attributes).toMatchObject({
      max_concurrent_runs: 4,
      tags: { dev: "admin" },
      schedule: [{ pause_status: "PAUSED" }],
    });
    expect(objects.map(({ name }) => name).sort()).toEqual([
      "[dev admin] bi",
      "[dev admin] shared",
      "dev_admin_raw",
      "files",
      "sales",
    ]);
  });
});

describe("the page docs/adopt.md", () => {
  test("shows a bundle with the output and the files of the command", async () => {
    const page = fs.readFileSync(path.join(repository, "docs", "adopt.md"), "utf8");
    const section = /## From a bundle\n([\s\S]*?)\n## /.exec(page)?.[1] ?? "";
    const [, yaml = "", output = "", fileList = ""] =
      /```yaml\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```[\s\S]*?```ts\n([\s\S]*?)```/.exec(
        section,
      ) ?? [];
    const root = smallProject("docs");
    const file = bundleOf({ "databricks.yml": yaml, "src/load.py": notebook }, root);
    const bundle = await readWithOptions(file);
    const adoption = await adoptInto(root, api, { stack: "sales", ...bundle });
    expect(renderAdoption(adoption)).toBe(output);
    expect(codeOf(root)["sales/daily.ts"]).toBe(fileList);
  });
});

describe("a value of a bundle", () => {
  const bundle = (settings: string, job = "tasks: []"): string =>
    bundleOf({
      "databricks.yml": `bundle: { name: b }\n${settings}\nresources: { jobs: { j: { name: j, ${job} } } }\n`,
    });
  const job = async (
    file: string,
    options: Partial<BundleOptions> = {},
  ): Promise<Bundle["jobs"][number]["raw"]> =>
    (await readWithOptions(file, options)).jobs[0]?.raw ?? {};

  test("comes from --var, the environment, the target, and the default, in this order", async () => {
    const file = bundle(
      "variables: { a: { default: d } }\ntargets: { local: { variables: { a: t } } }",
      'description: "${var.a}"',
    );
    expect(await job(file)).toMatchObject({ description: "t" });
    expect(await job(file, { env: { BUNDLE_VAR_a: "e" } })).toMatchObject({ description: "e" });
    expect(await job(file, { env: { BUNDLE_VAR_a: "e" }, variables: ["a=x=y"] })).toMatchObject({
      description: "x=y",
    });
  });

  test("keeps its type; a complex value replaces the complete default", async () => {
    const file = bundle(
      "variables: { n: { default: 3 }, m: { type: complex, default: { a: 1, b: 2 } } }\ntargets: { local: { variables: { m: { c: 'x${var.n}' } } } }",
      'max_concurrent_runs: "${var.n}", tags: "${var.m}"',
    );
    expect(await job(file)).toMatchObject({ max_concurrent_runs: 3, tags: { c: "x3" } });
  });

  test.each([
    ["true", true],
    ["False", false],
    ["yes", true],
    ["N", false],
    ["ON", true],
    ["off", false],
  ])("is a boolean in a boolean field if it is the text %s", async (word, value) => {
    const file = bundle(
      "variables: { b: {} }",
      `continuous: { pause_status: PAUSED }, queue: { enabled: ${word} }, email_notifications: { no_alert_for_skipped_runs: "\${var.b}" }, tags: { a: ${word} }, tasks: [{ task_key: t, disable_auto_optimization: ${word} }]`,
    );
    const { jobs } = await readWithOptions(file, { variables: [`b=${word}`] });
    expect(jobs[0]?.remote.attributes).toMatchObject({
      queue: [{ enabled: value }],
      email_notifications: [{ no_alert_for_skipped_runs: value }],
      task: [{ disable_auto_optimization: value }],
      tags: { a: /true|false/i.test(word) ? value : word },
    });
  });

  test("is looked up in the workspace, and reported", async () => {
    await api.post("/api/2.0/policies/clusters/create", { name: "small", definition: "{}" });
    const { notes } = await readWithOptions(
      bundle("variables: { p: { lookup: { cluster_policy: small } } }", 'description: "${var.p}"'),
    );
    expect(noteLines(notes)).toEqual([
      expect.stringMatching(
        /^variable p: lookup of the cluster_policy small: the id \w+ is in the code now$/,
      ),
    ]);
  });

  test("can come from the workspace, the bundle or another resource", async () => {
    const file = bundle(
      "",
      'description: "${bundle.name} ${bundle.target} ${workspace.current_user.short_name} ${resources.jobs.j.name} ${unknown.x}"',
    );
    expect(await job(file)).toMatchObject({ description: "b default admin j ${unknown.x}" });
  });
});

const singleFileBundle = (content: string): string => bundleOf({ "databricks.yml": content });

test("a job that runs another job of the same name is not a cycle", async () => {
  const tasks = "[{task_key: t, run_job_task: {job_id: '${resources.jobs.j.id}'}}]";
  const { jobs } = await readWithOptions(
    singleFileBundle(
      `bundle: {name: b}\nresources: {jobs: {i: {name: x, tasks: ${tasks}}, j: {name: x, tasks: []}}}`,
    ),
  );
  expect(jobs.map(({ key, name }) => [key, name])).toEqual([
    ["i", "x"],
    ["j", "x"],
  ]);
});

describe("adopt rejects", () => {
  test.each([
    ["invalid YAML", "a: [", "BAD_BUNDLE", "line 1"],
    ["a list instead of a mapping", "[]", "BAD_BUNDLE", "it is not a map"],
    ["a bundle without a name", "resources: {}", "BAD_BUNDLE", "bundle.name is not set"],
    [
      "an include of a missing file",
      "include: [x.yml]",
      "BAD_BUNDLE",
      "the included file x.yml does not exist",
    ],
    [
      "an unknown target",
      "targets: { a: {}, b: {} }",
      "NO_SUCH_TARGET",
      "which target of the bundle to adopt",
    ],
    [
      "variables without a value, naming them",
      "bundle: {name: b}\nvariables: { a: {}, b: {default: 1}, c: {} }",
      "BUNDLE_VARIABLES",
      "a, c",
    ],
    [
      "an undeclared variable",
      "bundle: {name: b}\nresources: {jobs: {j: {name: '${var.x}'}}}",
      "BUNDLE_REFERENCE",
      "${var.x}",
    ],
    [
      "variables that refer to each other",
      "bundle: {name: b}\nvariables: {a: {default: '${var.b}'}, b: {default: '${var.a}'}}\nresources: {jobs: {j: {name: '${var.a}'}}}",
      "BUNDLE_CYCLE",
      "${var.a} → ${var.b} → ${var.a}",
    ],
    [
      "names that refer to each other",
      "bundle: {name: b}\nresources: {jobs: {i: {name: '${resources.jobs.j.name}'}, j: {name: '${resources.jobs.i.name}'}}}",
      "BUNDLE_CYCLE",
      "resources.jobs.i.name",
    ],
    [
      "jobs that run each other",
      "bundle: {name: b}\nresources: {jobs: {i: {tasks: [{task_key: t, run_job_task: {job_id: '${resources.jobs.j.id}'}}]}, j: {tasks: [{task_key: t, run_job_task: {job_id: '${resources.jobs.i.id}'}}]}}}",
      "BUNDLE_CYCLE",
      "i → j → i",
    ],
    [
      "a map inserted into a string",
      "bundle: {name: b}\nvariables: {a: {default: {x: 1}}}\nresources: {jobs: {j: {name: 'x${var.a}'}}}",
      "BUNDLE_REFERENCE",
      "it is a map",
    ],
  ])("%s", async (_what, content, code, problem) => {
    const error = await readWithOptions(singleFileBundle(content)).then(
      () => undefined,
      (error: unknown) => error as LakeformError,
    );
    expect(error?.code).toBe(code);
    expect(formatError(error as LakeformError)).toContain(problem);
  });

  test("a value of a variable without =", async () => {
    const file = singleFileBundle("bundle: {name: b}\nvariables: { ab: {default: 1} }");
    await expect(readWithOptions(file, { variables: ["abc"] })).rejects.toMatchObject({
      code: "BUNDLE_VARIABLES",
      details: { value: "abc", allowed: "NAME=VALUE" },
    });
  });

  test("Python bundles, which are not supported", async () => {
    const { notes, jobs } = await readWithOptions(
      singleFileBundle(
        "bundle: {name: b}\npython: {resources: ['resources:load']}\nresources: {jobs: {j: {tasks: []}}}",
      ),
    );
    expect(jobs).toHaveLength(1);
    expect(noteLines(notes)).toEqual([
      expect.stringContaining("resources and mutators in Python are not run"),
    ]);
  });
});
