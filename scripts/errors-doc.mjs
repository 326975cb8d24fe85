// Writes docs/errors.md: every error code in the source, with its message and fix. `--check`
// compares instead of writing.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// Required, not imported: an import first searches all of its nine megabytes for the names of its
// exports.
const ts = createRequire(import.meta.url)("typescript");
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const found = new Map();

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (entry.name.endsWith(".ts")) yield file;
  }
}

/** The initializer of a constant of the same file; undefined for any other identifier. */
function constant(node) {
  let found;
  const look = (child) => {
    if (ts.isVariableDeclaration(child) && child.name.getText() === node.text)
      found ??= child.initializer;
    child.forEachChild(look);
  };
  look(node.getSourceFile());
  return found !== undefined && (ts.isStringLiteralLike(found) || ts.isTemplateExpression(found))
    ? found
    : undefined;
}

/** The text of an expression, with an ellipsis for each value that is inserted at run time. */
function words(node) {
  if (node === undefined) return undefined;
  if (ts.isIdentifier(node)) return words(constant(node));
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join("");
  if (ts.isConditionalExpression(node))
    return [words(node.whenTrue), words(node.whenFalse)].filter(Boolean).join(" / ");
  if (ts.isBinaryExpression(node)) return `${words(node.left) ?? "…"}${words(node.right) ?? "…"}`;
  return undefined;
}

function property(node, name) {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  const member = node.properties.find((item) => item.name?.getText() === name);
  if (member === undefined) return undefined;
  return words(ts.isPropertyAssignment(member) ? member.initializer : member.name);
}

/** The fix of a warning, which is an argument of its own. */
const warningFix = (details) =>
  details !== undefined && !ts.isObjectLiteralExpression(details) ? words(details) : undefined;

const isCode = (node) =>
  node !== undefined && ts.isStringLiteral(node) && /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$/.test(node.text);

/**
 * Code, message and details of a node that creates an error: `new …Error(…)`, a call such as
 * `errorAt(…)` (a code, then a sentence), or a finding as an object.
 */
function errorIn(node) {
  if (ts.isObjectLiteralExpression(node)) {
    const named = (name) =>
      node.properties.find((item) => ts.isPropertyAssignment(item) && item.name.getText() === name)
        ?.initializer;
    return isCode(named("code")) && words(named("message")) !== undefined
      ? [named("code"), named("message"), node]
      : undefined;
  }
  const isNew = ts.isNewExpression(node) && /(Error|Problem)$/.test(node.expression.getText());
  if (!isNew && !ts.isCallExpression(node)) return undefined;
  const position = (node.arguments ?? []).findIndex(isCode);
  if (position < 0 || position > 1) return undefined;
  const [code, message, details] = node.arguments.slice(position);
  return isNew || / /.test(words(message) ?? "") ? [code, message, details] : undefined;
}

function visit(node, file) {
  const error = errorIn(node);
  if (error !== undefined) {
    const [code, message, details] = error;
    const rows = found.get(code.text) ?? [];
    rows.push({
      file,
      message: words(message),
      allowed: property(details, "allowed"),
      fix: property(details, "fix") ?? warningFix(details),
    });
    found.set(code.text, rows);
  }
  node.forEachChild((child) => visit(child, file));
}

for (const folder of ["constructs", "src"]) {
  for (const file of sources(path.join(root, folder))) {
    // The local workspace answers with the platform's own error codes: those are Databricks' to
    // document.
    const relative = path.relative(root, file);
    if (relative.startsWith(path.join("src", "workspace"))) continue;
    const content = fs.readFileSync(file, "utf8");
    if (/"[A-Z][A-Z0-9]+(_[A-Z0-9]+)*"/.test(content))
      visit(ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true), relative);
  }
}

const cell = (text) => (text ?? "").replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();
const lines = [
  "# Errors",
  "",
  "Every error has a literal code. The command prints it with the value that was given, what is allowed and the fix, and exits 1 (2 where the answer to a question is no).",
  "This page is written from the source by `node scripts/errors-doc.mjs`; `…` stands for what is only known at run time.",
  "",
  "| code | what was wrong | allowed | fix | where |",
  "|---|---|---|---|---|",
];
for (const code of [...found.keys()].sort()) {
  const rows = found.get(code);
  const unique = (name) =>
    [...new Set(rows.map((row) => cell(row[name])).filter((text) => text !== ""))].join("<br>");
  lines.push(
    `| \`${code}\` | ${unique("message")} | ${unique("allowed")} | ${unique("fix")} | ${[...new Set(rows.map((row) => `\`${row.file}\``))].join("<br>")} |`,
  );
}
const text = `${lines.join("\n")}\n`;
const target = path.join(root, "docs", "errors.md");
if (process.argv.includes("--check")) {
  if (!fs.existsSync(target) || fs.readFileSync(target, "utf8") !== text) {
    console.error("docs/errors.md does not match the source\n  fix: node scripts/errors-doc.mjs");
    process.exit(1);
  }
} else fs.writeFileSync(target, text);
