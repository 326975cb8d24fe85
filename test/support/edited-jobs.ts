/**
 * Random jobs, and the same jobs after random edits of their lists: elements removed, inserted,
 * renamed and reordered.
 */
import fc from "fast-check";
import { given, word } from "./random-fields";
import type { Json, JsonObject } from "./replay-format";

export interface EditedJob {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

const maybe = <T extends Json>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const record = (fields: Record<string, fc.Arbitrary<Json | undefined>>): fc.Arbitrary<JsonObject> =>
  fc.record(fields).map(given);
const notifications = record({
  on_failure: maybe(
    fc.uniqueArray(
      word.map((name) => `${name}@example.com`),
      { minLength: 1, maxLength: 2 },
    ),
  ),
});

/** All cluster fields that the provider reads from the state if the configuration omits them. */
const cluster = record({
  spark_version: fc.constant("15.4.x-scala2.12"),
  node_type_id: fc.constantFrom("i3.xlarge", "i3.2xlarge"),
  num_workers: fc.integer({ min: 1, max: 4 }),
  driver_node_type_id: maybe(fc.constantFrom("i3.4xlarge", "i3.8xlarge")),
  data_security_mode: maybe(fc.constantFrom("NONE", "USER_ISOLATION")),
  enable_local_disk_encryption: maybe(fc.boolean()),
  enable_elastic_disk: maybe(fc.boolean()),
  spark_conf: maybe(fc.dictionary(word, word, { minKeys: 1, maxKeys: 2, noNullPrototype: true })),
  aws_attributes: maybe(
    record({
      instance_profile_arn: maybe(
        word.map((name) => `arn:aws:iam::123456789012:instance-profile/${name}`),
      ),
      availability: maybe(fc.constantFrom("ON_DEMAND", "SPOT")),
      zone_id: maybe(fc.constantFrom("us-east-1a", "us-east-1b")),
    }),
  ),
});

const task = record({
  run_if: maybe(fc.constantFrom("ALL_DONE", "ALL_FAILED", "NONE_FAILED")),
  max_retries: maybe(fc.integer({ min: 1, max: 3 })),
  retry_on_timeout: maybe(fc.boolean()),
  email_notifications: maybe(notifications),
  new_cluster: cluster,
  notebook_task: record({
    notebook_path: word.map((name) => `/Shared/${name}`),
    source: maybe(fc.constant("WORKSPACE")),
  }),
});

/** A task inside a for_each, whose own key may be edited as well. */
const loop = task.map((inner): JsonObject => ({
  for_each_task: { inputs: "[1, 2]", task: { task_key: "inner", ...inner } },
}));

type Lists = Readonly<Record<string, readonly Json[]>>;

const list = (
  key: string,
  element: fc.Arbitrary<JsonObject>,
  least: number,
): fc.Arbitrary<JsonObject[]> =>
  fc
    .uniqueArray(fc.tuple(word, element), {
      minLength: least,
      maxLength: 5,
      selector: ([name]) => name,
    })
    .map((items) => items.map(([name, one]) => ({ [key]: name, ...one })));

const keys: Readonly<Record<string, string>> = {
  task: "task_key",
  job_cluster: "job_cluster_key",
  parameter: "name",
  environment: "environment_key",
};

const lists: fc.Arbitrary<Lists> = fc.record({
  task: list(
    "task_key",
    fc.oneof({ weight: 3, arbitrary: task }, { weight: 1, arbitrary: loop }),
    2,
  ),
  job_cluster: list("job_cluster_key", cluster.map((item): JsonObject => ({ new_cluster: item })), 2), // prettier-ignore
  parameter: list("name", record({ default: word }), 0),
  environment: list("environment_key", word.map((name): JsonObject => ({ spec: { client: "1", dependencies: [name] } })), 0), // prettier-ignore
});

/**
 * The positions to remove and insert elements at, the elements to rename, and the order of the
 * rest.
 */
const edit = fc.record({
  removed: fc.array(fc.nat(9), { maxLength: 2 }),
  added: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 2 }),
  renamed: fc.array(fc.nat(9), { maxLength: 1 }),
  rotated: fc.nat(3),
  loops: fc.boolean(),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(
  key: string,
  items: readonly JsonObject[],
  others: readonly JsonObject[],
  { removed, added, renamed, rotated, loops }: Edit,
): JsonObject[] {
  const gone = new Set(removed.map((at) => at % Math.max(1, items.length)));
  const left = items.length - gone.size < 1 ? [...items] : items.filter((_, at) => !gone.has(at));
  for (const at of renamed) {
    const one = left[at % Math.max(1, left.length)];
    // Renamed elements lose values set by the platform: they are new elements.
    if (one !== undefined)
      left[at % left.length] = {
        ...one,
        [key]: `${one[key] as string}_renamed`,
        run_if: undefined as unknown as Json,
      };
  }
  for (const [which, at] of added) {
    const one = others[which % Math.max(1, others.length)];
    if (one !== undefined && left.every((other) => other[key] !== one[key]))
      left.splice(at % (left.length + 1), 0, one);
  }
  const turn = left.length === 0 ? 0 : rotated % left.length;
  return [...left.slice(turn), ...left.slice(0, turn)]
    .map((item) => (loops ? withRenamedLoop(item) : item))
    .map(given);
}

function withRenamedLoop(item: JsonObject): JsonObject {
  const inner = (item["for_each_task"] as { task?: JsonObject } | undefined)?.task;
  if (inner === undefined) return item;
  const { run_if: _left, retry_on_timeout: _out, ...rest } = inner;
  return { ...item, for_each_task: { inputs: "[1, 2]", task: { ...rest, task_key: "other" } } };
}

export function editedJob(): fc.Arbitrary<EditedJob> {
  return fc
    .tuple(
      lists,
      lists,
      fc.record({ task: edit, job_cluster: edit, parameter: edit, environment: edit }),
    )
    .map(([before, others, edits]) => {
      const after = Object.entries(edits).map(([name, how]): [string, Json] => [
        name,
        edited(keys[name] ?? "", before[name] as JsonObject[], others[name] as JsonObject[], how),
      ]);
      return { before: before as unknown as JsonObject, after: Object.fromEntries(after) };
    });
}
