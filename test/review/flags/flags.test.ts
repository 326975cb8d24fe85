import { review, type StackInput } from "../../../src/review";
import { job, planOf, stackOf, task, without, type Planned } from "../plans";

type Values = Readonly<Record<string, unknown>>;
const daily = job("daily", [task("a"), task("b", ["a"])]);
const flagsOf = (
  resources: readonly Planned[],
  more: Partial<StackInput> = {},
): Readonly<Record<string, readonly string[]>> => {
  const result = review({
    stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources), ...more }],
    today: "2026-01-01",
  });
  return Object.fromEntries(
    (result.stacks[0]?.flags ?? []).map(({ kind, items }) => [kind, items.map(({ text }) => text)]),
  );
};
const change = (before: Values, after: Values, type = "databricks_job"): Planned => ({
  type,
  name: "x",
  before: { id: "1", ...before },
  after: { id: "1", ...after },
});

test("a review flags the destroy of an object that another deployed stack uses, but not its update", () => {
  const destroyedJob: Planned = {
    type: "databricks_cluster_policy",
    name: "x",
    before: { id: "1", name: "jobs" },
  };
  const usedBy = new Map([["databricks_cluster_policy.x", ["etl-dev", "reports-dev"]]]);
  expect(flagsOf([destroyedJob], { usedBy })).toEqual({
    "in-use": ["used by etl-dev, reports-dev"],
  });
  expect(
    flagsOf([change({ name: "a" }, { name: "b" }, "databricks_cluster_policy")], { usedBy }),
  ).toEqual({});
});

describe("the flags at the top of a review", () => {
  it.each<[string, Planned, Readonly<Record<string, readonly string[]>>]>([
    [
      "a destroyed warehouse",
      { type: "databricks_sql_endpoint", name: "x", before: { id: "1", name: "bi" } },
      { stateful: ["destroys SQL warehouse bi"] },
    ],
    [
      "run_as",
      change(
        { ...daily, run_as: [{ user_name: "ann" }] },
        { ...daily, run_as: [{ user_name: "bob" }] },
      ),
      { "run-as": ["run_as.user_name ann -> bob"] },
    ],
    [
      "a schedule that is paused",
      change(
        { ...daily, schedule: [{ quartz_cron_expression: "x", pause_status: "UNPAUSED" }] },
        { ...daily, schedule: [{ quartz_cron_expression: "x", pause_status: "PAUSED" }] },
      ),
      { schedule: ["schedule is switched off"] },
    ],
    [
      "a trigger that is removed",
      change({ ...daily, trigger: [{ file_arrival: [{ url: "s3://x" }] }] }, daily),
      { schedule: ["trigger is removed: the job will no longer start automatically"] },
    ],
    [
      "a higher autoscale maximum",
      change(
        { autoscale: [{ min_workers: 1, max_workers: 4 }] },
        { autoscale: [{ min_workers: 1, max_workers: 8 }] },
        "databricks_cluster",
      ),
      { compute: ["autoscale.max_workers 4 -> 8"] },
    ],
    [
      "nothing for fewer workers",
      change({ num_workers: 8 }, { num_workers: 2 }, "databricks_cluster"),
      {},
    ],
    [
      "a different node type",
      change({ node_type_id: "i3.xlarge" }, { node_type_id: "i3.8xlarge" }, "databricks_cluster"),
      { compute: ["node_type_id i3.xlarge -> i3.8xlarge"] },
    ],
    [
      "a larger warehouse",
      change({ cluster_size: "Small" }, { cluster_size: "2X-Large" }, "databricks_sql_endpoint"),
      { compute: ["cluster_size Small -> 2X-Large"] },
    ],
    [
      "nothing for a smaller warehouse",
      change({ cluster_size: "X-Small" }, { cluster_size: "2X-Small" }, "databricks_sql_endpoint"),
      {},
    ],
    [
      "disabled auto-termination",
      change({ autotermination_minutes: 30 }, { autotermination_minutes: 0 }, "databricks_cluster"),
      { compute: ["autotermination_minutes 30 -> 0"] },
    ],
    [
      "an added job cluster",
      change(daily, {
        ...daily,
        job_cluster: [
          ...(daily.job_cluster as unknown[]),
          { job_cluster_key: "big", new_cluster: [{ num_workers: 30 }] },
        ],
      }),
      { compute: ["job_cluster[big] added: up to 30 workers"] },
    ],
    [
      "a changed owner",
      change({ name: "s", owner: "a" }, { name: "s", owner: "b" }, "databricks_schema"),
      { permissions: ["owner a -> b"] },
    ],
  ])("include %s", (_, resource, expected) => {
    expect(flagsOf([resource])).toEqual(expected);
  });
});

describe("a difference that the plan omits", () => {
  const noop: Planned = { type: "databricks_job", name: "x", before: daily, after: daily };
  const previous = (more: Values): unknown =>
    stackOf([{ ...noop, config: { ...without(daily, "id", "queue"), ...more } }]);
  const now = stackOf([{ ...noop, config: without(daily, "id", "queue") }]);

  it("is found by comparison with the last deployed stack, because the official provider plans nothing when queue or run_as is removed", () => {
    const flags = flagsOf([noop], {
      stack: now,
      previous: previous({ queue: [{ enabled: true }], run_as: [{ user_name: "ann" }] }),
    });
    expect(flags["left-out"]).toEqual(["queue (changed in the code)"]);
    // The platform keeps run_as until the job sets another one, so healing cannot change it.
    expect(flags["not-healed"]).toEqual(["run_as (changed in the code)"]);
  });

  it("does not include changes that are in the plan", () => {
    const resource = { ...noop, after: { ...daily, max_concurrent_runs: 9 } };
    expect(flagsOf([resource], { previous: stackOf([noop]) })["left-out"]).toBeUndefined();
  });

  it("does not include the changed inner task of a for_each task, which the code sets as an object", () => {
    const inner = (path: string): Values => ({
      task_key: "inner",
      notebook_task: [{ notebook_path: path }],
    });
    const withInner = (task: unknown): Values => ({
      name: "each",
      task: [{ task_key: "each", for_each_task: [{ inputs: "[1]", task }] }],
    });
    const resource: Planned = {
      ...change(withInner([inner("/a")]), withInner([inner("/b")])),
      config: withInner(inner("/b")),
    };
    const previous = stackOf([{ ...resource, config: withInner(inner("/a")) }]);
    expect(flagsOf([resource], { previous })["left-out"]).toBeUndefined();
  });

  it("does not include a file's location, or an expression that is only written differently", () => {
    const notebook: Planned = {
      type: "databricks_notebook",
      name: "n",
      before: { id: "1", path: "/n" },
      after: { id: "1", path: "/n" },
      config: { path: "${local.folder}/n", source: "b/n.py" },
    };
    expect(
      flagsOf([notebook], {
        previous: stackOf([{ ...notebook, config: { path: "/n", source: "a/n.py" } }]),
      }),
    ).toEqual({});
  });

  it("is determined from the state if there is no record or report", () => {
    const queued = { ...daily, queue: [{ enabled: true }] };
    expect(
      flagsOf([{ ...noop, before: queued, after: queued }], { stack: now })["left-out"],
    ).toEqual(["queue (changed in the code)"]);
  });
});

describe("a renamed construct", () => {
  const findRenames = (resources: readonly Planned[]) =>
    review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources) }],
      today: "2026-01-01",
    }).stacks[0]?.renames;

  it("is recognised by scope and key", () => {
    const values = { scope: "etl", key: "k" };
    const renames = findRenames([
      { type: "databricks_secret", name: "old", before: { id: "1", ...values } },
      { type: "databricks_secret", name: "other", after: { scope: "etl", key: "k2" } },
      { type: "databricks_secret", name: "new", after: values },
    ]);
    expect(renames).toMatchObject([
      {
        from: "databricks_secret.old",
        to: "databricks_secret.new",
        moved: "moved {\n  from = databricks_secret.old\n  to   = databricks_secret.new\n}",
      },
    ]);
  });

  it("is recognised by its values if it has no name", () => {
    const values = {
      job_id: "1",
      access_control: [{ group_name: "a", permission_level: "CAN_VIEW" }],
    };
    expect(
      findRenames([
        { type: "databricks_permissions", name: "old", before: { id: "1", ...values } },
        { type: "databricks_permissions", name: "new", after: values },
      ]),
    ).toHaveLength(1);
  });

  it("is not assumed for a different object of the same type", () => {
    expect(
      findRenames([
        { type: "databricks_job", name: "a", before: daily },
        { type: "databricks_job", name: "b", after: { ...daily, name: "other" } },
      ]),
    ).toEqual([]);
  });
});
