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
   * Each resource as JSON. Unless requested, attributes and nested fields that are null or an empty
   * list are left out.
   */
  readonly resources: readonly string[];
}

/**
 * Splits the bytes of a state, so that its resources can be parsed one at a time and without empty
 * fields. As objects, 1,000 jobs take 100 MB, and most of their fields are null. Only brackets,
 * quotes and omitted fields are examined. Any other syntax error is reported when the string is
 * parsed.
 * @returns undefined if the bytes do not look like a state. Parsing them then reports the error.
 */
export function resourcesIn(bytes: Buffer, includesEmpty = false): StateText | undefined {
  const byLines = resourcesByLines(bytes, includesEmpty);
  if (byLines !== undefined) return byLines;
  const list = listOf(bytes, "resources");
  return list === undefined
    ? undefined
    : new Splitter(bytes, includesEmpty ? Infinity : attributesDepth).split(list);
}

/** Matches the start of a state, up to its resources, in Terraform's layout. */
const headByLines =
  /^\{\n {2}"version": 4,\n {2}"terraform_version": "[^"\n]*",\n {2}"serial": \d+,\n {2}"lineage": "[^"\n]*",\n {2}"outputs": \{(?:\}|(?:\n {4}[^\n]*)*\n {2}\}),$/;
const listStart = Buffer.from('\n  "resources": [\n');
/** The first field of a resource is `module` or `mode`. */
const resourceStart = Buffer.from('    {\n      "mod');
const resourceEnd = Buffer.from("\n    }");
const nextResource = Buffer.from(",\n");
const listEnd = Buffer.from("\n  ]");
/** Matches a line with less indent than the fields of a resource. */
const lineFurtherOut = /\n {0,5}[^ ]/;

/**
 * Splits a state in Terraform's layout: one value per line, two more spaces of indent per nesting
 * level, and no line breaks inside strings. The start of a line is then enough to find a resource.
 * @returns undefined for another layout
 */
function resourcesByLines(bytes: Buffer, includesEmpty: boolean): StateText | undefined {
  const list = bytes.indexOf(listStart);
  if (list < 0 || !headByLines.test(bytes.toString("utf8", 0, list))) return undefined;
  const resources: string[] = [];
  const keptLines = includesEmpty ? undefined : Buffer.allocUnsafe(bytes.length - list);
  for (let position = list + listStart.length; isAt(bytes, resourceStart, position);) {
    const end = bytes.indexOf(resourceEnd, position) + resourceEnd.length;
    if (end < position) return undefined;
    const text =
      keptLines === undefined
        ? wholeLines(bytes, position, end)
        : withoutEmptyLines(bytes, position, end, keptLines);
    if (text === undefined) return undefined;
    resources.push(text);
    if (isAt(bytes, listEnd, end))
      return {
        head: `${bytes.toString("utf8", 0, list)}\n"resources": []${bytes.toString("utf8", end + listEnd.length)}`,
        resources,
      };
    if (!isAt(bytes, nextResource, end)) return undefined;
    position = end + nextResource.length;
  }
  return undefined;
}

/** Returns a resource with all of its lines; undefined for another layout. */
function wholeLines(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString("utf8", start, end);
  return lineFurtherOut.test(text.slice(0, -resourceEnd.length)) ? undefined : text;
}

/** Spaces before a field of a resource, and before a field of its attributes. */
const [resourceIndent, attributeIndent] = [6, 12];

/**
 * Returns a resource without the lines of its empty fields.
 * @param keptLines receives the remaining lines
 * @returns undefined for another layout
 */
function withoutEmptyLines(
  bytes: Buffer,
  start: number,
  end: number,
  keptLines: Buffer,
): string | undefined {
  let length = 0;
  // The lines since `copiedUntil` are not in `keptLines` yet. Each starts with its line feed.
  let copiedUntil = start;
  for (
    let lineFeed = bytes.indexOf(Byte.LineFeed, start), next: number;
    lineFeed < end;
    lineFeed = next
  ) {
    const firstByte = afterSpaces(bytes, lineFeed + 1);
    next = firstByte;
    while (next < end && byteAt(bytes, next) !== Byte.LineFeed) next += 1;
    const indent = firstByte - lineFeed - 1;
    if (indent < resourceIndent && next < end) return undefined;
    if (indent < attributeIndent || byteAt(bytes, firstByte) !== Byte.Quote) continue;
    const isLast = byteAt(bytes, next - 1) !== Byte.Comma;
    const colon = colonOfEmpty(bytes, isLast ? next : next - 1);
    if (colon === undefined || endOfString(bytes, firstByte) !== colon - 1) continue;
    length += bytes.copy(keptLines, length, copiedUntil, lineFeed);
    copiedUntil = next;
    const previousByte = byteAt(keptLines, length - 1);
    const nextByte = byteAt(bytes, afterSpaces(bytes, next + 1));
    if (
      previousByte === Byte.Comma
        ? !endsValue(byteAt(keptLines, length - 2))
        : previousByte !== Byte.OpenBrace
    )
      return undefined;
    if (nextByte !== (isLast ? Byte.CloseBrace : Byte.Quote)) return undefined;
    if (isLast && previousByte === Byte.Comma) length -= 1;
  }
  length += bytes.copy(keptLines, length, copiedUntil, end);
  return keptLines.toString("utf8", 0, length);
}

/** True for a byte that ends a value, so that a comma may follow. */
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

function afterSpaces(bytes: Buffer, from: number): number {
  let position = from;
  while (byteAt(bytes, position) === Byte.Space) position += 1;
  return position;
}

const isAt = (bytes: Buffer, part: Buffer, position: number): boolean =>
  bytes.subarray(position, position + part.length).equals(part);

/**
 * Nesting levels: the list of resources, one resource, its instances, one instance, its attributes.
 */
const attributesDepth = 5;

class Splitter {
  readonly #output: Buffer;
  /** Length of the used part of `#output`. */
  #outputLength = 0;
  /** Position up to which `bytes` is processed. */
  #processedUntil = 0;

  /** @param omitFromDepth depth from which empty fields are left out */
  constructor(
    private readonly bytes: Buffer,
    private readonly omitFromDepth: number,
  ) {
    this.#output = Buffer.allocUnsafe(bytes.length);
  }

  split(list: number): StateText | undefined {
    const { bytes } = this;
    const resources: string[] = [];
    const brackets: Byte[] = [];
    let depth = 0;
    let commas = 0;
    // The last byte before the list that is not white space.
    let lastByte = list;
    for (let position = list; position < bytes.length; position += 1) {
      const byte = byteAt(bytes, position);
      if (byte === Byte.Quote) {
        const last = endOfString(bytes, position);
        if (depth >= this.omitFromDepth && brackets[depth] === Byte.OpenBrace) {
          const fieldEnd = afterEmptyField(bytes, last + 1);
          if (fieldEnd !== undefined) {
            if (!this.#omitField(lastByte, fieldEnd)) return undefined;
            position = this.#processedUntil - 1;
            continue;
          }
        }
        position = last;
      } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) {
        depth += 1;
        brackets[depth] = byte;
        if (depth === 2) this.#startResource(position);
        if (depth === 2 && commas !== resources.length) return undefined;
      } else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) {
        depth -= 1;
        if (depth === 1) resources.push(this.#finishResource(position + 1));
        if (depth === 0 && commas > 0 && commas !== resources.length - 1) return undefined;
        if (depth === 0)
          return {
            head: `${bytes.toString("utf8", 0, list)}[]${bytes.toString("utf8", position + 1)}`,
            resources,
          };
      } else if (isSpace(byte)) continue;
      else if (byte === Byte.Comma) {
        // Omitting a field may also omit the comma.
        if (byteAt(bytes, lastByte) === Byte.OpenBrace) return undefined;
        if (depth === 1) commas += 1;
      } else if (depth === 1) return undefined;
      lastByte = position;
    }
    return undefined;
  }

  #startResource(position: number): void {
    this.#outputLength = 0;
    this.#processedUntil = position;
  }

  #finishResource(position: number): string {
    this.#copyUntil(position);
    return this.#output.toString("utf8", 0, this.#outputLength);
  }

  #copyUntil(position: number): void {
    if (position > this.#processedUntil)
      this.#outputLength += this.bytes.copy(
        this.#output,
        this.#outputLength,
        this.#processedUntil,
        position,
      );
    this.#processedUntil = position;
  }

  /**
   * Omits a field with the comma after it, or the comma before it if it is the last field. Returns
   * false for malformed JSON.
   */
  #omitField(lastByte: number, fieldEnd: number): boolean {
    const { bytes } = this;
    const isLast = byteAt(bytes, fieldEnd) === Byte.CloseBrace;
    if (byteAt(bytes, lastByte) !== Byte.OpenBrace && byteAt(bytes, lastByte) !== Byte.Comma)
      return false;
    if (
      !isLast &&
      (byteAt(bytes, fieldEnd) !== Byte.Comma ||
        byteAt(bytes, afterWhiteSpace(bytes, fieldEnd + 1)) !== Byte.Quote)
    )
      return false;
    if (lastByte >= this.#processedUntil) this.#copyUntil(lastByte + 1);
    if (isLast && byteAt(bytes, lastByte) === Byte.Comma) this.#outputLength -= 1;
    this.#processedUntil = isLast ? fieldEnd : fieldEnd + 1;
    return true;
  }
}

/** Returns the start of the list with this name in the outermost object. */
function listOf(bytes: Buffer, name: string): number | undefined {
  const key = Buffer.from(`"${name}"`);
  let depth = 0;
  for (let position = 0; position < bytes.length; position += 1) {
    const byte = byteAt(bytes, position);
    if (byte === Byte.Quote) {
      const end = endOfString(bytes, position);
      if (depth === 1 && key.equals(bytes.subarray(position, end + 1))) {
        const colon = afterWhiteSpace(bytes, end + 1);
        const value = afterWhiteSpace(bytes, colon + 1);
        if (byteAt(bytes, colon) === Byte.Colon && byteAt(bytes, value) === Byte.OpenBracket)
          return value;
      }
      position = end;
    } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) depth += 1;
    else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) depth -= 1;
  }
  return undefined;
}

/** Returns the position of the closing quote of the string that starts here. */
function endOfString(bytes: Buffer, from: number): number {
  for (let position = from + 1; position < bytes.length; position += 1) {
    const byte = byteAt(bytes, position);
    if (byte === Byte.Quote) return position;
    if (byte === Byte.Backslash) position += 1;
  }
  return bytes.length;
}

/** Returns the position after `: null` or `: []`; undefined for other values. */
function afterEmptyField(bytes: Buffer, from: number): number | undefined {
  const colon = afterWhiteSpace(bytes, from);
  if (byteAt(bytes, colon) !== Byte.Colon) return undefined;
  const position = afterWhiteSpace(bytes, colon + 1);
  if (byteAt(bytes, position) === Byte.OpenBracket) {
    const close = afterWhiteSpace(bytes, position + 1);
    return byteAt(bytes, close) === Byte.CloseBracket
      ? afterWhiteSpace(bytes, close + 1)
      : undefined;
  }
  const isNull =
    byteAt(bytes, position) === Byte.N &&
    byteAt(bytes, position + 1) === Byte.U &&
    byteAt(bytes, position + 2) === Byte.L &&
    byteAt(bytes, position + 3) === Byte.L;
  return isNull ? afterWhiteSpace(bytes, position + 4) : undefined;
}

function afterWhiteSpace(bytes: Buffer, from: number): number {
  let position = from;
  while (isSpace(byteAt(bytes, position))) position += 1;
  return position;
}

/** Returns the byte, or 0 past the end, which is never a byte of JSON. */
function byteAt(bytes: Buffer, position: number): Byte {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- other bytes have no name
  return bytes[position] ?? 0;
}

function isSpace(byte: Byte): boolean {
  return byte === Byte.Space || byte === Byte.LineFeed || byte === Byte.Return || byte === Byte.Tab;
}

interface StateContent {
  readonly lineage: string;
  readonly serial: number;
  readonly resources: readonly unknown[];
}

/**
 * Whether the state in a remote backend is the first of the two pushes of `state`: a new lineage with
 * the same resources. The command was killed before the second push.
 */
export const isFirstPushOf = (
  state: StateContent,
  { lineage, serial, resources }: StateContent,
): boolean =>
  serial <= 1 &&
  lineage !== state.lineage &&
  JSON.stringify(resources) === JSON.stringify(state.resources);
