import { stripVTControlCharacters } from "node:util";

/** Terminal colours, or none. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}
const unchanged = (text: string): string => text;
const ansi =
  (start: number, end: number) =>
  (text: string): string =>
    text === "" ? "" : `\u001b[${start}m${text}\u001b[${end}m`;

export const plain: Paint = {
  bold: unchanged,
  dim: unchanged,
  red: unchanged,
  green: unchanged,
  yellow: unchanged,
  cyan: unchanged,
};
export const terminal: Paint = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  red: ansi(31, 39),
  green: ansi(32, 39),
  yellow: ansi(33, 39),
  cyan: ansi(36, 39),
};

/**
 * Wraps a line at spaces if it is too long for a terminal, with a hanging indent. Does not break
 * words that are longer than a line.
 */
export function wrap(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  const hangingIndent = " ".repeat(Math.min(indent + 4, Math.floor(width / 2)));
  const lines: string[] = [];
  let current = " ".repeat(indent);
  let empty = true;
  for (const word of line.slice(indent).split(" ")) {
    if (!empty && stripVTControlCharacters(`${current} ${word}`).length > width) {
      lines.push(current);
      current = hangingIndent;
      empty = true;
    }
    current += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, current];
}
