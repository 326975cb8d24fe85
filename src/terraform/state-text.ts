/* The bytes of JSON, as constants that the compiler knows. */
const enum Byte {
  Quote = 0x22,
  Comma = 0x2c,
  OpenBracket = 0x5b,
  Backslash = 0x5c,
  CloseBracket = 0x5d,
  OpenBrace = 0x7b,
  CloseBrace = 0x7d,
}

export interface StateText {
  /** The state without its resources. */
  readonly head: string;
  /** Where each resource begins and ends. */
  readonly resources: readonly (readonly [from: number, to: number])[];
}

/**
 * Where the resources of a state lie in its bytes, so that they can be parsed one at a time: 1,000 jobs as objects are 100 MB, and most of their fields are
 * null. Looks at brackets and quotes only.
 * @returns undefined for what does not look like a state: parsing it whole says what is wrong
 */
export function resourcesIn(bytes: Buffer): StateText | undefined {
  const list = listOf(bytes, "resources");
  if (list === undefined) return undefined;
  const found: [number, number][] = [];
  let depth = 0;
  let from = list;
  let commas = 0;
  for (let at = list; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === Byte.Quote) {
      at = endOfText(bytes, at);
    } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) {
      depth += 1;
      if (depth === 2) from = at;
      if (depth === 2 && commas !== found.length) return undefined;
    } else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) {
      depth -= 1;
      if (depth === 1) found.push([from, at + 1]);
      if (depth === 0 && commas > 0 && commas !== found.length - 1) return undefined;
      if (depth === 0) return { head: `${bytes.toString("utf8", 0, list)}[]${bytes.toString("utf8", at + 1)}`, resources: found };
    } else if (depth === 1) {
      if (byte === Byte.Comma) commas += 1;
      else if (!isSpace(byte)) return undefined;
    }
  }
  return undefined;
}

/** Where the list of this name in the outermost object begins. */
function listOf(bytes: Buffer, name: string): number | undefined {
  const key = Buffer.from(`"${name}"`);
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === Byte.Quote) {
      const end = endOfText(bytes, at);
      if (depth === 1 && key.equals(bytes.subarray(at, end + 1))) {
        const value = /^\s*:\s*(?=\[)/.exec(bytes.toString("latin1", end + 1, end + 100));
        if (value !== null) return end + 1 + value[0].length;
      }
      at = end;
    } else if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) depth += 1;
    else if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) depth -= 1;
  }
  return undefined;
}

/** The closing quote of the text that begins here. */
function endOfText(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === Byte.Quote) return at;
    if (byte === Byte.Backslash) at += 1;
  }
  return bytes.length;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
