/**
 * Parses statements about tables and views that concern the catalog and not the rows: CREATE,
 * ALTER, DROP, COMMENT, SHOW and DESCRIBE.
 */
import { SqlProblem, tokensOf, type Token } from "./dialect";

/** A column of a CREATE or ALTER. */
export interface Column {
  readonly name: string;
  /** The type as written, in lower case and without spaces; "" for a column of a view. */
  readonly type: string;
  readonly nullable: boolean;
  readonly comment?: string;
  readonly identity?: "always" | "default";
}

/** Table properties or options. */
export type Pairs = Readonly<Record<string, string>>;

/** CREATE TABLE or CREATE VIEW. */
export interface Create {
  readonly kind: "create";
  readonly view: boolean;
  readonly name: readonly string[];
  readonly replace: boolean;
  readonly ifNotExists: boolean;
  readonly external: boolean;
  readonly columns: readonly Column[];
  readonly format?: string;
  readonly partitions: readonly string[];
  readonly clusterKeys: readonly string[];
  readonly comment?: string;
  readonly properties: Pairs;
  readonly options: Pairs;
  readonly location?: string;
  readonly credential?: string;
  /** The query of a view or of CREATE TABLE … AS. */
  readonly query?: string;
}

/** The change of an ALTER. */
export type Change =
  | {
      readonly kind: "add";
      readonly columns: readonly Column[];
      readonly first: boolean;
      readonly after?: string;
    }
  | { readonly kind: "drop"; readonly columns: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: "renameColumn"; readonly from: string; readonly to: string }
  | {
      readonly kind: "column";
      readonly name: string;
      readonly comment?: string;
      readonly nullable?: boolean;
      readonly type?: string;
    }
  | { readonly kind: "rename"; readonly to: readonly string[] }
  | { readonly kind: "set"; readonly properties: Pairs }
  | { readonly kind: "unset"; readonly keys: readonly string[]; readonly ifExists: boolean }
  | { readonly kind: "cluster"; readonly keys: readonly string[] }
  | { readonly kind: "location"; readonly location: string }
  | { readonly kind: "owner"; readonly owner: string }
  | { readonly kind: "query"; readonly query: string };

export type Ddl =
  | Create
  | {
      readonly kind: "alter";
      readonly view: boolean;
      readonly name: readonly string[];
      readonly change: Change;
    }
  | {
      readonly kind: "drop";
      readonly view: boolean;
      readonly name: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly kind: "comment"; readonly name: readonly string[]; readonly comment: string }
  | { readonly kind: "tables"; readonly views: boolean; readonly schema: readonly string[] }
  | { readonly kind: "properties"; readonly name: readonly string[] }
  | { readonly kind: "columns"; readonly name: readonly string[] }
  | { readonly kind: "describe"; readonly name: readonly string[] };

/**
 * Parses a statement; returns undefined if it is not one of those in {@link Ddl}.
 * @throws SqlProblem for a syntax error or an unsupported clause in one of these statements
 */
export function parseDdl(sql: string): Ddl | undefined {
  return new Parser(sql).statement();
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(sql: string) {
    const tokens = tokensOf(sql).filter(({ kind }) => kind !== "comment");
    while (tokens.at(-1)?.kind === "space" || tokens.at(-1)?.source === ";") tokens.pop();
    this.tokens = tokens;
  }

  statement(): Ddl | undefined {
    const word = this.word();
    if (word === "create") return this.create();
    if (word === "drop") return this.drop();
    if (word === "alter") return this.alter();
    if (word === "comment" && this.acceptWords("on", "table")) return this.comment();
    if (word === "show") return this.show();
    if (word === "describe" || word === "desc") return this.describe();
    return undefined;
  }

  private create(): Create | undefined {
    const replace = this.acceptWords("or", "replace");
    const external = this.acceptWords("external");
    const view = this.acceptWords("view");
    if (!view && !this.acceptWords("table")) return undefined;
    const ifNotExists = this.acceptWords("if", "not", "exists");
    const name = this.name();
    const columns = this.current()?.source === "(" ? this.list(() => this.column(view)) : [];
    let created: Create = {
      kind: "create",
      view,
      name,
      replace,
      ifNotExists,
      external,
      columns,
      partitions: [],
      clusterKeys: [],
      properties: {},
      options: {},
    };
    while (this.current() !== undefined) {
      if (this.acceptWords("using"))
        created = { ...created, format: this.name().join(".").toUpperCase() };
      else if (this.acceptWords("partitioned", "by"))
        created = { ...created, partitions: this.list(() => this.identifier()) };
      else if (this.acceptWords("cluster", "by"))
        created = { ...created, clusterKeys: this.keys() };
      else if (this.acceptWords("comment")) created = { ...created, comment: this.text() };
      else if (this.acceptWords("tblproperties"))
        created = { ...created, properties: this.pairs() };
      else if (this.acceptWords("options")) created = { ...created, options: this.pairs() };
      else if (this.acceptWords("location")) created = { ...created, location: this.text() };
      else if (this.acceptWords("with")) {
        const [credential = ""] = this.list(() => {
          this.expectWord("credential");
          return this.identifier();
        });
        created = { ...created, credential };
      } else if (this.acceptWords("as")) return { ...created, query: this.remainingText() };
      else throw this.syntaxError();
    }
    return created;
  }

  private drop(): Ddl | undefined {
    const view = this.acceptWords("view");
    if (!view && !this.acceptWords("table")) return undefined;
    const ifExists = this.acceptWords("if", "exists");
    return this.expectEnd({ kind: "drop", view, ifExists, name: this.name() });
  }

  private alter(): Ddl | undefined {
    const view = this.acceptWords("view");
    if (!view && !this.acceptWords("table")) return undefined;
    const name = this.name();
    return this.expectEnd({ kind: "alter", view, name, change: this.change() });
  }

  private change(): Change {
    if (this.acceptWords("add", "column") || this.acceptWords("add", "columns")) {
      const columns =
        this.current()?.source === "(" ? this.list(() => this.column(false)) : [this.column(false)];
      const first = this.acceptWords("first");
      return this.acceptWords("after")
        ? { kind: "add", columns, first, after: this.identifier() }
        : { kind: "add", columns, first };
    }
    if (this.acceptWords("drop", "column") || this.acceptWords("drop", "columns")) {
      const ifExists = this.acceptWords("if", "exists");
      return {
        kind: "drop",
        ifExists,
        columns:
          this.current()?.source === "(" ? this.list(() => this.identifier()) : [this.identifier()],
      };
    }
    if (this.acceptWords("rename", "column")) {
      const from = this.identifier();
      this.expectWord("to");
      return { kind: "renameColumn", from, to: this.identifier() };
    }
    if (this.acceptWords("rename", "to")) return { kind: "rename", to: this.name() };
    if (this.acceptWords("alter", "column") || this.acceptWords("change", "column")) {
      const name = this.identifier();
      if (this.acceptWords("comment")) return { kind: "column", name, comment: this.text() };
      if (this.acceptWords("set", "not", "null")) return { kind: "column", name, nullable: false };
      if (this.acceptWords("drop", "not", "null")) return { kind: "column", name, nullable: true };
      if (this.acceptWords("type")) return { kind: "column", name, type: this.type() };
      throw this.syntaxError();
    }
    if (this.acceptWords("set", "tblproperties")) return { kind: "set", properties: this.pairs() };
    if (this.acceptWords("unset", "tblproperties")) {
      const ifExists = this.acceptWords("if", "exists");
      return { kind: "unset", ifExists, keys: this.list(() => this.key()) };
    }
    if (this.acceptWords("cluster", "by")) return { kind: "cluster", keys: this.keys() };
    if (this.acceptWords("set", "location")) return { kind: "location", location: this.text() };
    if (this.acceptWords("owner", "to") || this.acceptWords("set", "owner", "to"))
      return { kind: "owner", owner: this.identifier() };
    if (this.acceptWords("as")) return { kind: "query", query: this.remainingText() };
    throw this.syntaxError();
  }

  private comment(): Ddl {
    const name = this.name();
    this.expectWord("is");
    return this.expectEnd({
      kind: "comment",
      name,
      comment: this.acceptWords("null") ? "" : this.text(),
    });
  }

  private show(): Ddl | undefined {
    if (this.acceptWords("tblproperties"))
      return this.expectEnd({ kind: "properties", name: this.name() });
    if (this.acceptWords("columns", "in") || this.acceptWords("columns", "from"))
      return this.expectEnd({ kind: "columns", name: this.name() });
    const views = this.acceptWords("views");
    if (!views && !this.acceptWords("tables")) return undefined;
    const schema = this.acceptWords("in") || this.acceptWords("from") ? this.name() : [];
    return this.expectEnd({ kind: "tables", views, schema });
  }

  private describe(): Ddl | undefined {
    const [firstWord] = this.acceptWords("table")
      ? ["table"]
      : [this.current()?.value.toLowerCase()];
    if (
      [
        "query",
        "schema",
        "database",
        "catalog",
        "function",
        "history",
        "detail",
        "select",
      ].includes(firstWord ?? "")
    )
      return undefined;
    this.acceptWords("extended");
    return this.expectEnd({ kind: "describe", name: this.name() });
  }

  private column(view: boolean): Column {
    const name = this.identifier();
    let result: Column = { name, type: view ? "" : this.type(), nullable: true };
    for (;;) {
      if (this.acceptWords("not", "null")) result = { ...result, nullable: false };
      else if (this.acceptWords("comment")) result = { ...result, comment: this.text() };
      else if (this.acceptWords("generated", "always", "as", "identity"))
        result = { ...result, ...this.identity("always") };
      else if (this.acceptWords("generated", "by", "default", "as", "identity"))
        result = { ...result, ...this.identity("default") };
      else return result;
    }
  }

  /** Parses GENERATED … AS IDENTITY. The start value and the increment are discarded. */
  private identity(identity: "always" | "default"): Pick<Column, "identity"> {
    if (this.current()?.source === "(")
      while (this.advance()?.source !== ")")
        if (this.current() === undefined) throw this.syntaxError();
    return { identity };
  }

  /** Parses a type: `decimal(10, 2)`, `map<string, array<int>>`; returned without spaces. */
  private type(): string {
    let result = "";
    let depth = 0;
    for (let token = this.current(); token !== undefined; token = this.current()) {
      const { source } = token;
      if (
        depth === 0 &&
        (source === "," || source === ")" || (result !== "" && !"(<".includes(source)))
      )
        break;
      depth += "(<".includes(source) ? 1 : ")>".includes(source) ? -1 : 0;
      result += source.toLowerCase();
      this.advance();
    }
    if (result === "" || depth !== 0) throw this.syntaxError();
    return result;
  }

  /** Parses the argument of CLUSTER BY: columns, NONE or AUTO. */
  private keys(): string[] {
    return this.acceptWords("none") || this.acceptWords("auto")
      ? []
      : this.list(() => this.identifier());
  }

  private pairs(): Pairs {
    return Object.fromEntries(
      this.list(() => {
        const key = this.key();
        if (this.current()?.source === "=") this.advance();
        return [key, this.advance()?.value ?? ""] as const;
      }),
    );
  }

  /** Parses a property key: `'a.b'` or `a.b`. */
  private key(): string {
    return this.current()?.kind === "text" ? this.text() : this.name().join(".");
  }

  private list<T>(item: () => T): T[] {
    const result: T[] = [];
    this.expectSymbol("(");
    while (this.current()?.source !== ")") {
      result.push(item());
      if (this.current()?.source === ",") this.advance();
      else if (this.current()?.source !== ")") throw this.syntaxError();
    }
    this.expectSymbol(")");
    return result;
  }

  private name(): string[] {
    const parts = [this.identifier()];
    while (this.current()?.source === ".") {
      this.advance();
      parts.push(this.identifier());
    }
    return parts;
  }

  private identifier(): string {
    const token = this.current();
    if (
      token === undefined ||
      (token.kind !== "word" && token.kind !== "quoted" && token.kind !== "number")
    )
      throw this.syntaxError();
    this.advance();
    return token.value;
  }

  private text(): string {
    if (this.current()?.kind !== "text") throw this.syntaxError();
    return this.advance()?.value ?? "";
  }

  private remainingText(): string {
    const remaining = this.tokens.slice(this.position);
    this.position = this.tokens.length;
    return remaining
      .map(({ source }) => source)
      .join("")
      .trim();
  }

  private word(): string {
    return this.advance()?.value.toLowerCase() ?? "";
  }

  private current(): Token | undefined {
    while (this.tokens[this.position]?.kind === "space") this.position += 1;
    return this.tokens[this.position];
  }

  private advance(): Token | undefined {
    const token = this.current();
    this.position += 1;
    return token;
  }

  /** Consumes these words if they come next. @returns whether they did */
  private acceptWords(...words: readonly string[]): boolean {
    const start = this.position;
    const isMatch = words.every(
      (word) => this.current()?.kind === "word" && this.advance()?.value.toLowerCase() === word,
    );
    if (!isMatch) this.position = start;
    return isMatch;
  }

  private expectWord(word: string): void {
    if (!this.acceptWords(word)) throw this.syntaxError();
  }

  private expectSymbol(source: string): void {
    if (this.current()?.source !== source) throw this.syntaxError();
    this.advance();
  }

  private expectEnd<T extends Ddl>(parsed: T): T {
    if (this.current() !== undefined) throw this.syntaxError();
    return parsed;
  }

  private syntaxError(): SqlProblem {
    const token = this.current();
    return new SqlProblem(
      `[PARSE_SYNTAX_ERROR] Syntax error at or near ${token === undefined ? "end of input" : `'${token.source}'`}.`,
    );
  }
}
