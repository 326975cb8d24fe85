/**
 * JSON with exact integers. Ids have 64 bits, a JavaScript number has 53: larger integers are read
 * as strings, and bigints are written as numbers.
 */
import fs from "node:fs";

/** Matches a string, or an integer of 16 digits or more. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/**
 * Whether JSON.parse reads every number in the JSON exactly. A run of 16 digits always covers an
 * index 15, 31, 47, …: checking only those is much cheaper than a regular expression.
 */
function isPlain(text: string): boolean {
  for (let index = 15; index < text.length; index += 16) {
    if (!isDigit(text, index)) continue;
    let [start, end] = [index, index + 1];
    while (start > 0 && isDigit(text, start - 1)) start -= 1;
    while (isDigit(text, end)) end += 1;
    if (end - start >= 16 && !isExact(text.slice(start, end))) return false;
  }
  return true;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 48 && code <= 57;
}

/** Like JSON.parse; integers that a number cannot represent become strings of their digits. */
export function parseExact(text: string): unknown {
  if (isPlain(text)) return JSON.parse(text);
  return JSON.parse(
    text.replaceAll(tokens, (token) =>
      token.startsWith('"') || isExact(token) ? token : `"${token}"`,
    ),
  );
}

/**
 * Like {@link parseExact}, with bigints instead of strings: for JSON that is written again and must
 * keep its numbers.
 */
export function parseWithBigints(text: string): unknown {
  if (isPlain(text)) return JSON.parse(text);
  const marked = text.replaceAll(tokens, (token) =>
    token.startsWith('"') || isExact(token) ? token : `"\\u0000${token}\\u0000"`,
  );
  return JSON.parse(marked, (_key, value: unknown) => {
    const digits = typeof value === "string" ? /^\0(-?\d+)\0$/.exec(value)?.[1] : undefined;
    return digits === undefined ? value : BigInt(digits);
  });
}

/** Like JSON.stringify; bigints are written as numbers. */
export function exactJson(
  value: unknown,
  replacer?: (this: Record<string, unknown>, key: string, value: unknown) => unknown,
  indent?: number,
): string {
  let hasBigints = false;
  const text = JSON.stringify(
    value,
    function (this: Record<string, unknown>, key, value: unknown) {
      const replaced = replacer === undefined ? value : replacer.call(this, key, value);
      if (typeof replaced !== "bigint") return replaced;
      hasBigints = true;
      return `\u0000${replaced}\u0000`;
    },
    indent,
  );
  return hasBigints ? text.replaceAll(/"\\u0000(-?\d+)\\u0000"/g, "$1") : text;
}

/**
 * Parses an integer exactly.
 * @throws RangeError if `digits` is not an integer, so that no call can reach an object with
 * another id
 */
export function wholeNumber(digits: string): number | bigint {
  if (!/^-?\d+$/.test(digits)) throw new RangeError(`"${digits}" is not a whole number`);
  return isExact(digits) ? Number(digits) : BigInt(digits);
}

/** Whether a JavaScript number represents exactly these digits. */
export const isExact = (digits: string): boolean => String(Number(digits)) === digits;

/**
 * Reads a JSON object that lakeform or another tool saved for its own use. Returns undefined if the
 * file is missing, truncated by a kill, or does not contain an object; the caller then writes a new
 * one.
 */
export function readSavedJson<T extends object>(file: string): Partial<T> | undefined {
  try {
    return parseSavedJson<T>(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Like {@link readSavedJson}, for the content of a file. */
export function parseSavedJson<T extends object>(text: string): Partial<T> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two JSON texts have the same content, regardless of white space. */
export const isSameJson = (first: Buffer, second: Buffer): boolean =>
  first.equals(second) ||
  exactJson(parseWithBigints(first.toString("utf8"))) ===
    exactJson(parseWithBigints(second.toString("utf8")));
