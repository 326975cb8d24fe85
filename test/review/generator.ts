/** Random plans from a seed, with an oracle that is independent of the code under test. */
import { planOf, stackOf, type Planned } from "./plans";

export type Random = () => number;

/** Returns a random generator (mulberry32) that gives the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Json = string | number | boolean | null | Json[] | { [field: string]: Json };
const pick = <T>(random: Random, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T;
const randomSubset = <T>(random: Random, values: readonly T[]): T[] =>
  values.filter(() => random() < 0.5);

const taskKeys = ["ingest", "clean", "join", "score", "publish"];
const scalar = (random: Random): Json =>
  pick<Json>(random, ["a", "b", "", "x\ny", 0, 1, 7, true, false, null]);

function taskBlock(random: Random, key: string, keys: readonly string[]): Json {
  const block: Record<string, Json> = {
    task_key: key,
    timeout_seconds: pick(random, [0, 600, 900]),
    depends_on: randomSubset(
      random,
      keys.filter((other) => other < key),
    ).map((other) => ({ task_key: other, outcome: null })),
    notebook_task:
      random() < 0.7
        ? [
            {
              notebook_path: `/Shared/${pick(random, ["a", "b"])}`,
              base_parameters: random() < 0.5 ? { day: String(pick(random, [1, 2])) } : null,
            },
          ]
        : [],
    library: randomSubset(random, ["requests", "pandas"]).map((name) => ({
      pypi: [{ package: name, repo: null }],
      whl: null,
    })),
  };
  if (random() < 0.3) block.description = scalar(random);
  return block;
}

export function jobValues(random: Random, name: string): Record<string, Json> {
  const keys = randomSubset(random, taskKeys);
  return {
    id: "1",
    name,
    max_concurrent_runs: pick(random, [1, 2]),
    tags:
      random() < 0.6
        ? Object.fromEntries(
            randomSubset(random, ["team", "cost.center", "x y"]).map((tag) => [
              tag,
              String(pick(random, [1, 2])),
            ]),
          )
        : null,
    task: keys.map((key) => taskBlock(random, key, keys)),
    schedule:
      random() < 0.5
        ? [
            {
              quartz_cron_expression: pick(random, ["0 0 5 * * ?", "0 0 6 * * ?"]),
              pause_status: pick(random, ["PAUSED", "UNPAUSED"]),
            },
          ]
        : [],
    email_notifications:
      random() < 0.5
        ? [
            {
              on_failure: randomSubset(random, ["a@x.io", "b@x.io", "c@x.io"]),
              no_alert: pick(random, [true, false]),
            },
          ]
        : [],
    parameter: randomSubset(random, ["day", "region"]).map((parameter) => ({
      name: parameter,
      default: pick(random, ["1", "2"]),
    })),
  };
}

/** Returns a copy with some fields replaced. */
export function mutate(random: Random, values: Record<string, Json>): Record<string, Json> {
  const fresh = jobValues(random, "j");
  const copy: Record<string, Json> = { ...values };
  for (const key of Object.keys(fresh))
    if (key !== "id" && key !== "name" && random() < 0.35) copy[key] = fresh[key] ?? null;
  // A change inside one task is the most common one.
  if (Array.isArray(copy.task) && copy.task.length > 0 && random() < 0.5) {
    const index = Math.floor(random() * copy.task.length);
    copy.task = copy.task.map((task, position) =>
      position === index && typeof task === "object" && task !== null && !Array.isArray(task)
        ? { ...task, timeout_seconds: pick(random, [0, 600, 900, 1200]) }
        : task,
    );
  }
  return copy;
}

/** The paths of maps in a job, without keys. */
const maps = new Set(["tags", "task.notebook_task.base_parameters"]);
const isMap = (path: string): boolean => maps.has(path.replaceAll(/\[[^\]]*\]/g, ""));

/** The lists of blocks whose order does not matter, with the key of a block. */
const blockKeys: Readonly<Record<string, (block: Readonly<Record<string, unknown>>) => unknown>> = {
  task: (block) => block.task_key,
  depends_on: (block) => block.task_key,
  parameter: (block) => block.name,
  library: (block) => (block.pypi as { package: string }[])[0]?.package,
};

/** Returns an equivalent value with keyed lists and object keys in another order. */
export function shuffle(random: Random, value: Json, name = ""): Json {
  if (Array.isArray(value)) {
    const inner = value.map((element) => shuffle(random, element));
    return blockKeys[name] === undefined
      ? inner
      : inner
          .map((element) => [random(), element] as const)
          .sort(([a], [b]) => a - b)
          .map(([, element]) => element);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, inner]) => [key, shuffle(random, inner, key)] as const,
    );
    return Object.fromEntries(
      entries
        .map((entry) => [random(), entry] as const)
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => entry),
    );
  }
  return value;
}

/**
 * Maps the path of each scalar to its JSON. List elements are addressed by key or by value, not by
 * position; a single block by the name of its list. Null and empty values are omitted.
 * @param result the map to fill
 * @param blocks whether to add an entry for each object that is not empty, too
 */
export function leaves(
  value: unknown,
  path = "",
  result = new Map<string, string>(),
  blocks = false,
): Map<string, string> {
  if (Array.isArray(value)) {
    const keyOf = blockKeys[path.replace(/.*[.]/, "")];
    for (const element of value as unknown[]) {
      if (typeof element !== "object" || element === null)
        result.set(`${path}[${String(element)}]`, String(element));
      else {
        const key = keyOf?.(element as Record<string, unknown>);
        leaves(element, keyOf === undefined ? path : `${path}[${String(key)}]`, result, blocks);
      }
    }
  } else if (typeof value === "object" && value !== null) {
    if (blocks && path !== "" && Object.keys(value).length > 0) result.set(path, "{}");
    for (const [key, inner] of Object.entries(value))
      leaves(
        inner,
        path === "" ? key : isMap(path) ? `${path}[${key}]` : `${path}.${key}`,
        result,
        blocks,
      );
  } else if (value !== null && value !== undefined) result.set(path, JSON.stringify(value));
  return result;
}

/** Returns the paths of the leaves that differ. */
export function changedLeaves(before: unknown, after: unknown, blocks = false): string[] {
  const [a, b] = [leaves(before, "", undefined, blocks), leaves(after, "", undefined, blocks)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((path) => a.get(path) !== b.get(path))
    .sort();
}

export interface Case {
  readonly before: Record<string, Json>;
  readonly after: Record<string, Json>;
}

export function makeCase(random: Random): Case {
  const before = jobValues(random, "j");
  return { before, after: mutate(random, before) };
}

export const inputOf = (
  resources: readonly Planned[],
): { name: string; stack: unknown; plan: unknown } => ({
  name: "etl-dev",
  stack: stackOf(resources),
  plan: planOf(resources),
});
export const planned = ({ before, after }: Case, name = "j"): Planned => ({
  type: "databricks_job",
  name,
  before,
  after,
  actions: changedLeaves(before, after).length === 0 ? ["no-op"] : ["update"],
});
