/** Terraform's functions for lists, sets, maps and numbers. */
import { FunctionError, argument, boolean, finite, list, map, text, type TerraformFunction } from "./function-arguments";
import type { Desired, DesiredObject } from "./values";
import { isDesiredObject, textOf } from "./values";

const onNumber =
  (work: (value: number) => number): TerraformFunction =>
  (given) =>
    work(finite(argument(given, 0)));

export const collections: readonly (readonly [string, TerraformFunction])[] = [
  ["join", (given) => given.slice(1).flatMap((_, at) => [...list(given, at + 1)]).map((_, at, all) => text(all, at)).join(text(given, 0))],
  ["concat", (given) => given.flatMap((_, at) => [...list(given, at)])],
  ["flatten", (given) => list(given, 0).flatMap(flat)],
  ["length", (given) => lengthOf(argument(given, 0))],
  ["element", (given) => element(list(given, 0), finite(argument(given, 1)))],
  ["index", (given) => found(list(given, 0).findIndex((item) => same(item, argument(given, 1))))],
  ["slice", (given) => list(given, 0).slice(finite(argument(given, 1)), finite(argument(given, 2)))],
  ["reverse", (given) => [...list(given, 0)].reverse()],
  ["chunklist", (given) => chunks(list(given, 0), finite(argument(given, 1)))],
  ["one", (given) => one(list(given, 0))],
  ["coalesce", (given) => given.find((value) => value !== null && value !== "") ?? none("all are null or empty")],
  ["coalescelist", (given) => given.find((value) => Array.isArray(value) && value.length > 0) ?? none("all are empty")],
  ["compact", (given) => list(given, 0).filter((value) => value !== null && value !== "")],
  ["distinct", (given) => unique(list(given, 0))],
  ["toset", (given) => asSet(list(given, 0))],
  ["tolist", (given) => [...list(given, 0)]],
  ["setunion", (given) => asSet(given.flatMap((_, at) => [...list(given, at)]))],
  ["setintersection", (given) => asSet(list(given, 0).filter((item) => given.every((_, at) => has(list(given, at), item))))],
  ["setsubtract", (given) => asSet(list(given, 0).filter((item) => !has(list(given, 1), item)))],
  ["setproduct", (given) => given.reduce<Desired[][]>((rows, _, at) => rows.flatMap((row) => list(given, at).map((item) => [...row, item])), [[]])],
  ["sort", (given) => [...list(given, 0)].map((_, at, all) => text(all, at)).sort(byPoint)],
  ["range", (given) => range(given.map(finite))],
  ["tomap", (given) => map(given, 0)],
  ["merge", (given) => Object.assign({}, ...given.map((value, at) => (value === null ? {} : map(given, at)))) as Desired],
  ["keys", (given) => Object.keys(map(given, 0)).sort(byPoint)],
  ["values", (given) => Object.keys(map(given, 0)).sort(byPoint).map((key) => map(given, 0)[key] ?? null)],
  ["lookup", (given) => map(given, 0)[text(given, 1)] ?? argument(given, 2)],
  ["zipmap", (given) => Object.fromEntries(list(given, 0).map((key, at) => [textOf(key), list(given, 1)[at] ?? none("too few values")]))],
  ["transpose", (given) => transpose(map(given, 0))],
  ["contains", (given) => has(list(given, 0), argument(given, 1))],
  ["alltrue", (given) => list(given, 0).every((value) => boolean(value))],
  ["anytrue", (given) => list(given, 0).some((value) => boolean(value))],
  ["sum", (given) => list(given, 0).reduce<number>((total, value) => total + finite(value), 0)],
  ["max", (given) => Math.max(...given.map(finite))],
  ["min", (given) => Math.min(...given.map(finite))],
  ["abs", onNumber(Math.abs)],
  ["ceil", onNumber(Math.ceil)],
  ["floor", onNumber(Math.floor)],
  ["signum", onNumber(Math.sign)],
  ["pow", (given) => finite(argument(given, 0)) ** finite(argument(given, 1))],
  ["parseint", (given) => parse(text(given, 0), finite(argument(given, 1)))],
]; // prettier-ignore

function none(reason: string): never {
  throw new FunctionError(reason);
}

/** Terraform sorts texts by code point, as in UTF-8. */
function byPoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function same(a: Desired, b: Desired): boolean {
  return JSON.stringify(a) === JSON.stringify(b) || (typeof a !== "object" && typeof b !== "object" && String(a) === String(b));
}

function has(items: readonly Desired[], wanted: Desired): boolean {
  return items.some((item) => same(item, wanted));
}

function flat(value: Desired): Desired[] {
  return Array.isArray(value) ? value.flatMap(flat) : [value];
}

function lengthOf(value: Desired): number {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDesiredObject(value)) return Object.keys(value).length;
  return none("length() needs a string, list or map");
}

function element(items: readonly Desired[], at: number): Desired {
  if (items.length === 0 || at < 0) return none("no such element");
  return items[at % items.length] ?? null;
}

function found(at: number): number {
  return at < 0 ? none("the list does not contain the item") : at;
}

function one(items: readonly Desired[]): Desired {
  return items.length > 1 ? none("more than one element") : (items[0] ?? null);
}

function chunks(items: readonly Desired[], size: number): Desired[] {
  if (size <= 0) return [[...items]];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

function unique(items: readonly Desired[]): Desired[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Sets of texts are iterated in the order of their texts. */
function asSet(items: readonly Desired[]): Desired[] {
  const left = unique(items);
  return left.every((item) => typeof item === "string") ? left.sort(byPoint) : left;
}

function range(given: readonly number[]): Desired[] {
  const [first = 0, limit, given3] = given;
  const [from, to] = limit === undefined ? [0, first] : [first, limit];
  const step = given3 ?? (to < from ? -1 : 1);
  if (step === 0) return none("a step of 0");
  const count = Math.max(0, Math.ceil((to - from) / step));
  return count > 1024 ? none("more than 1,024 numbers") : Array.from({ length: count }, (_, at) => from + at * step);
}

function transpose(lists: DesiredObject): Desired {
  const turned: Record<string, string[]> = {};
  for (const key of Object.keys(lists).sort(byPoint))
    for (const item of list([lists[key] ?? null], 0)) turned[textOf(item)] = [...(turned[textOf(item)] ?? []), key];
  return turned;
}

function parse(digits: string, base: number): number {
  const value = Number.parseInt(digits, base);
  return value.toString(base) === digits.toLowerCase() ? value : none(`${digits} is not a number of base ${base}`);
}
