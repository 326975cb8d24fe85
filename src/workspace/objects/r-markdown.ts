import type { Cell } from "./cells";

const CHUNK = /^```\{(\w+)[^}\n]*\}[ \t]*\n([\s\S]*?)^```[ \t]*$/gm;

/** Parses R Markdown: text with fenced chunks of code, each with its language. */
export function fromRMarkdown(text: string): Cell[] {
  const cells: Cell[] = [];
  const trimNewlines = (part: string): string => part.replace(/^\n+/, "").replace(/\n+$/, "");
  const addMarkdown = (part: string): void => {
    if (trimNewlines(part) !== "") cells.push({ kind: "markdown", text: trimNewlines(part) });
  };
  let offset = 0;
  for (const chunk of text.matchAll(CHUNK)) {
    addMarkdown(text.slice(offset, chunk.index));
    const [chunkText, language = "r", code = ""] = chunk;
    cells.push({
      kind: "code",
      text: trimNewlines(language.toLowerCase() === "r" ? code : `%${language}\n${code}`),
    });
    offset = chunk.index + chunkText.length;
  }
  addMarkdown(text.slice(offset));
  return cells;
}

export const toRMarkdown = (cells: readonly Cell[]): string =>
  `${cells
    .map(({ kind, text }) => {
      if (kind === "markdown") return text;
      const magic = /^%(\w+)[ \t]*(?:\n|$)/.exec(text);
      return `\`\`\`{${magic?.[1] ?? "r"}}\n${magic === null ? text : text.slice(magic[0].length)}\n\`\`\``;
    })
    .join("\n\n")}\n`;
