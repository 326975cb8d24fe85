import {
  Group,
  PipelineTask,
  Schedule,
  ServicePrincipal,
  TerraformResource,
  Workflow,
  warningsOf,
} from "../../../constructs";
import { codes, defaultChild, synth, type Json } from "../support";

const pipeline = PipelineTask.of("p");

describe("workflow", () => {
  test("sorts tasks and dependencies, in any order of the calls", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const z = job.addTask("z", { run: pipeline });
      const m = job.addTask("m", { run: pipeline });
      job.addTask("a", { run: pipeline, after: [z, m, z], runIf: "ALL_DONE" });
      expect([job.taskKeys, defaultChild(job)]).toEqual([["a", "m", "z"], "databricks_job"]);
    });
    expect(
      (resourceOf("databricks_job").task as Json[]).map(({ task_key, depends_on, run_if }) => [
        task_key,
        depends_on,
        run_if,
      ]),
    ).toEqual([
      ["a", [{ task_key: "m" }, { task_key: "z" }], "ALL_DONE"],
      ["m", undefined, "ALL_SUCCESS"],
      ["z", undefined, "ALL_SUCCESS"],
    ]);
  });
  test("warns that 0 concurrent runs are not deployed", () => {
    const warnings = (maxConcurrentRuns: number): string[] => {
      let warningCodes: string[] = [];
      synth((stack) => {
        const job = new Workflow(stack, "j", { name: "j", maxConcurrentRuns });
        job.addTask("a", { run: pipeline });
        warningCodes = warningsOf(job).map(({ code, path }) => `${code} ${path}`);
      });
      return warningCodes;
    };
    expect(warnings(0)).toEqual(["ZERO_CONCURRENT_RUNS test-local/j"]);
    expect(warnings(1)).toEqual([]);
  });
  test("branches at a condition", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      const a = job.addTask("a", { run: pipeline });
      const big = job.addCondition("big", {
        left: a.value("rows"),
        op: "GREATER_THAN",
        right: "10",
        after: [a],
      });
      job.addTask("yes", { run: pipeline, after: [big.whenTrue] });
      job.addTask("no", { run: pipeline, after: [big.whenFalse] });
    });
    const tasks = resourceOf("databricks_job").task as Json[];
    expect(tasks[2]).toMatchObject({
      task_key: "no",
      depends_on: [{ task_key: "big", outcome: "false" }],
    });
    expect(tasks[3]).toMatchObject({
      task_key: "yes",
      depends_on: [{ task_key: "big", outcome: "true" }],
    });
  });
  test("inherits prefix, tags, run-as and paused schedules from its environment", () => {
    const { resourceOf, metadata } = synth(
      (stack) =>
        new Workflow(stack, "j", {
          name: "j",
          schedule: Schedule.cron("0 0 6 * * ?", "UTC"),
        }).addTask("a", { run: pipeline }),
      {
        namePrefix: "dev ",
        tags: { environment: "dev" },
        schedules: "off",
        runAs: { userName: "bot@example.com" },
      },
    );
    expect(resourceOf("databricks_job")).toMatchObject({
      name: "dev j",
      tags: { environment: "dev", lakeform: "tests/test-local" },
      schedule: { pause_status: "PAUSED" },
      run_as: { user_name: "bot@example.com" },
    });
    expect(Object.values(metadata.resources)).toEqual([
      {
        path: "test-local/j",
        source: expect.stringMatching(/^test\/constructs\/jobs\/workflow.test.ts:\d+$/) as unknown,
        stamped: true,
      },
    ]);
  });
  test("can be created without the stamp", () => {
    const { resourceOf, metadata } = synth((stack) =>
      new Workflow(stack, "j", { name: "j", stamp: false }).addTask("a", { run: pipeline }),
    );
    expect(resourceOf("databricks_job").tags).toBeUndefined();
    expect(Object.values(metadata.resources)[0]?.stamped).toBe(false);
  });
  test("accepts overrides of fields of its Terraform resource", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", { name: "j" });
      job.addTask("a", { run: pipeline });
      (job.node.defaultChild as TerraformResource).addOverride("description", "by hand");
    });
    expect(resourceOf("databricks_job").description).toBe("by hand");
  });
  test("has an access list and a principal to run as", () => {
    const { resourceOf } = synth((stack) => {
      const job = new Workflow(stack, "j", {
        name: "j",
        runAs: ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
      });
      job.addTask("a", { run: pipeline });
      job.permissions.allow("CAN_VIEW", Group.users);
    });
    expect(resourceOf("databricks_job").run_as).toEqual({
      service_principal_name: "00000000-0000-4000-8000-000000000001",
    });
    expect(resourceOf("databricks_permissions").job_id).toMatch(/databricks_job/);
  });
  test("rejects a job without tasks, and an empty name", () => {
    expect(codes((stack) => new Workflow(stack, "j", { name: "j" }))).toEqual([
      "INVALID_CONSTRUCT",
    ]);
    expect(codes((stack) => new Workflow(stack, "j", { name: "" }))).toEqual(["BAD_NAME"]);
  });
});
