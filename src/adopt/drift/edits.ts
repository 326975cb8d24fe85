/** Computes the edits of a source file that apply changes from the workspace. */
import type ts from "typescript";
import { print, type Code } from "../code/print";
import { importEdit, nodesOf, type Compiler, type Edit } from "../syntax/compiler";
import { Reconciler, isSameCode, indentOf, type IdentifierMap } from "./constant";
import { assigneeOf, statementAround, type ConstructSource } from "./construct";
import type { Statement, Statements } from "./statements";

export interface FileEdits {
  readonly edits: readonly Edit[];
  /** Changes that the user has to make: the line, the expression, and its new value. */
  readonly manualEdits: readonly {
    readonly line: number;
    readonly expression: string;
    readonly newCode: string;
  }[];
}

/** @param library the import path of the constructs in the file */
export function editsOf(
  compiler: Compiler,
  source: ts.SourceFile,
  construct: ConstructSource,
  [before, after]: readonly [Statements, Statements],
  library: string,
): FileEdits {
  return new EditCollector(compiler, source, construct, before, after).collect(library);
}

class EditCollector {
  readonly #edits: Edit[] = [];
  readonly #manualEdits: { line: number; expression: string; newCode: string }[] = [];
  readonly #reconciler: Reconciler;
  /** The expressions in the user's code, by the object that they refer to. */
  readonly #handles = new Map<string, string>();

  constructor(
    private readonly compiler: Compiler,
    private readonly source: ts.SourceFile,
    private readonly construct: ConstructSource,
    private readonly before: Statements,
    private readonly after: Statements,
  ) {
    for (const [callKey, node] of construct.calls) {
      const name = assigneeOf(compiler, source, node);
      if (name !== undefined) this.#handles.set(callKey, name);
    }
    this.#reconciler = new Reconciler(compiler, source, this.#identifierMap());
  }

  collect(library: string): FileEdits {
    const currentStatements = byCallKey(this.before);
    const newStatements = byCallKey(this.after);
    for (const [callKey, statement] of newStatements) {
      const currentStatement = currentStatements.get(callKey);
      if (currentStatement === undefined) this.#addStatement(callKey, statement);
      else if (!isSameCode(currentStatement.code, statement.code))
        this.#changeStatement(callKey, currentStatement, statement);
    }
    for (const callKey of currentStatements.keys())
      if (!newStatements.has(callKey)) this.#removeStatement(callKey);
    return {
      edits: this.#withImports(withoutOverlaps(this.#edits), library),
      manualEdits: this.#manualEdits,
    };
  }

  #identifierMap(): IdentifierMap {
    return {
      rename: (name) => {
        if (name === this.after.self) return this.construct.self;
        for (const { callKey, name: generatedName, code } of [
          ...this.after.list,
          ...this.before.list,
        ]) {
          if (generatedName !== name) continue;
          if (/^(task|add\w+) /.test(callKey))
            return this.#handles.get(callKey) ?? this.#nameFor(callKey);
          // Refer to an unchanged object by its constant in the code, or by its expression if it
          // has none.
          return callKey.startsWith("new ") ? undefined : (this.#constantOf(code) ?? code);
        }
        return undefined;
      },
      isHandle: (text) =>
        [...this.#handles.values()].some(
          (handle) => text === handle || text.startsWith(`${handle}.`),
        ),
    };
  }

  /** Names the constant of a new object, or of one that has no constant yet. */
  #nameFor(key: string): string | undefined {
    const newName = this.after.list.find((statement) => statement.callKey === key)?.name;
    const node = this.construct.calls.get(key);
    if (newName === undefined) return undefined;
    this.#handles.set(key, newName);
    const statement = node === undefined ? undefined : statementAround(this.compiler, node);
    if (statement !== undefined) {
      const start = statement.getStart(this.source);
      this.#edits.push({ start, end: start, text: `const ${newName} = ` });
    }
    return newName;
  }

  /** Returns the variable in the user's code that is initialized with this code. */
  #constantOf(code: Code): string | undefined {
    const { compiler, source } = this;
    const text = print(code, "").replaceAll(/\s+/g, "");
    for (const node of nodesOf(compiler, source)) {
      if (
        !compiler.isVariableDeclaration(node) ||
        !compiler.isIdentifier(node.name) ||
        node.initializer === undefined
      )
        continue;
      if (node.initializer.getText(source).replaceAll(/\s+/g, "") === text) return node.name.text;
    }
    return undefined;
  }

  #changeStatement(key: string, currentStatement: Statement, newStatement: Statement): void {
    const node = key.startsWith("new ") ? this.construct.creation : this.construct.calls.get(key);
    if (node === undefined)
      return this.#report(
        this.construct.computed[0] ?? this.construct.creation,
        `${key}: ${this.#reconciler.text(newStatement.code)}`,
      );
    // Replace the complete call, because a task of a different type is added by a different method.
    if (currentStatement.code.open !== newStatement.code.open && !key.startsWith("new ")) {
      if (
        this.compiler.isCallExpression(node) &&
        node.arguments.every((expression) => this.#reconciler.isConstant(expression))
      )
        this.#edits.push(this.#reconciler.replace(node, newStatement.code));
      else this.#report(node, this.#reconciler.text(newStatement.code));
      return;
    }
    const args = node.arguments ?? [];
    const [currentArgs, newArgs] = [
      argumentsOf(currentStatement.code),
      argumentsOf(newStatement.code),
    ];
    newArgs.forEach((code, index) => {
      const [arg, before] = [args[index], currentArgs[index]];
      if (before === undefined || isSameCode(before, code)) return;
      if (arg === undefined) return this.#report(node, this.#reconciler.text(code));
      const { edits, computed } = this.#reconciler.change(arg, before, code);
      this.#edits.push(...edits);
      for (const field of computed) this.#report(field.node, field.newCode);
    });
  }

  #addStatement(key: string, { code }: Statement): void {
    const { self } = this.construct;
    if (self === undefined || !/^(task|add\w+) /.test(key))
      return this.#report(this.construct.creation, this.#reconciler.text(code));
    const newCode = this.#reconciler.text(code);
    const anchor = this.#insertionPoint(newCode);
    if (anchor === undefined) return this.#report(this.construct.creation, newCode);
    const indent = indentOf(this.source, anchor);
    const name = this.#handles.get(key);
    this.#edits.push({
      start: anchor.getEnd(),
      end: anchor.getEnd(),
      text: `\n${indent}${name === undefined ? "" : `const ${name} = `}${this.#reconciler.text(code, indent)};`,
    });
  }

  /**
   * Returns the statement after which to insert the code: the last one that declares a name used in
   * it.
   */
  #insertionPoint(text: string): ts.Statement | undefined {
    const creation = statementAround(this.compiler, this.construct.creation);
    const declarations = [...this.construct.calls].flatMap(([callKey, node]): ts.Statement[] => {
      const name = this.#handles.get(callKey);
      const isUsed =
        name !== undefined &&
        new RegExp(`(?<![\\w.])${name.replaceAll(/[.$]/g, "\\$&")}(?!\\w)`).test(text);
      const statement = isUsed ? statementAround(this.compiler, node) : undefined;
      return statement === undefined ? [] : [statement];
    });
    const candidates = creation === undefined ? declarations : [creation, ...declarations];
    return candidates.toSorted((a, b) => a.getEnd() - b.getEnd()).at(-1);
  }

  #removeStatement(key: string): void {
    const node = this.construct.calls.get(key);
    const statement = node === undefined ? undefined : statementAround(this.compiler, node);
    if (node === undefined || statement === undefined)
      return this.#report(
        node ?? this.construct.computed[0] ?? this.construct.creation,
        `no ${key}`,
      );
    const start = this.source.text.lastIndexOf("\n", statement.getStart(this.source));
    this.#edits.push({ start: Math.max(start, 0), end: statement.getEnd(), text: "" });
  }

  #report(node: ts.Node, newCode: string): void {
    const line = this.source.getLineAndCharacterOfPosition(node.getStart(this.source)).line + 1;
    const expression = node.getText(this.source).replaceAll(/\s+/g, " ");
    this.#manualEdits.push({
      line,
      expression: expression.length > 80 ? `${expression.slice(0, 77)}…` : expression,
      newCode,
    });
  }

  #withImports(edits: readonly Edit[], library: string): readonly Edit[] {
    const text = edits.map((edit) => edit.text).join("\n");
    const names = [...this.after.used].filter((name) => new RegExp(`\\b${name}\\b`).test(text));
    const edit =
      names.length === 0 ? undefined : importEdit(this.compiler, this.source, names, library);
    return edit === undefined ? edits : [...edits, edit];
  }
}

function byCallKey({ list }: Statements): Map<string, Statement> {
  return new Map(list.map((statement) => [statement.callKey, statement]));
}

const argumentsOf = (code: Exclude<Code, string>): Code[] =>
  code.items.filter((item): item is Code => !Array.isArray(item));

/** Merges adjacent removals, which overlap at a comma. */
function withoutOverlaps(edits: readonly Edit[]): readonly Edit[] {
  const result: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last !== undefined && last.end > edit.start && last.text === "" && edit.text === "")
      result[result.length - 1] = { ...last, end: Math.max(last.end, edit.end) };
    else result.push(edit);
  }
  return result;
}
