/**
 * Edits TypeScript expressions so that they have new values. To find the edits, it compares the
 * code that the generator would write for the current and for the new value.
 */
import type ts from "typescript";
import { print, type Code } from "../code/print";
import type { Compiler, Edit } from "../syntax/compiler";

/** The changes with which expressions in the code get new values. */
export interface Reconciliation {
  readonly edits: readonly Edit[];
  /** Expressions that compute their value, and the code of the value that they must have. */
  readonly computed: readonly { readonly node: ts.Node; readonly newCode: string }[];
}

const none: Reconciliation = { edits: [], computed: [] };
const combine = (parts: readonly Reconciliation[]): Reconciliation => ({
  edits: parts.flatMap((part) => part.edits),
  computed: parts.flatMap((part) => part.computed),
});

export interface IdentifierMap {
  /** Returns the expression in the user's code for a constant of the generated code. */
  rename(name: string): Code | undefined;
  /** Whether an expression is a handle. */
  isHandle(text: string): boolean;
}

/** Changes values in the source by editing the smallest expression that sets each of them. */
export class Reconciler {
  constructor(
    private readonly compiler: Compiler,
    private readonly source: ts.SourceFile,
    private readonly names: IdentifierMap,
  ) {}

  /**
   * Changes the value of an expression.
   * @param before the code that the generator writes for the current value
   * @param after the code that the generator writes for the new value
   */
  change(node: ts.Expression, before: Code, after: Code): Reconciliation {
    const { compiler } = this;
    if (isSameCode(before, after)) return none;
    const inner =
      compiler.isAsExpression(node) ||
      compiler.isSatisfiesExpression(node) ||
      compiler.isParenthesizedExpression(node)
        ? node.expression
        : node;
    if (compiler.isObjectLiteralExpression(inner) && isObject(before) && isObject(after))
      return this.#object(inner, before, after);
    const callResult = this.#call(inner, before, after);
    if (callResult !== undefined) return callResult;
    const isUnedited =
      this.text(before).replaceAll(/\s+/g, "") ===
      inner.getText(this.source).replaceAll(/\s+/g, "");
    if (isUnedited || this.isConstant(inner))
      return { edits: [this.replace(inner, after)], computed: [] };
    return { edits: [], computed: [{ node: inner, newCode: this.text(after) }] };
  }

  replace(node: ts.Node, after: Code): Edit {
    return {
      start: node.getStart(this.source),
      end: node.getEnd(),
      text: this.text(after, indentOf(this.source, node)),
    };
  }

  text(code: Code, indent = ""): string {
    return print(this.withUserNames(code), indent).trimStart();
  }

  /** Replaces the constants of the generated code with the expressions in the user's code. */
  withUserNames(code: Code): Code {
    if (typeof code === "string") {
      const [name = ""] = /^[A-Za-z_$][\w$]*/.exec(code) ?? [];
      const replacement = name === "" ? undefined : this.names.rename(name);
      if (replacement === undefined) return code;
      if (name === code) return replacement;
      return typeof replacement === "string" ? replacement + code.slice(name.length) : code;
    }
    const [name = ""] = /^[A-Za-z_$][\w$]*/.exec(code.open) ?? [];
    const replacement = name === "" ? undefined : this.names.rename(name);
    const items = code.items.map((item) =>
      isEntry(item) ? ([item[0], this.withUserNames(item[1])] as const) : this.withUserNames(item),
    );
    return {
      ...code,
      open:
        typeof replacement === "string" ? replacement + code.open.slice(name.length) : code.open,
      items,
    };
  }

  /**
   * Changes a call argument by argument; undefined if the number of arguments differs, or if one of
   * them is a spread.
   */
  #call(node: ts.Expression, before: Code, after: Code): Reconciliation | undefined {
    if (
      typeof before === "string" ||
      typeof after === "string" ||
      before.open !== after.open ||
      before.close !== after.close
    )
      return undefined;
    if (!before.open.endsWith("(") || !this.compiler.isCallExpression(node)) return undefined;
    const [currentCodes, newCodes] = [values(before), values(after)];
    const { arguments: args } = node;
    if (
      args.length !== currentCodes.length ||
      currentCodes.length !== newCodes.length ||
      args.some((expression) => this.compiler.isSpreadElement(expression))
    )
      return undefined;
    return combine(
      args.map((arg, index) => this.change(arg, currentCodes[index] ?? "", newCodes[index] ?? "")),
    );
  }

  #object(
    node: ts.ObjectLiteralExpression,
    before: Exclude<Code, string>,
    after: Exclude<Code, string>,
  ): Reconciliation {
    const [currentCodes, newCodes] = [new Map(entries(before)), new Map(entries(after))];
    const parts: Reconciliation[] = [];
    for (const name of new Set([...currentCodes.keys(), ...newCodes.keys()])) {
      const [currentCode, newCode] = [currentCodes.get(name), newCodes.get(name)];
      if (currentCode !== undefined && newCode !== undefined && isSameCode(currentCode, newCode))
        continue;
      parts.push(this.#property(node, name, currentCode, newCode));
    }
    return combine(parts);
  }

  #property(
    node: ts.ObjectLiteralExpression,
    name: string,
    currentCode: Code | undefined,
    newCode: Code | undefined,
  ): Reconciliation {
    const { compiler, source } = this;
    const propertyName = name.startsWith('"') ? (JSON.parse(name) as string) : name;
    const property = node.properties.find((candidate) => {
      const key = candidate.name;
      return (
        key !== undefined &&
        (compiler.isIdentifier(key) || compiler.isStringLiteralLike(key)) &&
        key.text === propertyName
      );
    });
    if (property === undefined) {
      // The field is not in the literal, so a spread or another expression sets it.
      if (newCode === undefined || (currentCode !== undefined && !this.#mayAdd(node)))
        return {
          edits: [],
          computed: [
            {
              node,
              newCode:
                newCode === undefined
                  ? `no ${propertyName}`
                  : `${propertyName}: ${this.text(newCode)}`,
            },
          ],
        };
      return { edits: [this.#insertProperty(node, name, newCode)], computed: [] };
    }
    if (newCode === undefined) {
      if (compiler.isPropertyAssignment(property) && this.isConstant(property.initializer))
        return { edits: [removeProperty(source, property, node)], computed: [] };
      return { edits: [], computed: [{ node: property, newCode: `no ${propertyName}` }] };
    }
    if (compiler.isPropertyAssignment(property))
      return currentCode === undefined
        ? this.#defaultValue(property.initializer, newCode)
        : this.change(property.initializer, currentCode, newCode);
    return {
      edits: [],
      computed: [{ node: property, newCode: `${propertyName}: ${this.text(newCode)}` }],
    };
  }

  /** Changes a value that the generated code omits because it is a default. */
  #defaultValue(node: ts.Expression, newCode: Code): Reconciliation {
    if (this.isConstant(node)) return { edits: [this.replace(node, newCode)], computed: [] };
    return { edits: [], computed: [{ node, newCode: this.text(newCode) }] };
  }

  /** Whether a field can be added. A literal with a spread may already have it. */
  #mayAdd(node: ts.ObjectLiteralExpression): boolean {
    return !node.properties.some((candidate) => this.compiler.isSpreadAssignment(candidate));
  }

  #insertProperty(node: ts.ObjectLiteralExpression, name: string, newCode: Code): Edit {
    const last = node.properties.at(-1);
    const offset = last?.getEnd() ?? node.getEnd() - 1;
    const isMultiline =
      last !== undefined &&
      /\n/.test(this.source.text.slice(node.getStart(this.source), last.getStart(this.source)));
    const indent = last === undefined ? "" : indentOf(this.source, last);
    const newProperty = `${name}: ${this.text(newCode, isMultiline ? indent : "")}`;
    const lineEnd = this.source.text.indexOf("\n", offset);
    // A comma and a comment may follow on the line.
    if (isMultiline && this.source.text[offset] === ",")
      return { start: lineEnd, end: lineEnd, text: `\n${indent}${newProperty},` };
    return {
      start: offset,
      end: offset,
      text:
        last === undefined
          ? ` ${newProperty} `
          : `,${isMultiline ? `\n${indent}` : " "}${newProperty}`,
    };
  }

  /**
   * Whether an expression is constant: a literal, a list or object of constants, a library factory
   * with constant arguments, or a handle.
   */
  isConstant(node: ts.Expression): boolean {
    const { compiler } = this;
    if (compiler.isLiteralExpression(node) || this.names.isHandle(node.getText(this.source)))
      return true;
    if (
      [
        compiler.SyntaxKind.TrueKeyword,
        compiler.SyntaxKind.FalseKeyword,
        compiler.SyntaxKind.NullKeyword,
      ].includes(node.kind)
    )
      return true;
    // A name such as `ClusterSize` is a class of the library.
    if (compiler.isIdentifier(node))
      return node.text === "undefined" || /^[A-Z]\w*[a-z]/.test(node.text);
    if (compiler.isPrefixUnaryExpression(node)) return this.isConstant(node.operand);
    if (compiler.isArrayLiteralExpression(node))
      return node.elements.every((expression) => this.isConstant(expression));
    if (compiler.isObjectLiteralExpression(node)) {
      return node.properties.every(
        (candidate) =>
          compiler.isPropertyAssignment(candidate) &&
          !compiler.isComputedPropertyName(candidate.name) &&
          this.isConstant(candidate.initializer),
      );
    }
    if (compiler.isPropertyAccessExpression(node)) return this.isConstant(node.expression);
    if (compiler.isCallExpression(node))
      return (
        compiler.isPropertyAccessExpression(node.expression) &&
        this.isConstant(node.expression) &&
        node.arguments.every((expression) => this.isConstant(expression))
      );
    return false;
  }
}

export const isSameCode = (a: Code, b: Code): boolean => JSON.stringify(a) === JSON.stringify(b);
const isEntry = (candidate: Code | readonly [string, Code]): candidate is readonly [string, Code] =>
  Array.isArray(candidate);
const isObject = (code: Code): code is Exclude<Code, string> =>
  typeof code !== "string" && code.open === "{";
const entries = (code: Exclude<Code, string>): (readonly [string, Code])[] =>
  code.items.filter((item) => isEntry(item));
const values = (code: Exclude<Code, string>): Code[] =>
  code.items.filter((item): item is Code => !isEntry(item));

/** Returns the indentation of the line on which a node starts. */
export function indentOf(source: ts.SourceFile, node: ts.Node): string {
  const start = source.text.lastIndexOf("\n", node.getStart(source)) + 1;
  return /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? "";
}

/** Removes a property and the comma after it, or else the comma before it. */
function removeProperty(
  source: ts.SourceFile,
  property: ts.Node,
  literal: ts.ObjectLiteralExpression,
): Edit {
  const { properties } = literal;
  const index = properties.findIndex((candidate) => candidate === property);
  const next = properties[index + 1];
  if (next !== undefined)
    return { start: property.getStart(source), end: next.getStart(source), text: "" };
  const previous = properties[index - 1];
  return { start: previous?.getEnd() ?? property.getFullStart(), end: property.getEnd(), text: "" };
}
