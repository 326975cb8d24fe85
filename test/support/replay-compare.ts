/**
 * Compares Terraform's plan, state and REST calls with a recording. Returns the differences as lines
 * of text.
 */
import { createHash } from "node:crypto";
import type { Call, Json, JsonObject, Plan, PlannedResource, StateResource } from "./replay-format";
import type { StubRequest } from "./replay-stub";

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
export function withoutEmpty(value: Json | undefined): Json | undefined {
  if (value === null || value === undefined || value === "" || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? null);
  if (typeof value === "object") {
    const entries = Object.entries(value)
      .map(([key, item]) => [key, withSortedSet(key, withoutEmpty(item))] as const)
      .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value;
}

/**
 * Blocks and attributes that are sets in Terraform. Their entries are sorted differently, because
 * the embedded provider has null where the official one has "".
 */
const setNames = new Set(["access_control", "grant", "privileges", "preloaded_docker_image"]);

function withSortedSet(key: string, value: Json | undefined): Json | undefined {
  if (!setNames.has(key) || !Array.isArray(value)) return value;
  return [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Returns the value with sorted keys, so that equal values serialize to equal strings. */
export function withSortedKeys(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => withSortedKeys(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, withSortedKeys(value[key]) ?? null]),
  );
}

const valueText = (value: Json | undefined): string => {
  const text = value === undefined ? "(nothing)" : JSON.stringify(value);
  return text.length > 1500 ? `${text.slice(0, 1500)}…` : text;
};

function compareValues(
  label: string,
  expected: Json | undefined,
  actual: Json | undefined,
): string[] {
  const [left, right] = [withoutEmpty(expected), withoutEmpty(actual)];
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .sort()
      .flatMap((key) => compareValues(`${label}.${key}`, left[key], right[key]));
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, i) => compareValues(`${label}.${i}`, item, right[i]));
  }
  return [`${label}: expected ${valueText(left)}, got ${valueText(right)}`];
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
 * Returns the differences between a recorded plan and the changes in Terraform's plan.
 * @param drift the drift in Terraform's plan; undefined to skip its comparison
 */
export function comparePlan(
  expected: "no changes" | Plan,
  changes: readonly ResourceChange[],
  drift: readonly ResourceChange[] | undefined,
): string[] {
  const expectedResources = expected === "no changes" ? {} : (expected.resources ?? {});
  const actual = Object.fromEntries(
    changes
      .filter(({ change }) => !["no-op", "read"].includes(change.actions.join()))
      .map((change) => [change.address, change]),
  );
  const problems = Object.keys({ ...expectedResources, ...actual }).flatMap((address) =>
    compareChange(address, expectedResources[address], actual[address]),
  );
  // The recordings have no drift in an empty plan.
  if (drift === undefined || expected === "no changes" || expected.exit_code === 0) return problems;
  const driftByAddress = new Map(drift.map((change) => [change.address, change]));
  const recordedDrift = expected.drift ?? {};
  const addresses = [
    ...new Set([
      ...Object.keys(recordedDrift),
      ...[...driftByAddress]
        .filter(([, driftChange]) => Object.keys(changedAttributes(driftChange)).length > 0)
        .map(([address]) => address),
    ]),
  ];
  return [
    ...problems,
    ...addresses.flatMap((address) =>
      compareChange(`drift ${address}`, recordedDrift[address], driftByAddress.get(address)),
    ),
  ];
}

function compareChange(
  label: string,
  expected: PlannedResource | undefined,
  actual: ResourceChange | undefined,
): string[] {
  if (expected === undefined)
    return [
      `plan ${label}: expected nothing, got ${actual?.change.actions.join("+") ?? ""} ${valueText(changedAttributes(actual))}`,
    ];
  if (actual === undefined)
    return [
      `plan ${label}: expected ${expected.actions.join("+")} of ${Object.keys(expected.changes ?? {}).join(", ")}, got nothing`,
    ];
  const { change } = actual;
  const problems: string[] = [];
  if (expected.actions.join() !== change.actions.join()) {
    problems.push(
      `plan ${label}: expected ${expected.actions.join("+")}, got ${change.actions.join("+")} ${valueText(changedAttributes(actual))}`,
    );
  }
  if (expected.action_reason !== undefined && expected.action_reason !== actual.action_reason) {
    problems.push(
      `plan ${label}: expected reason ${expected.action_reason}, got ${actual.action_reason ?? "none"}`,
    );
  }
  const paths = (list: readonly (readonly (string | number)[])[] | undefined): string =>
    (list ?? [])
      .map((path) => path.join("."))
      .sort()
      .join(" ");
  if (paths(expected.replace_paths) !== paths(change.replace_paths)) {
    problems.push(
      `plan ${label}: expected replacement because of ${paths(expected.replace_paths)}, got ${paths(change.replace_paths)}`,
    );
  }
  if (expected.planned !== undefined || expected.unknown !== undefined) {
    problems.push(...compareValues(`plan ${label}`, expected.planned ?? {}, change.after ?? {}));
    const [expectedUnknown, actualUnknown] = [
      [...(expected.unknown ?? [])].sort().join(" "),
      unknownPaths(change.after_unknown).sort().join(" "),
    ];
    if (expectedUnknown !== actualUnknown)
      problems.push(`plan ${label}: expected unknown ${expectedUnknown}, got ${actualUnknown}`);
  }
  if (expected.changes !== undefined) {
    const [left, right] = [expectedChanges(expected.changes), changedAttributes(actual)];
    if (JSON.stringify(withSortedKeys(left)) !== JSON.stringify(withSortedKeys(right)))
      problems.push(...compareValues(`plan ${label} changes`, left, right));
  }
  return problems;
}

function expectedChanges(changes: NonNullable<PlannedResource["changes"]>): JsonObject {
  const result: JsonObject = {};
  for (const [name, { before, after, unknown }] of Object.entries(changes)) {
    const [left, right] = [withoutEmpty(before), withoutEmpty(after)];
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
function changedAttributes(actual: ResourceChange | undefined): JsonObject {
  const { before, after, after_unknown } = actual?.change ?? {};
  const unknown = isObject(after_unknown) ? after_unknown : {};
  const result: JsonObject = {};
  for (const name of Object.keys({ ...before, ...after, ...unknown })) {
    const [left, right] = [withoutEmpty(before?.[name]), withoutEmpty(after?.[name])];
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
    if (left === undefined) return [`state: ${address} is unexpected`];
    if (right === undefined) return [`state: ${address} is missing`];
    const problems = compareValues(`state ${address}`, left.attributes, right.attributes);
    if (left.schema_version !== right.schema_version)
      problems.push(
        `state ${address}: schema version ${right.schema_version}, expected ${left.schema_version}`,
      );
    if (left.status !== right.status)
      problems.push(
        `state ${address}: status ${right.status ?? "none"}, expected ${left.status ?? "none"}`,
      );
    return problems;
  });
}

/** Lists the harmless differences between null, "" and [] in the two states, one line each. */
export function compareNulls(
  expected: Readonly<Record<string, StateResource>>,
  actual: Readonly<Record<string, StateInstance>>,
): string[] {
  return Object.entries(expected).flatMap(([address, left]) => {
    if (address === "outputs") return [];
    const right = actual[address];
    if (right === undefined) return [];
    const expectedTexts = new Map<string, string>(
      (left.null_top_level ?? []).map((name) => [name, "null"]),
    );
    for (const [text, names] of Object.entries(left.empty_top_level ?? {}))
      for (const name of names) expectedTexts.set(name, text);
    for (const [name, value] of Object.entries(left.attributes))
      if (value === false || value === 0) expectedTexts.set(name, JSON.stringify(value));
    return [...expectedTexts]
      .filter(([name, text]) => JSON.stringify(right.attributes[name] ?? null) !== text)
      .map(
        ([name, text]) =>
          `${address}.${name}: ${JSON.stringify(right.attributes[name] ?? null)} instead of ${text}`,
      );
  });
}

const callText = (call: Call | StubRequest): string => {
  const query = Object.entries(call.query ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${call.method} ${decodeURIComponent(call.path)}${query.length === 0 ? "" : `?${query.map(([key, value]) => `${key}=${value}`).join("&")}`}`;
};

/** @param anyOrder whether terraform handles several resources at once */
export function compareCalls(
  expected: readonly Call[],
  actual: readonly StubRequest[],
  anyOrder: boolean,
): string[] {
  const [left, right] = [expected.map(callText), actual.map(callText)];
  const inOrder = (lines: readonly string[]): string[] =>
    anyOrder ? [...lines].sort() : [...lines];
  if (inOrder(left).join("\n") !== inOrder(right).join("\n"))
    return [
      `calls: expected\n      ${left.join("\n      ")}\n    got\n      ${right.join("\n      ")}`,
    ];
  const remaining = [...actual];
  return expected.flatMap((call) => {
    const sameBodyIndex = remaining.findIndex(
      (request) =>
        callText(request) === callText(call) &&
        bodyDifference(call.body, request.body) === undefined,
    );
    const index =
      sameBodyIndex >= 0
        ? sameBodyIndex
        : remaining.findIndex((request) => callText(request) === callText(call));
    const [request] = remaining.splice(index, 1);
    const difference = bodyDifference(call.body, request?.body);
    return difference === undefined ? [] : [`body of ${callText(call)}: ${difference}`];
  });
}

function bodyDifference(expected: Json | undefined, actual: Json | undefined): string | undefined {
  const [left, right] = [
    withSortedKeys(withSortedPrivileges(expected)),
    withSortedKeys(withSortedPrivileges(shorten(expected, actual))),
  ];
  return JSON.stringify(left) === JSON.stringify(right)
    ? undefined
    : `expected ${valueText(left)}, got ${valueText(right)}`;
}

/**
 * Sorts the privileges within a change of grants; the order of the changes and of access list
 * entries is significant.
 */
function withSortedPrivileges(value: Json | undefined): Json | undefined {
  if (!isObject(value) || !Array.isArray(value["changes"])) return value;
  const changes = value["changes"].map((item) =>
    isObject(item)
      ? Object.fromEntries(
          Object.entries(item).map(([name, changeValue]) => [
            name,
            Array.isArray(changeValue) ? [...changeValue].sort() : changeValue,
          ]),
        )
      : item,
  );
  return { ...value, changes };
}

/** Shortens long strings to their beginning, length and hash, as in the recordings. */
function shorten(expected: Json | undefined, actual: Json | undefined): Json | undefined {
  if (typeof expected === "string" && typeof actual === "string") {
    const abbreviation = /^([\s\S]*)\.\.\.\[(\d+) characters, sha256 ([0-9a-f]+)\]$/.exec(expected);
    if (abbreviation === null) return actual;
    const sha256 = createHash("sha256")
      .update(actual)
      .digest("hex")
      .slice(0, abbreviation[3]?.length);
    return `${actual.slice(0, abbreviation[1]?.length)}...[${actual.length} characters, sha256 ${sha256}]`;
  }
  if (Array.isArray(expected) && Array.isArray(actual))
    return actual.map((item, i) => shorten(expected[i], item) ?? null);
  if (isObject(expected) && isObject(actual))
    return Object.fromEntries(
      Object.entries(actual).map(([key, item]) => [key, shorten(expected[key], item) ?? null]),
    );
  return actual;
}
