import fc from "fast-check";
import type { Rules } from "../../../src/resources/kind";
import { compare } from "../../../src/verify/compare/compare";
import type { Comparison } from "../../../src/verify/compare/comparison";
import { fieldsOf } from "../../../src/verify/fields/field-rules";
import type { ShownFinding } from "../../../src/verify/model";
import { shownFinding } from "../../../src/verify/display";
import { ReportRedactor } from "../../../src/verify/redactor";
import type { DesiredObject } from "../../../src/verify/expressions/values";
import { Sensitive, Unresolved } from "../../../src/verify/expressions/values";

const rules: Rules = {
  keyed: {
    task: "task_key",
    job_cluster: "job_cluster_key",
    "task.depends_on": "task_key",
    "task.library": "*",
    "email_notifications.on_failure": "*",
  },
  backendDefaults: {
    email_notifications: { reason: "empty", when: (remote) => JSON.stringify(remote) === "[{}]" },
    "task.run_if": { reason: "default", when: (remote) => remote === "ALL_SUCCESS" },
    run_as: { reason: "the creator", when: () => true },
  },
  unverifiable: { "job_cluster.new_cluster.apply_policy_default_values": "never returned" },
  configOnly: { control_run_state: "Terraform's own" },
  equivalent: {
    description: (a, b) => typeof a === "string" && typeof b === "string" && a.trim() === b.trim(),
  },
};

function job(
  sides: {
    desired: DesiredObject;
    remote: DesiredObject;
    deployed?: DesiredObject;
    state?: DesiredObject;
  } & Partial<Pick<Comparison, "omitted" | "unreadable">>,
): Pick<ShownFinding, "status" | "path" | "desired" | "deployed" | "remote">[] {
  const defaults = { name: "j", max_concurrent_runs: 1 };
  const comparison: Comparison = {
    fields: fieldsOf("databricks_job"),
    rules,
    desired: { name: "j", ...sides.desired },
    deployed: { name: "j", ...(sides.deployed ?? sides.desired) },
    state: { ...defaults, ...(sides.state ?? sides.deployed ?? sides.desired) },
    remote: { ...defaults, ...sides.remote },
    ...(sides.omitted === undefined ? {} : { omitted: sides.omitted }),
    ...(sides.unreadable === undefined ? {} : { unreadable: sides.unreadable }),
  };
  return compare(comparison)
    .findings.map((finding) => shownFinding(finding, new ReportRedactor()))
    .map(({ reason: _reason, field: _field, ...rest }) => rest);
}

const described = (description: string): DesiredObject => ({ description });
const task = (key: string, more: DesiredObject = {}): DesiredObject => ({ task_key: key, ...more });

describe("there is no difference for", () => {
  test.each<[string, DesiredObject, DesiredObject]>([
    ["equal values", { description: "x" }, { description: "x" }],
    ["an empty and an absent map", { tags: {} }, {}],
    ["an equal empty entry of a map", { tags: { a: "" } }, { tags: { a: "" } }],
    ["a null and an absent entry", { tags: { a: null, b: "c" } }, { tags: { b: "c" } }],
    [
      "a zero and an absent value",
      { timeout_seconds: 0, schedule: [], tags: {} },
      { description: "", tags: null },
    ],
    ["a number as a string", { timeout_seconds: "30" }, { timeout_seconds: 30 }],
    ["tasks in another order", { task: [task("a"), task("b")] }, { task: [task("b"), task("a")] }],
    [
      "depends_on in another order",
      { task: [task("c", { depends_on: [{ task_key: "a" }, { task_key: "b" }] })] },
      { task: [task("c", { depends_on: [{ task_key: "b" }, { task_key: "a" }] })] },
    ],
    [
      "libraries in another order",
      { task: [task("a", { library: [{ pypi: [{ package: "x" }] }, { whl: "w" }] })] },
      { task: [task("a", { library: [{ whl: "w" }, { pypi: [{ package: "x" }] }] })] },
    ],
    [
      "a block written as an object and as a list",
      { schedule: { quartz_cron_expression: "c", timezone_id: "UTC" } },
      { schedule: [{ quartz_cron_expression: "c", timezone_id: "UTC", pause_status: "UNPAUSED" }] },
    ],
    [
      "a backend default",
      { task: [task("a")] },
      { email_notifications: [{}], task: [task("a", { run_if: "ALL_SUCCESS" })] },
    ],
    ["a field that only the configuration has", { control_run_state: true }, {}],
    ["equivalent values of the kind", { description: "a" }, { description: " a\n" }],
    ["a value that the platform computes", {}, { url: "http://x/#job/1" }],
  ])("%s", (_, desired, remote) => expect(job({ desired, remote })).toEqual([]));
});

describe("there is drift, with the path as in the code, for", () => {
  test.each<[string, DesiredObject, DesiredObject, string, unknown, unknown]>([
    ["a value", { description: "x" }, { description: "y" }, "description", "x", "y"],
    [
      "a zero value in the code that differs from the provider's default",
      { max_concurrent_runs: 0 },
      { max_concurrent_runs: 1 },
      "max_concurrent_runs",
      0,
      1,
    ],
    ["a default of the provider", {}, { max_concurrent_runs: 5 }, "max_concurrent_runs", 1, 5],
    [
      "workers of a task",
      { task: [task("t", { new_cluster: [{ num_workers: 2, spark_version: "v" }] })] },
      { task: [task("t", { new_cluster: [{ num_workers: 20, spark_version: "v" }] })] },
      "task[t].new_cluster.num_workers",
      2,
      20,
    ],
    [
      "an added block",
      {},
      { schedule: [{ quartz_cron_expression: "c", timezone_id: "UTC", pause_status: "PAUSED" }] },
      "schedule",
      undefined,
      { quartz_cron_expression: "c", timezone_id: "UTC", pause_status: "PAUSED" },
    ],
    [
      "one field of an added block",
      {},
      { email_notifications: [{ on_failure: ["a@x"] }] },
      "email_notifications.on_failure[a@x]",
      undefined,
      "a@x",
    ],
    [
      "a removed empty block",
      { continuous: [{}] },
      {},
      "continuous.pause_status",
      "UNPAUSED",
      undefined,
    ],
    [
      "an empty block that a read returns as absent",
      { continuous: [{}] },
      { continuous: [] },
      "continuous.pause_status",
      "UNPAUSED",
      undefined,
    ],
    [
      "a removed task",
      { task: [task("a"), task("b")] },
      { task: [task("a")] },
      "task[b]",
      { task_key: "b" },
      undefined,
    ],
    [
      "an added task",
      { task: [task("a")] },
      { task: [task("a"), task("b")] },
      "task[b]",
      undefined,
      { task_key: "b" },
    ],
    [
      "an added empty entry of a map",
      { tags: { a: "1" } },
      { tags: { a: "1", b: "" } },
      "tags[b]",
      undefined,
      "",
    ],
    [
      "a removed empty entry of a map",
      { tags: { a: "1", b: "" } },
      { tags: { a: "1" } },
      "tags[b]",
      "",
      undefined,
    ],
    ["a map with only an empty entry", {}, { tags: { b: "" } }, "tags[b]", undefined, ""],
    [
      "an empty entry in a task",
      { task: [task("t", { notebook_task: [{ notebook_path: "/x" }] })] },
      {
        task: [task("t", { notebook_task: [{ notebook_path: "/x", base_parameters: { b: "" } }] })],
      },
      "task[t].notebook_task.base_parameters[b]",
      undefined,
      "",
    ],
    ["a tag", { tags: { a: "1" } }, { tags: { a: "2" } }, "tags[a]", "1", "2"],
    [
      "a library",
      { task: [task("a")] },
      { task: [task("a", { library: [{ pypi: [{ package: "pandas" }] }] })] },
      "task[a].library[pandas]",
      undefined,
      { pypi: [{ package: "pandas" }] },
    ],
    [
      "the order of arguments",
      { task: [task("a", { spark_python_task: [{ python_file: "f", parameters: ["x", "y"] }] })] },
      { task: [task("a", { spark_python_task: [{ python_file: "f", parameters: ["y", "x"] }] })] },
      "task[a].spark_python_task.parameters",
      ["x", "y"],
      ["y", "x"],
    ],
  ])("%s", (_, code, workspace, path, desired, remote) => {
    const [finding, ...more] = job({ desired: code, remote: workspace });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ status: "drift", path });
    expect([finding?.desired, finding?.remote]).toEqual([desired, remote]);
  });

  test("a default that the backend set at the deploy, if it has changed since", () => {
    const [a, b] = [[{ user_name: "a" }], [{ user_name: "b" }]];
    expect(job({ desired: {}, state: { run_as: a }, remote: { run_as: a } })).toEqual([]);
    expect(job({ desired: {}, state: { run_as: a }, remote: { run_as: b } })).toMatchObject([
      { status: "drift", path: "run_as", deployed: a, remote: b },
    ]);
  });
});

describe("three-way comparison", () => {
  test("is pending if only the code changed", () => {
    expect(
      job({ desired: described("new"), deployed: described("old"), remote: described("old") }),
    ).toMatchObject([
      { status: "pending", path: "description", desired: "new", deployed: "old", remote: "old" },
    ]);
    expect(
      job({
        desired: { task: [task("a"), task("b")] },
        deployed: { task: [task("a")] },
        remote: { task: [task("a")] },
      }),
    ).toMatchObject([{ status: "pending", path: "task[b]" }]);
    expect(
      job({ desired: {}, deployed: described("old"), remote: described("old") }),
    ).toMatchObject([{ status: "pending", path: "description" }]);
  });
  test("is pending for a task that the code removed, and drift if the workspace changed it", () => {
    const sides = (timeout: number): Parameters<typeof job>[0] => ({
      desired: { task: [task("a")] },
      deployed: { task: [task("a"), task("b", { timeout_seconds: 60 })] },
      state: { task: [task("a"), task("b", { timeout_seconds: 60, run_if: "ALL_SUCCESS" })] },
      remote: { task: [task("a"), task("b", { timeout_seconds: timeout, run_if: "ALL_SUCCESS" })] },
    });
    expect(job(sides(60))).toMatchObject([{ status: "pending", path: "task[b]" }]);
    expect(job(sides(90))).toMatchObject([{ status: "drift", path: "task[b]", both: true }]);
  });

  test("is drift with all three values if both changed", () => {
    expect(
      job({ desired: described("new"), deployed: described("old"), remote: described("hand") }),
    ).toEqual([
      {
        status: "drift",
        both: true,
        path: "description",
        desired: "new",
        deployed: "old",
        remote: "hand",
      },
    ]);
  });
  test("has no finding if code and workspace changed to the same value", () => {
    expect(
      job({ desired: described("new"), deployed: described("old"), remote: described("new") }),
    ).toEqual([]);
  });
});

describe("a value that cannot be compared", () => {
  test("is unverifiable if it is never returned, refused or not read", () => {
    const cluster = (more: DesiredObject): DesiredObject => ({
      job_cluster: [{ job_cluster_key: "k", new_cluster: [{ num_workers: 1, ...more }] }],
    });
    expect(
      job({ desired: cluster({ apply_policy_default_values: true }), remote: cluster({}) }),
    ).toMatchObject([
      { status: "unverifiable", path: "job_cluster[k].new_cluster.apply_policy_default_values" },
    ]);
    expect(
      job({ desired: { run_as: [{ user_name: "a" }] }, remote: {}, omitted: ["run_as"] }),
    ).toMatchObject([{ status: "unverifiable", path: "run_as" }]);
    expect(
      job({ desired: described("a"), remote: {}, unreadable: { description: "no" } }),
    ).toMatchObject([{ status: "unverifiable", path: "description" }]);
    expect(
      job({ desired: {}, remote: { run_as: [{ user_name: "b" }] }, omitted: ["run_as"] }),
    ).toEqual([]);
  });
  test("is unverifiable if it is an expression and the workspace has the deployed value, and drift otherwise", () => {
    const desired = { description: new Unresolved("${uuid()}", "no") };
    expect(job({ desired, state: described("x"), remote: described("x") })).toMatchObject([
      { status: "unverifiable", desired: "${uuid()}" },
    ]);
    expect(job({ desired, state: described("x"), remote: described("y") })).toMatchObject([
      { status: "drift", desired: "${uuid()}", deployed: "x", remote: "y" },
    ]);
  });
  test("is hidden if it is a secret, but still compared", () => {
    const env = (value: string | undefined): DesiredObject => ({
      job_cluster: [
        {
          job_cluster_key: "k",
          new_cluster: [
            {
              num_workers: 1,
              spark_env_vars: {
                KEY: value === undefined ? new Sensitive(undefined) : new Sensitive(value),
              },
            },
          ],
        },
      ],
    });
    const remote = (value: string): DesiredObject => ({
      job_cluster: [
        { job_cluster_key: "k", new_cluster: [{ num_workers: 1, spark_env_vars: { KEY: value } }] },
      ],
    });
    expect(job({ desired: env("canary-1"), remote: remote("canary-1") })).toEqual([]);
    const findings = job({
      desired: env("canary-1"),
      state: env("canary-1"),
      remote: remote("canary-2"),
    });
    expect(findings).toMatchObject([
      {
        status: "drift",
        path: "job_cluster[k].new_cluster.spark_env_vars[KEY]",
        desired: "(sensitive)",
        remote: "(sensitive)",
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain("canary");
    expect(
      job({ desired: env(undefined), state: env("canary-1"), remote: remote("canary-2") }),
    ).toMatchObject([{ status: "drift" }]);
    expect(
      job({ desired: env(undefined), state: env("canary-1"), remote: remote("canary-1") }),
    ).toEqual([]);
    expect(job({ desired: env(undefined), state: {}, remote: remote("canary-1") })).toMatchObject([
      { status: "unverifiable" },
    ]);
  });
});

test("a value that contains a secret is hidden", () => {
  const redactor = new ReportRedactor();
  redactor.addSecretsIn({ a: [new Sensitive("canary-4711")] });
  expect(redactor.value({ x: "key=canary-4711;" })).toEqual({ x: "key=(sensitive);" });
});

describe("a cluster under a policy", () => {
  const findingsFor = (remoteTags: DesiredObject, policyId = "P"): string[] => {
    const desired = { policy_id: policyId, custom_tags: { lakeform: "p/s" } };
    const { findings } = compare({
      fields: fieldsOf("databricks_cluster"),
      rules: { keyed: {}, backendDefaults: {}, unverifiable: {}, configOnly: {} },
      desired,
      deployed: desired,
      state: { ...desired, custom_tags: { lakeform: "p/s", team: "data" } },
      remote: {
        policy_id: policyId,
        autotermination_minutes: 60,
        custom_tags: { lakeform: "p/s", ...remoteTags },
      },
      policies: { P: { "custom_tags.team": "data" } },
    });
    return findings.map(({ status, path }) => `${status} ${path}`);
  };
  test("has no drift for the value that the policy supplies", () =>
    expect(findingsFor({ team: "data" })).toEqual([]));
  test("has drift for another value", () =>
    expect(findingsFor({ team: "sales" })).toEqual(["drift custom_tags[team]"]));
  test("has drift for an entry that is not in the policy", () =>
    expect(findingsFor({ owner: "x" })).toEqual(["drift custom_tags[owner]"]));
  test("has drift for the value of another policy", () =>
    expect(findingsFor({ team: "data" }, "Q")).toEqual(["drift custom_tags[team]"]));
});

describe("the shortcut for equal scalars", () => {
  const scalar = fc.constantFrom(undefined, null, "", 0, false, true, 1, 30, "30", "a", " a");
  const mark = fc.constantFrom(
    new Unresolved("${var.x}", "not set"),
    new Sensitive("a"),
    new Sensitive(undefined),
  );
  const values = {
    desired: fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 1, arbitrary: mark }),
    remote: scalar,
  };
  /** Code and workspace with the same fields, and often with the same values. */
  const sidesOf = (
    fields: readonly string[],
  ): fc.Arbitrary<readonly [DesiredObject, DesiredObject]> =>
    fc
      .tuple(...fields.map(() => fc.tuple(values.desired, values.remote, fc.boolean())))
      .map((sides) => {
        const [code, workspace]: [DesiredObject, DesiredObject] = [{}, {}];
        sides.forEach(([codeSide, remoteSide, isSame], index) => {
          const name = fields[index] ?? "";
          const isPlain = typeof codeSide !== "object" || codeSide === null;
          if (codeSide !== undefined) code[name] = codeSide;
          const workspaceSide = isSame && isPlain ? codeSide : remoteSide;
          if (workspaceSide !== undefined) workspace[name] = workspaceSide;
        });
        return [code, workspace];
      });
  const jobFields = ["description", "max_concurrent_runs", "timeout_seconds", "control_run_state"];
  const taskFields = ["run_if", "max_retries", "timeout_seconds", "description"];
  const clusterFields = [
    "spark_version",
    "num_workers",
    "apply_policy_default_values",
    "policy_id",
  ];
  const jobSides = fc
    .tuple(sidesOf(jobFields), sidesOf(taskFields), sidesOf(clusterFields))
    .map(([job, task, cluster]) =>
      ([0, 1] as const).map((side) => ({
        ...job[side],
        task: [{ task_key: "a", ...task[side] }],
        job_cluster: [{ job_cluster_key: "c", new_cluster: [cluster[side]] }],
      })),
    );
  const someFields = fc.subarray([
    "description",
    "timeout_seconds",
    "task.max_retries",
    "job_cluster",
  ]);

  test("has the same result as the comparison of every field", () => {
    fc.assert(
      fc.property(
        jobSides,
        jobSides,
        someFields,
        someFields,
        (currentSides, deployedSides, omitted, unreadable) => {
          const [desired = {}, remote = {}] = currentSides;
          const [deployed = {}, state = {}] = deployedSides;
          const comparison: Comparison = {
            ...{ fields: fieldsOf("databricks_job"), rules, desired, deployed, state, remote },
            omitted,
            unreadable: Object.fromEntries(unreadable.map((field) => [field, "denied"])),
          };
          // A traced comparison visits every field.
          const traced = compare({ ...comparison, trace: () => undefined });
          expect(compare(comparison)).toEqual(traced);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
