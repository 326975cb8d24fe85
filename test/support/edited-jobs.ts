/**
 * Random jobs, and the same jobs after random edits of their lists: elements removed, inserted,
 * renamed and reordered.
 */
import fc from "fast-check";
import { withoutUndefined, word } from "./random-fields";
import type { Json, JsonObject } from "./replay-format";

export interface EditedJob {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

const optional = <T extends Json>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const record = (fields: Record<string, fc.Arbitrary<Json | undefined>>): fc.Arbitrary<JsonObject> =>
  fc.record(fields).map(withoutUndefined);
const notifications = record({
  on_failure: optional(
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
  driver_node_type_id: optional(fc.constantFrom("i3.4xlarge", "i3.8xlarge")),
  data_security_mode: optional(fc.constantFrom("NONE", "USER_ISOLATION")),
  enable_local_disk_encryption: optional(fc.boolean()),
  enable_elastic_disk: optional(fc.boolean()),
  spark_conf: optional(
    fc.dictionary(word, word, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  ),
  aws_attributes: optional(
    record({
      instance_profile_arn: optional(
        word.map((name) => `arn:aws:iam::123456789012:instance-profile/${name}`),
      ),
      availability: optional(fc.constantFrom("ON_DEMAND", "SPOT")),
      zone_id: optional(fc.constantFrom("us-east-1a", "us-east-1b")),
    }),
  ),
});

const task = record({
  run_if: optional(fc.constantFrom("ALL_DONE", "ALL_FAILED", "NONE_FAILED")),
  max_retries: optional(fc.integer({ min: 1, max: 3 })),
  retry_on_timeout: optional(fc.boolean()),
  email_notifications: optional(notifications),
  new_cluster: cluster,
  notebook_task: record({
    notebook_path: word.map((name) => `/Shared/${name}`),
    source: optional(fc.constant("WORKSPACE")),
  }),
});

/** A task inside a for_each, whose own key may be edited as well. */
const loopTask = task.map((nestedTask): JsonObject => ({
  for_each_task: { inputs: "[1, 2]", task: { task_key: "inner", ...nestedTask } },
}));

type Lists = Readonly<Record<string, readonly Json[]>>;

const list = (
  key: string,
  element: fc.Arbitrary<JsonObject>,
  minLength: number,
): fc.Arbitrary<JsonObject[]> =>
  fc
    .uniqueArray(fc.tuple(word, element), {
      minLength,
      maxLength: 5,
      selector: ([name]) => name,
    })
    .map((items) => items.map(([name, fields]) => ({ [key]: name, ...fields })));

const keys: Readonly<Record<string, string>> = {
  task: "task_key",
  job_cluster: "job_cluster_key",
  parameter: "name",
  environment: "environment_key",
};

const jobCluster = cluster.map((item): JsonObject => ({ new_cluster: item }));
const environment = word.map((name): JsonObject => ({
  spec: { client: "1", dependencies: [name] },
}));
const lists: fc.Arbitrary<Lists> = fc.record({
  task: list(
    "task_key",
    fc.oneof({ weight: 3, arbitrary: task }, { weight: 1, arbitrary: loopTask }),
    2,
  ),
  job_cluster: list("job_cluster_key", jobCluster, 2),
  parameter: list("name", record({ default: word }), 0),
  environment: list("environment_key", environment, 0),
});

/** The elements to remove, insert and rename, and the rotation of the resulting list. */
const edit = fc.record({
  removedPositions: fc.array(fc.nat(9), { maxLength: 2 }),
  insertions: fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 2 }),
  renamedPositions: fc.array(fc.nat(9), { maxLength: 1 }),
  rotation: fc.nat(3),
  renamesLoops: fc.boolean(),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function applyEdit(
  key: string,
  items: readonly JsonObject[],
  others: readonly JsonObject[],
  { removedPositions, insertions, renamedPositions, rotation, renamesLoops }: Edit,
): JsonObject[] {
  const removedIndexes = new Set(
    removedPositions.map((index) => index % Math.max(1, items.length)),
  );
  const remaining =
    items.length - removedIndexes.size < 1
      ? [...items]
      : items.filter((_, index) => !removedIndexes.has(index));
  for (const index of renamedPositions) {
    const element = remaining[index % Math.max(1, remaining.length)];
    // A renamed element is a new one, so the platform's values of the old one are lost.
    if (element !== undefined)
      remaining[index % remaining.length] = {
        ...element,
        [key]: `${element[key] as string}_renamed`,
        run_if: undefined as unknown as Json,
      };
  }
  for (const [sourceIndex, index] of insertions) {
    const element = others[sourceIndex % Math.max(1, others.length)];
    if (
      element !== undefined &&
      remaining.every((otherElement) => otherElement[key] !== element[key])
    )
      remaining.splice(index % (remaining.length + 1), 0, element);
  }
  const start = remaining.length === 0 ? 0 : rotation % remaining.length;
  return [...remaining.slice(start), ...remaining.slice(0, start)]
    .map((item) => (renamesLoops ? withRenamedLoop(item) : item))
    .map(withoutUndefined);
}

function withRenamedLoop(item: JsonObject): JsonObject {
  const nestedTask = (item["for_each_task"] as { task?: JsonObject } | undefined)?.task;
  if (nestedTask === undefined) return item;
  const { run_if: _condition, retry_on_timeout: _retry, ...otherFields } = nestedTask;
  return {
    ...item,
    for_each_task: { inputs: "[1, 2]", task: { ...otherFields, task_key: "other" } },
  };
}

export function editedJob(): fc.Arbitrary<EditedJob> {
  return fc
    .tuple(
      lists,
      lists,
      fc.record({ task: edit, job_cluster: edit, parameter: edit, environment: edit }),
    )
    .map(([before, others, edits]) => {
      const after = Object.entries(edits).map(([name, itemEdit]): [string, Json] => [
        name,
        applyEdit(
          keys[name] ?? "",
          before[name] as JsonObject[],
          others[name] as JsonObject[],
          itemEdit,
        ),
      ]);
      return { before: before as unknown as JsonObject, after: Object.fromEntries(after) };
    });
}
