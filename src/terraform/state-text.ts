/* The bytes of JSON, as compile-time constants. */
const enum Byte {
  Tab = 0x09,
  LineFeed = 0x0a,
  Return = 0x0d,
  Space = 0x20,
  Quote = 0x22,
  Comma = 0x2c,
  Colon = 0x3a,
  OpenBracket = 0x5b,
  Backslash = 0x5c,
  CloseBracket = 0x5d,
  L = 0x6c,
  N = 0x6e,
  U = 0x75,
  OpenBrace = 0x7b,
  CloseBrace = 0x7d,
}

export interface StateText {
  /** The state without its resources, as JSON. */
  readonly head: string;
  /**
   * Each resource as JSON. Unless everything was requested, attributes (and nested fields) that are
   * null or an empty list are left out.
   */
  readonly resources: readonly string[];
}

/**
 * Splits the bytes of a state, so that its resources can be parsed one at a time, without empty
 * fields: as objects, 1,000 jobs take 100 MB, and most of their fields are null. Only brackets,
 * quotes and omitted fields are examined; any other syntax error is reported when the string is
 * parsed.
 * @returns undefined if the bytes do not look like a state: parsing all of it then reports the
 * error
 */
export function resourcesIn(bytes: Buffer, all = false): StateText | undefined {
  const byLines = resourcesByLines(bytes, all);
  if (byLines !== undefined) return byLines;
  const list = listOf(bytes, "resources");
  return list === undefined
    ? undefined
    : new Splitter(bytes, all ? Infinity : attributesDepth).split(list);
}

/** Matches the start of a state, up to its resources, in Terraform's layout. */
const headByLines =
  /^\{\n {2}"version": 4,\n {2}"terraform_version": "[^"\n]*",\n {2}"serial": \d+,\n {2}"lineage": "[^"\n]*",\n {2}"outputs": \{(?:\}|(?:\n {4}[^\n]*)*\n {2}\}),$/;
const listStart = Buffer.from('\n  "resources": [\n');
const resourceStart = Buffer.from('    {\n      "mod');
const resourceEnd = Buffer.from("\n    }");
const nextResource = Buffer.from(",\n");
const listEnd = Buffer.from("\n  ]");
const lineFurtherOut = /\n {0,5}[^ ]/;

/**
 * Splits a state in Terraform's layout: one value per line, two more spaces of indent per nesting
 * level, and no line breaks inside strings. The start of a line is then enough to find a resource.
 * @returns undefined for another layout
 */
function resourcesByLines(bytes: Buffer, all: boolean): StateText | undefined {
  const list = bytes.indexOf(listStart);
  if (list < 0 || !headByLines.test(bytes.toString("utf8", 0, list))) return undefined;
  const resources: string[] = [];
  const kept = all ? undefined : Buffer.allocUnsafe(bytes.length - list);
  for (let at = list + listStart.length; isAt(bytes, resourceStart, at);) {
    const end = bytes.indexOf(resourceEnd, at) + resourceEnd.length;
    if (end < at) return undefined;
    const text =
      kept === undefined ? wholeLines(bytes, at, end) : withoutEmptyLines(bytes, at, end, kept);
    if (text === undefined) return undefined;
    resources.push(text);
    if (isAt(bytes, listEnd, end))
      return {
        head: `${bytes.toString("utf8", 0, list)}\n"resources": []${bytes.toString("utf8", end + listEnd.length)}`,
        resources,
      };
    if (!isAt(bytes, nextResource, end)) return undefined;
    at = end + nextResource.length;
  }
  return undefined;
}

function wholeLines(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString("utf8", start, end);
  return lineFurtherOut.test(text.slice(0, -resourceEnd.length)) ? undefined : text;
}

/** Spaces before a field of a resource, and before a field of its attributes. */
const [resourceIndent, attributeIndent] = [6, 12];

/**
 * Returns a resource without the lines of its empty fields.
 * @param kept gets the lines that are left
 * @returns undefined for another layout
 */
function withoutEmptyLines(
  bytes: Buffer,
  start: number,
  end: number,
  kept: Buffer,
): string | undefined {
  let length = 0;
  // The lines since `from` are not in `kept` yet; each starts with its line feed.
  let from = start;
  for (let feed = bytes.indexOf(Byte.LineFeed, start), next: number; feed < end; feed = next) {
    const first = behindSpaces(bytes, feed + 1);
    next = first;
    while (next < end && byteAt(bytes, next) !== Byte.LineFeed) next += 1;
    const indent = first - feed - 1;
    if (indent < resourceIndent && next < end) return undefined;
    if (indent < attributeIndent || byteAt(bytes, first) !== Byte.Quote) continue;
    const isLast = byteAt(bytes, next - 1) !== Byte.Comma;
    const colon = colonOfEmpty(bytes, isLast ? next : next - 1);
    if (colon === undefined || endOfString(bytes, first) !== colon - 1) continue;
    length += bytes.copy(kept, length, from, feed);
    from = next;
    const before = byteAt(kept, length - 1);
    const behind = byteAt(bytes, behindSpaces(bytes, next + 1));
    if (before === Byte.Comma ? !endsValue(byteAt(kept, length - 2)) : before !== Byte.OpenBrace)
      return undefined;
    if (behind !== (isLast ? Byte.CloseBrace : Byte.Quote)) return undefined;
    if (isLast && before === Byte.Comma) length -= 1;
  }
  length += bytes.copy(kept, length, from, end);
  return kept.toString("utf8", 0, length);
}

/** Whether a comma may follow directly. */
const endsValue = (byte: Byte): boolean =>
  !isSpace(byte) && byte !== Byte.Comma && byte !== Byte.OpenBrace && byte !== Byte.OpenBracket;

/** Returns the position of the colon in `: null` or `: []`, which end at `end`. */
function colonOfEmpty(bytes: Buffer, end: number): number | undefined {
  const last = byteAt(bytes, end - 1);
  const length = last === Byte.L ? 4 : last === Byte.CloseBracket ? 2 : undefined;
  if (length === undefined) return undefined;
  const start = end - length;
  const isEmpty =
    length === 4
      ? byteAt(bytes, start) === Byte.N &&
        byteAt(bytes, start + 1) === Byte.U &&
        byteAt(bytes, start + 2) === Byte.L
      : byteAt(bytes, start) === Byte.OpenBracket;
  return isEmpty &&
    byteAt(bytes, start - 1) === Byte.Space &&
    byteAt(bytes, start - 2) === Byte.Colon
    ? start - 2
    : undefined;
}

function behindSpaces(bytes: Buffer, from: number): number {
  let at = from;
  while (byteAt(bytes, at) === Byte.Space) at += 1;
  return at;
}

const isAt = (bytes: Buffer, part: Buffer, at: number): boolean =>
  bytes.subarray(at, at + part.length).equals(part);

/**
 * Nesting levels: the list of resources, one resource, its instances, one instance, its attributes.
 */
const attributesDepth = 5;

class Splitter {
  readonly #kept: Buffer;
  /** Length of the used part of `#kept`. */
  #end = 0;
  /** Position up to which `bytes` is processed. */
  #done = 0;

  /** @param leavesOutFrom depth from which empty fields are left out */
  constructor(
    private readonly bytes: Buffer,
    private readonly leavesOutFrom: number,
  ) {
    this.#kept = Buffer.allocUnsafe(bytes.length);
  }

  split(list: number): StateText | undefined {
    const { bytes } = this;
    const resources: string[] = [];
    const around: Byte[] = [];
    let depth = 0;
    let commas = 0;
    // The last byte before the list that is not white space.
    let before = list;
    for (let at = list; at < bytes.length; at += 1) {
      const byte = byteAt(bytes, at);
      if (byte === Byte.Quote) {
        const last = endOfString(bytes, at);
        if (depth >= this.leavesOutFrom && around[depth] === Byte.OpenBrace) {
          const behind = afterEmptyField(bytes, last + 1);
          if (behind !== undefined) {
            if (!this.#leaveOut(before, behind)) return undefined;
            at = this.#done - 1;
            continue;
          }
        }
        at = last;
      } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) {
        depth += 1;
        around[depth] = byte;
        if (depth === 2) this.#begin(at);
        if (depth === 2 && commas !== resources.length) return undefined;
      } else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) {
        depth -= 1;
        if (depth === 1) resources.push(this.#finish(at + 1));
        if (depth === 0 && commas > 0 && commas !== resources.length - 1) return undefined;
        if (depth === 0)
          return {
            head: `${bytes.toString("utf8", 0, list)}[]${bytes.toString("utf8", at + 1)}`,
            resources,
          };
      } else if (isSpace(byte)) continue;
      else if (byte === Byte.Comma) {
        // Omitting a field may also omit the comma.
        if (byteAt(bytes, before) === Byte.OpenBrace) return undefined;
        if (depth === 1) commas += 1;
      } else if (depth === 1) return undefined;
      before = at;
    }
    return undefined;
  }

  #begin(at: number): void {
    this.#end = 0;
    this.#done = at;
  }

  #finish(at: number): string {
    this.#keepTo(at);
    return this.#kept.toString("utf8", 0, this.#end);
  }

  #keepTo(at: number): void {
    if (at > this.#done) this.#end += this.bytes.copy(this.#kept, this.#end, this.#done, at);
    this.#done = at;
  }

  /**
   * Omits a field with the comma after it, or the comma before it if it is the last field. Returns
   * false for malformed JSON.
   */
  #leaveOut(before: number, behind: number): boolean {
    const { bytes } = this;
    const isLast = byteAt(bytes, behind) === Byte.CloseBrace;
    if (byteAt(bytes, before) !== Byte.OpenBrace && byteAt(bytes, before) !== Byte.Comma)
      return false;
    if (
      !isLast &&
      (byteAt(bytes, behind) !== Byte.Comma ||
        byteAt(bytes, behindSpace(bytes, behind + 1)) !== Byte.Quote)
    )
      return false;
    if (before >= this.#done) this.#keepTo(before + 1);
    if (isLast && byteAt(bytes, before) === Byte.Comma) this.#end -= 1;
    this.#done = isLast ? behind : behind + 1;
    return true;
  }
}

/** Returns the start of the list with this name in the outermost object. */
function listOf(bytes: Buffer, name: string): number | undefined {
  const key = Buffer.from(`"${name}"`);
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte === Byte.Quote) {
      const end = endOfString(bytes, at);
      if (depth === 1 && key.equals(bytes.subarray(at, end + 1))) {
        const colon = behindSpace(bytes, end + 1);
        const value = behindSpace(bytes, colon + 1);
        if (byteAt(bytes, colon) === Byte.Colon && byteAt(bytes, value) === Byte.OpenBracket)
          return value;
      }
      at = end;
    } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) depth += 1;
    else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) depth -= 1;
  }
  return undefined;
}

/** Returns the position of the closing quote of the string that starts here. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte === Byte.Quote) return at;
    if (byte === Byte.Backslash) at += 1;
  }
  return bytes.length;
}

/** Returns the position after `: null` or `: []`; undefined for other values. */
function afterEmptyField(bytes: Buffer, from: number): number | undefined {
  const colon = behindSpace(bytes, from);
  if (byteAt(bytes, colon) !== Byte.Colon) return undefined;
  const at = behindSpace(bytes, colon + 1);
  if (byteAt(bytes, at) === Byte.OpenBracket) {
    const close = behindSpace(bytes, at + 1);
    return byteAt(bytes, close) === Byte.CloseBracket ? behindSpace(bytes, close + 1) : undefined;
  }
  const isNull =
    byteAt(bytes, at) === Byte.N &&
    byteAt(bytes, at + 1) === Byte.U &&
    byteAt(bytes, at + 2) === Byte.L &&
    byteAt(bytes, at + 3) === Byte.L;
  return isNull ? behindSpace(bytes, at + 4) : undefined;
}

function behindSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (isSpace(byteAt(bytes, at))) at += 1;
  return at;
}

/** Returns the byte, or 0 past the end, which is never a byte of JSON. */
function byteAt(bytes: Buffer, at: number): Byte {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- other bytes have no name
  return bytes[at] ?? 0;
}

function isSpace(byte: Byte): boolean {
  return byte === Byte.Space || byte === Byte.LineFeed || byte === Byte.Return || byte === Byte.Tab;
}
