/**
 * Translates Databricks SQL to DuckDB's dialect: names, strings, parameters and paths. Storage
 * clauses and comments of a CREATE are omitted.
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
  readonly toLocalPath: (path: string) => string;
}

/** A statement that cannot be executed here, with the reason. */
export class SqlProblem extends Error {}

/** Catalog names that DuckDB reserves. */
const RESERVED = new Set(["main", "system", "temp"]);

/**
 * Returns the name of a catalog in DuckDB. Reserved names get a trailing space, which names in
 * Unity Catalog cannot contain.
 */
export const databaseOf = (catalog: string): string =>
  RESERVED.has(catalog) ? `${catalog} ` : catalog;
/** Reverses {@link databaseOf}. */
export const catalogOf = (database: string): string => database.trimEnd();

export const sqlLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

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
    if (groups["text"] !== undefined) return { kind: "text", source, value: unescape(source) };
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

function unescape(source: string): string {
  const quote = source[0] ?? "'";
  return source
    .slice(1, -1)
    .replaceAll(/\\([\s\S])|''|""/g, (match: string, letter: string | undefined) => {
      if (letter === undefined) return match[0] === quote ? quote : match;
      // LIKE itself interprets \% and \_, so they stay unchanged.
      return letter === "%" || letter === "_" ? match : (escapes[letter] ?? letter);
    });
}

const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ source }) => source)
    .join("")
    .trim();

const isBlank = ({ kind }: Token): boolean => kind === "space" || kind === "comment";

/** Splits SQL at the semicolons outside of strings and comments. */
export function statementsOf(sql: string): string[] {
  const statements: Token[][] = [[]];
  for (const token of tokensOf(sql)) {
    if (token.source === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((tokens) => !tokens.every(isBlank)).map(textOf);
}

/** Parses `USE main`, `USE CATALOG main` or `USE SCHEMA main.sales`: the names, outermost first. */
export function parseUse(
  statement: string,
): { readonly objectType: string; readonly names: readonly string[] } | undefined {
  const tokens = tokensOf(statement).filter((token) => !isBlank(token));
  if (tokens[0]?.value.toLowerCase() !== "use") return undefined;
  const secondWord = tokens[1]?.kind === "word" ? tokens[1].value.toLowerCase() : "";
  const objectType =
    tokens.length > 2 &&
    ["catalog", "schema", "database"].includes(secondWord) &&
    tokens[2]?.source !== "."
      ? secondWord
      : "";
  const names = tokens.slice(objectType === "" ? 1 : 2).filter(({ source }) => source !== ".");
  return { objectType, names: names.map(({ value }) => value.toLowerCase()) };
}

/**
 * Translates a statement to DuckDB's dialect.
 * @throws SqlProblem for a parameter without a value, or an unsupported argument of IDENTIFIER
 */
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
const SESSION_FUNCTIONS: Readonly<Record<string, "user" | "catalog" | "schema">> = {
  current_user: "user",
  session_user: "user",
  user: "user",
  current_catalog: "catalog",
  current_schema: "schema",
  current_database: "schema",
};

class Translator {
  private position = 0;
  private readonly output: string[] = [];
  /** The previous non-space tokens, newest last. */
  private readonly previousTokens: Token[] = [];
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
    while (this.position < this.tokens.length) this.step();
    return this.output.join("");
  }

  private skipSpaces(start: number): number {
    let index = start;
    while (this.tokens[index]?.kind === "space") index += 1;
    return index;
  }

  private emit(text: string, token: Token, nextIndex: number): void {
    this.output.push(text);
    if (!isBlank(token)) this.previousTokens.push(token);
    this.position = nextIndex;
  }

  private step(): void {
    const token = this.tokens[this.position] as Token;
    const { kind, value } = token;
    const word = kind === "word" ? value.toLowerCase() : "";
    if (this.isCreate && this.skipUnsupportedClause(word)) return;
    if (word === "identifier" && this.tokens[this.skipSpaces(this.position + 1)]?.source === "(")
      return this.identifier(token);
    if (Object.hasOwn(SESSION_FUNCTIONS, word) && this.isCall()) {
      const nextIndex = this.skipSpaces(this.skipSpaces(this.position + 1) + 1) + 1;
      return this.emit(
        sqlLiteral(this.translation[SESSION_FUNCTIONS[word] ?? "user"]),
        token,
        nextIndex,
      );
    }
    if (
      Object.hasOwn(FILE_FORMATS, word) &&
      this.tokens[this.position + 1]?.source === "." &&
      this.tokens[this.position + 2]?.kind === "quoted"
    ) {
      const path = (this.tokens[this.position + 2] as Token).value;
      return this.emit(
        `${FILE_FORMATS[word] ?? ""}(${sqlLiteral(this.translation.toLocalPath(path))})`,
        token,
        this.position + 3,
      );
    }
    if (kind === "word" || kind === "quoted") return this.name(token);
    if (kind === "parameter") return this.parameter(token);
    if (kind === "text")
      return this.emit(
        sqlLiteral(this.isPath() ? this.translation.toLocalPath(value) : value),
        token,
        this.position + 1,
      );
    this.emit(kind === "space" ? " " : token.source, token, this.position + 1);
  }

  /** Whether the next tokens are `name()`, a call without arguments. */
  private isCall(): boolean {
    const opening = this.skipSpaces(this.position + 1);
    return (
      this.tokens[opening]?.source === "(" &&
      this.tokens[this.skipSpaces(opening + 1)]?.source === ")" &&
      this.previousTokens.at(-1)?.source !== "."
    );
  }

  /**
   * Translates `main.sales.orders`. Each part is quoted, because the platform allows names that
   * DuckDB reserves.
   */
  private name(token: Token): void {
    const parts = [token];
    let index = this.position + 1;
    for (;;) {
      const part = this.tokens[index + 1];
      if (
        this.tokens[index]?.source !== "." ||
        part === undefined ||
        (part.kind !== "word" && part.kind !== "quoted")
      )
        break;
      parts.push(part);
      index += 2;
    }
    if (parts.length === 1 && token.kind === "word") return this.emit(token.source, token, index);
    const [first] = parts;
    const catalog = first?.value.toLowerCase() ?? "";
    const isCatalog =
      parts.length > 1 &&
      this.previousTokens.at(-1)?.source !== "." &&
      this.translation.catalogs.has(catalog);
    const names = parts.map(({ value }, partIndex) =>
      quoteName(partIndex === 0 && isCatalog ? databaseOf(catalog) : value),
    );
    this.emit(names.join("."), parts.at(-1) ?? token, index);
  }

  private parameter(token: Token): void {
    // A parameter follows a space or an operator; `column:path` reads a field of JSON.
    const previous = this.previousTokens.at(-1);
    const isAlone =
      previous === undefined ||
      this.tokens[this.position - 1]?.kind === "space" ||
      /^[(,=<>+\-*/|%[]$/.test(previous.source);
    if (!isAlone) return this.emit(token.source, token, this.position + 1);
    this.emit(this.valueOf(token.value), token, this.position + 1);
  }

  private valueOf(name: string): string {
    const value = this.translation.parameters[name];
    if (value === undefined) {
      const names = Object.keys(this.translation.parameters);
      throw new SqlProblem(
        `the parameter :${name} has no value; parameters with one: ${names.length === 0 ? "none" : names.join(", ")}`,
      );
    }
    return value;
  }

  /** Translates `IDENTIFIER(:table || '_daily')`. */
  private identifier(token: Token): void {
    let index = this.skipSpaces(this.position + 1) + 1;
    let name = "";
    for (; this.tokens[index] !== undefined && this.tokens[index]?.source !== ")"; index += 1) {
      const part = this.tokens[index] as Token;
      if (part.kind === "space" || part.source === "|") continue;
      if (part.kind === "text") name += part.value;
      else if (part.kind === "parameter")
        name += /^'([\s\S]*)'$/.exec(this.valueOf(part.value))?.[1]?.replaceAll("''", "'") ?? "";
      else throw new SqlProblem("IDENTIFIER accepts only string literals and parameters here");
    }
    const names = name.split(".").map((part) => part.trim().toLowerCase());
    const [first = ""] = names;
    const parts =
      names.length > 1 && this.translation.catalogs.has(first)
        ? [databaseOf(first), ...names.slice(1)]
        : names;
    this.emit(parts.map(quoteName).join("."), token, index + 1);
  }

  /**
   * Whether a string is a file path: the argument of a function that reads files, or a string after
   * FROM, JOIN or TO, as in `COPY orders TO '…'`.
   */
  private isPath(): boolean {
    let index = this.previousTokens.length - 1;
    while (
      index >= 0 &&
      (this.previousTokens[index]?.kind === "text" ||
        this.previousTokens[index]?.source === "," ||
        this.previousTokens[index]?.source === "[")
    )
      index -= 1;
    const previous = this.previousTokens[index];
    if (previous?.kind === "word") return /^(from|to|join)$/i.test(previous.value);
    const reader = this.previousTokens[index - 1];
    return (
      previous?.source === "(" &&
      reader?.kind === "word" &&
      /^(read_\w+|parquet_\w+|glob|sniff_csv)$/i.test(reader.value)
    );
  }

  /**
   * Skips clauses of a CREATE that DuckDB does not support: USING DELTA, TBLPROPERTIES (…),
   * PARTITIONED BY (…), CLUSTER BY (…), CLUSTERED BY (…) and COMMENT '…'.
   * @returns whether a clause was skipped
   */
  private skipUnsupportedClause(word: string): boolean {
    const nextIndex = this.skipSpaces(this.position + 1);
    const nextToken = this.tokens[nextIndex];
    if (word === "using" && /^delta$/i.test(nextToken?.value ?? "")) this.position = nextIndex + 1;
    else if (word === "comment" && nextToken?.kind === "text") this.position = nextIndex + 1;
    else if (word === "tblproperties" && nextToken?.source === "(")
      this.position = this.afterClosing(nextIndex);
    else if (
      /^(partitioned|clustered|cluster)$/.test(word) &&
      /^by$/i.test(nextToken?.value ?? "")
    ) {
      const opening = this.skipSpaces(nextIndex + 1);
      this.position =
        this.tokens[opening]?.source === "(" ? this.afterClosing(opening) : opening + 1;
    } else return false;
    return true;
  }

  /** Returns the position after the closing parenthesis. */
  private afterClosing(opening: number): number {
    let depth = 0;
    for (let index = opening; index < this.tokens.length; index += 1) {
      if (this.tokens[index]?.source === "(") depth += 1;
      if (this.tokens[index]?.source === ")") depth -= 1;
      if (depth === 0) return index + 1;
    }
    return this.tokens.length;
  }
}
