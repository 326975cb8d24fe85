// Writes docs/constructs/ from doc comments: an index, and a page for each file of constructs/
// whose exports have an example. `--check` compares instead of writing. not-reachable.md and
// existing-objects.md are not generated.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import prettier from "prettier";

// With `import`, Node would first search TypeScript's nine megabytes for export names.
const ts = createRequire(import.meta.url)("typescript");
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "docs", "constructs");
const index = path.join(root, "constructs", "index.ts");
const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
};
// The pages show types as written in the source, so the bindings are not read: that would take half
// of the time.
const host = ts.createCompilerHost(compilerOptions);
host.resolveModuleNameLiterals = (literals, file) =>
  literals.map(({ text }) =>
    text.startsWith("@cdktf/provider-")
      ? { resolvedModule: undefined }
      : ts.resolveModuleName(text, file, compilerOptions, host),
  );
const program = ts.createProgram([index], compilerOptions, host);
const checker = program.getTypeChecker();
const cell = (text) => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();

/** The types of the names that examples use without declaring them. */
const exampleTypes = {
  stack: "WorkspaceStack",
  app: "App",
  workflow: "Workflow",
  etl: "Workflow",
  ingest: "Task",
  shared: "JobCluster",
  folder: "Directory",
  report: "Notebook",
  catalog: "Catalog",
  scope: "SecretScope",
  secrets: "SecretScope",
  cluster: "AllPurposeCluster",
};

/** Files with classes that users do not create. They have no page. */
const internalFiles = new Set(["constructs/core/errors.ts", "constructs/jobs/task-run.ts"]);

// The exported symbols by source file, in the order of the index.
const exported = new Map();
const names = new Set();
for (const alias of checker.getExportsOfModule(
  checker.getSymbolAtLocation(program.getSourceFile(index)),
)) {
  const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
  names.add(alias.name);
  if (symbol.declarations === undefined) continue; // exported by a package
  const file = path
    .relative(root, symbol.declarations[0].getSourceFile().fileName)
    .split(path.sep)
    .join("/");
  if (file.startsWith("constructs/")) exported.set(file, [...(exported.get(file) ?? []), symbol]);
}

const tagsOf = (symbol) => symbol.getJsDocTags(checker);
/** Returns the text of a tag, which may be empty; undefined if the symbol does not have the tag. */
const tag = (symbol, name) =>
  ts.displayPartsToString(tagsOf(symbol).find((entry) => entry.name === name)?.text) ||
  (tagsOf(symbol).some((entry) => entry.name === name) ? "" : undefined);
const linksAsCode = (text) => text.replaceAll(/\{@link\s+([^}\s]+)\s*\}/g, "`$1`");
const summaryOf = (symbol) =>
  linksAsCode(ts.displayPartsToString(symbol.getDocumentationComment(checker))).trim();
const isInternal = (symbol) => tag(symbol, "internal") !== undefined;

/** Returns the doc comment of a symbol as one text. */
function describe(symbol) {
  const defaultText = tag(symbol, "default");
  const errors = tag(symbol, "throws");
  const deprecation = tag(symbol, "deprecated");
  return [
    summaryOf(symbol),
    deprecation && `Deprecated: ${linksAsCode(deprecation)}.`,
    defaultText && `Default: ${linksAsCode(defaultText).replace(/^- /, "")}.`,
    errors && `Errors: ${linksAsCode(errors).replace(/^ConstructError /, "")}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** Returns the example of a symbol, or of the first of its members that has one. */
function exampleOf(symbol) {
  const members = [...(symbol.exports?.values() ?? []), ...(symbol.members?.values() ?? [])];
  return (
    tag(symbol, "example") ??
    members.map((member) => tag(member, "example")).find((code) => code !== undefined)
  );
}

/**
 * Returns the example as a complete module: with imports, and inside a function whose parameters
 * are the names of `exampleTypes` that it uses.
 */
function exampleModule(symbol) {
  const code = exampleOf(symbol);
  if (code === undefined) return undefined;
  const source = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  const declared = new Set();
  const used = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isName =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node);
      if (
        (ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isBindingElement(parent) ||
          ts.isClassDeclaration(parent)) &&
        parent.name === node
      )
        declared.add(node.text);
      else if (!isName) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const free = [...used].filter((name) => !declared.has(name));
  const parameters = Object.keys(exampleTypes).filter((name) => free.includes(name));
  const values = free.filter((name) => names.has(name));
  const types = [...new Set(parameters.map((name) => exampleTypes[name]))].filter(
    (name) => !values.includes(name),
  );
  const imports = [
    ...values.sort((a, b) => a.localeCompare(b, "en", { sensitivity: "base" })),
    ...types.sort().map((name) => `type ${name}`),
  ];
  const body =
    parameters.length === 0
      ? code
      : `export function example(${parameters.map((name) => `${name}: ${exampleTypes[name]}`).join(", ")}): void {\n${code}\n}`;
  return `import { ${imports.join(", ")} } from "lakeform/constructs";\n\n${body}\n`;
}

const isOurs = (node) =>
  !path.relative(root, node.getSourceFile().fileName).startsWith("node_modules") &&
  !program.isSourceFileDefaultLibrary(node.getSourceFile());

/** Returns the lines for a type without fields: the allowed strings, or the type it stands for. */
function typeText(symbol) {
  const [declaration] = symbol.declarations;
  return ts.isTypeAliasDeclaration(declaration)
    ? [
        `\`${typeAsWritten(declaration.type).replaceAll(/\s+/g, " ").trim().replace(/^\| /, "")}\``,
        "",
      ]
    : [];
}

/**
 * Returns a table for a union of object types that differ in `kind`, with a row for each: its fields,
 * and the descriptions of the member and its fields; no lines for other types.
 */
function kindsTable(symbol) {
  const [declaration] = symbol.declarations;
  const members =
    ts.isTypeAliasDeclaration(declaration) && ts.isUnionTypeNode(declaration.type)
      ? declaration.type.types
      : [];
  const fieldsByKind = members.map((member) =>
    ts.isTypeLiteralNode(member) ? [...member.members] : [],
  );
  const kindOf = (fields) =>
    fields.find((field) => field.name.getText() === "kind")?.type?.getText();
  if (members.length === 0 || fieldsByKind.some((fields) => kindOf(fields) === undefined))
    return [];
  const fieldNames = (fields) =>
    fields
      .filter((field) => field.name.getText() !== "kind")
      .map((field) => `\`${field.name.getText()}${field.questionToken ? "?" : ""}\``);
  return [
    "| Kind | Fields | Description |",
    "|---|---|---|",
    ...fieldsByKind.map((fields, index) => {
      const text = [commentBefore(members[index]), ...memberDocs(members[index])].filter(Boolean);
      return `| \`${kindOf(fields)}\` | ${fieldNames(fields).join(", ") || "none"} | ${cell(text.join(" "))} |`;
    }),
    "",
  ];
}

/** Returns the doc comment before the `|` of a member of a union type, or an empty text. */
function commentBefore(member) {
  const text = member.getSourceFile().text.slice(member.parent.pos, member.getStart());
  const comment = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*\|?\s*$/.exec(text)?.[1] ?? "";
  return comment.replaceAll(/^\s*\*/gm, "").trim();
}

/**
 * Returns the types of a property of a union as one union: each alternative once, without `never`,
 * and without `true` and `false` if `boolean` is one of them.
 */
function unionAsWritten(types) {
  const alternatives = types
    .flatMap((type) => (type && ts.isUnionTypeNode(type) ? type.types : [type]))
    .filter((type) => type?.kind !== ts.SyntaxKind.NeverKeyword)
    .map(typeAsWritten);
  const hasBoolean = alternatives.includes("boolean");
  return [...new Set(alternatives)]
    .filter((text) => !hasBoolean || !["true", "false"].includes(text))
    .join(" | ");
}

/** Returns a type as written, without comments, `readonly` and the semicolon before `}`. */
const typeAsWritten = (type) =>
  (type?.getText() ?? "")
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .replaceAll(/\breadonly /g, "")
    .replaceAll(/;\s*\}/g, " }")
    .trim()
    .replace(/^\| /, "");

/**
 * Returns the documented members of an object type, or of the items of an array type, each as
 * "`name`: description".
 */
function memberDocs(type) {
  const literal = type && ts.isTypeOperatorNode(type) ? type.type : type;
  const object = literal && ts.isArrayTypeNode(literal) ? literal.elementType : literal;
  if (object === undefined || !ts.isTypeLiteralNode(object)) return [];
  return object.members.flatMap((member) => {
    const text = member.symbol && describe(member.symbol);
    return text ? [`\`${member.name.getText()}\`: ${text}`] : [];
  });
}

function propsTable(symbol) {
  const kinds = kindsTable(symbol);
  if (kinds.length > 0) return kinds;
  const rows = checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter((property) => !isInternal(property))
    .flatMap((property) => {
      const declarations = (property.declarations ?? []).filter(
        (declaration) => ts.isPropertySignature(declaration) || ts.isMethodSignature(declaration),
      );
      if (!declarations.some((declaration) => isOurs(declaration))) return [];
      const declaration =
        declarations.find(({ type }) => type?.kind !== ts.SyntaxKind.NeverKeyword) ??
        declarations[0];
      const required = declarations.every(({ questionToken }) => questionToken === undefined);
      const type = ts.isMethodSignature(declaration) ? declaration : declaration.type;
      const writtenType =
        declarations.length === 1 || ts.isMethodSignature(declaration)
          ? typeAsWritten(type)
          : unionAsWritten(declarations.map((one) => one.type));
      const text = [describe(property), ...memberDocs(type)].filter(Boolean).join(" ");
      return [
        `| \`${property.name}\`${required ? " (required)" : ""} | \`${cell(writtenType)}\` | ${cell(text)} |`,
      ];
    });
  return rows.length === 0
    ? typeText(symbol)
    : ["| Prop | Type | Description |", "|---|---|---|", ...rows, ""];
}

function memberTable(symbol) {
  const rows = [];
  const [declaration] = symbol.declarations;
  for (const member of declaration.members ?? []) {
    const flags = ts.getCombinedModifierFlags(member);
    if (
      flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected) ||
      member.name === undefined ||
      ts.isPrivateIdentifier(member.name)
    )
      continue;
    const memberSymbol = checker.getSymbolAtLocation(member.name);
    const isMethod = ts.isMethodDeclaration(member);
    const isStatic = (flags & ts.ModifierFlags.Static) !== 0;
    // `kind` only helps the compiler; `render…` and `to…` return Terraform values.
    if (
      memberSymbol === undefined ||
      isInternal(memberSymbol) ||
      /^(kind$|render|to[A-Z])/.test(member.name.getText())
    )
      continue;
    if (!isMethod && !isStatic && summaryOf(memberSymbol) === "") continue;
    const prefix = isStatic ? `${symbol.name}.` : "";
    if (isMethod && memberSymbol.valueDeclaration !== member && member.body === undefined) continue;
    const parameters = isMethod
      ? `(${member.parameters.map((parameter) => `${parameter.name.getText()}${parameter.questionToken || parameter.initializer ? "?" : ""}`).join(", ")})`
      : "";
    rows.push(
      `| \`${prefix}${member.name.getText()}${parameters}\` | ${cell(describe(memberSymbol))} |`,
    );
  }
  return rows.length === 0 ? [] : ["| Member | |", "|---|---|", ...new Set(rows), ""];
}

/** Returns the lines of the example's code block; none if there is no example. */
async function exampleBlock(symbol) {
  const code = exampleModule(symbol);
  if (code === undefined) return [];
  const style = await prettier.resolveConfig(index);
  const formatted = await prettier.format(code, { ...style, parser: "typescript" });
  return ["```ts", formatted.trimEnd(), "```", ""];
}

/**
 * Returns the page of a file; undefined if it exports no class, or is in `internalFiles`.
 * @throws Error if it exports classes, but no example
 */
async function pageOf(file, symbols) {
  const main =
    symbols.find((symbol) => tag(symbol, "example") !== undefined) ??
    symbols.find((symbol) => exampleOf(symbol) !== undefined);
  if (main === undefined) {
    const classes = symbols.filter((symbol) => ts.isClassDeclaration(symbol.declarations[0]));
    if (classes.length > 0 && !internalFiles.has(file))
      throw new Error(`${file}: ${classes[0].name} has no @example`);
    return undefined;
  }
  const lines = [`# ${main.name}`, "", summaryOf(main), "", ...(await exampleBlock(main))];
  const see = tag(main, "see");
  const isClass = (symbol) => ts.isClassDeclaration(symbol.declarations[0]);
  const isObjectType = (symbol) =>
    ts.isInterfaceDeclaration(symbol.declarations[0]) ||
    ts.isTypeAliasDeclaration(symbol.declarations[0]);
  if (isClass(main)) lines.push(...memberTable(main));
  else if (isObjectType(main)) lines.push(...propsTable(main));
  const mainProps = symbols.find(
    (symbol) => isObjectType(symbol) && symbol.name === `${main.name}Props`,
  );
  if (mainProps !== undefined) lines.push(...propsTable(mainProps));
  const extendsElement = (symbol) =>
    isClass(symbol) && /extends Element/.test(symbol.declarations[0].getText().split("{")[0]);
  if (extendsElement(main))
    lines.push("The escape hatch is the Terraform resource itself: `node.defaultChild`.", "");
  for (const symbol of symbols.filter((other) => other !== main && other !== mainProps)) {
    const table = isClass(symbol)
      ? memberTable(symbol)
      : isObjectType(symbol)
        ? propsTable(symbol)
        : [];
    const intro = summaryOf(symbol);
    if (table.length === 0 && intro === "") continue;
    lines.push(
      `## ${symbol.name}`,
      "",
      ...(intro === "" ? [] : [intro, ""]),
      ...(await exampleBlock(symbol)),
      ...table,
    );
  }
  const link = see === undefined ? "" : ` · [vendor documentation](${see.replaceAll(/\s/g, "")})`;
  lines.push(`Source: \`${file}\`${link}`, "");
  return { title: main.name, summary: firstSentence(summaryOf(main)), text: lines.join("\n") };
}

const firstSentence = (text) =>
  cell(/^[\s\S]*?[.](?=\s|$)/.exec(text)?.[0] ?? text.split(/:(?=\s|$)/)[0]);

const pages = new Map();
const groups = new Map();
for (const [file, symbols] of [...exported].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const page = await pageOf(file, symbols);
  if (page === undefined) continue;
  const stem = path.basename(file, ".ts");
  pages.set(`${stem}.md`, page.text);
  const group = file.split("/")[1];
  groups.set(group, [
    ...(groups.get(group) ?? []),
    `| [${page.title}](${stem}.md) | ${page.summary} |`,
  ]);
}
const lines = [
  "# Constructs",
  "",
  "One page per construct, written from the source by `node scripts/constructs-doc.mjs`. Everything is imported from `lakeform/constructs`; `stacks/gallery/` uses each of them once.",
  "Objects of other stacks and teams are [referred to by id, name or path](existing-objects.md).",
  "",
];
for (const [group, rows] of groups)
  lines.push(`## ${group}`, "", "| | |", "|---|---|", ...rows, "");
lines.push(
  "## Speed",
  "",
  "Synth of 1,000 jobs of 10 tasks, from TypeScript under ts-node to `cdk.tf.json`:",
  "",
  "| | time | peak memory |",
  "|---|---|---|",
  "| lakeform | 2.4 s | 236 MB |",
  "| raw cdktf | 23.2 s | 483 MB |",
  "| an app without resources | | 165 MB |",
  "",
  "lakeform is 9.6 times as fast and takes 9.9 times less CPU time. The values are medians of three runs of `npm run bench -- synth`.",
  "",
);
lines.push(
  "## Unsupported fields",
  "",
  "[Fields of the provider that no construct sets](not-reachable.md), each with its reason.",
  "",
);
pages.set("README.md", lines.join("\n"));

const existing = fs
  .readdirSync(folder)
  .filter((name) => name !== "not-reachable.md" && name !== "existing-objects.md");
const outdated = [...new Set([...existing, ...pages.keys()])].filter((name) => {
  const file = path.join(folder, name);
  return !fs.existsSync(file) || fs.readFileSync(file, "utf8") !== pages.get(name);
});
if (process.argv.includes("--check")) {
  if (outdated.length > 0) {
    console.error(
      `docs/constructs does not match the source: ${outdated.join(", ")}\n  fix: node scripts/constructs-doc.mjs`,
    );
    process.exit(1);
  }
} else {
  for (const name of existing) if (!pages.has(name)) fs.rmSync(path.join(folder, name));
  for (const [name, text] of pages) fs.writeFileSync(path.join(folder, name), text);
  console.log(`${pages.size} pages`);
}
