// Part of npm run lint: finds words of words.json in comments, messages, test names and docs, but
// not in code, identifiers and generated pages. `node scripts/words.mjs FILE…` checks only these
// files.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// With `import`, Node would first search TypeScript's nine megabytes for export names.
const ts = createRequire(import.meta.url)("typescript");
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const words = JSON.parse(fs.readFileSync(path.join(root, "scripts", "words.json"), "utf8"));
const rules = words.map(({ not, better }) => ({
  pattern: new RegExp(`\\b(?:${not})(?![\\w-])`, "i"),
  better,
}));

/**
 * Yields the prose of a TypeScript or JavaScript file by position: comments and strings of several
 * words, or only comments and test names in tests.
 */
function* proseOfCode(text, isTest) {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);
  // Nested nodes can share their comments.
  const visitedComments = new Set();
  const visit = function* (node) {
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ]) {
      if (visitedComments.has(pos)) continue;
      visitedComments.add(pos);
      yield [pos, text.slice(pos, end).replace(/`[^`\n]*`/g, (code) => " ".repeat(code.length))];
    }
    const isText =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node);
    if (isText && (!isTest || isTestName(node)) && / /.test(node.text))
      yield [node.getStart(), node.getText()];
    for (const child of node.getChildren(source)) yield* visit(child);
  };
  yield* visit(source);
}

function isTestName(node) {
  const call = node.parent;
  return (
    ts.isCallExpression(call) &&
    call.arguments[0] === node &&
    /^(it|test|describe)\b/.test(call.expression.getText())
  );
}

/** Yields the prose of a Markdown file by position, without code. */
function* proseOfMarkdown(text) {
  const blank = (code) => code.replace(/[^\n]/g, " ");
  yield [
    0,
    text
      .replace(/^ *(```|~~~)[^]*?^ *\1/gm, blank)
      .replace(/^(?: {4}|\t).*$/gm, blank)
      .replace(/`[^`\n]*`/g, blank),
  ];
}

/** Returns the listed words that a file uses, each with its line and a replacement. */
function findings(file, text) {
  const prose = file.endsWith(".md")
    ? proseOfMarkdown(text)
    : proseOfCode(text, file.endsWith(".test.ts") || path.relative(root, file).startsWith("test"));
  const results = [];
  for (const [start, part] of prose)
    for (const { pattern, better } of rules)
      for (const match of part.matchAll(new RegExp(pattern, "gi")))
        results.push({
          line: text.slice(0, start + match.index).split("\n").length,
          word: match[0].trim(),
          better,
        });
  return results.sort((a, b) => a.line - b.line);
}

const checkedPaths = [
  "src",
  "constructs",
  "stacks",
  "scripts",
  "bench",
  "test",
  "docs",
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
];
/** Excludes fixtures and generated pages, whose source is checked instead. */
const isProse = (file) =>
  /\.(ts|mjs|cjs|md)$/.test(file) &&
  !/^(docs\/(errors\.md|constructs\/|reference\/(?!README)|verify-matrix\.md)|test\/fixtures\/)/.test(
    file,
  );

const givenFiles = process.argv.slice(2);
const tracked = () =>
  execFileSync("git", ["ls-files", ...checkedPaths], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter(isProse);
const lines = (givenFiles.length > 0 ? givenFiles : tracked().map((file) => path.join(root, file)))
  .filter((file) => fs.existsSync(file))
  .flatMap((file) =>
    findings(file, fs.readFileSync(file, "utf8")).map(
      ({ line, word, better }) => `${path.relative(root, file)}:${line}  "${word}": ${better}`,
    ),
  );
if (lines.length > 0) {
  console.error(
    `${lines.join("\n")}\n${lines.length} words of scripts/words.json: rewrite the sentence`,
  );
  process.exitCode = 1;
}
