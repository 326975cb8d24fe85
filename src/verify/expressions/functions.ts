/**
 * The Terraform functions that constructs and cdktf's `Fn` use most. Any other name makes its
 * expression unverifiable.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import {
  FunctionError,
  UnsupportedError,
  argument,
  boolean,
  finite,
  text,
  type TerraformFunction,
} from "./function-arguments";
import { collections } from "./collection-functions";
import { numberText } from "./numbers";
import type { Desired } from "./values";
import { isDesiredObject, sortedEntries, textOf } from "./values";
import { decodeYaml } from "./yaml";

const hash = (algorithm: string, encoding: "hex" | "base64") => (bytes: Buffer | string) =>
  createHash(algorithm).update(bytes).digest(encoding);
const onFile =
  (compute: (bytes: Buffer) => string): TerraformFunction =>
  (args, directory) =>
    compute(readFile(args, directory));
const onText =
  (compute: (text: string) => Desired): TerraformFunction =>
  (args) =>
    compute(text(args, 0));

const functionsByName: Readonly<Record<string, TerraformFunction>> = {
  file: onFile((bytes) => bytes.toString("utf8")),
  filebase64: onFile((bytes) => bytes.toString("base64")),
  filemd5: onFile(hash("md5", "hex")),
  filesha1: onFile(hash("sha1", "hex")),
  filesha256: onFile(hash("sha256", "hex")),
  filebase64sha256: onFile(hash("sha256", "base64")),
  md5: onText(hash("md5", "hex")),
  sha1: onText(hash("sha1", "hex")),
  sha256: onText(hash("sha256", "hex")),
  sha512: onText(hash("sha512", "hex")),
  filesha512: onFile(hash("sha512", "hex")),
  base64sha512: onText(hash("sha512", "base64")),
  fileexists: (args, directory) => fs.existsSync(path.resolve(directory, text(args, 0))),
  abspath: (args, directory) => path.resolve(directory, text(args, 0)),
  base64sha256: onText(hash("sha256", "base64")),
  base64encode: onText((value) => Buffer.from(value).toString("base64")),
  base64decode: onText(decodeBase64),
  lower: onText((value) => value.toLowerCase()),
  upper: onText((value) => Array.from(value, upperCase).join("")),
  trimspace: onText((value) => value.trim()),
  tostring: (args) => (argument(args, 0) === null ? null : text(args, 0)),
  tonumber: (args) => finite(argument(args, 0)),
  tobool: (args) => boolean(argument(args, 0)),
  basename: onText((value) => path.basename(value)),
  dirname: onText((value) => path.dirname(value)),
  jsonencode: (args) => encodeJson(argument(args, 0)),
  jsondecode: onText((value) => JSON.parse(value, withExactNumber) as Desired),
  split: (args) => (text(args, 1) === "" ? [""] : text(args, 1).split(text(args, 0))),
  replace: (args) => replace(text(args, 0), text(args, 1), text(args, 2)),
  regex: (args) => regex(text(args, 0), text(args, 1)),
  regexall: (args) => regexAll(text(args, 0), text(args, 1)),
  trimprefix: (args) =>
    text(args, 0).startsWith(text(args, 1))
      ? text(args, 0).slice(text(args, 1).length)
      : text(args, 0),
  trimsuffix: (args) =>
    text(args, 0).endsWith(text(args, 1))
      ? text(args, 0).slice(0, -text(args, 1).length || undefined)
      : text(args, 0),
  trim: (args) => trim(text(args, 0), text(args, 1)),
  chomp: onText((value) => value.replace(/(\r\n|\n|\r)+$/, "")),
  indent: (args) => text(args, 1).replaceAll("\n", `\n${" ".repeat(finite(argument(args, 0)))}`),
  title: onText((value) =>
    value.replace(
      /(^|[^\p{L}\p{N}_])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  strrev: onText((value) => Array.from(value).reverse().join("")),
  substr: (args) => substring(text(args, 0), finite(argument(args, 1)), finite(argument(args, 2))),
  strcontains: (args) => text(args, 0).includes(text(args, 1)),
  startswith: (args) => text(args, 0).startsWith(text(args, 1)),
  endswith: (args) => text(args, 0).endsWith(text(args, 1)),
  format: (args) => format(text(args, 0), args.slice(1)),
  formatlist: (args) => formatList(text(args, 0), args.slice(1)),
  urlencode: onText((value) =>
    encodeURIComponent(value)
      .replaceAll("%20", "+")
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
  ),
  yamlencode: (args) => encodeYaml(argument(args, 0)),
  yamldecode: onText(decodeYaml),
  ...collections,
};
export const functions: ReadonlyMap<string, TerraformFunction> = new Map(
  Object.entries(functionsByName),
);

function readFile(args: readonly Desired[], directory: string): Buffer {
  const file = text(args, 0);
  try {
    return fs.readFileSync(path.resolve(directory, file));
  } catch (error) {
    throw new FunctionError(`cannot read the file ${file}`, { cause: error });
  }
}

function withExactNumber(_key: string, value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new UnsupportedError(`the number ${numberText(value)} has too many digits`);
  return value;
}

/** @throws FunctionError if the text is not base64 of UTF-8 */
function decodeBase64(text: string): string {
  // Like Terraform, ignores line breaks.
  const base64 = text.replaceAll(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    throw new FunctionError("the argument is not base64");
  const bytes = Buffer.from(base64, "base64");
  if (!isUtf8(bytes)) throw new FunctionError("the decoded bytes are not UTF-8");
  return bytes.toString("utf8");
}

/** Encodes JSON like Go: with sorted keys, without spaces, and with `<`, `>`, `&` escaped. */
function encodeJson(value: Desired): string {
  const sorted = (inner: Desired): Desired => {
    if (Array.isArray(inner)) return inner.map(sorted);
    if (typeof inner === "number" && String(inner) !== numberText(inner))
      throw new UnsupportedError(`the number ${numberText(inner)} is not supported`);
    if (!isDesiredObject(inner)) return inner;
    return Object.fromEntries(sortedEntries(inner).map(([key, item]) => [key, sorted(item)]));
  };
  const escapes: Readonly<Record<string, string>> = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
  };
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => escapes[character] ?? character,
  );
}

/** The upper case of a character. Like Terraform, keeps characters whose upper case is longer. */
function upperCase(character: string): string {
  const upper = character.toUpperCase();
  return Array.from(upper).length === 1 ? upper : character;
}

function replace(subject: string, search: string, replacement: string): string {
  if (search.length <= 1 || !search.startsWith("/") || !search.endsWith("/"))
    return subject.replaceAll(search, () => replacement);
  // Go writes a group as $1, ${1} or ${name}, and $0 is the complete match.
  return subject.replace(pattern(search.slice(1, -1), "g"), (...matchParts: unknown[]) => {
    const groups = matchParts.at(-1);
    const namedGroups =
      typeof groups === "object" && groups !== null
        ? (groups as Readonly<Record<string, string | undefined>>)
        : {};
    const numberedGroups = matchParts.slice(
      0,
      matchParts.findIndex((part) => typeof part === "number"),
    );
    return replacement.replace(
      /\$(?:\$|(\w+)|\{(\w+)\})/g,
      (character, plainName?: string, bracedName?: string) => {
        const name = plainName ?? bracedName;
        if (name === undefined) return character.slice(1);
        const value = /^\d+$/.test(name) ? numberedGroups[Number(name)] : namedGroups[name];
        return typeof value === "string" ? value : "";
      },
    );
  });
}

/** Converts an RE2 pattern. Rejects syntax that JavaScript lacks or interprets differently. */
function pattern(source: string, flags: string): RegExp {
  const insensitive = source.startsWith("(?i)");
  const body = (insensitive ? source.slice(4) : source).replaceAll("(?P<", "(?<");
  if (/\[\[:|\\[zAQEC]|\\p[A-Z]|\(\?(?![:<])|\(\?<[=!]/.test(body))
    throw new UnsupportedError(`the pattern ${source} is not supported`);
  try {
    return new RegExp(body, `${flags}u${insensitive ? "i" : ""}`);
  } catch (error) {
    throw new UnsupportedError(`the pattern ${source} is not supported`, { cause: error });
  }
}

function capturesOf(match: RegExpExecArray | RegExpMatchArray): Desired {
  if (match.groups !== undefined)
    return Object.fromEntries(
      Object.entries(match.groups).map(([name, value]) => [name, value ?? null]),
    );
  return match.length === 1
    ? match[0]
    : match.slice(1).map((value: string | undefined) => value ?? null);
}

function regex(source: string, subject: string): Desired {
  const match = pattern(source, "").exec(subject);
  if (match === null) throw new FunctionError("the pattern did not match");
  return capturesOf(match);
}

function regexAll(source: string, subject: string): Desired {
  return [...subject.matchAll(pattern(source, "g"))].map(capturesOf);
}

function trim(subject: string, characters: string): string {
  const letters = Array.from(subject);
  while (letters.length > 0 && characters.includes(letters[0] ?? "")) letters.shift();
  while (letters.length > 0 && characters.includes(letters.at(-1) ?? "")) letters.pop();
  return letters.join("");
}

function substring(subject: string, offset: number, length: number): string {
  const letters = Array.from(subject);
  const start = offset < 0 ? Math.max(0, letters.length + offset) : offset;
  return letters.slice(start, length < 0 ? undefined : start + length).join("");
}

/** Formats with `%s`, `%d`, `%v` and `%q`, with width, zeros and `-` as in C. */
function format(template: string, args: readonly Desired[]): string {
  let index = 0;
  return template.replace(
    /%(-?)(0?)(\d*)(%|[a-z]|[^a-z%])/gi,
    (_, leftAlign: string, zero: string, width: string, verb: string) => {
      if (verb === "%") return "%";
      const value = argument(args, index);
      index += 1;
      let formatted: string;
      if (verb === "s" || verb === "v")
        formatted =
          typeof value === "object" && value !== null && verb === "v"
            ? encodeJson(value)
            : text([value], 0);
      else if (verb === "d" && Number.isInteger(finite(value))) formatted = String(finite(value));
      else if (verb === "q") formatted = JSON.stringify(text([value], 0));
      else throw new UnsupportedError(`format verb %${verb} is not supported`);
      if (leftAlign === "-") return formatted.padEnd(Number(width));
      if (zero !== "0" || verb !== "d") return formatted.padStart(Number(width));
      const sign = formatted.startsWith("-") ? "-" : "";
      return sign + formatted.slice(sign.length).padStart(Number(width) - sign.length, "0");
    },
  );
}

function formatList(template: string, args: readonly Desired[]): Desired {
  const lengths = args.flatMap((value) => (Array.isArray(value) ? [value.length] : []));
  if (new Set(lengths).size > 1) throw new FunctionError("the lists have different lengths");
  return Array.from({ length: lengths[0] ?? 1 }, (_, index) =>
    format(
      template,
      args.map((value) => (Array.isArray(value) ? (value[index] ?? null) : value)),
    ),
  );
}

/**
 * Formats a value like Terraform: quoted strings and keys, blocks below their key, lists not
 * indented.
 */
function encodeYaml(value: Desired): string {
  const lines = (inner: Desired): string[] => {
    if (Array.isArray(inner) && inner.length > 0)
      return inner.flatMap((item) =>
        lines(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)),
      );
    if (!isDesiredObject(inner) || Object.keys(inner).length === 0) return [scalar(inner)];
    return sortedEntries(inner).flatMap(([key, item]) => {
      const nested = lines(item);
      const name = `${JSON.stringify(key)}:`;
      if (Array.isArray(item) && item.length > 0) return [name, ...nested];
      return isDesiredObject(item) && Object.keys(item).length > 0
        ? [name, ...nested.map((line) => `  ${line}`)]
        : [`${name} ${nested[0] ?? ""}`];
    });
  };
  const scalar = (inner: Desired): string => {
    if (Array.isArray(inner)) return "[]";
    if (isDesiredObject(inner)) return "{}";
    if (typeof inner === "string" && /[\n\r]/.test(inner))
      throw new UnsupportedError("multi-line strings are not supported");
    return typeof inner === "string"
      ? JSON.stringify(inner)
      : inner === null
        ? "null"
        : textOf(inner);
  };
  return `${lines(value).join("\n")}\n`;
}
