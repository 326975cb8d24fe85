/**
 * Changes any value that a GET returned, and writes it back with the API's own call. This file uses
 * only REST: the responses, and the call that writes each object. It does not use the code of the
 * kinds.
 */
import type { Lab } from "./harness";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

/** The calls that read and write a complete object of one kind. */
export interface Writable {
  readonly type: string;
  read(id: string): Promise<Fields>;
  /** Returns the part of the response that is the object's content. */
  content(response: Fields): Fields;
  write(id: string, content: Fields, before: Fields): Promise<unknown>;
  /** Returns the object's id in the API calls. @default the `id` in the state */
  readonly idOf?: (attributes: Readonly<Record<string, unknown>>) => string;
  /** Whether an object with this configuration is changed. @default all */
  readonly only?: (config: Fields) => boolean;
  /** Lists that the API treats as sets. */
  readonly sets?: readonly string[];
  /**
   * The scope of unmanaged objects, for kinds whose changes are reported only as unmanaged objects.
   * @default none
   */
  readonly unmanaged?: "ours";
}

export function writables({ client }: Lab): readonly Writable[] {
  const get = async (path: string): Promise<Fields> => (await client.get(path)) as Fields;
  const identity = (response: Fields): Fields => response;
  const uc = (type: string, plural: string): Writable => ({
    type,
    read: (id) => get(`/api/2.1/unity-catalog/${plural}/${id}`),
    content: identity,
    write: (id, content) => client.patch(`/api/2.1/unity-catalog/${plural}/${id}`, content),
  });
  return [
    {
      type: "databricks_job",
      read: (id) => get(`/api/2.2/jobs/get?job_id=${id}`),
      content: ({ settings }) => settings as Fields,
      write: (id, content) =>
        client.post("/api/2.2/jobs/reset", { job_id: Number(id), new_settings: content }),
    },
    {
      type: "databricks_cluster",
      read: (id) => get(`/api/2.1/clusters/get?cluster_id=${id}`),
      content: identity,
      write: (_id, content) => client.post("/api/2.1/clusters/edit", content),
    },
    {
      type: "databricks_cluster_policy",
      read: (id) => get(`/api/2.0/policies/clusters/get?policy_id=${id}`),
      content: identity,
      write: (id, content) =>
        client.post("/api/2.0/policies/clusters/edit", { ...content, policy_id: id }),
    },
    {
      type: "databricks_instance_pool",
      read: (id) => get(`/api/2.0/instance-pools/get?instance_pool_id=${id}`),
      content: identity,
      write: (id, content) =>
        client.post("/api/2.0/instance-pools/edit", { ...content, instance_pool_id: id }),
    },
    {
      type: "databricks_sql_endpoint",
      read: (id) => get(`/api/2.0/sql/warehouses/${id}`),
      content: identity,
      write: (id, content) => client.post(`/api/2.0/sql/warehouses/${id}/edit`, content),
    },
    uc("databricks_catalog", "catalogs"),
    uc("databricks_schema", "schemas"),
    uc("databricks_volume", "volumes"),
    {
      type: "databricks_git_credential",
      read: (id) => get(`/api/2.0/git-credentials/${id}`),
      content: identity,
      write: (id, content) => client.patch(`/api/2.0/git-credentials/${id}`, content),
    },
    {
      type: "databricks_repo",
      read: (id) => get(`/api/2.0/repos/${id}`),
      content: identity,
      write: (id, content) => client.patch(`/api/2.0/repos/${id}`, content),
    },
    {
      type: "databricks_permissions",
      read: (id) => get(`/api/2.0/permissions${id}`),
      content: ({ access_control_list }) => ({
        access_control_list: ((access_control_list ?? []) as Fields[])
          .map(({ all_permissions, display_name: _shown, ...principal }) => ({
            ...principal,
            permission_level:
              ((all_permissions as Fields[]).find(({ inherited }) => inherited !== true) ?? {})[
                "permission_level"
              ] ?? null,
          }))
          .filter((entry) => entry.permission_level !== null),
      }),
      write: (id, content) => client.put(`/api/2.0/permissions${id}`, content),
    },
  ];
}

/** Returns a random generator that gives the same numbers for the same seed. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Returns the path of every leaf, object and list in a value. */
function pathsIn(
  value: Json,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : Object.entries(value);
  return [path, ...inner.flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

export interface Mutation {
  readonly what: string;
  readonly content: Fields;
}

/**
 * Makes one random change.
 * @param vocabulary values seen by key, which provide valid values of enumerations
 */
export function mutate(
  content: Fields,
  vocabulary: ReadonlyMap<string, readonly Json[]>,
  random: (below: number) => number,
): Mutation {
  const mutated = structuredClone(content);
  const all = pathsIn(mutated).slice(1);
  const path = all[random(all.length)] ?? [];
  const valueAt = (steps: readonly (string | number)[]): Json =>
    steps.reduce<Json>((value, step) => (value as Fields)[step as string] ?? null, mutated);
  const container = valueAt(path.slice(0, -1)) as Fields & Json[];
  const last = path.at(-1) ?? "";
  const value = valueAt(path);
  const description = path.join(".");
  const choice = random(10);
  if (choice < 2) {
    const target =
      typeof value === "object" && value !== null && !Array.isArray(value) ? value : mutated;
    const keys = [...vocabulary.keys()];
    const key = choice === 0 ? `unheard_of_${random(9)}` : (keys[random(keys.length)] ?? "");
    const candidates = vocabulary.get(key) ?? ["x"];
    target[key] = structuredClone(candidates[random(candidates.length)] ?? "x");
    return { what: `added ${key} at ${target === mutated ? "" : description}`, content: mutated };
  }
  if (choice < 4) {
    if (Array.isArray(container)) container.splice(Number(last), 1);
    else Reflect.deleteProperty(container, last);
    return { what: `removed ${description}`, content: mutated };
  }
  if (Array.isArray(value)) {
    value.reverse();
    return { what: `reversed ${description}`, content: mutated };
  }
  if (typeof value === "object" && value !== null) {
    for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
    return { what: `emptied ${description}`, content: mutated };
  }
  const knownValues = (vocabulary.get(String(last)) ?? []).filter((other) => other !== value);
  container[last] = otherValue(value, knownValues, random);
  return { what: `changed ${description} to ${JSON.stringify(container[last])}`, content: mutated };
}

function otherValue(
  value: string | number | boolean | null,
  knownValues: readonly Json[],
  random: (below: number) => number,
): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1 + random(3);
  if (knownValues.length > 0 && random(2) === 0)
    return structuredClone(knownValues[random(knownValues.length)] ?? null);
  return random(8) === 0 ? "" : `${value ?? ""}x`;
}

/** Adds the values in a response to the vocabulary, by key. */
export function addToVocabulary(value: Json, vocabulary: Map<string, Json[]>): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) return value.forEach((item) => addToVocabulary(item, vocabulary));
  for (const [key, inner] of Object.entries(value)) {
    vocabulary.set(key, [...(vocabulary.get(key) ?? []), inner].slice(-12));
    addToVocabulary(inner, vocabulary);
  }
}

/** Maps in which an entry with an empty value counts as a value. */
const maps = new Set([
  "tags",
  "custom_tags",
  "spark_conf",
  "spark_env_vars",
  "properties",
  "options",
  "base_parameters",
  "named_parameters",
  "parameters",
  "job_parameters",
]);

/**
 * Whether a value equals an absent one: null, zero values, and blocks that contain only such values
 * (docs/verify.md).
 */
const isZero = (value: Json): boolean =>
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isZero));

/** Returns the paths (without indices) of leaves that differ. */
export function differingPaths(a: Json, b: Json, path = ""): string[] {
  if (isZero(a) && isZero(b) && ![-1, -2].some((step) => maps.has(path.split(".").at(step) ?? "")))
    return [];
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (
    typeof a !== "object" ||
    a === null ||
    typeof b !== "object" ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return [path];
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length
      ? a.flatMap((item, index) => differingPaths(item, b[index] ?? null, path))
      : [path];
  const [x, y] = [a as Fields, b as Fields];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((key) =>
    differingPaths(x[key] ?? null, y[key] ?? null, path === "" ? key : `${path}.${key}`),
  );
}

/** Returns the names of all fields in a value. */
export function namesIn(value: Json): ReadonlySet<string> {
  if (typeof value !== "object" || value === null) return new Set();
  const inner = Array.isArray(value) ? value : Object.values(value);
  return new Set([
    ...(Array.isArray(value) ? [] : Object.keys(value)),
    ...inner.flatMap((item) => [...namesIn(item)]),
  ]);
}

/** Returns a value with sorted lists and keys, for comparisons that ignore order. */
export function sortDeep(value: Json): Json {
  if (Array.isArray(value))
    return value.map(sortDeep).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortDeep(value[key] ?? null)]));
}
