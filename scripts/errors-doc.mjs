// Writes docs/errors.md: the error codes in the source, with their messages, allowed values, fixes
// and source files. `--check` compares instead of writing.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// With `import`, Node would first search TypeScript's nine megabytes for export names.
const ts = createRequire(import.meta.url)("typescript");
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const errorsByCode = new Map();

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (entry.name.endsWith(".ts")) yield file;
  }
}

/** Parsed source files by path. A file is also needed for the constants that others import. */
const sourceFiles = new Map();
function parse(file) {
  if (!sourceFiles.has(file))
    sourceFiles.set(
      file,
      ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true),
    );
  return sourceFiles.get(file);
}

/** Returns the initializer of a variable; undefined if the file does not declare it. */
function initializerIn(source, name) {
  let initializer;
  const visitNode = (child) => {
    if (ts.isVariableDeclaration(child) && child.name.getText() === name)
      initializer ??= child.initializer;
    child.forEachChild(visitNode);
  };
  visitNode(source);
  return initializer;
}

/** Returns the initializer of a constant that the file imports from another file of the project. */
function importedInitializer(source, name) {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !statement.moduleSpecifier.text.startsWith("."))
      continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    const binding = bindings.elements.find((element) => element.name.text === name);
    if (binding === undefined) continue;
    const file = path.resolve(path.dirname(source.fileName), statement.moduleSpecifier.text);
    const importedFile = [`${file}.ts`, path.join(file, "index.ts")].find((item) =>
      fs.existsSync(item),
    );
    return (
      importedFile &&
      initializerIn(parse(importedFile), (binding.propertyName ?? binding.name).text)
    );
  }
  return undefined;
}

/** Returns the value of a string constant, as a node; undefined for other identifiers. */
function constantOf(node) {
  const source = node.getSourceFile();
  const initializer = initializerIn(source, node.text) ?? importedInitializer(source, node.text);
  return initializer !== undefined &&
    (ts.isStringLiteralLike(initializer) || ts.isTemplateExpression(initializer))
    ? initializer
    : undefined;
}

/** Returns the text of `[…].join("…")` with literal elements; undefined for other calls. */
function joinedText(node) {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression))
    return undefined;
  const [separator] = node.arguments;
  const { expression: list, name } = node.expression;
  if (name.text !== "join" || !ts.isArrayLiteralExpression(list) || separator === undefined)
    return undefined;
  return list.elements.map((element) => textOf(element) ?? "…").join(textOf(separator) ?? "…");
}

/** Returns the text of an expression, with an ellipsis for each value inserted at run time. */
function textOf(node) {
  if (node === undefined) return undefined;
  if (ts.isIdentifier(node)) return textOf(constantOf(node));
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return (
      node.head.text +
      node.templateSpans
        .map(({ expression, literal }) => `${joinedText(expression) ?? "…"}${literal.text}`)
        .join("")
    );
  if (ts.isConditionalExpression(node))
    return [textOf(node.whenTrue), textOf(node.whenFalse)].filter(Boolean).join(" / ");
  if (ts.isBinaryExpression(node)) return `${textOf(node.left) ?? "…"}${textOf(node.right) ?? "…"}`;
  return joinedText(node);
}

/** Returns the text of a property of an object literal; undefined if it has none. */
function propertyText(node, name) {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  const member = node.properties.find((item) => item.name?.getText() === name);
  if (member === undefined) return undefined;
  return textOf(ts.isPropertyAssignment(member) ? member.initializer : member.name);
}

/** Returns the fix of a warning, which is an argument instead of a property of the details. */
const warningFix = (details) =>
  details !== undefined && !ts.isObjectLiteralExpression(details) ? textOf(details) : undefined;

const isCode = (node) =>
  node !== undefined && ts.isStringLiteral(node) && /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$/.test(node.text);

/**
 * Returns code, message and details of a node that creates an error: `new …Error(…)`, a call such
 * as `errorAt(…)` (with a code and a sentence), or a finding written as an object.
 */
function errorIn(node) {
  if (ts.isObjectLiteralExpression(node)) {
    const fieldNamed = (name) =>
      node.properties.find((item) => ts.isPropertyAssignment(item) && item.name.getText() === name)
        ?.initializer;
    return isCode(fieldNamed("code")) && textOf(fieldNamed("message")) !== undefined
      ? [fieldNamed("code"), fieldNamed("message"), node]
      : undefined;
  }
  const isNew = ts.isNewExpression(node) && /(Error|Problem)$/.test(node.expression.getText());
  if (!isNew && !ts.isCallExpression(node)) return undefined;
  const position = (node.arguments ?? []).findIndex(isCode);
  if (position < 0 || position > 1) return undefined;
  const [code, message, details] = node.arguments.slice(position);
  return isNew || / /.test(textOf(message) ?? "") ? [code, message, details] : undefined;
}

function visit(node, file) {
  const error = errorIn(node);
  if (error !== undefined) {
    const [code, message, details] = error;
    const rows = errorsByCode.get(code.text) ?? [];
    rows.push({
      file,
      message: textOf(message),
      allowed: propertyText(details, "allowed"),
      fix: propertyText(details, "fix") ?? warningFix(details),
    });
    errorsByCode.set(code.text, rows);
  }
  node.forEachChild((child) => visit(child, file));
}

for (const folder of ["constructs", "src"]) {
  for (const file of sources(path.join(root, folder))) {
    // Skip the local workspace: it uses the error codes of Databricks.
    const relative = path.relative(root, file);
    if (relative.startsWith(path.join("src", "workspace"))) continue;
    if (/"[A-Z][A-Z0-9]+(_[A-Z0-9]+)*"/.test(fs.readFileSync(file, "utf8")))
      visit(parse(file), relative);
  }
}

/**
 * Returns the text for a table cell: on one line, without repeated ellipses, and empty if all of it
 * is known only at run time.
 */
const cell = (text) => {
  const line = (text ?? "")
    .trim()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/…(\s*…)+/g, "…")
    .replaceAll("|", "\\|");
  return line === "…" ? "" : line;
};
/** Returns the lines of a cell for a fix, which may have several. */
const cellLines = (text) => (text ?? "").split("\n").map(cell);
const lines = [
  "# Errors",
  "",
  "Every error has a literal code. The command prints it with the value that was given, what is allowed and the fix, and exits 1 (2 for a negative result, such as drift or a missing approval).",
  "`node scripts/errors-doc.mjs` generates this page from the source; `…` stands for a value that is known only at run time.",
  "",
  "| code | message | allowed | fix | source |",
  "|---|---|---|---|---|",
];
for (const code of [...errorsByCode.keys()].sort()) {
  const rows = errorsByCode.get(code);
  const unique = (name, cells = (text) => [cell(text)]) =>
    [...new Set(rows.flatMap((row) => cells(row[name])).filter((text) => text !== ""))].join(
      "<br>",
    );
  lines.push(
    `| \`${code}\` | ${unique("message")} | ${unique("allowed")} | ${unique("fix", cellLines)} | ${[...new Set(rows.map((row) => `\`${row.file}\``))].join("<br>")} |`,
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
