/** Terraform's functions for lists, sets, maps and numbers. */
import { isDeepStrictEqual } from "node:util";
import {
  FunctionError,
  UnsupportedError,
  argument,
  boolean,
  finite,
  list,
  map,
  text,
  type TerraformFunction,
} from "./function-arguments";
import { calculate } from "./numbers";
import { toOneType } from "./one-type";
import type { Desired, DesiredObject } from "./values";
import { isDesiredObject, markSet, textOf } from "./values";

const onNumber =
  (compute: (value: number) => number): TerraformFunction =>
  (args) =>
    compute(finite(argument(args, 0)));

export const collections: Readonly<Record<string, TerraformFunction>> = {
  join: (args) =>
    args
      .slice(1)
      .flatMap((_, index) => [...list(args, index + 1)])
      .map((_, index, all) => text(all, index))
      .join(text(args, 0)),
  concat: (args) => args.flatMap((_, index) => [...list(args, index)]),
  flatten: (args) => list(args, 0).flatMap(flat),
  length: (args) => lengthOf(argument(args, 0)),
  element: (args) => element(list(args, 0), finite(argument(args, 1))),
  index: (args) => indexOrFail(list(args, 0).findIndex((item) => isSame(item, argument(args, 1)))),
  slice: (args) => list(args, 0).slice(finite(argument(args, 1)), finite(argument(args, 2))),
  reverse: (args) => [...list(args, 0)].reverse(),
  chunklist: (args) => chunks(toOneType(list(args, 0)), finite(argument(args, 1))),
  one: (args) => onlyElement(list(args, 0)),
  coalesce: (args) =>
    toOneType(args).find((value) => value !== null && value !== "") ??
    fail("all arguments are null or empty"),
  coalescelist: (args) =>
    args.find((value) => Array.isArray(value) && value.length > 0) ?? fail("all lists are empty"),
  compact: (args) => list(args, 0).filter((value) => value !== null && value !== ""),
  distinct: (args) => unique(toOneType(list(args, 0))),
  toset: (args) => asSet(toOneType(list(args, 0))),
  tolist: (args) => toOneType(list(args, 0)),
  setunion: (args) => asSet(toOneType(args.flatMap((_, index) => [...list(args, index)]))),
  setintersection: (args) =>
    asSet(
      setsOfOneType(args).reduce((left, right) => left.filter((item) => includes(right, item))),
    ),
  setsubtract: (args) =>
    asSet(
      setsOfOneType(args).reduce((left, right) => left.filter((item) => !includes(right, item))),
    ),
  setproduct: (args) =>
    args.reduce<Desired[][]>(
      (rows, _, index) => rows.flatMap((row) => list(args, index).map((item) => [...row, item])),
      [[]],
    ),
  sort: (args) => [...list(args, 0)].map((_, index, all) => text(all, index)).sort(byCodePoint),
  range: (args) => range(args.map(finite)),
  tomap: (args) => mapOfOneType(map(args, 0)),
  merge: (args) =>
    Object.assign(
      {},
      ...args.map((value, index) => (value === null ? {} : map(args, index))),
    ) as Desired,
  keys: (args) => Object.keys(map(args, 0)).sort(byCodePoint),
  values: (args) =>
    Object.keys(map(args, 0))
      .sort(byCodePoint)
      .map((key) => map(args, 0)[key] ?? null),
  lookup: (args) =>
    Object.hasOwn(map(args, 0), text(args, 1))
      ? (map(args, 0)[text(args, 1)] ?? null)
      : argument(args, 2),
  zipmap: (args) =>
    Object.fromEntries(
      list(args, 0).map((key, index) => [
        textOf(key),
        list(args, 1)[index] ?? fail("there are fewer values than keys"),
      ]),
    ),
  transpose: (args) => transpose(map(args, 0)),
  contains: (args) => includes(list(args, 0), argument(args, 1)),
  alltrue: (args) => list(args, 0).every((value) => boolean(value)),
  anytrue: (args) => list(args, 0).some((value) => boolean(value)),
  sum: (args) =>
    list(args, 0).reduce<number>((total, value) => exactly("+", total, finite(value)), 0),
  max: (args) => Math.max(...args.map(finite)),
  min: (args) => Math.min(...args.map(finite)),
  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  signum: onNumber(Math.sign),
  pow: (args) => power(finite(argument(args, 0)), finite(argument(args, 1))),
  parseint: (args) => parseInteger(text(args, 0), finite(argument(args, 1))),
};

function exactly(operator: string, left: number, right: number): number {
  const result = calculate(operator, left, right);
  if (typeof result === "number") return result;
  throw new UnsupportedError("the result cannot be calculated exactly");
}

function power(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || exponent < 0)
    throw new UnsupportedError("only whole exponents of 0 or more are supported");
  return Array.from({ length: exponent }).reduce<number>(
    (product) => exactly("*", product, base),
    1,
  );
}

function fail(reason: string): never {
  throw new FunctionError(reason);
}

/** Compares strings by code point, like Terraform. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isSame(a: Desired, b: Desired): boolean {
  return isDeepStrictEqual(a, b);
}

function includes(items: readonly Desired[], value: Desired): boolean {
  return items.some((item) => isSame(item, value));
}

function setsOfOneType(args: readonly Desired[]): Desired[][] {
  const sets = args.map((_, index) => list(args, index));
  const items = toOneType(sets.flat());
  return sets.map((set) => items.splice(0, set.length));
}

function mapOfOneType(entries: DesiredObject): DesiredObject {
  const keys = Object.keys(entries);
  const values = toOneType(Object.values(entries));
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
}

function flat(value: Desired): Desired[] {
  return Array.isArray(value) ? value.flatMap(flat) : [value];
}

function lengthOf(value: Desired): number {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDesiredObject(value)) return Object.keys(value).length;
  return fail("length() needs a string, list or map");
}

function element(items: readonly Desired[], index: number): Desired {
  if (index < 0) throw new UnsupportedError("negative indices are not supported");
  if (items.length === 0) return fail("no such element");
  return items[index % items.length] ?? null;
}

function indexOrFail(index: number): number {
  return index < 0 ? fail("the list does not contain the item") : index;
}

function onlyElement(items: readonly Desired[]): Desired {
  return items.length > 1 ? fail("more than one element") : (items[0] ?? null);
}

function chunks(items: readonly Desired[], size: number): Desired[] {
  if (size <= 0) return [[...items]];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function unique(items: readonly Desired[]): Desired[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Returns a set. Strings and numbers are in the order in which Terraform iterates over them. */
function asSet(items: readonly Desired[]): Desired[] {
  const distinct = markSet(unique(items));
  if (distinct.every((item) => typeof item === "number")) return distinct.sort((a, b) => a - b);
  return distinct.every((item) => typeof item === "string") ? distinct.sort(byCodePoint) : distinct;
}

function range(args: readonly number[]): Desired[] {
  const [first = 0, limit, stepArgument] = args;
  const [from, to] = limit === undefined ? [0, first] : [first, limit];
  const step = stepArgument ?? (to < from ? -1 : 1);
  if (step === 0) return fail("the step must not be 0");
  const count = Math.max(0, Math.ceil((to - from) / step));
  return count > 1024
    ? fail("range() returns at most 1,024 numbers")
    : Array.from({ length: count }, (_, index) => exactly("+", from, exactly("*", index, step)));
}

function transpose(lists: DesiredObject): Desired {
  const transposed: Record<string, string[]> = {};
  for (const key of Object.keys(lists).sort(byCodePoint))
    for (const item of list([lists[key] ?? null], 0))
      transposed[textOf(item)] = [...(transposed[textOf(item)] ?? []), key];
  return transposed;
}

function parseInteger(digits: string, base: number): number {
  if (base > 36) throw new UnsupportedError("only bases up to 36 are supported");
  const value = Number.parseInt(digits, base);
  const withoutLeadingZeros = digits.toLowerCase().replace(/^(-?)0+(?=.)/, "$1");
  if (base < 2 || Number.isNaN(value) || value.toString(base) !== withoutLeadingZeros)
    return fail(`${digits} is not a number of base ${base}`);
  return value;
}
