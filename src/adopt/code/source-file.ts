/**
 * Builds one file of the generated code: its imports, parameters and statements, with unique names.
 */
import { printable } from "../../printable";
import type { Attributes } from "../../resources/kind";
import type { Code } from "./print";
import { maxLineLength, print } from "./print";
import { identifierOf, UniqueNames } from "./names";

/** An object that the code refers to. */
export interface Reference {
  readonly identifier: string;
  /** The interface for function parameters: `IAllPurposeCluster`. */
  readonly type: string;
  /** The attributes, if the object is adopted. */
  readonly attributes?: Attributes;
}

/**
 * Thrown if the constructs cannot express an object, which is then written with the class from the
 * bindings.
 */
export class NotExpressible extends Error {}

/** The return value of a generated function. */
export interface ReturnValue {
  readonly type: string;
  readonly code: string;
  /** Whether the file already imports the type from another module. */
  readonly isImported?: true;
}

export class SourceFile {
  readonly #imports = new Map<string, Set<string>>();
  readonly #parameters = new Map<string, string>();
  /** Declarations of notebooks, files and objects by id, which the other statements use. */
  readonly #head: string[] = [];
  readonly #body: string[] = [];
  #statements = this.#body;
  readonly #names: UniqueNames;
  readonly #reserved = new Set<string>();

  /**
   * @param library the import path of the constructs: `lakeform/constructs`
   * @param reservedNames names that the file must not use, such as the name of the
   * generated function
   */
  constructor(
    readonly library: string,
    reservedNames: readonly string[],
  ) {
    this.#names = new UniqueNames([...reservedNames, "stack"]);
  }

  /** Imports a name. @param from the module, if it is not the constructs library */
  use(name: string, from = this.library): string {
    const shortName = name.replace(/^type /, "");
    this.#imports.set(from, (this.#imports.get(from) ?? new Set()).add(name));
    return shortName;
  }

  /** Adds a function parameter for another adopted object. */
  parameter(reference: Reference): string {
    const { identifier, type } = reference;
    if (!this.#parameters.has(identifier)) {
      this.#parameters.set(identifier, type);
      this.use(`type ${type}`);
    }
    return identifier;
  }

  /**
   * Returns an identifier for a constant that is unique in this file: `shared`, if that is used
   * `sharedCluster`, then `sharedCluster2`.
   */
  name(text: string, kind: string): string {
    const name = identifierOf(text, kind);
    if (!this.#names.has(name) && !this.#reserved.has(name)) return this.#names.take(name);
    const withKind = name.toLowerCase().endsWith(kind)
      ? name
      : `${name}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    return this.#names.take(withKind);
  }

  /**
   * Reserves identifiers, so that, for example, only a task gets a constant with the task's name.
   */
  reserve(texts: readonly string[], kind: string): void {
    for (const text of texts) this.#reserved.add(identifierOf(text, kind));
  }

  /** Like {@link name}, for a name reserved with {@link reserve}. */
  reservedName(text: string, kind: string): string {
    this.#reserved.delete(identifierOf(text, kind));
    return this.name(text, kind);
  }

  /** Places the statements that `write` adds above all others. */
  writeAbove(write: () => void): void {
    const current = this.#statements;
    this.#statements = this.#head;
    write();
    this.#statements = current;
  }

  const(name: string, code: Code): void {
    this.#statements.push(print(code, `  const ${name} = `, ";"));
  }

  statement(code: Code): void {
    this.#statements.push(print(code, "  ", ";"));
  }

  comment(text: string): void {
    this.#statements.push(`  // ${oneLine(text)}`);
  }

  blank(): void {
    if (this.#statements.length > 0 && this.#statements.at(-1) !== "") this.#statements.push("");
  }

  get parameters(): readonly string[] {
    return [...this.#parameters.keys()];
  }

  /** @param result the type and the expression that the function returns */
  render(functionName: string, summary: string, result: ReturnValue): string {
    this.use("type WorkspaceStack");
    if (result.isImported !== true)
      this.use(
        /^[A-Z]/.test(result.type) && !this.#imports.get(this.library)?.has(result.type)
          ? `type ${result.type}`
          : result.type,
      );
    const parameters = [
      "stack: WorkspaceStack",
      ...[...this.#parameters].map(([name, type]) => `${name}: ${type}`),
    ];
    const oneLineSignature = `export function ${functionName}(${parameters.join(", ")}): ${result.type} {`;
    const signature =
      oneLineSignature.length <= maxLineLength
        ? oneLineSignature
        : `export function ${functionName}(\n${parameters.map((parameter) => `  ${parameter},\n`).join("")}): ${result.type} {`;
    const parts = [this.#head, this.#body].map((part) => part.join("\n").trimEnd());
    const statements = parts.filter((part) => part !== "").join("\n\n");
    return `${this.#renderImports()}\n/** ${oneLine(summary).replaceAll("*/", "* /")} */\n${signature}\n${statements}\n  return ${result.code};\n}\n`;
  }

  #renderImports(): string {
    return [...this.#imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => {
        const sorted = [...names].sort((a, b) =>
          withoutTypeKeyword(a) < withoutTypeKeyword(b) ? -1 : 1,
        );
        return print(
          { open: "import {", items: sorted, close: "}", spaced: true },
          "",
          ` from ${JSON.stringify(from)};\n`,
        );
      })
      .join("");
  }
}

const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, " "));
const withoutTypeKeyword = (name: string): string => name.replace(/^type /, "").toLowerCase();
