/** Finds the app's main file, and adds the adopted stack to it once. */
import fs from "node:fs";
import path from "node:path";
import type ts from "typescript";
import { LakeformError } from "../../errors";
import { applyEdits, importEdit, nodesOf, parse, type Compiler } from "./compiler";

export interface MainFile {
  /** Absolute path of the main file. */
  readonly file: string;
  /** Import path of the constructs. */
  readonly library: string;
}

/**
 * Returns the file that the `app` command in cdktf.json runs.
 * @throws LakeformError NO_MAIN_FILE
 */
export function mainFileOf(root: string, app: string, compiler: Compiler): MainFile {
  const sourceFile = app.split(/\s+/).find((part) => /\.[cm]?ts$/.test(part));
  const file = sourceFile === undefined ? undefined : path.resolve(root, sourceFile);
  if (file === undefined || !fs.existsSync(file)) {
    throw new LakeformError(
      "NO_MAIN_FILE",
      "the app's main file was not found: the `app` command in cdktf.json does not name a TypeScript file",
      {
        value: app,
        allowed: "npx ts-node stacks/main.ts",
        fix: "name the file in cdktf.json",
      },
    );
  }
  for (const node of nodesOf(compiler, parse(compiler, file))) {
    if (!compiler.isImportDeclaration(node) || !compiler.isStringLiteral(node.moduleSpecifier))
      continue;
    if (
      /(^|\/)constructs(\/index)?$/.test(node.moduleSpecifier.text) &&
      node.moduleSpecifier.text !== "constructs"
    )
      return { file, library: node.moduleSpecifier.text };
  }
  return { file, library: "lakeform/constructs" };
}

/**
 * Adds the stack at the end of the function passed to `synthesize`; undefined if the file already
 * uses the class.
 * @throws LakeformError BAD_MAIN_FILE if there is no such function, or the file does not name
 * `environments`; the error contains the lines to add
 */
export function withStack(
  compiler: Compiler,
  main: MainFile,
  stack: { readonly className: string; readonly module: string; readonly environment: string },
): string | undefined {
  const source = parse(compiler, main.file);
  const nodes = [...nodesOf(compiler, source)];
  if (nodes.some((node) => compiler.isIdentifier(node) && node.text === stack.className))
    return undefined;
  const build = nodes.flatMap((node) => synthCallbacks(compiler, node))[0];
  const environments = nodes.some(
    (node) => compiler.isIdentifier(node) && node.text === "environments",
  );
  const statement = (app: string): string =>
    `new ${stack.className}(${app}, environmentNamed(environments, ${JSON.stringify(stack.environment)}));`;
  if (build === undefined || !environments) {
    throw new LakeformError(
      "BAD_MAIN_FILE",
      "the adopted stack could not be added to the app: the main file does not call synthesize with a function, or does not name `environments`",
      {
        value: main.file,
        fix: `add to it: import { ${stack.className} } from "${stack.module}"; … ${statement("app")}`,
      },
    );
  }
  const end = build.body.getEnd() - 1;
  const edits = [
    { start: end, end, text: `  ${statement(build.app)}\n` },
    importEdit(compiler, source, ["environmentNamed"], main.library),
    importEdit(compiler, source, [stack.className], stack.module),
  ];
  return applyEdits(
    source.text,
    edits.filter((edit) => edit !== undefined),
  );
}

function synthCallbacks(
  compiler: Compiler,
  node: ts.Node,
): { readonly app: string; readonly body: ts.Block }[] {
  if (!compiler.isCallExpression(node) || !compiler.isIdentifier(node.expression)) return [];
  if (!["synthesize", "buildAndSynth"].includes(node.expression.text)) return [];
  const [build] = node.arguments;
  if (
    build === undefined ||
    !(compiler.isArrowFunction(build) || compiler.isFunctionExpression(build))
  )
    return [];
  const [parameter] = build.parameters;
  if (
    parameter === undefined ||
    !compiler.isIdentifier(parameter.name) ||
    !compiler.isBlock(build.body)
  )
    return [];
  return [{ app: parameter.name.text, body: build.body }];
}
