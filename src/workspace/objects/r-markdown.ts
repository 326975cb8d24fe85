import type { Cell } from "./cells";

const CHUNK = /^```\{(\w+)[^}\n]*\}[ \t]*\n([\s\S]*?)^```[ \t]*$/gm;

/** Parses R Markdown: text with fenced chunks of code, each with its language. */
export function fromRMarkdown(text: string): Cell[] {
  const cells: Cell[] = [];
  const trimmed = (part: string): string => part.replace(/^\n+/, "").replace(/\n+$/, "");
  const markdown = (part: string): void => {
    if (trimmed(part) !== "") cells.push({ kind: "markdown", text: trimmed(part) });
  };
  let at = 0;
  for (const chunk of text.matchAll(CHUNK)) {
    markdown(text.slice(at, chunk.index));
    const [chunkText, language = "r", code = ""] = chunk;
    cells.push({
      kind: "code",
      text: trimmed(language.toLowerCase() === "r" ? code : `%${language}\n${code}`),
    });
    at = chunk.index + chunkText.length;
  }
  markdown(text.slice(at));
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
