/**
 * Terraform's conversion of values that must have one type, such as the branches of a conditional
 * and the elements of a list: next to a string, numbers and booleans become strings.
 */
import type { Desired } from "./values";
import {
  Sensitive,
  Unresolved,
  containsWholeResource,
  isDesiredObject,
  isSet,
  markSet,
  textOf,
} from "./values";

/**
 * `each` is the common type of all elements of a list or map. Without it, `items` and `fields` have
 * one type per element.
 */
type Type =
  | { readonly is: "unknown" | "string" | "number" | "boolean" }
  | { readonly is: "list"; readonly each?: Type; readonly items: readonly Type[] }
  | { readonly is: "map"; readonly each?: Type; readonly fields: ReadonlyMap<string, Type> };

const unknown: Type = { is: "unknown" };

/** Converts the values to one type. Values without a common type are returned as they are. */
export function toOneType(values: readonly Desired[]): Desired[] {
  // A whole resource lacks its zero values, so its type cannot be determined.
  const type = values.some(containsWholeResource) ? undefined : unify(values.map(typeOf));
  return type === undefined ? [...values] : values.map((value) => convert(value, type));
}

function typeOf(value: Desired): Type {
  if (value instanceof Sensitive) {
    const inner = value.reveal();
    return inner === undefined ? unknown : typeOf(inner);
  }
  if (value === null || value instanceof Unresolved) return unknown;
  if (Array.isArray(value)) return { is: "list", items: value.map(typeOf) };
  if (isDesiredObject(value))
    return {
      is: "map",
      fields: new Map(Object.entries(value).map(([key, inner]) => [key, typeOf(inner)])),
    };
  return { is: typeof value as "string" | "number" | "boolean" };
}

function unify(all: readonly Type[]): Type | undefined {
  const types = all.filter((type) => type.is !== "unknown");
  const [first = unknown] = types;
  if (first.is === "list") return unifyLists(types);
  if (first.is === "map") return unifyMaps(types);
  if (types.some((type) => type.is === "list" || type.is === "map")) return undefined;
  if (types.every((type) => type.is === first.is)) return first;
  return types.some((type) => type.is === "string") ? { is: "string" } : undefined;
}

function unifyLists(types: readonly Type[]): Type | undefined {
  const lists = types.flatMap((type) => (type.is === "list" ? [type.items] : []));
  if (lists.length < types.length) return undefined;
  const [first = []] = lists;
  if (lists.some((items) => items.length !== first.length)) {
    const each = unify(lists.flat());
    return each && { is: "list", each, items: [] };
  }
  const items = first.map((_, index) => unify(lists.map((list) => list[index] ?? unknown)));
  return items.every((type) => type !== undefined) ? { is: "list", items } : undefined;
}

function unifyMaps(types: readonly Type[]): Type | undefined {
  const maps = types.flatMap((type) => (type.is === "map" ? [type.fields] : []));
  if (maps.length < types.length) return undefined;
  const keys = new Set(maps.flatMap((fields) => [...fields.keys()]));
  if (maps.some((fields) => fields.size < keys.size)) {
    const each = unify(maps.flatMap((fields) => [...fields.values()]));
    return each && { is: "map", each, fields: new Map() };
  }
  const fields = new Map<string, Type>();
  for (const key of keys) {
    const type = unify(maps.map((map) => map.get(key) ?? unknown));
    if (type === undefined) return undefined;
    fields.set(key, type);
  }
  return { is: "map", fields };
}

function convert(value: Desired, type: Type): Desired {
  if (value === null || value instanceof Unresolved || type.is === "unknown") return value;
  if (value instanceof Sensitive) {
    const inner = value.reveal();
    return inner === undefined ? value : new Sensitive(convert(inner, type));
  }
  if (type.is === "list" && Array.isArray(value)) {
    const list = value.map((item, index) =>
      convert(item, type.each ?? type.items[index] ?? unknown),
    );
    return isSet(value) ? markSet(list) : list;
  }
  if (type.is === "map" && isDesiredObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        convert(inner, type.each ?? type.fields.get(key) ?? unknown),
      ]),
    );
  return type.is === "string" && typeof value !== "object" ? textOf(value) : value;
}
