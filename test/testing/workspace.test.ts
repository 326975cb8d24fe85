import path from "node:path";
import {
  App,
  ClusterSize,
  Content,
  NodeType,
  Notebook,
  NotebookTask,
  SecretScope,
  SecretValue,
  SparkVersion,
  Workflow,
  WorkspaceStack,
} from "../../constructs";
import { matchers, startWorkspace, taskOf, type TestWorkspace } from "../../src/testing";
import { describeWithPython } from "../support/python";
import { repository } from "../support/project";

expect.extend(matchers);

class Nightly extends WorkspaceStack {
  readonly workflow: Workflow;
  constructor(app: App, keys = ["b", "c", "d", "e"]) {
    super(app, "nightly", {
      project: "testing",
      environment: { name: "local", provider: "embedded", values: {} },
    });
    const secrets = new SecretScope(this, "secrets", { name: "nightly" });
    secrets.addSecret("key", SecretValue.fromEnvironment("NIGHTLY_KEY"));
    const notebook = new Notebook(this, "load", {
      path: "/Shared/load",
      content: Content.file("stacks/notebooks/ingest_raw_data.py"),
    });
    this.workflow = new Workflow(this, "workflow", { name: "nightly" });
    const shared = this.workflow.addJobCluster("shared", {
      sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(1),
    });
    let last = this.workflow.addTask("a", { run: NotebookTask.of(notebook), on: shared });
    for (const key of keys)
      last = this.workflow.addTask(key, {
        run: NotebookTask.of(notebook),
        on: shared,
        after: [last],
      });
  }
}

describe("lakeform/testing", () => {
  let workspace: TestWorkspace;
  let stack: Nightly;
  beforeAll(async () => {
    workspace = await startWorkspace();
    stack = new Nightly(new App());
    await workspace.deploy(stack);
  });
  afterAll(() => workspace.close());

  test("runs a job with a failing task and a repair in less than two seconds of processor time", async () => {
    const cpuBefore = process.cpuUsage();
    const failedRun = await workspace.run(stack.workflow, {
      outcomes: [{ task: "c", result: "FAILED", error: "no rows", duration: "3h", times: 1 }],
    });
    expect(failedRun).toFailAt("c");
    expect(failedRun.tasks).toMatchObject({
      b: { result: "SUCCESS" },
      c: { error: "no rows" },
      d: { result: "UPSTREAM_FAILED" },
    });
    expect(await workspace.repair(failedRun)).toSucceed();
    const { user, system } = process.cpuUsage(cpuBefore);
    // Processor time of this process, including the server, but not of other processes on this
    // machine.
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  test("has matchers that fail with a message", async () => {
    expect(stack).toHaveTask("a");
    expect(taskOf(stack, "b")).toDependOn("a");
    expect(taskOf(stack, "b")).toRunOn("shared");
    expect(() => expect(stack).toHaveTask("z")).toThrow(
      "expected the stack to have a task 'z'; it has: a, b, c, d, e",
    );
    expect(() => expect(taskOf(stack, "a")).toDependOn("b")).toThrow(
      "expected task 'a' to depend on b; it depends on no task",
    );
    expect(() => expect(taskOf(stack, "a")).toRunOn("serverless")).toThrow("it runs on shared");
    expect(() => taskOf(stack, "z")).toThrow("the stack has no task 'z'");
    const run = await workspace.run("nightly", {
      outcomes: [{ task: "b", result: "FAILED", error: "broken" }],
    });
    expect(() => expect(run).toSucceed()).toThrow(
      /expected success[\s\S]*nightly: FAILED[\s\S]*b: FAILED broken/,
    );
    expect(() => expect(run).toFailAt("a")).toThrow(
      "expected the run to fail at 'a'; it failed at 'b'",
    );
    expect(() => expect({ ...run, result: "SUCCESS" }).toFailAt("b")).toThrow(
      "expected the run to fail at 'b'; it succeeded",
    );
    expect(() => expect(stack).toSynthesizeTo({})).toThrow(/\+ {2}"databricks_job": \{/);
  });

  test("supports task values, references, calls, the clock and faults", async () => {
    const run = await workspace.run("nightly", {
      notebookParams: { input_date: "2024-01-01" },
      outcomes: [{ task: "a", values: { rows: 3 }, output: "done", setup: "1m", duration: "1h" }],
    });
    expect(run.tasks.a).toMatchObject({ output: "done", values: { rows: 3 }, attempts: 1 });
    expect((run.tasks.a?.ended ?? 0) - (run.tasks.a?.started ?? 0)).toBe(3_660_000);
    expect(workspace.calls({ method: "POST", path: "/api/2.2/jobs/create" })).toMatchObject([
      { body: { name: "nightly" }, status: 200 },
    ]);
    const timeBefore = workspace.clock.now();
    await workspace.advance("2h");
    expect(workspace.clock.now() - timeBefore).toBe(7_200_000);
    workspace.fault({ path: "/api/2.2/jobs/run-now", status: 503, times: 1 });
    await expect(workspace.start("nightly")).rejects.toThrow(/503/);
    await expect(workspace.run("nothing")).rejects.toMatchObject({ code: "UNKNOWN_JOB" });
  });
});

describeWithPython("lakeform/testing with Python", () => {
  test("executes one notebook of the project with widgets", async () => {
    const workspace = await startWorkspace();
    try {
      await workspace.api("POST", "/api/2.0/dbfs/put", {
        path: "/raw/a.json",
        contents: Buffer.from(
          '{"id": 1, "amount": 2, "currency": "EUR", "at": "2024-01-01"}',
        ).toString("base64"),
      });
      const ingest = path.join(repository, "stacks", "notebooks", "ingest_raw_data.py");
      const result = await workspace.execute(ingest, {
        input_path: "dbfs:/raw",
        input_date: "2024-01-01",
      });
      expect(result).toSucceed();
      expect(result).toMatchObject({ output: "1", values: { rows: 1 } });
      expect(
        (await workspace.execute("/Shared/ingest_raw_data", { input_path: "s3://raw" })).error,
      ).toMatch(/dbutils.fs in the local workspace supports dbfs:\/, .*not s3:\/\/raw/);
    } finally {
      await workspace.close();
    }
  });

  test("executes a workflow if requested", async () => {
    const workspace = await startWorkspace({
      execute: true,
      outcomes: [{ task: "d", result: "FAILED" }],
    });
    try {
      await workspace.deploy(new Nightly(new App()));
      const run = await workspace.run("nightly", { notebookParams: { input_path: "dbfs:/" } });
      expect(run).toFailAt("d");
      expect(run.tasks.a).toMatchObject({ result: "SUCCESS", output: "0" });
    } finally {
      await workspace.close();
    }
  });
});
