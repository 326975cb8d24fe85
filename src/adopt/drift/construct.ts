/**
 * Finds a construct in the project's source: the expression that creates it, and the calls that add
 * elements to it.
 */
import type ts from "typescript";
import { nodesOf, type Compiler } from "../syntax/compiler";

export interface ConstructSource {
  readonly creation: ts.NewExpression;
  /**
   * The variable or member that it is assigned to: `etl`, `this.etl`; undefined if it is not
   * assigned.
   */
  readonly self: string | undefined;
  /** Calls on the construct, by the element that they add: `task ingest`, `addParameter day`. */
  readonly calls: ReadonlyMap<string, ts.CallExpression>;
  /** Calls on the construct that add an element with a computed name. */
  readonly computed: readonly ts.CallExpression[];
}

/**
 * Finds the construct that a line creates; undefined if the line creates none or several.
 * @param line starts at 1
 * @param className `Workflow`
 * @param id the construct's id
 */
export function findConstruct(
  compiler: Compiler,
  source: ts.SourceFile,
  {
    line,
    className,
    id,
  }: { readonly line: number; readonly className: string; readonly id: string },
): ConstructSource | undefined {
  const nodes = [...nodesOf(compiler, source)];
  const creationsOnLine = nodes.filter(
    (node): node is ts.NewExpression =>
      compiler.isNewExpression(node) &&
      source.getLineAndCharacterOfPosition(node.getStart(source)).line === line - 1 &&
      node.expression.getText(source).split(".").at(-1) === className,
  );
  const creationsWithId = creationsOnLine.filter(
    ({ arguments: args = [] as unknown as ts.NodeArray<ts.Expression> }) => {
      const [, second] = args;
      return second !== undefined && compiler.isStringLiteralLike(second) && second.text === id;
    },
  );
  const creation =
    creationsWithId[0] ?? (creationsOnLine.length === 1 ? creationsOnLine[0] : undefined);
  if (creation === undefined) return undefined;
  const self = assigneeOf(compiler, source, creation);
  const calls = new Map<string, ts.CallExpression>();
  const computed: ts.CallExpression[] = [];
  const scope = scopeOf(compiler, creation, self);
  for (const node of nodesOf(compiler, scope)) {
    if (!compiler.isCallExpression(node) || !compiler.isPropertyAccessExpression(node.expression))
      continue;
    const method = node.expression.name.text;
    if (
      !/^add[A-Z]/.test(method) ||
      self === undefined ||
      node.expression.expression.getText(source) !== self
    )
      continue;
    const [key] = node.arguments;
    if (key !== undefined && compiler.isStringLiteralLike(key))
      calls.set(`${kindOfMethod(method)} ${key.text}`, node);
    else computed.push(node);
  }
  return { creation, self, calls, computed };
}

/** Treats all methods that add a task alike, because a task can change its type. */
export const kindOfMethod = (method: string): string =>
  ["addTask", "addCondition", "addForEach"].includes(method) ? "task" : method;

/** Returns the variable or member that the value of an expression is assigned to. */
export function assigneeOf(
  compiler: Compiler,
  source: ts.SourceFile,
  node: ts.Expression,
): string | undefined {
  let current: ts.Node = node;
  while (
    compiler.isPropertyAccessExpression(current.parent) ||
    compiler.isCallExpression(current.parent)
  ) {
    // `new Workflow(…).adopt("1")` still returns the workflow. If it is an argument of a call, it
    // is not assigned.
    if (compiler.isCallExpression(current.parent) && current.parent.expression !== current)
      return undefined;
    current = current.parent;
  }
  const { parent } = current;
  if (compiler.isVariableDeclaration(parent) && compiler.isIdentifier(parent.name))
    return parent.name.text;
  if (compiler.isPropertyDeclaration(parent)) return `this.${parent.name.getText(source)}`;
  if (compiler.isBinaryExpression(parent) && parent.right === current)
    return parent.left.getText(source);
  return undefined;
}

/** Returns the scope of a variable, which is its function, or of a member, which is its class. */
function scopeOf(compiler: Compiler, node: ts.Node, self: string | undefined): ts.Node {
  let current: ts.Node = node;
  while (current.parent !== (undefined as unknown)) {
    current = current.parent;
    const isFunction = compiler.isFunctionLike(current) && self?.startsWith("this.") !== true;
    if (isFunction || compiler.isClassLike(current) || compiler.isSourceFile(current))
      return current;
  }
  return current;
}

/** Returns the statement that contains a node; undefined for a node outside of a statement. */
export function statementAround(compiler: Compiler, node: ts.Node): ts.Statement | undefined {
  let current: ts.Node = node;
  while (!compiler.isSourceFile(current)) {
    if (compiler.isExpressionStatement(current) || compiler.isVariableStatement(current))
      return current;
    if (compiler.isFunctionLike(current) || compiler.isClassLike(current)) return undefined;
    current = current.parent;
  }
  return undefined;
}
