/** The Terraform functions that constructs and cdktf's `Fn` use most. A name that is not here makes its expression unverifiable. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Desired } from "./values";
import { isDesiredObject, textOf } from "./values";

export type TerraformFunction = (given: readonly Desired[], directory: string) => Desired;

/** Thrown by a function for arguments that it does not take; the message is the reason shown. */
export class FunctionError extends Error {}

const hash = (algorithm: string, encoding: "hex" | "base64") => (bytes: Buffer | string) =>
  createHash(algorithm).update(bytes).digest(encoding);
const onFile =
  (work: (bytes: Buffer) => string): TerraformFunction =>
  (given, directory) =>
    work(read(given, directory));
const onText =
  (work: (text: string) => Desired): TerraformFunction =>
  (given) =>
    work(text(given, 0));

export const functions: ReadonlyMap<string, TerraformFunction> = new Map<string, TerraformFunction>([
  ["file", onFile((bytes) => bytes.toString("utf8"))],
  ["filebase64", onFile((bytes) => bytes.toString("base64"))],
  ["filemd5", onFile(hash("md5", "hex"))],
  ["filesha1", onFile(hash("sha1", "hex"))],
  ["filesha256", onFile(hash("sha256", "hex"))],
  ["filebase64sha256", onFile(hash("sha256", "base64"))],
  ["md5", onText(hash("md5", "hex"))],
  ["sha1", onText(hash("sha1", "hex"))],
  ["sha256", onText(hash("sha256", "hex"))],
  ["base64sha256", onText(hash("sha256", "base64"))],
  ["base64encode", onText((value) => Buffer.from(value).toString("base64"))],
  ["base64decode", onText((value) => Buffer.from(value, "base64").toString("utf8"))],
  ["lower", onText((value) => value.toLowerCase())],
  ["upper", onText((value) => value.toUpperCase())],
  ["trimspace", onText((value) => value.trim())],
  ["tostring", (given) => textOf(argument(given, 0))],
  ["tonumber", (given) => finite(argument(given, 0))],
  ["tobool", (given) => textOf(argument(given, 0)) === "true"],
  ["basename", onText((value) => path.basename(value))],
  ["dirname", onText((value) => path.dirname(value))],
  ["jsonencode", (given) => encode(argument(given, 0))],
  ["jsondecode", onText((value) => JSON.parse(value) as Desired)],
  ["join", (given) => given.slice(1).flatMap((_, at) => list(given, at + 1)).map(textOf).join(text(given, 0))],
  ["split", (given) => text(given, 1).split(text(given, 0))],
  ["replace", (given) => replace(text(given, 0), text(given, 1), text(given, 2))],
  ["trimprefix", (given) => (text(given, 0).startsWith(text(given, 1)) ? text(given, 0).slice(text(given, 1).length) : text(given, 0))],
  ["trimsuffix", (given) => (text(given, 0).endsWith(text(given, 1)) ? text(given, 0).slice(0, -text(given, 1).length || undefined) : text(given, 0))],
  ["startswith", (given) => text(given, 0).startsWith(text(given, 1))],
  ["endswith", (given) => text(given, 0).endsWith(text(given, 1))],
  ["format", (given) => format(text(given, 0), given.slice(1))],
  ["concat", (given) => given.flatMap((_, at) => [...list(given, at)])],
  ["length", (given) => lengthOf(argument(given, 0))],
  ["element", (given) => element(list(given, 0), finite(argument(given, 1)))],
  ["coalesce", (given) => given.find((value) => value !== null && value !== "") ?? null],
  ["compact", (given) => list(given, 0).filter((value) => value !== null && value !== "")],
  ["distinct", (given) => unique(list(given, 0))],
  ["toset", (given) => unique(list(given, 0))],
  ["tolist", (given) => [...list(given, 0)]],
  ["sort", (given) => [...list(given, 0)].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))],
  ["tomap", (given) => map(given, 0)],
  ["merge", (given) => Object.assign({}, ...given.map((_, at) => map(given, at))) as Desired],
  ["keys", (given) => Object.keys(map(given, 0)).sort()],
  ["values", (given) => Object.keys(map(given, 0)).sort().map((key) => map(given, 0)[key] ?? null)],
  ["lookup", (given) => map(given, 0)[text(given, 1)] ?? argument(given, 2)],
  ["contains", (given) => list(given, 0).some((value) => textOf(value) === textOf(argument(given, 1)))],
  ["max", (given) => Math.max(...given.map(finite))],
  ["min", (given) => Math.min(...given.map(finite))],
]); // prettier-ignore

function argument(given: readonly Desired[], at: number): Desired {
  const value = given[at];
  if (value === undefined) throw new FunctionError(`argument ${at + 1} is missing`);
  return value;
}

function text(given: readonly Desired[], at: number): string {
  const value = argument(given, at);
  if (value === null || typeof value === "object") throw new FunctionError(`argument ${at + 1} is no text`);
  return String(value);
}

function list(given: readonly Desired[], at: number): readonly Desired[] {
  const value = argument(given, at);
  if (!Array.isArray(value)) throw new FunctionError(`argument ${at + 1} is no list`);
  return value;
}

function map(given: readonly Desired[], at: number): Record<string, Desired> {
  const value = argument(given, at);
  if (!isDesiredObject(value)) throw new FunctionError(`argument ${at + 1} is no map`);
  return value;
}

function finite(value: Desired): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw new FunctionError("a number is wanted");
  return number;
}

function read(given: readonly Desired[], directory: string): Buffer {
  const file = text(given, 0);
  try {
    return fs.readFileSync(path.resolve(directory, file));
  } catch (error) {
    throw new FunctionError(`the file ${file} cannot be read`, { cause: error });
  }
}

function lengthOf(value: Desired): number {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDesiredObject(value)) return Object.keys(value).length;
  throw new FunctionError("only texts, lists and maps have a length");
}

function element(items: readonly Desired[], at: number): Desired {
  if (items.length === 0) throw new FunctionError("the list is empty");
  return items[at % items.length] ?? null;
}

function unique(items: readonly Desired[]): Desired[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** Go's JSON: keys sorted, no spaces, and `<`, `>`, `&` written as escapes. */
function encode(value: Desired): string {
  const sorted = (inner: Desired): Desired => {
    if (Array.isArray(inner)) return inner.map(sorted);
    if (!isDesiredObject(inner)) return inner;
    return Object.fromEntries(Object.keys(inner).sort().map((key) => [key, sorted(inner[key] ?? null)])); // prettier-ignore
  };
  const escapes: Readonly<Record<string, string>> = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
  };
  return JSON.stringify(sorted(value)).replace(/[<>&\u2028\u2029]/g, (sign) => escapes[sign] ?? sign);
}

function replace(whole: string, search: string, by: string): string {
  if (search.length > 1 && search.startsWith("/") && search.endsWith("/"))
    throw new FunctionError("replace with a regular expression is not supported");
  return whole.replaceAll(search, () => by);
}

function format(pattern: string, given: readonly Desired[]): string {
  let at = 0;
  return pattern.replace(/%(%|[a-z]|[^a-z%])/g, (_, verb: string) => {
    if (verb === "%") return "%";
    if (verb !== "s" && verb !== "d" && verb !== "v") throw new FunctionError(`format verb %${verb} is not supported`);
    return textOf(argument(given, at++));
  });
}
