import { exactJson } from "./exact-json";

/**
 * Text that others control (object names, map keys, error texts) in output for people: it must not
 * move the terminal's cursor, add lines, set colours or titles, or change the text direction, and
 * in Markdown it must not create links, images, mentions, tags or cells.
 */

/**
 * Control characters, invisible and direction-changing format characters, line and paragraph
 * separators.
 */
const control = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** Has none of them, which is what nearly every text is. */
const plain = /^[ -~]*$/;
/** A colour sequence written by lakeform itself. */
const colour = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`);

/** One line: invisible characters are written as in JSON (`\u001b`, `\n`). */
export function printable(text: string): string {
  return text.replaceAll(control, escaped);
}

/** The same for multi-line text. */
export function printableLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(control, (sign) => (sign === "\n" || sign === "\t" ? sign : escaped(sign)));
}

/**
 * A composed text with lakeform's own colours: the last safety net after the parts were made
 * printable.
 */
export function printableScreen(text: string): string {
  return text
    .split(colour)
    .map((part, at) => (at % 2 === 1 ? part : printableLines(part)))
    .join("");
}

function escaped(sign: string): string {
  const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return (
    short[sign] ??
    [...Array(sign.length).keys()]
      .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join("")
  );
}

/**
 * Every text inside, including keys. Parts without such characters are shared.
 * @param lines names of fields that keep their line breaks
 */
export function printableDeep<T>(value: T, lines: ReadonlySet<string> = new Set()): T {
  const deep = (inner: unknown, keep: boolean): unknown => {
    if (typeof inner === "string")
      return plain.test(inner) ? inner : keep ? printableLines(inner) : printable(inner);
    if (typeof inner !== "object" || inner === null) return inner;
    if (Array.isArray(inner)) {
      const items = inner.map((item) => deep(item, keep));
      return items.every((item, at) => item === inner[at]) ? inner : items;
    }
    const source = inner as Readonly<Record<string, unknown>>;
    const changed = new Map<string, readonly [string, unknown]>();
    for (const key in source) {
      const [name, item] = [
        plain.test(key) ? key : printable(key),
        deep(source[key], keep || lines.has(key)),
      ];
      if (name !== key || item !== source[key]) changed.set(key, [name, item]);
    }
    return changed.size === 0
      ? inner
      : Object.fromEntries(
          Object.entries(source).map(([key, item]) => changed.get(key) ?? [key, item]),
        );
  };
  return deep(value, false) as T;
}

/** JSON for a terminal or a file: the same value, without terminal control sequences. */
export function printableJson(value: unknown, indent = 2): string {
  // Line feeds are layout here; inside strings JSON has already escaped them.
  return exactJson(value, undefined, indent).replaceAll(control, (sign) =>
    sign === "\n" ? sign : escaped(sign),
  );
}

/**
 * Text in Markdown. Code hosts detect mentions, issue numbers and bare URLs in the rendered page,
 * where backslashes are gone: an empty comment separates their parts.
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

/** A code span in a table cell. */
export const markdownCell = (text: string): string => markdownCode(text).replaceAll("|", "\\|");

/** A code span that its text cannot end. */
export function markdownCode(text: string): string {
  const flat = printable(text.replaceAll(/\s+/g, " "));
  const ticks = "`".repeat(
    Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length)) + 1,
  );
  return flat.includes("`") || flat.trim() !== flat || flat === ""
    ? `${ticks} ${flat} ${ticks}`
    : `\`${flat}\``;
}

/** Text inside raw HTML. */
export function htmlText(text: string): string {
  return printable(text).replaceAll(
    /[^\p{L}\p{N}\s/.,-]/gu,
    (sign) => `&#${sign.codePointAt(0) ?? 0};`,
  );
}
