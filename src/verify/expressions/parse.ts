/**
 * Terraform's expression language on one line: literals, templates with directives, references,
 * indices, splats, `for`, operators, conditionals, calls. Anything else (here documents, comments)
 * becomes {@link Unresolved} with the expression shown.
 */
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

const precedence: Readonly<Record<string, number>> = {
  "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}; // prettier-ignore

class Parser {
  #at = 0;
  constructor(private readonly text: string) {}

  /** Parses up to the closing quote (left for the caller) or the end of the source. */
  template(quote: '"' | undefined): Node {
    const whole = this.#parts(quote);
    if (whole.ended !== undefined) throw new Unparsable(`%{ ${whole.ended} } without its start`);
    return whole.node;
  }

  /** A template, or a part of one up to the directive that ends it: `else`, `endif`, `endfor`. */
  #parts(quote: '"' | undefined): { readonly node: Node; readonly ended: string | undefined } {
    const parts: Node[] = [];
    let literal = "";
    let trimNext = false;
    let ended: string | undefined;
    const flush = (): void => {
      if (literal !== "") parts.push({ is: "literal", value: literal });
      literal = "";
    };
    /** `${` or `%{`, with the `~` that strips the space before it. */
    const open = (): void => {
      this.#at += 2;
      if (this.#peek("~")) {
        this.#at += 1;
        const line = literal.lastIndexOf("\n", literal.length - 2) + 1;
        literal = literal.slice(0, line) + literal.slice(line).trimEnd();
      }
      flush();
    };
    const close = (): void => {
      trimNext = this.#closes();
    };
    while (
      ended === undefined &&
      this.#at < this.text.length &&
      !(quote !== undefined && this.#peek(quote))
    ) {
      if (trimNext) {
        trimNext = false;
        this.#restOfLine();
        continue;
      }
      if (this.#peek("$${") || this.#peek("%%{")) {
        literal += this.text.slice(this.#at + 1, this.#at + 3);
        this.#at += 3;
      } else if (this.#peek("%{")) {
        open();
        const word = this.#word();
        if (word === "if" || word === "for") parts.push(this.#directive(word, quote));
        else ended = word;
        if (ended === undefined) close();
      } else if (this.#peek("${")) {
        open();
        parts.push(this.#expression(0));
        close();
      } else if (quote !== undefined && this.#peek("\\")) {
        literal += this.#escape();
      } else {
        literal += this.text[this.#at] ?? "";
        this.#at += 1;
      }
    }
    flush();
    const [only] = parts;
    const node: Node =
      only === undefined
        ? { is: "literal", value: "" }
        : parts.length === 1
          ? only
          : { is: "template", parts };
    return { node, ended };
  }
  /** `}` or `~}`. @returns whether the space after it is stripped too */
  #closes(): boolean {
    this.#space();
    const trims = this.#peek("~");
    if (trims) this.#at += 1;
    this.#take("}");
    return trims;
  }

  /**
   * The inside of `%{ if … }` or `%{ for … }` up to its end; the closing brace of the end is left
   * for the caller.
   */
  #directive(word: "if" | "for", quote: '"' | undefined): Node {
    if (word === "if") {
      const test = this.#expression(0);
      const yes = this.#body(quote, ["else", "endif"]);
      const no =
        yes.ended === "else"
          ? this.#body(quote, ["endif"]).node
          : { is: "literal" as const, value: "" };
      return { is: "conditional", test, yes: asText(yes.node), no: asText(no) };
    }
    const { key, name, of } = this.#names();
    const { node } = this.#body(quote, ["endfor"]);
    return {
      is: "for",
      makes: "text",
      key,
      name,
      of,
      as: undefined,
      value: node,
      grouped: false,
      test: undefined,
    };
  }

  #body(
    quote: '"' | undefined,
    ends: readonly string[],
  ): { readonly node: Node; readonly ended: string | undefined } {
    const trims = this.#closes();
    if (trims) this.#restOfLine();
    const body = this.#parts(quote);
    if (!ends.includes(body.ended ?? ""))
      throw new Unparsable(`%{ ${ends.join(" } or %{ ")} } expected at position ${this.#at + 1}`);
    return body;
  }

  /** `k, v in expression` of a `for`. */
  #names(): Pick<ForNode, "key" | "name" | "of"> {
    const first = this.#word();
    this.#space();
    let second: string | undefined;
    if (this.#peek(",")) {
      this.#at += 1;
      second = this.#word();
    }
    if (this.#word() !== "in") throw new Unparsable(`"in" expected at position ${this.#at}`);
    return {
      key: second === undefined ? undefined : first,
      name: second ?? first,
      of: this.#expression(0),
    };
  }

  #word(): string {
    this.#space();
    return this.#match(/[A-Za-z_][\w-]*/y, "a name");
  }

  #escape(): string {
    const short: Readonly<Record<string, string>> = {
      n: "\n",
      r: "\r",
      t: "\t",
      '"': '"',
      "\\": "\\",
    };
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
      const operator = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"].find(
        (sign) => this.#peek(sign),
      );
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
    const steps = this.#steps(true);
    const before: Node =
      start.is === "reference"
        ? { ...start, steps }
        : steps.length === 0
          ? start
          : { is: "index", of: start, steps };
    for (const [sign, indices] of [
      [".*", false],
      ["[*]", true],
    ] as const) {
      if (!this.#peek(sign)) continue;
      this.#at += sign.length;
      return this.#postfix({ is: "splat", of: before, steps: this.#steps(indices) });
    }
    return before;
  }

  /** Parses `.name` and `[index]`; after `.*`, an index applies to the complete list. */
  #steps(indices: boolean): Node[] {
    const steps: Node[] = [];
    for (;;) {
      if (this.#peek(".") && !this.#peek(".*") && !this.#peek("...")) {
        this.#at += 1;
        steps.push({ is: "literal", value: this.#match(/[\w-]+/y, "a name") });
      } else if (indices && this.#peek("[") && !this.#peek("[*]")) {
        this.#at += 1;
        steps.push(this.#expression(0));
        this.#take("]");
      } else return steps;
    }
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
    const given = this.#items(")");
    const expand = this.text
      .slice(0, this.#at - 1)
      .trimEnd()
      .endsWith("...");
    return { is: "call", name: word, given, expand };
  }

  #list(): Node {
    this.#at += 1;
    if (this.#isFor()) return this.#for("list", "]");
    return { is: "list", items: this.#items("]") };
  }

  #items(end: string): Node[] {
    const items: Node[] = [];
    while (!this.#peekAfterSpace(end)) {
      items.push(this.#expression(0));
      this.#space();
      if (end === ")" && this.#peek("...")) this.#at += 3;
      if (!this.#peek(",")) break;
      this.#at += 1;
    }
    this.#take(end);
    return items;
  }

  #object(): Node {
    this.#at += 1;
    if (this.#isFor()) return this.#for("object", "}");
    const entries: [Node, Node][] = [];
    while (!this.#peekAfterSpace("}")) {
      const key = this.#expression(0);
      this.#space();
      if (!this.#peek("=") && !this.#peek(":"))
        throw new Unparsable("an object's entry without a value");
      this.#at += 1;
      // A bare name as a key is a string, not a reference.
      const name: Node =
        key.is === "reference" && key.steps.length === 0 ? { is: "literal", value: key.root } : key;
      entries.push([name, this.#expression(0)]);
      this.#space();
      if (this.#peek(",")) this.#at += 1;
    }
    this.#take("}");
    return { is: "object", entries };
  }

  #isFor(): boolean {
    this.#space();
    return /^for\s/.test(this.text.slice(this.#at, this.#at + 4));
  }

  #for(makes: "list" | "object", end: string): Node {
    this.#at += 3;
    const names = this.#names();
    this.#take(":");
    const first = this.#expression(0);
    let value = first;
    if (makes === "object") {
      this.#take("=>");
      value = this.#expression(0);
    }
    this.#space();
    const grouped = makes === "object" && this.#peek("...");
    if (grouped) this.#at += 3;
    this.#space();
    const guarded = /^if\b/.test(this.text.slice(this.#at, this.#at + 3));
    if (guarded) this.#at += 2;
    const test = guarded ? this.#expression(0) : undefined;
    this.#take(end);
    return {
      is: "for",
      makes,
      ...names,
      as: makes === "object" ? first : undefined,
      value,
      grouped,
      test,
    };
  }

  /** The space that `~}` strips: up to the end of its line. */
  #restOfLine(): void {
    while (/[^\S\n]/.test(this.text[this.#at] ?? "")) this.#at += 1;
    if (this.#peek("\n")) this.#at += 1;
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

/** Converts a template's branch to a string, even if it is a single expression. */
function asText(node: Node): Node {
  return node.is === "literal" && typeof node.value === "string"
    ? node
    : { is: "template", parts: [node] };
}
