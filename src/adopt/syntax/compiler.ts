/** Loads the project's TypeScript compiler, and edits source with it. */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type ts from "typescript";
import { LakeformError } from "../../errors";

export type Compiler = typeof ts;

/**
 * Returns the project's compiler or, if the project's packages are not installed yet, the one
 * installed with lakeform.
 * @throws LakeformError NO_TYPESCRIPT, TYPESCRIPT_TOO_NEW
 */
export function compilerOf(root: string): Compiler {
  let compiler: Partial<Compiler>;
  try {
    const from = createRequire(path.join(root, "package.json"));
    compiler = (fs.existsSync(path.join(root, "node_modules")) ? from : createRequire(__filename))(
      "typescript",
    ) as Partial<Compiler>;
  } catch (error) {
    throw new LakeformError(
      "NO_TYPESCRIPT",
      "the project has no TypeScript compiler, which lakeform needs to read and edit its source",
      {
        value: root,
        fix: "npm install --save-dev typescript",
        cause: error,
      },
    );
  }
  if (typeof compiler.createSourceFile !== "function") {
    throw new LakeformError(
      "TYPESCRIPT_TOO_NEW",
      "the project's TypeScript lacks the compiler API with which lakeform reads and edits the source",
      {
        value: `typescript ${compiler.version ?? ""} in ${root}`,
        allowed: "typescript 5",
        fix: "npm install --save-dev typescript@5.9",
      },
    );
  }
  return compiler as Compiler;
}

/** The replacement of a part of a file. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function parse(
  compiler: Compiler,
  file: string,
  content = fs.readFileSync(file, "utf8"),
): ts.SourceFile {
  return compiler.createSourceFile(file, content, compiler.ScriptTarget.Latest, true);
}

/** @param edits must not overlap */
export function applyEdits(content: string, edits: readonly Edit[]): string {
  let result = content;
  for (const { start, end, text } of [...edits].sort((a, b) => b.start - a.start || b.end - a.end))
    result = result.slice(0, start) + text + result.slice(end);
  return result;
}

/** Iterates over a node and all its descendants, parents first. */
export function* nodesOf(compiler: Compiler, node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  compiler.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(compiler, child);
}

/**
 * Adds names to the import of a module, or an import after the existing ones.
 * @returns undefined if the file already imports all of the names
 */
export function importEdit(
  compiler: Compiler,
  source: ts.SourceFile,
  names: readonly string[],
  from: string,
): Edit | undefined {
  const imports = source.statements.filter((statement) => compiler.isImportDeclaration(statement));
  const existing = imports.find(
    ({ moduleSpecifier }) =>
      compiler.isStringLiteral(moduleSpecifier) && moduleSpecifier.text === from,
  );
  const bindings = existing?.importClause?.namedBindings;
  if (bindings !== undefined && compiler.isNamedImports(bindings)) {
    const missing = names.filter(
      (name) => !bindings.elements.some((element) => element.name.text === name),
    );
    if (missing.length === 0) return undefined;
    const last = bindings.elements.at(-1);
    const offset = last?.getEnd() ?? bindings.getEnd() - 1;
    return {
      start: offset,
      end: offset,
      text: `${last === undefined ? " " : ", "}${missing.join(", ")}`,
    };
  }
  const offset = imports.at(-1)?.getEnd() ?? 0;
  return {
    start: offset,
    end: offset,
    text: `\nimport { ${names.join(", ")} } from ${JSON.stringify(from)};`,
  };
}
