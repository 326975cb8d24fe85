/**
 * TypeScript expressions as source code, formatted like prettier: on one line if it fits, otherwise
 * one item per line.
 */
import { printableJson } from "../../printable";
import type { Value } from "../../resources/kind";

/**
 * An expression: source code on one line, or a list of items in brackets, which {@link print} can
 * write on several lines.
 */
export type Code =
  | string
  | {
      readonly open: string;
      readonly items: readonly (Code | readonly [string, Code])[];
      readonly close: string;
      /** Whether spaces separate the brackets from the items, as in `{ a }`. */
      readonly spaced?: boolean;
    };

/** The maximum line length of the generated code. */
export const maxLineLength = 140;

/**
 * A string literal. Invisible characters are escaped, so that they show in the code and cannot
 * reverse the direction of a line.
 */
export const text = (value: string): string => printableJson(value, 0);

export const call = (callee: string, ...args: readonly (Code | undefined)[]): Code => {
  const usedArgs = args
    .slice(0, args.findLastIndex((item) => item !== undefined) + 1)
    .map((item) => item ?? "undefined");
  return { open: `${callee}(`, items: usedArgs, close: ")" };
};

export const list = (items: readonly Code[]): Code => ({ open: "[", items, close: "]" });

/** An object literal of the fields that have a value. */
export function fields(entries: readonly (readonly [string, Code | undefined])[]): Code {
  const items = entries.flatMap(([name, code]): (readonly [string, Code])[] =>
    code === undefined ? [] : [[key(name), code]],
  );
  return { open: "{", items, close: "}", spaced: true };
}

/** Like {@link fields}; undefined if no field has a value. */
export const fieldsIfAny = (
  entries: readonly (readonly [string, Code | undefined])[],
): Code | undefined =>
  entries.some(([, code]) => code !== undefined) ? fields(entries) : undefined;

/** Generates a literal of a value. Keys are not converted to camel case. */
export function literal(value: Value): Code {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return list(value.map(literal));
  if (value !== null && typeof value === "object")
    return fields(Object.entries(value).map(([name, inner]) => [name, literal(inner)]));
  return String(value);
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name));

/**
 * Renders an expression.
 * @param before the text in front of the expression on its first line, with indentation
 * @param after the text behind the expression on its last line
 */
export function print(code: Code, before: string, after = ""): string {
  const singleLine = oneLine(code);
  if (
    typeof code === "string" ||
    (!singleLine.includes("\n") &&
      before.length + singleLine.length + after.length <= maxLineLength)
  )
    return `${before}${singleLine}${after}`;
  const indent = /^ */.exec(before)?.[0] ?? "";
  // Like prettier, keep the parentheses on the lines of an object that is the last argument.
  const last = code.items.at(-1);
  if (code.open.endsWith("(") && isBlock(last)) {
    const head = `${before}${code.open}${code.items.slice(0, -1).map(item).join(", ")}${code.items.length > 1 ? ", " : ""}`;
    if (head.length < maxLineLength && !head.includes("\n"))
      return print({ ...last, close: `${last.close}${code.close}` }, head, after);
  }
  const inner = `${indent}  `;
  const lines = code.items.map((item) => {
    if (!isEntry(item)) return print(item, inner, ",");
    return item[0] === item[1]
      ? `${inner}${item[0]},`
      : print(item[1], `${inner}${item[0]}: `, ",");
  });
  return `${before}${code.open}\n${lines.join("\n")}\n${indent}${code.close}${after}`;
}

function oneLine(code: Code): string {
  if (typeof code === "string") return code;
  if (code.items.length === 0) return code.open + code.close;
  const space = code.spaced === true ? " " : "";
  return `${code.open}${space}${code.items.map(item).join(", ")}${space}${code.close}`;
}

const item = (item: Code | readonly [string, Code]): string =>
  isEntry(item) ? entry(item) : oneLine(item);
const entry = ([name, code]: readonly [string, Code]): string =>
  name === code ? name : `${name}: ${oneLine(code)}`;

function isEntry(item: Code | readonly [string, Code]): item is readonly [string, Code] {
  return Array.isArray(item);
}

function isBlock(item: Code | readonly [string, Code] | undefined): item is Exclude<Code, string> {
  return (
    item !== undefined &&
    !isEntry(item) &&
    typeof item !== "string" &&
    item.spaced === true &&
    item.items.length > 0
  );
}
