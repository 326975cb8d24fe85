/**
 * Parses Terraform's templates and expressions: literals, directives, references, indices, splats,
 * `for`, operators, conditionals, calls. Anything else (here documents, comments) becomes
 * {@link Unresolved} with the template's text.
 */
import { parseExactNumber } from "./numbers";
import type { ForNode, Node } from "./syntax";
import { Unresolved } from "./values";

class Unparsable extends Error {}

/**
 * Parses a string of a JSON configuration as a template. A string without `${` or `%{` is a
 * literal.
 */
export function parseTemplate(text: string): Node | Unresolved {
  if (!text.includes("${") && !text.includes("%{")) return { is: "literal", value: text };
  try {
    return new Parser(text).template(undefined);
  } catch (error) {
    if (error instanceof Unparsable) return new Unresolved(text, error.message);
    throw error;
  }
}

/** The binary operators by their precedence; the operators of the last row bind most tightly. */
const operatorRows = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];
const precedence: Readonly<Record<string, number>> = Object.fromEntries(
  operatorRows.flatMap((operators, row) => operators.map((operator) => [operator, row + 1])),
);

class Parser {
  #position = 0;
  constructor(private readonly text: string) {}

  /** Parses up to the closing quote (left for the caller) or the end of the source. */
  template(quote: '"' | undefined): Node {
    const parsed = this.#parts(quote);
    if (parsed.endingWord !== undefined)
      throw new Unparsable(`%{ ${parsed.endingWord} } has no start`);
    return parsed.node;
  }

  /**
   * Parses a template, or a part of one up to the directive that ends it: `else`, `endif`,
   * `endfor`.
   */
  #parts(quote: '"' | undefined): { readonly node: Node; readonly endingWord: string | undefined } {
    const parts: Node[] = [];
    let literal = "";
    let trimNext = false;
    let endingWord: string | undefined;
    const flush = (): void => {
      if (literal !== "") parts.push({ is: "literal", value: literal });
      literal = "";
    };
    /** Parses `${` or `%{`, and a `~` after it, which strips the space before the sequence. */
    const openSequence = (): void => {
      this.#position += 2;
      if (this.#peek("~")) {
        this.#position += 1;
        const line = literal.lastIndexOf("\n", literal.length - 2) + 1;
        literal = literal.slice(0, line) + literal.slice(line).trimEnd();
      }
      flush();
    };
    const closeSequence = (): void => {
      trimNext = this.#closeSequence();
    };
    while (
      endingWord === undefined &&
      this.#position < this.text.length &&
      !(quote !== undefined && this.#peek(quote))
    ) {
      if (trimNext) {
        trimNext = false;
        this.#skipRestOfLine();
        continue;
      }
      if (this.#peek("$${") || this.#peek("%%{")) {
        literal += this.text.slice(this.#position + 1, this.#position + 3);
        this.#position += 3;
      } else if (this.#peek("%{")) {
        openSequence();
        const word = this.#word();
        if (word === "if" || word === "for") parts.push(this.#directive(word, quote));
        else endingWord = word;
        if (endingWord === undefined) closeSequence();
      } else if (this.#peek("${")) {
        openSequence();
        parts.push(this.#expression(0));
        closeSequence();
      } else if (quote !== undefined && this.#peek("\\")) {
        literal += this.#escape();
      } else {
        literal += this.text[this.#position] ?? "";
        this.#position += 1;
      }
    }
    flush();
    const [onlyPart] = parts;
    const node: Node =
      onlyPart === undefined
        ? { is: "literal", value: "" }
        : parts.length === 1
          ? onlyPart
          : { is: "template", parts };
    return { node, endingWord };
  }

  /** Parses `}` or `~}`. @returns true if the space after it is stripped */
  #closeSequence(): boolean {
    this.#skipSpace();
    const trims = this.#peek("~");
    if (trims) this.#position += 1;
    this.#expect("}");
    return trims;
  }

  /**
   * Parses `%{ if … }` or `%{ for … }` after its first word, up to `endif` or `endfor`. The caller
   * parses the brace after that.
   */
  #directive(word: "if" | "for", quote: '"' | undefined): Node {
    if (word === "if") {
      const test = this.#expression(0);
      const yes = this.#body(quote, ["else", "endif"]);
      const no =
        yes.endingWord === "else"
          ? this.#body(quote, ["endif"]).node
          : { is: "literal" as const, value: "" };
      return { is: "conditional", test, yes: asText(yes.node), no: asText(no) };
    }
    const { key, name, of } = this.#loopHeader();
    const { node } = this.#body(quote, ["endfor"]);
    return {
      is: "for",
      result: "text",
      key,
      name,
      of,
      as: undefined,
      value: node,
      isGrouped: false,
      test: undefined,
    };
  }

  #body(
    quote: '"' | undefined,
    ends: readonly string[],
  ): { readonly node: Node; readonly endingWord: string | undefined } {
    const trims = this.#closeSequence();
    if (trims) this.#skipRestOfLine();
    const body = this.#parts(quote);
    if (!ends.includes(body.endingWord ?? ""))
      throw new Unparsable(
        `%{ ${ends.join(" } or %{ ")} } expected at position ${this.#position + 1}`,
      );
    return body;
  }

  /** Parses `k, v in expression` of a `for`. */
  #loopHeader(): Pick<ForNode, "key" | "name" | "of"> {
    const first = this.#word();
    this.#skipSpace();
    let second: string | undefined;
    if (this.#peek(",")) {
      this.#position += 1;
      second = this.#word();
    }
    if (this.#word() !== "in") throw new Unparsable(`"in" expected at position ${this.#position}`);
    return {
      key: second === undefined ? undefined : first,
      name: second ?? first,
      of: this.#expression(0),
    };
  }

  #word(): string {
    this.#skipSpace();
    return this.#match(/[A-Za-z_][\w-]*/y, "a name");
  }

  #escape(): string {
    const escapes: Readonly<Record<string, string>> = {
      n: "\n",
      r: "\r",
      t: "\t",
      '"': '"',
      "\\": "\\",
    };
    const letter = this.text[this.#position + 1] ?? "";
    const length = letter === "u" ? 4 : letter === "U" ? 8 : 0;
    const code = Number.parseInt(
      this.text.slice(this.#position + 2, this.#position + 2 + length),
      16,
    );
    this.#position += 2 + length;
    const character = length > 0 ? String.fromCodePoint(code) : escapes[letter];
    if (character === undefined) throw new Unparsable(`unknown escape \\${letter}`);
    return character;
  }

  #expression(minimumPrecedence: number): Node {
    let left = this.#unary();
    for (;;) {
      this.#skipSpace();
      const operator = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"].find(
        (operatorText) => this.#peek(operatorText),
      );
      const operatorPrecedence = operator === undefined ? 0 : (precedence[operator] ?? 0);
      if (operator === undefined || operatorPrecedence <= minimumPrecedence) break;
      this.#position += operator.length;
      left = { is: "binary", operator, left, right: this.#expression(operatorPrecedence) };
    }
    if (minimumPrecedence === 0 && this.#peek("?")) {
      this.#position += 1;
      const yes = this.#expression(0);
      this.#expect(":");
      return { is: "conditional", test: left, yes, no: this.#expression(0) };
    }
    return left;
  }

  #unary(): Node {
    this.#skipSpace();
    for (const operator of ["!", "-"]) {
      if (this.#peek(operator)) {
        this.#position += 1;
        return { is: "unary", operator, of: this.#unary() };
      }
    }
    return this.#postfix(this.#primary());
  }

  #postfix(start: Node): Node {
    const steps = this.#steps(true);
    const operand: Node =
      start.is === "reference"
        ? { ...start, steps }
        : steps.length === 0
          ? start
          : { is: "index", base: start, steps };
    for (const [operatorText, allowsIndices] of [
      [".*", false],
      ["[*]", true],
    ] as const) {
      if (!this.#peek(operatorText)) continue;
      this.#position += operatorText.length;
      return this.#postfix({ is: "splat", base: operand, steps: this.#steps(allowsIndices) });
    }
    return operand;
  }

  /** Parses `.name` and `[index]`; after `.*`, an index applies to the complete list. */
  #steps(allowsIndices: boolean): Node[] {
    const steps: Node[] = [];
    for (;;) {
      if (this.#peek(".") && !this.#peek(".*") && !this.#peek("...")) {
        this.#position += 1;
        steps.push({ is: "literal", value: this.#match(/[\w-]+/y, "a name") });
      } else if (allowsIndices && this.#peek("[") && !this.#peek("[*]")) {
        this.#position += 1;
        steps.push(this.#expression(0));
        this.#expect("]");
      } else return steps;
    }
  }

  #primary(): Node {
    if (this.#peek('"')) {
      this.#position += 1;
      const inner = this.template('"');
      this.#expect('"');
      return inner;
    }
    if (this.#peek("(")) {
      this.#position += 1;
      const inner = this.#expression(0);
      this.#expect(")");
      return inner;
    }
    if (this.#peek("[")) return this.#list();
    if (this.#peek("{")) return this.#object();
    const digits = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
    digits.lastIndex = this.#position;
    const number = digits.exec(this.text)?.[0];
    if (number !== undefined) {
      this.#position += number.length;
      const value = parseExactNumber(number);
      if (value === undefined) throw new Unparsable(`the number ${number} has too many digits`);
      return { is: "literal", value };
    }
    const word = this.#match(/[A-Za-z_][\w-]*/y, "a value");
    if (word === "true" || word === "false") return { is: "literal", value: word === "true" };
    if (word === "null") return { is: "literal", value: null };
    this.#skipSpace();
    if (!this.#peek("(")) return { is: "reference", root: word, steps: [] };
    this.#position += 1;
    const callArguments = this.#items(")");
    const expand = this.text
      .slice(0, this.#position - 1)
      .trimEnd()
      .endsWith("...");
    return { is: "call", name: word, args: callArguments, expand };
  }

  #list(): Node {
    this.#position += 1;
    if (this.#isFor()) return this.#for("list", "]");
    return { is: "list", items: this.#items("]") };
  }

  #items(end: string): Node[] {
    const items: Node[] = [];
    while (!this.#peekAfterSpace(end)) {
      items.push(this.#expression(0));
      this.#skipSpace();
      if (end === ")" && this.#peek("...")) this.#position += 3;
      if (!this.#peek(",")) break;
      this.#position += 1;
    }
    this.#expect(end);
    return items;
  }

  #object(): Node {
    this.#position += 1;
    if (this.#isFor()) return this.#for("object", "}");
    const entries: [Node, Node][] = [];
    while (!this.#peekAfterSpace("}")) {
      const isInParentheses = this.#peek("(");
      const key = this.#expression(0);
      this.#skipSpace();
      if (!this.#peek("=") && !this.#peek(":"))
        throw new Unparsable("an object entry has no value");
      this.#position += 1;
      // A bare name as a key is a string. In parentheses, it is a reference.
      const name: Node =
        key.is === "reference" && key.steps.length === 0 && !isInParentheses
          ? { is: "literal", value: key.root }
          : key;
      entries.push([name, this.#expression(0)]);
      this.#skipSpace();
      if (this.#peek(",")) this.#position += 1;
    }
    this.#expect("}");
    return { is: "object", entries };
  }

  #isFor(): boolean {
    this.#skipSpace();
    return /^for\s/.test(this.text.slice(this.#position, this.#position + 4));
  }

  #for(result: "list" | "object", end: string): Node {
    this.#position += 3;
    const names = this.#loopHeader();
    this.#expect(":");
    const first = this.#expression(0);
    let value = first;
    if (result === "object") {
      this.#expect("=>");
      value = this.#expression(0);
    }
    this.#skipSpace();
    const isGrouped = result === "object" && this.#peek("...");
    if (isGrouped) this.#position += 3;
    this.#skipSpace();
    const hasCondition = /^if\b/.test(this.text.slice(this.#position, this.#position + 3));
    if (hasCondition) this.#position += 2;
    const test = hasCondition ? this.#expression(0) : undefined;
    this.#expect(end);
    return {
      is: "for",
      result,
      ...names,
      as: result === "object" ? first : undefined,
      value,
      isGrouped,
      test,
    };
  }

  /** Skips the space that `~}` strips: up to the end of its line. */
  #skipRestOfLine(): void {
    while (/[^\S\n]/.test(this.text[this.#position] ?? "")) this.#position += 1;
    if (this.#peek("\n")) this.#position += 1;
  }

  #skipSpace(): void {
    while (/\s/.test(this.text[this.#position] ?? "")) this.#position += 1;
  }

  #peek(word: string): boolean {
    return this.text.startsWith(word, this.#position);
  }

  #peekAfterSpace(word: string): boolean {
    this.#skipSpace();
    return this.#peek(word);
  }

  #expect(word: string): void {
    this.#skipSpace();
    if (!this.#peek(word))
      throw new Unparsable(`"${word}" expected at position ${this.#position + 1}`);
    this.#position += word.length;
  }

  #match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.text)?.[0];
    if (match === undefined)
      throw new Unparsable(`${expected} expected at position ${this.#position + 1}`);
    this.#position += match.length;
    return match;
  }
}

/** Converts a template's branch to a string, even if it is a single expression. */
function asText(node: Node): Node {
  return node.is === "literal" && typeof node.value === "string"
    ? node
    : { is: "template", parts: [node] };
}
