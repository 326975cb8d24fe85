/**
 * Random valid configurations, generated from the schema, through terraform: applied, the next plan is empty; one field changed, exactly one update; imported
 * by id into an empty state, no changes. Many resources in one run, since a terraform command costs seconds.
 */
import fc from "fast-check";
import { schemaOf, type Attribute, type Block } from "../../src/resources/schema";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import type { JsonObject, Json } from "../support/replay-format";
import { Directory, requiredProviders } from "../support/replay-terraform";

const count = Number(process.env["LAKEFORM_RANDOM_JOBS"] ?? "25");
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

/** Blocks of a task of which a configuration can have any: what kind of task it is comes from the generator below. */
const taskBlocks = ["email_notifications", "webhook_notifications", "notification_settings", "health", "library"];
const jobBlocks = ["email_notifications", "webhook_notifications", "notification_settings", "health", "parameter", "schedule"];

/** Values that the schema cannot describe, by path. */
const special: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  "schedule.quartz_cron_expression": fc.constantFrom("0 0 5 * * ?", "0 30 1 ? * MON"),
  "schedule.timezone_id": fc.constantFrom("UTC", "Europe/Berlin"),
  "schedule.pause_status": fc.constantFrom("PAUSED", "UNPAUSED"),
  "health.rules.metric": fc.constant("RUN_DURATION_SECONDS"),
  "health.rules.op": fc.constant("GREATER_THAN"),
  "task.health.rules.metric": fc.constant("RUN_DURATION_SECONDS"),
  "task.health.rules.op": fc.constant("GREATER_THAN"),
};

const word = fc.stringMatching(/^[a-z][a-z0-9_]{2,9}$/);

function attributeOf(path: string, attribute: Attribute): fc.Arbitrary<Json> {
  const known = special[path];
  if (known !== undefined) return known;
  const { type } = attribute;
  if (type === "string") return path.includes("on_") ? word.map((name) => `${name}@example.com`) : word;
  if (type === "number") return fc.integer({ min: 1, max: 1000 });
  if (type === "bool") return fc.boolean();
  if (type[0] === "map") return fc.dictionary(word, word, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  const element = path.includes("email_notifications") ? word.map((name) => `${name}@example.com`) : word;
  return fc.uniqueArray(element, { minLength: 1, maxLength: 3 });
}

/** A block of the schema with all its required fields and some of the others; nested blocks without limits have keys that differ. */
function blockOf(path: string, block: Block): fc.Arbitrary<JsonObject> {
  const fields: Record<string, fc.Arbitrary<Json | undefined>> = {};
  for (const [name, attribute] of Object.entries(block.attributes)) {
    if (attribute.deprecated || (attribute.computed && !attribute.optional)) continue;
    const value = attributeOf(`${path}.${name}`, attribute);
    fields[name] = attribute.required ? value : fc.option(value, { nil: undefined });
  }
  for (const [name, nested] of Object.entries(block.blocks)) {
    if (nested.nesting !== "list" || name === "provider_config") continue;
    const item = blockOf(`${path}.${name}`, nested.block);
    const size = { minLength: nested.minItems ?? 0, maxLength: nested.maxItems ?? 2 };
    fields[name] = fc
      .uniqueArray(item, { ...size, selector: (one) => JSON.stringify(one) })
      .map((items) => (items.length === 0 ? undefined : items));
  }
  return fc.record(fields).map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as JsonObject);
}

function some(block: Block, names: readonly string[], prefix: string): fc.Arbitrary<JsonObject> {
  const chosen = names.map((name): [string, fc.Arbitrary<Json | undefined>] => {
    const nested = block.blocks[name];
    if (nested === undefined) throw new Error(`no block ${name}`);
    const item = name === "library" ? word.map((one): JsonObject => ({ pypi: { package: one } })) : blockOf(prefix + name, nested.block);
    const several =
      nested.maxItems === 1
        ? item
        : fc.uniqueArray(item, { minLength: 1, maxLength: 2, selector: (one) => JSON.stringify(Object.values(one)[0]) });
    return [name, fc.option(several as fc.Arbitrary<Json>, { nil: undefined, freq: 2 })];
  });
  return fc
    .record(Object.fromEntries(chosen))
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as JsonObject);
}

const kindsOfTask: fc.Arbitrary<JsonObject> = fc.oneof(
  word.map((name) => ({ notebook_task: { notebook_path: `/Shared/${name}` } })),
  fc
    .record({ name: word, parameters: fc.array(word, { minLength: 1, maxLength: 3 }) })
    .map(({ name, parameters }) => ({ spark_python_task: { python_file: `dbfs:/${name}.py`, parameters } })),
  fc
    .record({
      package_name: word,
      entry_point: word,
      named_parameters: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    })
    .map((task) => ({ python_wheel_task: task })),
  fc.record({ left: word, right: word }).map((task) => ({ condition_task: { ...task, op: "EQUAL_TO" } })),
);

function jobs(): fc.Arbitrary<JsonObject> {
  const schema = schemaOf("databricks_job");
  const task = schema?.block.blocks["task"];
  if (schema === undefined || task === undefined) throw new Error("no schema of jobs");
  const oneTask = fc.tuple(
    kindsOfTask,
    some(task.block, taskBlocks, "task."),
    fc.option(fc.integer({ min: 60, max: 3600 }), { nil: undefined }),
    fc.option(fc.constantFrom("ALL_DONE", "NONE_FAILED"), { nil: undefined }),
  );
  const tasks = fc.uniqueArray(fc.tuple(word, oneTask), { minLength: 1, maxLength: 4, selector: ([key]) => key });
  const base = fc.record({
    description: fc.option(word, { nil: undefined }),
    max_concurrent_runs: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    timeout_seconds: fc.option(fc.integer({ min: 0, max: 900 }), { nil: undefined }),
  });
  const tags = fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true });
  return fc.tuple(base, some(schema.block, jobBlocks, ""), tasks, tags).map(([settings, blocks, list, labels]) => {
    const made = list.map(([key, [kind, extra, timeout, runIf]], i): JsonObject => {
      const isCondition = "condition_task" in kind;
      const previous = list[i - 1]?.[0];
      const blocksOf = isCondition ? Object.fromEntries(Object.entries(extra).filter(([name]) => name !== "library")) : extra;
      return {
        task_key: key,
        ...kind,
        ...(isCondition ? {} : { existing_cluster_id: "1114-221320-seed0001" }),
        ...blocksOf,
        ...(timeout === undefined ? {} : { timeout_seconds: timeout }),
        ...(previous === undefined ? {} : { depends_on: [{ task_key: previous }], ...(runIf === undefined ? {} : { run_if: runIf }) }),
      };
    });
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    return { ...given, ...blocks, task: made, ...(Object.keys(labels).length === 0 ? {} : { tags: labels }) };
  });
}

describe("random configurations", () => {
  let workspace: RunningWorkspace;
  let directory: Directory;
  const generated = fc.sample(jobs(), { numRuns: count, seed });
  const named = (changes: (job: JsonObject, i: number) => JsonObject): JsonObject => ({
    databricks_job: Object.fromEntries(generated.map((job, i) => [`job_${i}`, changes({ ...job, name: `job-${i}` }, i)])),
  });
  const write = (resource: JsonObject, rest: JsonObject = {}): void =>
    directory.write("main.tf.json", { terraform: { required_providers: requiredProviders }, resource, ...rest });
  const planned = async (): Promise<Record<string, string>> => {
    expect(await directory.plan()).toEqual([]);
    const { changes } = await directory.showPlan();
    const acting = changes.filter(({ change }) => !["no-op", "read"].includes(change.actions.join()));
    return Object.fromEntries(acting.map(({ address, change }) => [address, change.actions.join("+")]));
  };

  beforeAll(async () => {
    workspace = await startWorkspace();
    directory = new Directory({ DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token });
    await directory.init();
  });
  afterAll(async () => {
    directory.close();
    await workspace.close();
  });

  test("are applied, and the next plan is empty", async () => {
    write(named((job) => job));
    expect(Object.keys(await planned())).toHaveLength(count);
    expect(await directory.apply()).toEqual([]);
    expect(await planned()).toEqual({});
  });

  test("one changed field is one update each", async () => {
    const changes: readonly ((job: JsonObject) => JsonObject)[] = [
      (job) => ({ ...job, name: `${job["name"] as string}-renamed` }),
      (job) => ({ ...job, max_concurrent_runs: 77 }),
      (job) => ({ ...job, description: "another" }),
      (job) => ({ ...job, tags: { changed: "yes" } }),
      (job) => ({
        ...job,
        task: [
          ...(job["task"] as JsonObject[]),
          { task_key: "zz_added", notebook_task: { notebook_path: "/Shared/added" }, existing_cluster_id: "c" },
        ],
      }),
    ];
    write(named((job, i) => changes[i % changes.length]?.(job) ?? job));
    const actions = await planned();
    expect(Object.keys(actions)).toHaveLength(count);
    expect(new Set(Object.values(actions))).toEqual(new Set(["update"]));
    expect(await directory.apply()).toEqual([]);
    expect(await planned()).toEqual({});
  });

  test("imported by id into an empty state, nothing changes", async () => {
    write(named((job) => job));
    await planned();
    expect(await directory.apply()).toEqual([]);
    const imports = directory
      .readState()
      .map((one) => ({ to: `${one.type}.${one.name}`, id: one.instances[0]?.attributes["id"] as string }));
    directory.remove("terraform.tfstate");
    write(
      named((job) => job),
      { import: imports },
    );
    expect(await planned()).toEqual({});
  });
});
