import { cutSchemas, Uses } from "../../../src/resources/cut/schema-cut";
import { fieldAt, schemaOf } from "../../../src/resources/shape/schema";

/** Returns the paths that a reduced schema keeps. */
function keptFields(uses: Uses, type: string, paths: readonly string[]): string[] {
  const schema = cutSchemas(uses.cut()).get(type);
  if (schema === undefined) throw new Error(`no schema of ${type}`);
  for (const path of paths)
    expect([path, fieldAt(schemaOf(type) ?? schema, path)]).not.toEqual([path, undefined]);
  return paths.filter((path) => fieldAt(schema, path) !== undefined);
}

const using = (...json: readonly object[]): Uses => {
  const uses = new Uses();
  expect(json.every((item) => uses.addConfiguration(item))).toBe(true);
  return uses;
};
const job = (body: object, rest: object = {}): Uses =>
  using({ resource: { databricks_job: { a: body } }, ...rest });
const fields = [
  "description",
  "deployment",
  "task.description",
  "task.notebook_task.warehouse_id",
  "task.new_cluster.ssh_public_keys",
  "task.sql_task.alert",
];

describe("the reduced schema of a stack", () => {
  test("keeps the fields that the configuration sets, in any notation", () => {
    expect(keptFields(job({ name: "a" }), "databricks_job", fields)).toEqual([]);
    expect(
      keptFields(job({ task: { notebook_task: { warehouse_id: "w" } } }), "databricks_job", fields),
    ).toEqual(["task.notebook_task.warehouse_id"]);
    const list = using({
      resource: [
        { databricks_job: [{ a: [{ task: [{ task_key: "a" }, { description: "d" }] }] }] },
      ],
    });
    expect(keptFields(list, "databricks_job", fields)).toEqual(["task.description"]);
    const override = using(
      { resource: { databricks_job: { a: { description: "d" } } } },
      { resource: { databricks_job: { a: { deployment: {} } } } },
    );
    expect(keptFields(override, "databricks_job", fields)).toEqual(["description", "deployment"]);
  });

  test("keeps numbers, booleans, maps, defaults, and fields that are required, computed, filled in by the platform or named by rules", () => {
    const alwaysKept = [
      "timeout_seconds",
      "tags",
      "name",
      "format",
      "url",
      "run_as.user_name",
      "queue",
      "email_notifications.on_start",
      "notebook_task",
    ];
    expect(keptFields(job({}), "databricks_job", alwaysKept)).toEqual(alwaysKept);
    const inTask = [
      "task.retry_on_timeout",
      "task.run_if",
      "task.webhook_notifications.on_start.id",
      "task.notification_settings",
    ];
    expect(keptFields(job({}), "databricks_job", inTask)).toEqual([]);
    expect(keptFields(job({ task: { task_key: "a" } }), "databricks_job", inTask)).toEqual(inTask);
  });

  test("keeps complete blocks if they come from expressions", () => {
    const inside = ["task.description", "task.sql_task.alert.alert_id"];
    expect(
      keptFields(
        job({ dynamic: { task: { for_each: "${var.x}", content: { task_key: "a" } } } }),
        "databricks_job",
        inside,
      ),
    ).toEqual(inside);
    expect(keptFields(job({ task: "${var.tasks}" }), "databricks_job", inside)).toEqual(inside);
    const nested = job({ task: { dynamic: [{ sql_task: { for_each: [], content: {} } }] } });
    expect(keptFields(nested, "databricks_job", inside)).toEqual(["task.sql_task.alert.alert_id"]);
  });

  test.each([
    ["an output", { output: { o: { value: "${databricks_job.a.description}" } } }, ["description"]],
    ["an instance", { locals: { l: '${databricks_job.a["x"].description}' } }, ["description"]],
    ["a splat", { locals: { l: "${databricks_job.a[*].deployment}" } }, ["deployment"]],
    ["a legacy splat", { locals: { l: "${databricks_job.a.*.description}" } }, ["description"]],
    [
      "a directive",
      { locals: { l: "%{ if databricks_job.a.description != null }x%{ endif }" } },
      ["description"],
    ],
    [
      "the complete object",
      { output: { o: { value: "${jsonencode(databricks_job.a)}" } } },
      fields,
    ],
    [
      "a computed index",
      { locals: { l: '${databricks_job.a[local.m["x"]].description}' } },
      fields,
    ],
    [
      "another resource",
      {
        resource: {
          databricks_job: { a: {} },
          databricks_directory: { d: { path: "${databricks_job.a.description}" } },
        },
      },
      ["description"],
    ],
    [
      "a check",
      { check: { c: { assert: { condition: "${databricks_job.a.description != null}" } } } },
      ["description"],
    ],
    ["an import", { import: [{ to: "databricks_job.a", id: "1" }] }, fields],
    ["an escaped template", { "//": { text: "${databricks_job.a}" } }, []],
  ] as const)("keeps what expressions use: %s", (_where, rest, expected) => {
    expect(keptFields(job({ name: "a" }, rest), "databricks_job", fields)).toEqual(expected);
  });

  test("keeps fields in lifecycle blocks, and all fields of a type whose resource refers to itself", () => {
    expect(
      keptFields(
        job({ lifecycle: { ignore_changes: ["task[0].description"] } }),
        "databricks_job",
        fields,
      ),
    ).toEqual(fields.slice(2));
    expect(
      keptFields(job({ lifecycle: { ignore_changes: ["all"] } }), "databricks_job", fields),
    ).toEqual([]);
    const replaced = job({ lifecycle: { replace_triggered_by: ["databricks_job.a.description"] } });
    expect(keptFields(replaced, "databricks_job", fields)).toEqual(["description"]);
    const condition = {
      postcondition: { condition: "${self.description == null}", error_message: "m" },
    };
    expect(keptFields(job({ lifecycle: condition }), "databricks_job", fields)).toEqual(fields);
  });

  test("keeps fields with any value in the state, except nulls and empty lists of blocks", () => {
    const uses = job({ name: "a" });
    uses.addState("databricks_job", "managed", {
      description: "",
      deployment: [],
      budget_policy_id: null,
      task: [{ task_key: "a", description: null }, { sql_task: [{ alert: [] }] }],
    });
    const expectedPaths = [...fields, "budget_policy_id", "task.sql_task.warehouse_id"];
    expect(keptFields(uses, "databricks_job", expectedPaths)).toEqual([
      "description",
      "task.sql_task.warehouse_id",
    ]);
    expect(
      Object.keys(
        cutSchemas(uses.cut()).get("databricks_job")?.block.blocks["task"]?.block.blocks ?? {},
      ),
    ).toContain("sql_task");
  });

  test("is complete for small types and for data sources in use, and has only the id for unused ones", () => {
    const uses = using({
      resource: { databricks_volume: { v: { name: "v" } } },
      data: { databricks_jobs: { all: {} } },
      check: { c: { data: { databricks_node_type: { n: {} } } } },
    });
    uses.addState("databricks_current_user", "data", { id: "1" });
    const served = cutSchemas(uses.cut());
    for (const whole of [
      "databricks_volume",
      "data.databricks_jobs",
      "data.databricks_node_type",
      "data.databricks_current_user",
    ])
      expect(served.get(whole)).toBe(schemaOf(whole));
    for (const unused of ["databricks_job", "databricks_catalog", "data.databricks_job"])
      expect(served.get(unused)?.block).toEqual({
        attributes: { id: expect.anything() as unknown },
        blocks: {},
      });
  });

  test("is complete if modules hide the used fields", () => {
    expect(new Uses().addConfiguration({ module: { m: { source: "./m" } } })).toBe(false);
    expect(using({ module: {} }).isEmpty).toBe(true);
  });
});
