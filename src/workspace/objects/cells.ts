import type { Language } from "./tree";

/**
 * One cell of a notebook: markdown, or code in the notebook's language or in the one named by its
 * first line (`%sql`).
 */
export interface Cell {
  readonly kind: "markdown" | "code";
  /** Lines are separated by `\n`; there is no `\n` at the start or end of the text. */
  readonly text: string;
}

/** The comment prefix of each language: of the header, separators and lines in another language. */
const commentPrefixes: Readonly<Record<Language, string>> = {
  PYTHON: "#",
  SQL: "--",
  SCALA: "//",
  R: "#",
};

export const sourceHeader = (language: Language): string =>
  `${commentPrefixes[language]} Databricks notebook source\n`;

/** Decodes text from any editor: removes a byte order mark and normalizes line endings to `\n`. */
export const plainText = (bytes: Buffer): string =>
  withoutByteOrderMark(bytes.toString("utf8")).replaceAll(/\r\n?/g, "\n");

const withoutByteOrderMark = (text: string): string => text.replace(/^\uFEFF/, "");

/** Whether source code has the header of a notebook in that language. */
export const hasHeader = (text: string, language: Language): boolean =>
  (text.split("\n", 1)[0] ?? "").trimEnd() === sourceHeader(language).trimEnd();

const trimNewlines = (text: string): string => text.replace(/^\n+/, "").replace(/\n+$/, "");

/** Returns a cell as one string; a markdown cell starts with `%md`. */
export const commandOf = ({ kind, text }: Cell): string =>
  kind === "code" ? text : `%md\n${text}`;

/** Parses a command, which {@link commandOf} or a user wrote. */
export function parseCommand(command: string): Cell {
  const text = trimNewlines(command);
  const markdown = /^%md(?:[ \t]*\n|[ \t]+|$)/.exec(text);
  return markdown === null
    ? { kind: "code", text }
    : { kind: "markdown", text: trimNewlines(text.slice(markdown[0].length)) };
}

/** Parses a notebook in the platform's source format. */
export function fromSource(text: string, language: Language): Cell[] {
  const prefix = commentPrefixes[language];
  const body = hasHeader(text, language) ? text.slice(text.indexOf("\n") + 1 || text.length) : text;
  return body.split(new RegExp(`^${prefix} COMMAND -{10}[ \\t]*$`, "m")).map((part) => {
    const lines = trimNewlines(part);
    const isMagic = lines.startsWith(`${prefix} MAGIC %`);
    return parseCommand(
      isMagic ? lines.replaceAll(new RegExp(`^${prefix} MAGIC ?`, "gm"), "") : lines,
    );
  });
}

export function toSource(cells: readonly Cell[], language: Language): string {
  const prefix = commentPrefixes[language];
  const parts = cells.map((cell) => {
    const text = commandOf(cell);
    return text.startsWith("%")
      ? text
          .split("\n")
          .map((line) => `${prefix} MAGIC ${line}`)
          .join("\n")
      : text;
  });
  return `${sourceHeader(language)}${parts.join(`\n\n${prefix} COMMAND ----------\n\n`)}\n`;
}
