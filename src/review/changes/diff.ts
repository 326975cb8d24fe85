import { expandJson, textDiff } from "../../text-diff";
import type { FieldChange, Json } from "../model";
import { Sensitive, Unknown, show, type Origin } from "./unknown-and-sensitive";
import type { Fields } from "../../verify/fields/field-rules";
import { canonical, isEmpty, isList, isObject } from "../plan/json";
import { keysOf, type KeyRules } from "./list-keys";

export interface DiffContext {
  readonly rules: KeyRules;
  /** The fields of the resource type. They distinguish maps and single blocks from other values. */
  readonly fields?: Fields;
  /**
   * Returns the code's expression for a field, by its readable path: shown for unknown and
   * sensitive values.
   */
  readonly origin?: (path: string) => Origin;
  /**
   * Whether two unequal values are equivalent (formatted JSON, a path with and without
   * /Workspace).
   */
  readonly equivalent?: (field: string, a: unknown, b: unknown) => boolean;
}

/**
 * Returns every field that differs between two annotated values of a resource. Compares the
 * elements of a list by their keys, if the list has keys.
 */
export function diffFields(before: unknown, after: unknown, context: DiffContext): FieldChange[] {
  const changes: FieldChange[] = [];
  diffValues("", "", before, after, context, changes);
  return changes;
}

function diffValues(
  path: string,
  field: string,
  before: unknown,
  after: unknown,
  context: DiffContext,
  changes: FieldChange[],
): void {
  if (before === after || (isEmpty(before) && isEmpty(after))) return;
  if (isHidden(before) || isHidden(after)) {
    if (before instanceof Sensitive && after instanceof Sensitive && before.equals(after)) return;
    if (before instanceof Sensitive && before.isEmpty && isEmpty(after)) return;
    if (after instanceof Sensitive && after.isEmpty && isEmpty(before)) return;
    addChange(path, field, before, after, context, changes);
  } else if (isList(before) && isList(after))
    diffLists(path, field, before, after, context, changes);
  else if ((isList(before) && isEmpty(after)) || (isList(after) && isEmpty(before))) {
    diffLists(
      path,
      field,
      isList(before) ? before : [],
      isList(after) ? after : [],
      context,
      changes,
    );
  } else if (
    isObject(before) &&
    isObject(after) &&
    (path === "" || !(isEmpty(before) || isEmpty(after)))
  )
    diffObjects(path, field, before, after, context, changes);
  else if (path === "" && (isObject(before) || isObject(after))) {
    diffObjects(
      path,
      field,
      isObject(before) ? before : {},
      isObject(after) ? after : {},
      context,
      changes,
    );
  } else if (context.equivalent?.(field, before, after) !== true)
    addChange(path, field, before, after, context, changes);
}

function diffObjects(
  path: string,
  field: string,
  before: object,
  after: object,
  context: DiffContext,
  changes: FieldChange[],
): void {
  const a = before as Record<string, unknown>;
  const b = after as Record<string, unknown>;
  const isEqual = (x: unknown, y: unknown): boolean => x === y || (isEmpty(x) && isEmpty(y));
  // Most fields of a plan are empty or unchanged.
  const keys = Object.keys(a).filter((key) => !isEqual(a[key], b[key]));
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !isEmpty(b[key])) keys.push(key);
  const isMap = context.fields?.get(field)?.is === "map";
  for (const key of keys.sort()) {
    const childField = field === "" ? key : `${field}.${key}`;
    const childPath = isMap ? `${path}[${key}]` : join(path, key);
    const [from, to] = [a[key], b[key]].map((value) => asBlocks(value, childField, context));
    diffValues(childPath, childField, from, to, context, changes);
  }
}

/** Returns the list of a plan for the object with which a configuration sets the only block. */
function asBlocks(value: unknown, field: string, { fields }: DiffContext): unknown {
  if (!isObject(value) || isHidden(value)) return value;
  const shape = fields?.get(field)?.is;
  return shape === "blocks" || shape === "blockSet" ? [value] : value;
}

function diffLists(
  path: string,
  field: string,
  before: readonly unknown[],
  after: readonly unknown[],
  context: DiffContext,
  changes: FieldChange[],
): void {
  const isSingle = context.fields?.get(field)?.is === "block";
  const keys = isSingle ? undefined : keysOf(field, [before, after], context.rules);
  if (keys === "set") diffElements(path, field, before, after, false, context, changes);
  else if (keys !== undefined) {
    const previousByKey = new Map(before.map((element) => [keys(element), element]));
    const currentByKey = new Map(after.map((element) => [keys(element), element]));
    for (const key of [...new Set([...previousByKey.keys(), ...currentByKey.keys()])].sort()) {
      const report = previousByKey.has(key) && currentByKey.has(key) ? diffValues : addChange;
      const [previous, current] = [previousByKey.get(key), currentByKey.get(key)];
      report(`${path}[${key}]`, field, previous, current, context, changes);
    }
    // A different order of a keyed list is not a change: the platform ignores it, and providers
    // sort such lists.
  } else if (before.length <= 1 && after.length <= 1) {
    const [a, b] = [before[0], after[0]];
    const isBlock = isObject(a ?? b) && !isHidden(a) && !isHidden(b);
    if (isBlock && !isEmpty(a) && !isEmpty(b)) diffValues(path, field, a, b, context, changes);
    else if (isBlock) {
      if (!isEmpty(a) || !isEmpty(b) || before.length !== after.length)
        addChange(
          path,
          field,
          before.length === 0 ? undefined : a,
          after.length === 0 ? undefined : b,
          context,
          changes,
        );
    } else diffElements(path, field, before, after, true, context, changes);
  } else diffElements(path, field, before, after, true, context, changes);
}

/**
 * Compares lists without keys. Elements on only one side are shown by value. A different order of
 * the same elements is one change.
 */
function diffElements(
  path: string,
  field: string,
  before: readonly unknown[],
  after: readonly unknown[],
  ordered: boolean,
  context: DiffContext,
  changes: FieldChange[],
): void {
  const unmatched = new Map<string, unknown[]>();
  for (const element of before) {
    const key = canonical(comparable(element));
    unmatched.set(key, [...(unmatched.get(key) ?? []), element]);
  }
  const added: unknown[] = [];
  for (const element of after) {
    const equalElements = unmatched.get(canonical(comparable(element)));
    if (isHidden(element) || equalElements?.pop() === undefined) added.push(element);
  }
  const removed = [...unmatched.values()].flat();
  if (added.length === 0 && removed.length === 0) {
    if (ordered && canonical(before.map(comparable)) !== canonical(after.map(comparable)))
      changes.push({ path, field, kind: "reordered", before: show(before), after: show(after) });
    return;
  }
  const occurrences = new Map<string, number>();
  const pathTo = (element: unknown): string => {
    const label = labelOf(element);
    const occurrence = (occurrences.get(label) ?? 0) + 1;
    occurrences.set(label, occurrence);
    return `${path}[${label}${occurrence === 1 ? "" : ` (${occurrence})`}]`;
  };
  for (const element of removed)
    addChange(pathTo(element), field, element, undefined, context, changes);
  occurrences.clear();
  for (const element of added)
    addChange(pathTo(element), field, undefined, element, context, changes);
}

function addChange(
  path: string,
  field: string,
  before: unknown,
  after: unknown,
  context: DiffContext,
  changes: FieldChange[],
): void {
  const kind = isEmpty(before) ? "added" : isEmpty(after) ? "removed" : "changed";
  const origin = context.origin?.(path);
  const a = sortKeyedLists(show(before, origin), field, context.rules);
  const b = sortKeyedLists(show(after, origin), field, context.rules);
  changes.push({
    path,
    field,
    kind,
    ...(isEmpty(before) ? {} : { before: a }),
    ...(isEmpty(after) ? {} : { after: b }),
    ...(kind === "changed" ? fieldDiff(a, b) : {}),
  });
}

/** Sorts keyed lists and sets inside a block, so that their order does not matter. */
export function sortKeyedLists(value: Json, field: string, rules: KeyRules): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) {
    const inner = mapList(value, (element) => sortKeyedLists(element, field, rules));
    const keys = inner.length < 2 ? undefined : keysOf(field, [inner], rules);
    if (keys === undefined) return inner;
    const key = keys === "set" ? canonical : keys;
    return inner
      .map((element) => [key(element), element] as const)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, element]) => element);
  }
  if (typeof value.$lakeform === "string") return value;
  let result: Record<string, Json> | undefined;
  for (const key in value) {
    const inner = value[key] ?? null;
    if (typeof inner !== "object" || inner === null) continue;
    const sorted = sortKeyedLists(inner, field === "" ? key : `${field}.${key}`, rules);
    if (sorted !== inner) (result ??= { ...value })[key] = sorted;
  }
  return result ?? value;
}

/** Maps a list; returns the list itself if no element changes. */
function mapList(list: readonly Json[], transform: (element: Json) => Json): readonly Json[] {
  let result: Json[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const element = list[index] ?? null;
    const mapped = transform(element);
    if (mapped !== element) (result ??= [...list])[index] = mapped;
  }
  return result ?? list;
}

/**
 * Creates a unified diff of two strings if one of them has several lines, or is a JSON document in
 * one long line.
 */
export function fieldDiff(before: Json, after: Json): { diff?: string } {
  if (typeof before !== "string" || typeof after !== "string") return {};
  const [a, b] = [expandJson(before), expandJson(after)];
  if (!a.includes("\n") && !b.includes("\n")) return {};
  const lines = textDiff(a, b);
  return lines === undefined ? {} : { diff: lines.join("\n") };
}

const isHidden = (value: unknown): boolean =>
  value instanceof Unknown || value instanceof Sensitive;

/**
 * Normalizes an element for the comparison: drops empty values, and replaces hidden ones by
 * markers.
 */
const comparable = (value: unknown): unknown => show(value);

/**
 * Names an element of a list without keys by its values, or by one field if it has more than two
 * (preferably a key or name).
 */
function labelOf(element: unknown): string {
  const leaves = leavesOf(show(element), "");
  const label =
    leaves.length <= 2
      ? leaves.map(([, value]) => value).join(",")
      : (leaves[0] ?? []).filter(Boolean).join("=");
  return label.length > 60 ? `${label.slice(0, 57)}...` : label;
}
function leavesOf(value: Json, name: string): [string, string][] {
  if (isList(value)) return value.flatMap((inner) => leavesOf(inner, name));
  if (!isObject(value)) return value === null ? [] : [[name, String(value)]];
  if (typeof value.$lakeform === "string") return [[name, value.$lakeform]];
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return entries.flatMap(([key, inner]) => leavesOf(inner, key));
}
const rank = (field: string): number => (/_key$|^name$|^principal$/.test(field) ? 0 : 1);

function join(path: string, key: string): string {
  const isIdentifier = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key);
  if (!isIdentifier) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}
