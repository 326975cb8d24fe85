import fs from "node:fs";
import path from "node:path";
import { driftEdits, type DriftEdits } from "../../src/adopt/drift/drift";
import { writeFiles } from "../../src/adopt/write";
import type { Connection } from "../../src/api";
import { findProject } from "../../src/terraform/project";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { applyByRest } from "../../src/testing/apply";
import { verifyFully, type Verification } from "../../src/verify";
import type { TerraformState } from "../../src/verify/input";
import { clientOf, smallProject, synthesizeFile } from "../support/adopted";
import { removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;

beforeAll(() => {
  api = clientOf(workspace);
});
afterAll(removeFolders);

const header = `import {
  AllPurposeCluster, ClusterSize, Content, NodeType, Notebook, NotebookTask, Schedule, SparkPythonTask, SparkVersion, Workflow, WorkspaceStack,
  type App, type EnvironmentProfile,
} from "lakeform/constructs";
`;

/** A project with one stack, its state, and the calls to change its objects and adopt the changes. */
class DriftProject {
  readonly root = smallProject("drift");
  stack!: SynthesizedStack;
  state!: TerraformState;

  /** @param body the code of the stack's constructor after `super` */
  constructor(body: string) {
    fs.writeFileSync(
      this.file,
      `${header}const computed = { retries: 1 + 1 };\nexport class EtlStack extends WorkspaceStack {\n  constructor(app: App, environment: EnvironmentProfile) {\n    super(app, "etl", { project: "p", environment });\n${body}  }\n}\n`,
    );
    fs.writeFileSync(path.join(this.root, "load.py"), "# Databricks notebook source\nprint(1)\n");
  }

  get file(): string {
    return path.join(this.root, "stacks", "etl.ts");
  }

  get code(): string {
    return fs.readFileSync(this.file, "utf8");
  }

  async synthesize(): Promise<SynthesizedStack> {
    const synthesized = await synthesizeFile(this.root, this.file, "EtlStack");
    // Jest's transform moves the lines, so the positions are searched in the source. With ts-node,
    // they are correct (test/constructs).
    const lines = this.code.split("\n");
    const resources = Object.entries(synthesized.metadata.resources).map(([address, origin]) => {
      const id = origin.path.split("/")[1] ?? "";
      const line =
        lines.findIndex((line) => new RegExp(`new \\w+\\(this, ("${id}"|id),`).test(line)) + 1;
      return [address, { ...origin, source: `stacks/etl.ts:${line}` }];
    });
    return (this.stack = {
      ...synthesized,
      metadata: {
        ...synthesized.metadata,
        resources: Object.fromEntries(resources) as typeof synthesized.metadata.resources,
      },
    });
  }

  async deploy(): Promise<this> {
    this.state = await applyByRest(api, await this.synthesize(), () => undefined);
    return this;
  }

  id(type: string): string {
    const attributes = this.state.resources.find((resource) => resource.type === type)?.instances[0]
      ?.attributes as { id: string } | undefined;
    return attributes?.id ?? "";
  }

  /** Changes the job in the workspace. @param removedTasks tasks to remove: an update merges tasks */
  async update(settings: object, removedTasks: readonly string[] = []): Promise<void> {
    const fields_to_remove = removedTasks.map((key) => `tasks/${key}`);
    await api.post("/api/2.2/jobs/update", {
      job_id: Number(this.id("databricks_job")),
      new_settings: settings,
      fields_to_remove,
    });
  }

  verify(): Promise<Verification> {
    const { stack, state } = this;
    const { name, directory, metadata, json } = stack;
    const target = {
      name,
      directory,
      metadata,
      desired: { stack: json },
      state: () => Promise.resolve(state),
      variable: () => undefined,
    };
    return verifyFully({ targets: [target], api });
  }

  /** Writes the edits for verify's findings to the files. */
  async adoptDrift(): Promise<DriftEdits> {
    const { raw, redactor } = await this.verify();
    const project = findProject(this.root);
    const edits = await driftEdits({
      project,
      api,
      stack: this.stack,
      state: this.state,
      variable: () => undefined,
      results: raw.resources,
      redactor,
      otherStacks: [],
    });
    await writeFiles(this.root, edits.files);
    return edits;
  }

  /** Returns the differences between code and workspace after the edits. */
  async remainingDifferences(): Promise<string[]> {
    await this.synthesize();
    const { resources } = (await this.verify()).report;
    return resources.flatMap(({ path: constructPath, findings }) =>
      findings
        .filter(({ status }) => status === "drift" || status === "pending")
        .map((finding) => `${constructPath} ${finding.path} ${finding.status}`),
    );
  }
}

const jobBody = `    const shared = AllPurposeCluster.fromId("1114-221320-seed0001");
    const etl = new Workflow(this, "etl", {
      name: "etl",
      tags: { team: "data", tier: "gold" },
      maxConcurrentRuns: 2,
      schedule: Schedule.cron("0 0 5 * * ?", "UTC"), // every morning
    });
    const day = etl.addParameter("day", "2024-01-01");
    const load = etl.addTask("load", { run: NotebookTask.at("/Shared/load", { day, mode: "full" }), on: shared, maxRetries: 1 });
    const check = etl.addCondition("check", { left: "1", op: "EQUAL_TO", right: "1", after: [load] });
    etl.addTask("publish", { run: NotebookTask.at("/Shared/publish"), on: shared, after: [check.whenTrue] });
`;
const task = (key: string, settings: object): object => ({
  task_key: key,
  existing_cluster_id: "1114-221320-seed0001",
  notebook_task: { notebook_path: `/Shared/${key}`, source: "WORKSPACE" },
  ...settings,
});
const check = {
  task_key: "check",
  depends_on: [{ task_key: "load" }],
  condition_task: { left: "1", op: "EQUAL_TO", right: "1" },
};
const publish = task("publish", { depends_on: [{ task_key: "check", outcome: "true" }] });
const load = (parameters: object, settings: object = {}): object =>
  task("load", {
    max_retries: 1,
    notebook_task: {
      notebook_path: "/Shared/load",
      source: "WORKSPACE",
      base_parameters: { day: "{{job.parameters.day}}", mode: "full", ...parameters },
    },
    ...settings,
  });

describe("a change in the workspace", () => {
  test.each<
    [title: string, settings: object, expected: string | RegExp, removedTasks?: readonly string[]]
  >([
    ["of a number", { max_concurrent_runs: 7 }, "maxConcurrentRuns: 7,"],
    [
      "of a string that the code does not set",
      { description: "by hand" },
      'description: "by hand"',
    ],
    [
      "of a tag, together with an added tag",
      { tags: { team: "ml", tier: "gold", lakeform: "p/etl-local", cost: "4" } },
      /tags: \{ team: "ml", tier: "gold", cost: "4" \}/,
    ],
    [
      "of the schedule, which keeps its comment",
      {
        schedule: {
          quartz_cron_expression: "0 30 6 * * ?",
          timezone_id: "Europe/Berlin",
          pause_status: "UNPAUSED",
        },
      },
      'schedule: Schedule.cron("0 30 6 * * ?", "Europe/Berlin"), // every morning',
    ],
    [
      "of the schedule's pause",
      {
        schedule: {
          quartz_cron_expression: "0 0 5 * * ?",
          timezone_id: "UTC",
          pause_status: "PAUSED",
        },
      },
      'Schedule.cron("0 0 5 * * ?", "UTC").paused(),',
    ],
    [
      "of a parameter's default",
      { parameters: [{ name: "day", default: "2025-02-02" }] },
      'etl.addParameter("day", "2025-02-02")',
    ],
    [
      "that adds a parameter",
      {
        parameters: [
          { name: "day", default: "2024-01-01" },
          { name: "region", default: "eu" },
        ],
      },
      'etl.addParameter("region", "eu");',
    ],
    [
      "of a task's retries",
      { tasks: [load({}, { max_retries: 4 }), check, publish] },
      "on: shared, maxRetries: 4 });",
    ],
    [
      "of one of a notebook's parameters",
      { tasks: [load({ mode: "delta" }), check, publish] },
      '{ day, mode: "delta" }',
    ],
    [
      "that adds a task after its dependency",
      { tasks: [load({}), check, publish, task("audit", { depends_on: [{ task_key: "load" }] })] },
      /maxRetries: 1 \}\);\n {4}etl\.addTask\("audit", \{ run: NotebookTask\.at\("\/Shared\/audit"\), on: shared, after: \[load\] \}\);/,
    ],
    ["that removes a task", {}, /after: \[load\] \}\);\n {2}\}/, ["publish"]],
    [
      "of a dependency",
      { tasks: [load({}), check, task("publish", { depends_on: [{ task_key: "load" }] })] },
      'etl.addTask("publish", { run: NotebookTask.at("/Shared/publish"), on: shared, after: [load] });',
    ],
  ])(
    "%s is written into the code, and verify is clean",
    async (...[, settings, expected, removedTasks]) => {
      const driftProject = await new DriftProject(jobBody).deploy();
      await driftProject.update(settings, removedTasks);
      const { resources } = await driftProject.adoptDrift();
      expect(resources.flatMap(({ left }) => left)).toEqual([]);
      expect(driftProject.code).toEqual(
        typeof expected === "string"
          ? expect.stringContaining(expected)
          : expect.stringMatching(expected),
      );
      expect(await driftProject.remainingDifferences()).toEqual([]);
    },
  );

  test("is written for several fields of one job at once", async () => {
    const driftProject = await new DriftProject(jobBody).deploy();
    await driftProject.update({
      max_concurrent_runs: 3,
      description: "x",
      tags: { lakeform: "p/etl-local" },
      tasks: [load({}, { max_retries: 0 }), check, publish],
    });
    await driftProject.adoptDrift();
    expect(await driftProject.remainingDifferences()).toEqual([]);
    expect(driftProject.code).toMatchSnapshot();
  });

  test("is written for a cluster, and for a notebook's source", async () => {
    const driftProject = await new DriftProject(`    new AllPurposeCluster(this, "shared", {
      name: "shared",
      sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
      nodeType: NodeType.of("i3.xlarge"),
      size: ClusterSize.fixed(2),
    });
    new Notebook(this, "load", { path: "/Shared/drift-load", content: Content.file("load.py") });
`).deploy();
    await api.post("/api/2.1/clusters/edit", {
      cluster_id: driftProject.id("databricks_cluster"),
      cluster_name: "shared",
      spark_version: "16.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      autoscale: { min_workers: 1, max_workers: 4 },
      custom_tags: { lakeform: "p/etl-local" },
      autotermination_minutes: 60,
    });
    const content = Buffer.from("# Databricks notebook source\nprint(2)\n").toString("base64");
    await api.post("/api/2.0/workspace/import", {
      path: "/Shared/drift-load",
      language: "PYTHON",
      format: "SOURCE",
      content,
      overwrite: true,
    });
    await driftProject.adoptDrift();
    expect(driftProject.code).toContain("sparkVersion: SparkVersion.LTS_16_4,");
    expect(driftProject.code).toContain("size: ClusterSize.autoscale(1, 4),");
    expect(fs.readFileSync(path.join(driftProject.root, "load.py"), "utf8")).toBe(
      "# Databricks notebook source\nprint(2)\n",
    );
    expect(await driftProject.remainingDifferences()).toEqual([]);
  });
});

describe("code that computes the value", () => {
  const runs = `    const etl = new Workflow(this, "etl", { name: "etl", maxConcurrentRuns: computed.retries });
    for (const key of ["a", "b"]) etl.addTask(key, { run: NotebookTask.at("/Shared/x"), on: AllPurposeCluster.fromId("1114-221320-seed0001") });
`;
  test.each<[title: string, settings: object, expected: string, removedTasks?: readonly string[]]>([
    [
      "an expression",
      { max_concurrent_runs: 9 },
      "stacks/etl.ts:9: computed.retries computes it, and must return 9",
    ],
    ["a loop over tasks", {}, "must return no task b", ["b"]],
  ])("is reported and not changed: %s", async (...[, settings, expected, removedTasks]) => {
    const driftProject = await new DriftProject(runs).deploy();
    await driftProject.update(settings, removedTasks);
    const codeBefore = driftProject.code;
    const { resources, files } = await driftProject.adoptDrift();
    expect(resources.flatMap(({ left }) => left).join("\n")).toContain(expected);
    expect(files).toEqual([]);
    expect(driftProject.code).toBe(codeBefore);
  });

  test("is reported and not changed for a job that a custom pattern creates", async () => {
    const driftProject =
      await new DriftProject(`    const make = (id: string): Workflow => { const made = new Workflow(this, id, { name: id, ...{ description: "x" } }); made.addTask("t", { run: NotebookTask.at("/Shared/x") }); return made; };
    make("one");
`).deploy();
    await driftProject.update({ description: "y" });
    const codeBefore = driftProject.code;
    const { resources, files } = await driftProject.adoptDrift();
    expect(resources[0]?.left.join()).toMatch(
      /stacks\/etl\.ts:\d+: \{ name: id, .* computes it, and must return description: "y"/,
    );
    expect([files, driftProject.code]).toEqual([[], codeBefore]);
  });
});
