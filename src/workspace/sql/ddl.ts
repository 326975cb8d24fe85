/**
 * Statements about tables and views that concern the catalog, not the rows: CREATE, ALTER, DROP,
 * COMMENT, SHOW and DESCRIBE.
 */
import { SqlProblem, tokensOf, type Token } from "./dialect";

export interface Column {
  readonly name: string;
  /** As written, in lower case. */
  readonly type: string;
  readonly nullable: boolean;
  readonly comment?: string;
  readonly identity?: "always" | "default";
}

export type Pairs = Readonly<Record<string, string>>;

export interface Create {
  readonly what: "create";
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
  /** The query of a view, or of CREATE TABLE … AS. */
  readonly query?: string;
}

export type Change =
  | {
      readonly what: "add";
      readonly columns: readonly Column[];
      readonly first: boolean;
      readonly after?: string;
    }
  | { readonly what: "drop"; readonly columns: readonly string[]; readonly ifExists: boolean }
  | { readonly what: "renameColumn"; readonly from: string; readonly to: string }
  | {
      readonly what: "column";
      readonly name: string;
      readonly comment?: string;
      readonly nullable?: boolean;
      readonly type?: string;
    }
  | { readonly what: "rename"; readonly to: readonly string[] }
  | { readonly what: "set"; readonly properties: Pairs }
  | { readonly what: "unset"; readonly keys: readonly string[]; readonly ifExists: boolean }
  | { readonly what: "cluster"; readonly keys: readonly string[] }
  | { readonly what: "location"; readonly location: string }
  | { readonly what: "owner"; readonly owner: string }
  | { readonly what: "query"; readonly query: string };

export type Ddl =
  | Create
  | {
      readonly what: "alter";
      readonly view: boolean;
      readonly name: readonly string[];
      readonly change: Change;
    }
  | {
      readonly what: "drop";
      readonly view: boolean;
      readonly name: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly what: "comment"; readonly name: readonly string[]; readonly comment: string }
  | { readonly what: "tables"; readonly views: boolean; readonly schema: readonly string[] }
  | { readonly what: "properties"; readonly name: readonly string[] }
  | { readonly what: "columns"; readonly name: readonly string[] }
  | { readonly what: "describe"; readonly name: readonly string[] };

/**
 * @returns undefined for any other statement
 * @throws SqlProblem for one of these with an unknown part
 */
export function ddlOf(sql: string): Ddl | undefined {
  return new Parser(sql).statement();
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(sql: string) {
    const all = tokensOf(sql).filter(({ kind }) => kind !== "comment");
    while (all.at(-1)?.kind === "space" || all.at(-1)?.source === ";") all.pop();
    this.tokens = all;
  }

  statement(): Ddl | undefined {
    const word = this.word();
    if (word === "create") return this.create();
    if (word === "drop") return this.drop();
    if (word === "alter") return this.alter();
    if (word === "comment" && this.takes("on", "table")) return this.comment();
    if (word === "show") return this.show();
    if (word === "describe" || word === "desc") return this.describe();
    return undefined;
  }

  private create(): Create | undefined {
    const replace = this.takes("or", "replace");
    const external = this.takes("external");
    const view = this.takes("view");
    if (!view && !this.takes("table")) return undefined;
    const ifNotExists = this.takes("if", "not", "exists");
    const name = this.name();
    const columns = this.next()?.source === "(" ? this.list(() => this.column(view)) : [];
    let created: Create = { what: "create", view, name, replace, ifNotExists, external, columns, partitions: [], clusterKeys: [], properties: {}, options: {} }; // prettier-ignore
    while (this.next() !== undefined) {
      if (this.takes("using"))
        created = { ...created, format: this.name().join(".").toUpperCase() };
      else if (this.takes("partitioned", "by"))
        created = { ...created, partitions: this.list(() => this.identifier()) };
      else if (this.takes("cluster", "by")) created = { ...created, clusterKeys: this.keys() };
      else if (this.takes("comment")) created = { ...created, comment: this.text() };
      else if (this.takes("tblproperties")) created = { ...created, properties: this.pairs() };
      else if (this.takes("options")) created = { ...created, options: this.pairs() };
      else if (this.takes("location")) created = { ...created, location: this.text() };
      else if (this.takes("with")) {
        const [credential = ""] = this.list(() => (this.expect("credential"), this.identifier()));
        created = { ...created, credential };
      } else if (this.takes("as")) return { ...created, query: this.rest() };
      else throw this.unexpected();
    }
    return created;
  }

  private drop(): Ddl | undefined {
    const view = this.takes("view");
    if (!view && !this.takes("table")) return undefined;
    const ifExists = this.takes("if", "exists");
    return this.ended({ what: "drop", view, ifExists, name: this.name() });
  }

  private alter(): Ddl | undefined {
    const view = this.takes("view");
    if (!view && !this.takes("table")) return undefined;
    const name = this.name();
    return this.ended({ what: "alter", view, name, change: this.change() });
  }

  private change(): Change {
    if (this.takes("add", "column") || this.takes("add", "columns")) {
      const columns =
        this.next()?.source === "(" ? this.list(() => this.column(false)) : [this.column(false)];
      const first = this.takes("first");
      return this.takes("after")
        ? { what: "add", columns, first, after: this.identifier() }
        : { what: "add", columns, first };
    }
    if (this.takes("drop", "column") || this.takes("drop", "columns")) {
      const ifExists = this.takes("if", "exists");
      return {
        what: "drop",
        ifExists,
        columns:
          this.next()?.source === "(" ? this.list(() => this.identifier()) : [this.identifier()],
      };
    }
    if (this.takes("rename", "column")) {
      const from = this.identifier();
      this.expect("to");
      return { what: "renameColumn", from, to: this.identifier() };
    }
    if (this.takes("rename", "to")) return { what: "rename", to: this.name() };
    if (this.takes("alter", "column") || this.takes("change", "column")) {
      const name = this.identifier();
      if (this.takes("comment")) return { what: "column", name, comment: this.text() };
      if (this.takes("set", "not", "null")) return { what: "column", name, nullable: false };
      if (this.takes("drop", "not", "null")) return { what: "column", name, nullable: true };
      if (this.takes("type")) return { what: "column", name, type: this.type() };
      throw this.unexpected();
    }
    if (this.takes("set", "tblproperties")) return { what: "set", properties: this.pairs() };
    if (this.takes("unset", "tblproperties")) {
      const ifExists = this.takes("if", "exists");
      return { what: "unset", ifExists, keys: this.list(() => this.key()) };
    }
    if (this.takes("cluster", "by")) return { what: "cluster", keys: this.keys() };
    if (this.takes("set", "location")) return { what: "location", location: this.text() };
    if (this.takes("owner", "to") || this.takes("set", "owner", "to"))
      return { what: "owner", owner: this.identifier() };
    if (this.takes("as")) return { what: "query", query: this.rest() };
    throw this.unexpected();
  }

  private comment(): Ddl {
    const name = this.name();
    this.expect("is");
    return this.ended({ what: "comment", name, comment: this.takes("null") ? "" : this.text() });
  }

  private show(): Ddl | undefined {
    if (this.takes("tblproperties")) return this.ended({ what: "properties", name: this.name() });
    if (this.takes("columns", "in") || this.takes("columns", "from"))
      return this.ended({ what: "columns", name: this.name() });
    const views = this.takes("views");
    if (!views && !this.takes("tables")) return undefined;
    const schema = this.takes("in") || this.takes("from") ? this.name() : [];
    return this.ended({ what: "tables", views, schema });
  }

  private describe(): Ddl | undefined {
    const [first] = this.takes("table") ? ["table"] : [this.next()?.value.toLowerCase()];
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
      ].includes(first ?? "")
    )
      return undefined;
    this.takes("extended");
    return this.ended({ what: "describe", name: this.name() });
  }

  private column(view: boolean): Column {
    const name = this.identifier();
    let result: Column = { name, type: view ? "" : this.type(), nullable: true };
    for (;;) {
      if (this.takes("not", "null")) result = { ...result, nullable: false };
      else if (this.takes("comment")) result = { ...result, comment: this.text() };
      else if (this.takes("generated", "always", "as", "identity"))
        result = { ...result, ...this.identity("always") };
      else if (this.takes("generated", "by", "default", "as", "identity"))
        result = { ...result, ...this.identity("default") };
      else return result;
    }
  }

  /** Where the numbers start is not kept. */
  private identity(identity: "always" | "default"): Pick<Column, "identity"> {
    if (this.next()?.source === "(")
      while (this.take()?.source !== ")") if (this.next() === undefined) throw this.unexpected();
    return { identity };
  }

  /** `decimal(10, 2)`, `map<string, array<int>>`, without spaces. */
  private type(): string {
    let result = "";
    let depth = 0;
    for (let token = this.next(); token !== undefined; token = this.next()) {
      const { source } = token;
      if (
        depth === 0 &&
        (source === "," || source === ")" || (result !== "" && !"(<".includes(source)))
      )
        break;
      depth += "(<".includes(source) ? 1 : ")>".includes(source) ? -1 : 0;
      result += source.toLowerCase();
      this.take();
    }
    if (result === "" || depth !== 0) throw this.unexpected();
    return result;
  }

  /** Of CLUSTER BY: columns, NONE or AUTO. */
  private keys(): string[] {
    return this.takes("none") || this.takes("auto") ? [] : this.list(() => this.identifier());
  }

  private pairs(): Pairs {
    return Object.fromEntries(
      this.list(() => {
        const key = this.key();
        if (this.next()?.source === "=") this.take();
        return [key, this.take()?.value ?? ""] as const;
      }),
    );
  }

  /** `'a.b'` or `a.b` */
  private key(): string {
    return this.next()?.kind === "text" ? this.text() : this.name().join(".");
  }

  private list<T>(item: () => T): T[] {
    const result: T[] = [];
    this.symbol("(");
    while (this.next()?.source !== ")") {
      result.push(item());
      if (this.next()?.source === ",") this.take();
      else if (this.next()?.source !== ")") throw this.unexpected();
    }
    this.symbol(")");
    return result;
  }

  private name(): string[] {
    const parts = [this.identifier()];
    while (this.next()?.source === ".") {
      this.take();
      parts.push(this.identifier());
    }
    return parts;
  }

  private identifier(): string {
    const token = this.next();
    if (
      token === undefined ||
      (token.kind !== "word" && token.kind !== "quoted" && token.kind !== "number")
    )
      throw this.unexpected();
    this.take();
    return token.value;
  }

  private text(): string {
    if (this.next()?.kind !== "text") throw this.unexpected();
    return this.take()?.value ?? "";
  }

  private rest(): string {
    const left = this.tokens.slice(this.at);
    this.at = this.tokens.length;
    return left
      .map(({ source }) => source)
      .join("")
      .trim();
  }

  private word(): string {
    return this.take()?.value.toLowerCase() ?? "";
  }

  private next(): Token | undefined {
    while (this.tokens[this.at]?.kind === "space") this.at += 1;
    return this.tokens[this.at];
  }

  private take(): Token | undefined {
    const token = this.next();
    this.at += 1;
    return token;
  }

  /** True, and past these words, if they come next. */
  private takes(...words: readonly string[]): boolean {
    const start = this.at;
    const all = words.every(
      (word) => this.next()?.kind === "word" && this.take()?.value.toLowerCase() === word,
    );
    if (!all) this.at = start;
    return all;
  }

  private expect(word: string): void {
    if (!this.takes(word)) throw this.unexpected();
  }

  private symbol(source: string): void {
    if (this.next()?.source !== source) throw this.unexpected();
    this.take();
  }

  private ended<T extends Ddl>(made: T): T {
    if (this.next() !== undefined) throw this.unexpected();
    return made;
  }

  private unexpected(): SqlProblem {
    const token = this.next();
    return new SqlProblem(
      `[PARSE_SYNTAX_ERROR] Syntax error at or near ${token === undefined ? "end of input" : `'${token.source}'`}.`,
    );
  }
}
