/**
 * Translates Databricks SQL to DuckDB's dialect: names, strings, parameters and paths. Clauses that
 * only concern storage are omitted.
 */

type Kind = "space" | "comment" | "text" | "quoted" | "word" | "number" | "parameter" | "symbol";

export interface Token {
  readonly kind: Kind;
  /** The token as written in the statement. */
  readonly source: string;
  /** The value of a string literal, a name without its quotes, or the name of a parameter. */
  readonly value: string;
}

export interface Translation {
  /** Values of the parameters `:name`, as SQL literals. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of the catalogs, in lower case. */
  readonly catalogs: ReadonlySet<string>;
  /** The user who runs the statement, and the default catalog and schema for unqualified names. */
  readonly user: string;
  readonly catalog: string;
  readonly schema: string;
  /** Returns the local file for a workspace path. */
  readonly local: (path: string) => string;
}

/** A statement that cannot be executed here, with the reason. */
export class SqlProblem extends Error {}

/** Catalog names that DuckDB reserves. */
const RESERVED = new Set(["main", "system", "temp"]);

/**
 * The name of a catalog in DuckDB. Reserved names get a trailing space, which names in Unity
 * Catalog cannot contain.
 */
export const databaseOf = (catalog: string): string =>
  RESERVED.has(catalog) ? `${catalog} ` : catalog;
export const catalogOf = (database: string): string => database.trimEnd();

export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<raw>[rR](?:'[^']*'|"[^"]*"))`,
    String.raw`(?<text>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*")`,
    "(?<quoted>`(?:[^`]|``)*`)",
    String.raw`(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)`,
    String.raw`(?<parameter>:[A-Za-z_]\w*)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_$]*)`,
    String.raw`(?<symbol>::|[\s\S])`,
  ].join("|"),
  "gu",
);

export function tokensOf(sql: string): Token[] {
  return [...sql.matchAll(PATTERN)].map((match): Token => {
    const source = match[0];
    const groups = match.groups ?? {};
    if (groups["raw"] !== undefined) return { kind: "text", source, value: source.slice(2, -1) };
    if (groups["text"] !== undefined) return { kind: "text", source, value: unescaped(source) };
    if (groups["quoted"] !== undefined)
      return { kind: "quoted", source, value: source.slice(1, -1).replaceAll("``", "`") };
    if (groups["parameter"] !== undefined)
      return { kind: "parameter", source, value: source.slice(1) };
    const kind =
      (["space", "comment", "number", "word"] as const).find(
        (name) => groups[name] !== undefined,
      ) ?? "symbol";
    return { kind, source, value: source };
  });
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  0: "\0",
  Z: "\u001a",
};

function unescaped(source: string): string {
  const mark = source[0] ?? "'";
  return source
    .slice(1, -1)
    .replaceAll(/\\([\s\S])|''|""/g, (all: string, letter: string | undefined) => {
      if (letter === undefined) return all[0] === mark ? mark : all;
      // LIKE itself interprets \% and \_, so they stay unchanged.
      return letter === "%" || letter === "_" ? all : (escapes[letter] ?? letter);
    });
}

const isBlank = ({ kind }: Token): boolean => kind === "space" || kind === "comment";

/** Splits SQL at the semicolons outside of strings and comments. */
export function statementsOf(sql: string): string[] {
  const statements: Token[][] = [[]];
  for (const token of tokensOf(sql)) {
    if (token.source === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((tokens) => !tokens.every(isBlank)).map((tokens) => tokens.map(({ source }) => source).join("").trim()); // prettier-ignore
}

/** Parses `USE main`, `USE CATALOG main` or `USE SCHEMA main.sales`: the names, outermost first. */
export function used(
  statement: string,
): { readonly what: string; readonly names: readonly string[] } | undefined {
  const tokens = tokensOf(statement).filter((token) => !isBlank(token));
  if (tokens[0]?.value.toLowerCase() !== "use") return undefined;
  const second = tokens[1]?.kind === "word" ? tokens[1].value.toLowerCase() : "";
  const what =
    tokens.length > 2 &&
    ["catalog", "schema", "database"].includes(second) &&
    tokens[2]?.source !== "."
      ? second
      : "";
  const names = tokens.slice(what === "" ? 1 : 2).filter(({ source }) => source !== ".");
  return { what, names: names.map(({ value }) => value.toLowerCase()) };
}

/** @throws SqlProblem for a parameter without a value */
export function translate(statement: string, translation: Translation): string {
  const tokens = tokensOf(statement).filter(({ kind }) => kind !== "comment");
  return new Translator(tokens, translation).run().trim();
}

const FILE_FORMATS: Readonly<Record<string, string>> = {
  csv: "read_csv",
  json: "read_json",
  parquet: "read_parquet",
  text: "read_text",
};
const SESSION: Readonly<Record<string, "user" | "catalog" | "schema">> = {
  current_user: "user",
  session_user: "user",
  user: "user",
  current_catalog: "catalog",
  current_schema: "schema",
  current_database: "schema",
};

class Translator {
  private at = 0;
  private readonly out: string[] = [];
  /** The previous non-space tokens, newest last. */
  private readonly before: Token[] = [];
  private readonly isCreate: boolean;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly translation: Translation,
  ) {
    const words = tokens.filter((token) => !isBlank(token)).map(({ value }) => value.toLowerCase());
    this.isCreate =
      words[0] === "create" &&
      words.slice(1, 6).some((word) => word === "table" || word === "view");
  }

  run(): string {
    while (this.at < this.tokens.length) this.step();
    return this.out.join("");
  }

  private peek(from: number): number {
    let at = from;
    while (this.tokens[at]?.kind === "space") at += 1;
    return at;
  }

  private emit(text: string, token: Token, next: number): void {
    this.out.push(text);
    if (!isBlank(token)) this.before.push(token);
    this.at = next;
  }

  private step(): void {
    const token = this.tokens[this.at] as Token;
    const { kind, value } = token;
    const word = kind === "word" ? value.toLowerCase() : "";
    if (this.isCreate && this.leaveOut(word)) return;
    if (word === "identifier" && this.tokens[this.peek(this.at + 1)]?.source === "(")
      return this.identifier(token);
    if (word in SESSION && this.isCall()) {
      const next = this.peek(this.peek(this.at + 1) + 1) + 1;
      return this.emit(literal(this.translation[SESSION[word] ?? "user"]), token, next);
    }
    if (
      word in FILE_FORMATS &&
      this.tokens[this.at + 1]?.source === "." &&
      this.tokens[this.at + 2]?.kind === "quoted"
    ) {
      const place = (this.tokens[this.at + 2] as Token).value;
      return this.emit(
        `${FILE_FORMATS[word] ?? ""}(${literal(this.translation.local(place))})`,
        token,
        this.at + 3,
      );
    }
    if (kind === "word" || kind === "quoted") return this.name(token);
    if (kind === "parameter") return this.parameter(token);
    if (kind === "text")
      return this.emit(
        literal(this.isPath() ? this.translation.local(value) : value),
        token,
        this.at + 1,
      );
    this.emit(kind === "space" ? " " : token.source, token, this.at + 1);
  }

  /** Whether the next tokens are `name()`, a call without arguments. */
  private isCall(): boolean {
    const opening = this.peek(this.at + 1);
    return (
      this.tokens[opening]?.source === "(" &&
      this.tokens[this.peek(opening + 1)]?.source === ")" &&
      this.before.at(-1)?.source !== "."
    );
  }

  /**
   * Translates `main.sales.orders`. Each part is quoted, because the platform allows names that
   * DuckDB reserves.
   */
  private name(token: Token): void {
    const parts = [token];
    let at = this.at + 1;
    for (;;) {
      const part = this.tokens[at + 1];
      if (
        this.tokens[at]?.source !== "." ||
        part === undefined ||
        (part.kind !== "word" && part.kind !== "quoted")
      )
        break;
      parts.push(part);
      at += 2;
    }
    if (parts.length === 1 && token.kind === "word") return this.emit(token.source, token, at);
    const [first] = parts;
    const catalog = first?.value.toLowerCase() ?? "";
    const isCatalog =
      parts.length > 1 &&
      this.before.at(-1)?.source !== "." &&
      this.translation.catalogs.has(catalog);
    const names = parts.map(({ value }, index) =>
      quoted(index === 0 && isCatalog ? databaseOf(catalog) : value),
    );
    this.emit(names.join("."), parts.at(-1) ?? token, at);
  }

  private parameter(token: Token): void {
    // A parameter follows a space or an operator; `column:path` reads a field of JSON.
    const last = this.before.at(-1);
    const isAlone =
      last === undefined ||
      this.tokens[this.at - 1]?.kind === "space" ||
      /^[(,=<>+\-*/|%[]$/.test(last.source);
    if (!isAlone) return this.emit(token.source, token, this.at + 1);
    this.emit(this.valueOf(token.value), token, this.at + 1);
  }

  private valueOf(name: string): string {
    const value = this.translation.parameters[name];
    if (value === undefined) {
      const known = Object.keys(this.translation.parameters);
      throw new SqlProblem(
        `the parameter :${name} has no value; parameters with one: ${known.length === 0 ? "none" : known.join(", ")}`,
      );
    }
    return value;
  }

  /** Translates `IDENTIFIER(:table || '_daily')`. */
  private identifier(token: Token): void {
    let at = this.peek(this.at + 1) + 1;
    let name = "";
    for (; this.tokens[at] !== undefined && this.tokens[at]?.source !== ")"; at += 1) {
      const part = this.tokens[at] as Token;
      if (part.kind === "space" || part.source === "|") continue;
      if (part.kind === "text") name += part.value;
      else if (part.kind === "parameter")
        name += /^'([\s\S]*)'$/.exec(this.valueOf(part.value))?.[1]?.replaceAll("''", "'") ?? "";
      else throw new SqlProblem("IDENTIFIER accepts only string literals and parameters here");
    }
    const names = name.split(".").map((each) => each.trim().toLowerCase());
    const [first = ""] = names;
    const parts =
      names.length > 1 && this.translation.catalogs.has(first)
        ? [databaseOf(first), ...names.slice(1)]
        : names;
    this.emit(parts.map(quoted).join("."), token, at + 1);
  }

  /**
   * Whether a string is a file path: the argument of a function that reads files, or the source or
   * target of COPY.
   */
  private isPath(): boolean {
    let at = this.before.length - 1;
    while (
      at >= 0 &&
      (this.before[at]?.kind === "text" ||
        this.before[at]?.source === "," ||
        this.before[at]?.source === "[")
    )
      at -= 1;
    const last = this.before[at];
    if (last?.kind === "word") return /^(from|to|join)$/i.test(last.value);
    const reader = this.before[at - 1];
    return (
      last?.source === "(" &&
      reader?.kind === "word" &&
      /^(read_\w+|parquet_\w+|glob|sniff_csv)$/i.test(reader.value)
    );
  }

  /**
   * Skips clauses of a CREATE that only concern storage: USING DELTA, TBLPROPERTIES (…),
   * PARTITIONED BY (…), CLUSTER BY (…) and COMMENT '…'.
   */
  private leaveOut(word: string): boolean {
    const next = this.peek(this.at + 1);
    const following = this.tokens[next];
    if (word === "using" && /^delta$/i.test(following?.value ?? "")) this.at = next + 1;
    else if (word === "comment" && following?.kind === "text") this.at = next + 1;
    else if (word === "tblproperties" && following?.source === "(") this.at = this.closing(next);
    else if (
      /^(partitioned|clustered|cluster)$/.test(word) &&
      /^by$/i.test(following?.value ?? "")
    ) {
      const opening = this.peek(next + 1);
      this.at = this.tokens[opening]?.source === "(" ? this.closing(opening) : opening + 1;
    } else return false;
    return true;
  }

  /** Returns the position after the closing parenthesis. */
  private closing(opening: number): number {
    let depth = 0;
    for (let at = opening; at < this.tokens.length; at += 1) {
      if (this.tokens[at]?.source === "(") depth += 1;
      if (this.tokens[at]?.source === ")") depth -= 1;
      if (depth === 0) return at + 1;
    }
    return this.tokens.length;
  }
}
