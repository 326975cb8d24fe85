import { exactJson } from "./exact-json";

/**
 * Escapes text from outside (object names, map keys, error messages) in output for people: it must
 * not move the terminal's cursor, add lines, set colours or titles, or change the text direction;
 * in Markdown it must not create links, images, mentions, tags or table cells.
 */

/**
 * Control characters, invisible and direction-changing format characters, line and paragraph
 * separators.
 */
const controlCharacters = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** Matches printable ASCII, which is nearly all text and needs no escapes. */
const plain = /^[ -~]*$/;
/** A colour sequence written by lakeform itself. */
const color = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`);

/** Escapes text for one line: invisible characters are written as in JSON (`\u001b`, `\n`). */
export function printable(text: string): string {
  return text.replaceAll(controlCharacters, escapeCharacter);
}

/** Like {@link printable}, for text of several lines. */
export function printableLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(controlCharacters, (character) =>
      character === "\n" || character === "\t" ? character : escapeCharacter(character),
    );
}

/**
 * Escapes output that was already composed with lakeform's own colours: a final safety net, because
 * its parts were escaped before.
 */
export function printableScreen(text: string): string {
  return text
    .split(color)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join("");
}

/** Escapes one character as in JSON. */
function escapeCharacter(character: string): string {
  const shortEscapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return (
    shortEscapes[character] ??
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join("")
  );
}

/**
 * Escapes every string in a structure, including keys. Unchanged parts are not copied.
 * @param lines names of fields that keep their line breaks
 */
export function printableDeep<T>(value: T, lines: ReadonlySet<string> = new Set()): T {
  const escapeDeep = (inner: unknown, keepsLines: boolean): unknown => {
    if (typeof inner === "string")
      return plain.test(inner) ? inner : keepsLines ? printableLines(inner) : printable(inner);
    if (typeof inner !== "object" || inner === null) return inner;
    if (Array.isArray(inner)) {
      let items: unknown[] | undefined;
      for (const [index, item] of (inner as readonly unknown[]).entries()) {
        const escapedItem = escapeDeep(item, keepsLines);
        if (escapedItem !== item)
          (items ??= [...(inner as readonly unknown[])])[index] = escapedItem;
      }
      return items ?? inner;
    }
    const source = inner as Readonly<Record<string, unknown>>;
    let changed: Map<string, readonly [string, unknown]> | undefined;
    for (const key in source) {
      const [name, item] = [
        plain.test(key) ? key : printable(key),
        escapeDeep(source[key], keepsLines || lines.has(key)),
      ];
      if (name !== key || item !== source[key]) (changed ??= new Map()).set(key, [name, item]);
    }
    return changed === undefined
      ? inner
      : Object.fromEntries(
          Object.entries(source).map(([key, item]) => changed?.get(key) ?? [key, item]),
        );
  };
  return escapeDeep(value, false) as T;
}

/** Writes JSON for a terminal or a file: the same value, without terminal control sequences. */
export function printableJson(value: unknown, indent = 2): string {
  // A raw line feed is layout: JSON has already escaped those inside strings.
  return exactJson(value, undefined, indent).replaceAll(controlCharacters, (character) =>
    character === "\n" ? character : escapeCharacter(character),
  );
}

/**
 * Escapes text for Markdown. Code hosts detect mentions, issue numbers and bare URLs in the
 * rendered page, where backslashes no longer exist, so an empty comment separates their parts.
 */
export function markdownText(text: string): string {
  return printable(text.replaceAll(/\s+/g, " "))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll(/@/g, "@<!-- -->")
    .replaceAll("#", "#<!-- -->")
    .replaceAll("://", ":<!-- -->//")
    .replaceAll(/\b(www)\./gi, "$1<!-- -->.")
    .replaceAll(/\b(mailto|xmpp|GH)(?=[:-])/gi, "$1<!-- -->");
}

/** Returns a code span for a table cell. */
export const markdownCell = (text: string): string => markdownCode(text).replaceAll("|", "\\|");

/** Returns a code span with enough backticks that the text cannot end it. */
export function markdownCode(text: string): string {
  const flat = printable(text.replaceAll(/\s+/g, " "));
  const ticks = "`".repeat(
    Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length)) + 1,
  );
  return flat.includes("`") || flat.trim() !== flat || flat === ""
    ? `${ticks} ${flat} ${ticks}`
    : `\`${flat}\``;
}

/** Escapes text for raw HTML. */
export function htmlText(text: string): string {
  return printable(text).replaceAll(
    /[^\p{L}\p{N}\s/.,-]/gu,
    (character) => `&#${character.codePointAt(0) ?? 0};`,
  );
}
