/**
 * Terraform's expression language, as far as synthesized stacks use it: literals, templates, references, indices, operators, conditionals, calls.
 * What is beyond that is not guessed: it becomes {@link Unresolved} with the expression shown.
 */
import { Unresolved } from "./values";

export type Node =
  | { readonly is: "literal"; readonly value: string | number | boolean | null }
  | { readonly is: "template"; readonly parts: readonly Node[] }
  | { readonly is: "reference"; readonly root: string; readonly steps: readonly Node[] }
  | { readonly is: "index"; readonly of: Node; readonly steps: readonly Node[] }
  | { readonly is: "call"; readonly name: string; readonly given: readonly Node[] }
  | { readonly is: "list"; readonly items: readonly Node[] }
  | { readonly is: "object"; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly is: "unary"; readonly operator: string; readonly of: Node }
  | { readonly is: "binary"; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly is: "conditional"; readonly test: Node; readonly yes: Node; readonly no: Node };

class Unparsable extends Error {}

/** A string of a JSON configuration as a template. A string without `${` or `%{` is a literal. */
export function parseTemplate(text: string): Node | Unresolved {
  if (!text.includes("${") && !text.includes("%{")) return { is: "literal", value: text };
  try {
    return new Parser(text).template(undefined);
  } catch (error) {
    if (error instanceof Unparsable) return new Unresolved(text, error.message);
    throw error;
  }
}

const precedence: Readonly<Record<string, number>> = {
  "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}; // prettier-ignore

class Parser {
  #at = 0;
  constructor(private readonly text: string) {}

  /** Up to the closing quote (left for the caller) or the end of the text. */
  template(quote: '"' | undefined): Node {
    const parts: Node[] = [];
    let literal = "";
    const flush = (): void => {
      if (literal !== "") parts.push({ is: "literal", value: literal });
      literal = "";
    };
    while (this.#at < this.text.length && !(quote !== undefined && this.#peek(quote))) {
      if (this.#peek("$${") || this.#peek("%%{")) {
        literal += this.text.slice(this.#at + 1, this.#at + 3);
        this.#at += 3;
      } else if (this.#peek("%{")) {
        throw new Unparsable("template directives are not supported");
      } else if (this.#peek("${")) {
        flush();
        this.#at += 2;
        if (this.#peek("~")) throw new Unparsable("template trimming is not supported");
        parts.push(this.#expression(0));
        this.#take("}");
      } else if (quote !== undefined && this.#peek("\\")) {
        literal += this.#escape();
      } else {
        literal += this.text[this.#at] ?? "";
        this.#at += 1;
      }
    }
    flush();
    const [only] = parts;
    if (only === undefined) return { is: "literal", value: "" };
    return parts.length === 1 ? only : { is: "template", parts };
  }

  #escape(): string {
    const short: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };
    const letter = this.text[this.#at + 1] ?? "";
    const length = letter === "u" ? 4 : letter === "U" ? 8 : 0;
    const code = Number.parseInt(this.text.slice(this.#at + 2, this.#at + 2 + length), 16);
    this.#at += 2 + length;
    const found = length > 0 ? String.fromCodePoint(code) : short[letter];
    if (found === undefined) throw new Unparsable(`unknown escape \\${letter}`);
    return found;
  }

  #expression(least: number): Node {
    let left = this.#unary();
    for (;;) {
      this.#space();
      const operator = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"].find((sign) => this.#peek(sign));
      const binding = operator === undefined ? 0 : (precedence[operator] ?? 0);
      if (operator === undefined || binding <= least) break;
      this.#at += operator.length;
      left = { is: "binary", operator, left, right: this.#expression(binding) };
    }
    if (least === 0 && this.#peek("?")) {
      this.#at += 1;
      const yes = this.#expression(0);
      this.#take(":");
      return { is: "conditional", test: left, yes, no: this.#expression(0) };
    }
    return left;
  }

  #unary(): Node {
    this.#space();
    for (const operator of ["!", "-"]) {
      if (this.#peek(operator)) {
        this.#at += 1;
        return { is: "unary", operator, of: this.#unary() };
      }
    }
    return this.#postfix(this.#primary());
  }

  #postfix(start: Node): Node {
    const steps: Node[] = [];
    for (;;) {
      if (this.#peek(".*") || this.#peek("[*]")) throw new Unparsable("splat expressions are not supported");
      if (this.#peek("...")) throw new Unparsable("expanded arguments are not supported");
      if (this.#peek(".")) {
        this.#at += 1;
        steps.push({ is: "literal", value: this.#match(/[\w-]+/y, "a name") });
      } else if (this.#peek("[")) {
        this.#at += 1;
        steps.push(this.#expression(0));
        this.#take("]");
      } else break;
    }
    if (start.is === "reference") return { ...start, steps };
    return steps.length === 0 ? start : { is: "index", of: start, steps };
  }

  #primary(): Node {
    if (this.#peek('"')) {
      this.#at += 1;
      const inner = this.template('"');
      this.#take('"');
      return inner;
    }
    if (this.#peek("(")) {
      this.#at += 1;
      const inner = this.#expression(0);
      this.#take(")");
      return inner;
    }
    if (this.#peek("[")) return this.#list();
    if (this.#peek("{")) return this.#object();
    const digits = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
    digits.lastIndex = this.#at;
    const number = digits.exec(this.text)?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return { is: "literal", value: Number(number) };
    }
    const word = this.#match(/[A-Za-z_][\w-]*/y, "a value");
    if (word === "true" || word === "false") return { is: "literal", value: word === "true" };
    if (word === "null") return { is: "literal", value: null };
    this.#space();
    if (!this.#peek("(")) return { is: "reference", root: word, steps: [] };
    this.#at += 1;
    return { is: "call", name: word, given: this.#items(")") };
  }

  #list(): Node {
    this.#at += 1;
    this.#refuseFor();
    return { is: "list", items: this.#items("]") };
  }

  #items(end: string): Node[] {
    const items: Node[] = [];
    while (!this.#peekAfterSpace(end)) {
      items.push(this.#expression(0));
      this.#space();
      if (!this.#peek(",")) break;
      this.#at += 1;
    }
    this.#take(end);
    return items;
  }

  #object(): Node {
    this.#at += 1;
    this.#refuseFor();
    const entries: [Node, Node][] = [];
    while (!this.#peekAfterSpace("}")) {
      const key = this.#expression(0);
      this.#space();
      if (!this.#peek("=") && !this.#peek(":")) throw new Unparsable("an object's entry without a value");
      this.#at += 1;
      // A bare name as a key is a string, not a reference.
      const name: Node = key.is === "reference" && key.steps.length === 0 ? { is: "literal", value: key.root } : key;
      entries.push([name, this.#expression(0)]);
      this.#space();
      if (this.#peek(",")) this.#at += 1;
    }
    this.#take("}");
    return { is: "object", entries };
  }

  #refuseFor(): void {
    this.#space();
    if (/^for\b/.test(this.text.slice(this.#at, this.#at + 4))) throw new Unparsable("for expressions are not supported");
  }

  #space(): void {
    while (/\s/.test(this.text[this.#at] ?? "")) this.#at += 1;
  }

  #peek(word: string): boolean {
    return this.text.startsWith(word, this.#at);
  }

  #peekAfterSpace(word: string): boolean {
    this.#space();
    return this.#peek(word);
  }

  #take(word: string): void {
    this.#space();
    if (!this.#peek(word)) throw new Unparsable(`"${word}" expected at position ${this.#at + 1}`);
    this.#at += word.length;
  }

  #match(pattern: RegExp, wanted: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw new Unparsable(`${wanted} expected at position ${this.#at + 1}`);
    this.#at += found.length;
    return found;
  }
}
