/** Removes from the code the import blocks of objects that the state already has. */
import type ts from "typescript";
import { applyEdits, nodesOf, parse, type Compiler, type Edit } from "./compiler";

export interface Cleaned {
  readonly content: string;
  /** Ids of the removed calls of `adopt` and `importFrom`. */
  readonly removed: readonly string[];
  /** Ids that are not in the state yet; their calls stay. */
  readonly kept: readonly string[];
}

/** @param isApplied whether the state has the object of this id */
export function withoutImports(
  compiler: Compiler,
  file: string,
  isApplied: (id: string) => boolean,
): Cleaned {
  const source = parse(compiler, file);
  const edits: Edit[] = [];
  const [removedIds, keptIds]: [string[], string[]] = [[], []];
  for (const node of nodesOf(compiler, source)) {
    const id = importedId(compiler, node);
    if (id === undefined) continue;
    if (!isApplied(id)) {
      keptIds.push(id);
      continue;
    }
    removedIds.push(id);
    edits.push(removeCall(compiler, source, node as ts.CallExpression));
  }
  return { content: applyEdits(source.text, edits), removed: removedIds, kept: keptIds };
}

function importedId(compiler: Compiler, node: ts.Node): string | undefined {
  if (!compiler.isCallExpression(node) || !compiler.isPropertyAccessExpression(node.expression))
    return undefined;
  if (!["adopt", "importFrom"].includes(node.expression.name.text)) return undefined;
  const [id] = node.arguments;
  return id !== undefined && compiler.isStringLiteralLike(id) ? id.text : undefined;
}

/** Removes a call of `adopt` or `importFrom`. If the statement does nothing else, removes its line. */
function removeCall(compiler: Compiler, source: ts.SourceFile, node: ts.CallExpression): Edit {
  const access = node.expression as ts.PropertyAccessExpression;
  const isBare =
    compiler.isIdentifier(access.expression) ||
    compiler.isPropertyAccessExpression(access.expression);
  if (!compiler.isExpressionStatement(node.parent) || !isBare)
    return { start: access.expression.getEnd(), end: node.getEnd(), text: "" };
  const start = source.text.lastIndexOf("\n", node.parent.getStart(source)) + 1;
  const end = source.text.indexOf("\n", node.parent.getEnd());
  return { start, end: end < 0 ? source.text.length : end + 1, text: "" };
}
