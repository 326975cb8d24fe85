/** Compares terraform's calls with the recording, and returns the differences as lines of text. */
import { createHash } from "node:crypto";
import type { Call, Json, JsonObject, Plan, PlannedResource, StateResource } from "./replay-format";
import type { Asked } from "./replay-stub";

/** One entry of `resource_changes` or `resource_drift` in terraform's plan JSON. */
export interface ResourceChange {
  readonly address: string;
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: JsonObject | null;
    readonly after: JsonObject | null;
    readonly after_unknown?: Json;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
    readonly importing?: unknown;
  };
}

/** One resource instance of a state file. */
export interface StateInstance {
  readonly schema_version: number;
  readonly attributes: JsonObject;
  readonly status?: string;
}

/**
 * Removes null, "", [], {}, 0 and false: the official provider treats zero and null as equal, and
 * the recordings omit empty values.
 */
export function normal(value: Json | undefined): Json | undefined {
  if (value === null || value === undefined || value === "" || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => normal(item) ?? null);
  if (typeof value === "object") {
    const entries = Object.entries(value)
      .map(([key, item]) => [key, ordered(key, normal(item))] as const)
      .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value;
}

/**
 * Blocks and attributes that are sets in Terraform: ours have null instead of "", which changes
 * their order.
 */
const sets = new Set(["access_control", "grant", "privileges", "preloaded_docker_image"]);

function ordered(key: string, value: Json | undefined): Json | undefined {
  if (!sets.has(key) || !Array.isArray(value)) return value;
  return [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Serializes a value with sorted keys, so that equal values give equal strings. */
export function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]) ?? null]),
  );
}

const show = (value: Json | undefined): string => {
  const text = value === undefined ? "(nothing)" : JSON.stringify(value);
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
};

function compareValues(
  what: string,
  expected: Json | undefined,
  actual: Json | undefined,
): string[] {
  const [left, right] = [normal(expected), normal(actual)];
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .sort()
      .flatMap((key) => compareValues(`${what}.${key}`, left[key], right[key]));
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, i) => compareValues(`${what}.${i}`, item, right[i]));
  }
  return [`${what}: expected ${show(left)}, got ${show(right)}`];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownPaths(value: Json | undefined, prefix: string[] = []): string[] {
  if (value === true) return [prefix.join(".")];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => unknownPaths(item, [...prefix, key]));
}

/**
 * Returns the differences between a recorded plan and the changes that terraform shows for the
 * case.
 * @param drift the recorded drift, which is not compared if it is undefined
 */
export function comparePlan(
  expected: "no changes" | Plan,
  changes: readonly ResourceChange[],
  drift: readonly ResourceChange[] | undefined,
): string[] {
  const wanted = expected === "no changes" ? {} : (expected.resources ?? {});
  const actual = Object.fromEntries(
    changes
      .filter(({ change }) => !["no-op", "read"].includes(change.actions.join()))
      .map((change) => [change.address, change]),
  );
  const found = Object.keys({ ...wanted, ...actual }).flatMap((address) =>
    compareChange(address, wanted[address], actual[address]),
  );
  // The recordings have no drift in an empty plan.
  if (drift === undefined || expected === "no changes" || expected.exit_code === 0) return found;
  const drifted = new Map(drift.map((change) => [change.address, change]));
  const recorded = expected.drift ?? {};
  const addresses = [
    ...new Set([
      ...Object.keys(recorded),
      ...[...drifted]
        .filter(([, one]) => Object.keys(differing(one)).length > 0)
        .map(([address]) => address),
    ]),
  ];
  return [
    ...found,
    ...addresses.flatMap((address) =>
      compareChange(`drift ${address}`, recorded[address], drifted.get(address)),
    ),
  ];
}

function compareChange(
  what: string,
  expected: PlannedResource | undefined,
  actual: ResourceChange | undefined,
): string[] {
  if (expected === undefined)
    return [
      `plan ${what}: expected nothing, got ${actual?.change.actions.join("+") ?? ""} ${show(differing(actual))}`,
    ];
  if (actual === undefined)
    return [
      `plan ${what}: expected ${expected.actions.join("+")} of ${Object.keys(expected.changes ?? {}).join(", ")}, got nothing`,
    ];
  const { change } = actual;
  const found: string[] = [];
  if (expected.actions.join() !== change.actions.join()) {
    found.push(
      `plan ${what}: expected ${expected.actions.join("+")}, got ${change.actions.join("+")} ${show(differing(actual))}`,
    );
  }
  if (expected.action_reason !== undefined && expected.action_reason !== actual.action_reason) {
    found.push(
      `plan ${what}: expected reason ${expected.action_reason}, got ${actual.action_reason ?? "none"}`,
    );
  }
  const paths = (list: readonly (readonly (string | number)[])[] | undefined): string =>
    (list ?? [])
      .map((path) => path.join("."))
      .sort()
      .join(" ");
  if (paths(expected.replace_paths) !== paths(change.replace_paths)) {
    found.push(
      `plan ${what}: expected replacement because of ${paths(expected.replace_paths)}, got ${paths(change.replace_paths)}`,
    );
  }
  if (expected.planned !== undefined || expected.unknown !== undefined) {
    found.push(...compareValues(`plan ${what}`, expected.planned ?? {}, change.after ?? {}));
    const [left, right] = [
      [...(expected.unknown ?? [])].sort().join(" "),
      unknownPaths(change.after_unknown).sort().join(" "),
    ];
    if (left !== right) found.push(`plan ${what}: expected unknown ${left}, got ${right}`);
  }
  if (expected.changes !== undefined) {
    const [left, right] = [expectedChanges(expected.changes), differing(actual)];
    if (JSON.stringify(sorted(left)) !== JSON.stringify(sorted(right)))
      found.push(...compareValues(`plan ${what} changes`, left, right));
  }
  return found;
}

function expectedChanges(changes: NonNullable<PlannedResource["changes"]>): JsonObject {
  const result: JsonObject = {};
  for (const [name, { before, after, unknown }] of Object.entries(changes)) {
    const [left, right] = [normal(before), normal(after)];
    if (unknown === undefined && JSON.stringify(left) === JSON.stringify(right)) continue;
    result[name] = {
      before: left ?? null,
      after: right ?? null,
      ...(unknown === undefined ? {} : { unknown: [...unknown].sort() }),
    };
  }
  return result;
}

/** Returns the top-level attributes that differ, as the recordings list them. */
function differing(actual: ResourceChange | undefined): JsonObject {
  const { before, after, after_unknown } = actual?.change ?? {};
  const unknown = isObject(after_unknown) ? after_unknown : {};
  const result: JsonObject = {};
  for (const name of Object.keys({ ...before, ...after, ...unknown })) {
    const [left, right] = [normal(before?.[name]), normal(after?.[name])];
    const paths = unknownPaths(unknown[name], [name]).sort();
    if (paths.length === 0 && JSON.stringify(left) === JSON.stringify(right)) continue;
    result[name] = {
      before: left ?? null,
      after: right ?? null,
      ...(paths.length === 0 ? {} : { unknown: paths }),
    };
  }
  return result;
}

export function compareState(
  expected: Readonly<Record<string, StateResource>>,
  actual: Readonly<Record<string, StateInstance>>,
): string[] {
  // Outputs of a module are not in the state file.
  const addresses = Object.keys({ ...expected, ...actual }).filter(
    (address) => address !== "outputs",
  );
  return addresses.flatMap((address) => {
    const [left, right] = [expected[address], actual[address]];
    if (left === undefined) return [`state: ${address} should not be there`];
    if (right === undefined) return [`state: ${address} is not there`];
    const found = compareValues(`state ${address}`, left.attributes, right.attributes);
    if (left.schema_version !== right.schema_version)
      found.push(
        `state ${address}: schema version ${right.schema_version}, expected ${left.schema_version}`,
      );
    if (left.status !== right.status)
      found.push(
        `state ${address}: status ${right.status ?? "none"}, expected ${left.status ?? "none"}`,
      );
    return found;
  });
}

/** Counts the harmless differences between null, "" and [] in the two states. */
export function compareNulls(
  expected: Readonly<Record<string, StateResource>>,
  actual: Readonly<Record<string, StateInstance>>,
): string[] {
  return Object.entries(expected).flatMap(([address, left]) => {
    if (address === "outputs") return [];
    const right = actual[address];
    if (right === undefined) return [];
    const wanted = new Map<string, string>(
      (left.null_top_level ?? []).map((name) => [name, "null"]),
    );
    for (const [text, names] of Object.entries(left.empty_top_level ?? {}))
      for (const name of names) wanted.set(name, text);
    for (const [name, value] of Object.entries(left.attributes))
      if (value === false || value === 0) wanted.set(name, JSON.stringify(value));
    return [...wanted]
      .filter(([name, text]) => JSON.stringify(right.attributes[name] ?? null) !== text)
      .map(
        ([name, text]) =>
          `${address}.${name}: ${JSON.stringify(right.attributes[name] ?? null)} instead of ${text}`,
      );
  });
}

const line = (call: Call | Asked): string => {
  const query = Object.entries(call.query ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${call.method} ${decodeURIComponent(call.path)}${query.length === 0 ? "" : `?${query.map(([key, value]) => `${key}=${value}`).join("&")}`}`;
};

/** @param anyOrder whether terraform handles several resources at once */
export function compareCalls(
  expected: readonly Call[],
  actual: readonly Asked[],
  anyOrder: boolean,
): string[] {
  const [left, right] = [expected.map(line), actual.map(line)];
  const order = (lines: readonly string[]): string[] => (anyOrder ? [...lines].sort() : [...lines]);
  if (order(left).join("\n") !== order(right).join("\n"))
    return [
      `calls: expected\n      ${left.join("\n      ")}\n    got\n      ${right.join("\n      ")}`,
    ];
  const waiting = [...actual];
  return expected.flatMap((call) => {
    const at = waiting.findIndex(
      (asked) => line(asked) === line(call) && bodyDifference(call.body, asked.body) === undefined,
    );
    const position = at >= 0 ? at : waiting.findIndex((asked) => line(asked) === line(call));
    const [asked] = waiting.splice(position, 1);
    const difference = bodyDifference(call.body, asked?.body);
    return difference === undefined ? [] : [`body of ${line(call)}: ${difference}`];
  });
}

function bodyDifference(expected: Json | undefined, actual: Json | undefined): string | undefined {
  const [left, right] = [sorted(canonical(expected)), sorted(canonical(shorten(expected, actual)))];
  return JSON.stringify(left) === JSON.stringify(right)
    ? undefined
    : `expected ${show(left)}, got ${show(right)}`;
}

/**
 * Sorts the privileges within a change of grants; the order of the changes and of access list
 * entries is significant.
 */
function canonical(value: Json | undefined): Json | undefined {
  if (!isObject(value) || !Array.isArray(value["changes"])) return value;
  const changes = value["changes"].map((item) =>
    isObject(item)
      ? Object.fromEntries(
          Object.entries(item).map(([name, one]) => [
            name,
            Array.isArray(one) ? [...one].sort() : one,
          ]),
        )
      : item,
  );
  return { ...value, changes };
}

/** Shortens long strings to their beginning, length and hash, as in the recordings. */
function shorten(expected: Json | undefined, actual: Json | undefined): Json | undefined {
  if (typeof expected === "string" && typeof actual === "string") {
    const noted = /^([\s\S]*)\.\.\.\[(\d+) characters, sha256 ([0-9a-f]+)\]$/.exec(expected);
    if (noted === null) return actual;
    const sha256 = createHash("sha256").update(actual).digest("hex").slice(0, noted[3]?.length);
    return `${actual.slice(0, noted[1]?.length)}...[${actual.length} characters, sha256 ${sha256}]`;
  }
  if (Array.isArray(expected) && Array.isArray(actual))
    return actual.map((item, i) => shorten(expected[i], item) ?? null);
  if (isObject(expected) && isObject(actual))
    return Object.fromEntries(
      Object.entries(actual).map(([key, item]) => [key, shorten(expected[key], item) ?? null]),
    );
  return actual;
}
