/** Random valid jobs, generated from the schema, with tasks that depend on each other. */
import fc from "fast-check";
import { schemaOf, type Block } from "../../src/resources/shape/schema";
import { blockOf, withoutUndefined, word, words, type SpecialValues } from "./random-fields";
import type { Json, JsonObject } from "./replay-format";

/** Optional blocks of a task; the generator below adds the task type. */
const taskBlocks = [
  "email_notifications",
  "webhook_notifications",
  "notification_settings",
  "health",
  "library",
];
const jobBlocks = [
  "email_notifications",
  "webhook_notifications",
  "notification_settings",
  "health",
  "parameter",
  "schedule",
];

/** Values that the schema cannot describe, by path. */
const special: SpecialValues = {
  "schedule.quartz_cron_expression": fc.constantFrom("0 0 5 * * ?", "0 30 1 ? * MON"),
  "schedule.timezone_id": fc.constantFrom("UTC", "Europe/Berlin"),
  "schedule.pause_status": fc.constantFrom("PAUSED", "UNPAUSED"),
  "health.rules.metric": fc.constant("RUN_DURATION_SECONDS"),
  "health.rules.op": fc.constant("GREATER_THAN"),
  "task.health.rules.metric": fc.constant("RUN_DURATION_SECONDS"),
  "task.health.rules.op": fc.constant("GREATER_THAN"),
};

function optionalBlocks(
  block: Block,
  names: readonly string[],
  prefix: string,
): fc.Arbitrary<JsonObject> {
  const blocks = names.map((name): [string, fc.Arbitrary<Json | undefined>] => {
    const nested = block.blocks[name];
    if (nested === undefined) throw new Error(`no block ${name}`);
    const item =
      name === "library"
        ? word.map((text): JsonObject => ({ pypi: { package: text } }))
        : blockOf(prefix + name, nested.block, special);
    const list =
      nested.maxItems === 1
        ? item
        : fc.uniqueArray(item, {
            minLength: 1,
            maxLength: 2,
            selector: (item) => JSON.stringify(Object.values(item)[0]),
          });
    return [name, fc.option(list as fc.Arbitrary<Json>, { nil: undefined, freq: 2 })];
  });
  return fc.record(Object.fromEntries(blocks)).map(withoutUndefined);
}

const taskKind: fc.Arbitrary<JsonObject> = fc.oneof(
  word.map((name) => ({ notebook_task: { notebook_path: `/Shared/${name}` } })),
  fc
    .record({ name: word, parameters: fc.array(word, { minLength: 1, maxLength: 3 }) })
    .map(({ name, parameters }) => ({
      spark_python_task: { python_file: `dbfs:/${name}.py`, parameters },
    })),
  fc
    .record({
      package_name: word,
      entry_point: word,
      named_parameters: words(),
    })
    .map((task) => ({ python_wheel_task: task })),
  fc
    .record({ left: word, right: word })
    .map((task) => ({ condition_task: { ...task, op: "EQUAL_TO" } })),
);

/** Generates a job without a name. */
export function randomJob(): fc.Arbitrary<JsonObject> {
  const schema = schemaOf("databricks_job");
  const task = schema?.block.blocks["task"];
  if (schema === undefined || task === undefined) throw new Error("no schema of jobs");
  const taskParts = fc.tuple(
    taskKind,
    optionalBlocks(task.block, taskBlocks, "task."),
    fc.option(fc.integer({ min: 60, max: 3600 }), { nil: undefined }),
    fc.option(fc.constantFrom("ALL_DONE", "NONE_FAILED"), { nil: undefined }),
  );
  const tasks = fc.uniqueArray(fc.tuple(word, taskParts), {
    minLength: 1,
    maxLength: 4,
    selector: ([key]) => key,
  });
  const base = fc.record({
    description: fc.option(word, { nil: undefined }),
    max_concurrent_runs: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    timeout_seconds: fc.option(fc.integer({ min: 0, max: 900 }), { nil: undefined }),
  });
  const tags = fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true });
  return fc
    .tuple(base, optionalBlocks(schema.block, jobBlocks, ""), tasks, tags)
    .map(([settings, blocks, keyedTasks, tagMap]) => {
      const taskConfigs = keyedTasks.map(([key, [kind, extra, timeout, runIf]], i): JsonObject => {
        const isCondition = "condition_task" in kind;
        const previous = keyedTasks[i - 1]?.[0];
        const blocksOf = isCondition
          ? Object.fromEntries(Object.entries(extra).filter(([name]) => name !== "library"))
          : extra;
        return {
          task_key: key,
          ...kind,
          ...(isCondition ? {} : { existing_cluster_id: "1114-221320-seed0001" }),
          ...blocksOf,
          ...(timeout === undefined ? {} : { timeout_seconds: timeout }),
          ...(previous === undefined
            ? {}
            : {
                depends_on: [{ task_key: previous }],
                ...(runIf === undefined ? {} : { run_if: runIf }),
              }),
        };
      });
      return {
        ...withoutUndefined(settings),
        ...blocks,
        task: taskConfigs,
        ...(Object.keys(tagMap).length === 0 ? {} : { tags: tagMap }),
      };
    });
}
