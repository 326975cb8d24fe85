import fs from "node:fs";

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The file and line, for example `README.md:40`. */
  readonly where: string;
}

/** Returns the fenced code blocks of a Markdown file. @param name the file's name in `where` */
export function codeBlocks(file: string, name = file): CodeBlock[] {
  const text = fs.readFileSync(file, "utf8");
  return [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1] ?? "",
    code: match[2] ?? "",
    where: `${name}:${text.slice(0, match.index).split("\n").length}`,
  }));
}
