/**
 * Text that others control (names of objects, keys of maps, error texts) in what people look at: it cannot move the cursor of a terminal, add lines, set colours
 * or titles, turn the direction of writing, and in Markdown it cannot make links, pictures, mentions, tags or cells.
 */

/** Controls, and what is invisible or turns the direction of writing (format characters), line and paragraph separators. */
const control = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** A colour, as lakeform itself sets it. */
const colour = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`);

/** One line: what cannot be seen is written as in JSON (`\u001b`, `\n`). */
export function printable(text: string): string {
  return text.replaceAll(control, escaped);
}

/** The same for a text whose lines are shown as lines. */
export function printableLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(control, (sign) => (sign === "\n" || sign === "\t" ? sign : escaped(sign)));
}

/** A composed text with lakeform's own colours in it: the last net below what was made printable where it was put in. */
export function printableScreen(text: string): string {
  return text
    .split(colour)
    .map((part, at) => (at % 2 === 1 ? part : printableLines(part)))
    .join("");
}

function escaped(sign: string): string {
  const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return short[sign] ?? [...Array(sign.length).keys()].map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");
}

/** Every text inside, keys too. @param lines names of fields whose texts keep their lines */
export function printableDeep<T>(value: T, lines: ReadonlySet<string> = new Set()): T {
  const deep = (inner: unknown, keep: boolean): unknown => {
    if (typeof inner === "string") return keep ? printableLines(inner) : printable(inner);
    if (Array.isArray(inner)) return inner.map((item) => deep(item, keep));
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [printable(key), deep(item, keep || lines.has(key))]));
  };
  return deep(value, false) as T;
}

/** JSON for a terminal or a file: the same value, with nothing in it that a terminal acts on. */
export function printableJson(value: unknown, indent = 2): string {
  // Line feeds are the layout; inside texts JSON has escaped them already.
  return JSON.stringify(value, undefined, indent).replaceAll(control, (sign) => (sign === "\n" ? sign : escaped(sign)));
}

/**
 * Text in Markdown. Mentions, issue numbers and bare addresses are found by code hosts in the finished page, where a backslash is gone: an empty comment
 * keeps their parts asunder.
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

/** A code span in a table's cell. */
export const markdownCell = (text: string): string => markdownCode(text).replaceAll("|", "\\|");

/** A code span that nothing in the text can end. */
export function markdownCode(text: string): string {
  const flat = printable(text.replaceAll(/\s+/g, " "));
  const ticks = "`".repeat(Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return flat.includes("`") || flat.trim() !== flat || flat === "" ? `${ticks} ${flat} ${ticks}` : `\`${flat}\``;
}

/** Text inside of raw HTML. */
export function htmlText(text: string): string {
  return printable(text).replaceAll(/[^\p{L}\p{N}\s/.,-]/gu, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
}
