/**
 * The DuckDB process: `SqlEngine` starts it and sends it requests, and it exits with the workspace.
 */
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/**
 * The requests to the DuckDB process. A session is a connection, which keeps temporary views and
 * settings until it is closed.
 */
export type Request =
  | {
      readonly id: number;
      readonly session: string;
      readonly sql: readonly string[];
      readonly maxRows: number;
    }
  | { readonly cancel: string }
  | { readonly end: string };

export interface Column {
  readonly name: string;
  /** The type in DuckDB's notation: `DECIMAL(5,2)`, `INTEGER[]`. */
  readonly type: string;
}

export interface Table {
  readonly columns: readonly Column[];
  /** Values as JSON; numbers beyond 2^53, dates and decimals are strings. */
  readonly rows: readonly (readonly unknown[])[];
  /** Whether the result has more rows than were returned. */
  readonly truncated: boolean;
  /**
   * Whether the statement is a query. The only row of a statement that changes data is the number of
   * changed rows.
   */
  readonly isQuery: boolean;
}

export type Reply = { readonly id: number } & (
  { readonly table: Table } | { readonly error: string }
);

const [, , library = "", memory = "1GB"] = process.argv;

const SETTINGS = {
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  memory_limit: memory,
};

const connections = new Map<string, Promise<DuckDBConnection>>();
/**
 * Sessions whose current statement was canceled. DuckDB ignores an interrupt that arrives before
 * the statement starts, so the interrupt is repeated.
 */
const canceledSessions = new Set<string>();
let database: Promise<DuckDBInstance> | undefined;

// eslint-disable-next-line @typescript-eslint/no-require-imports -- optional: the project that starts the workspace has it
const duckdb = require(library) as typeof import("@duckdb/node-api");

async function connect(): Promise<DuckDBConnection> {
  database ??= duckdb.DuckDBInstance.create(":memory:", SETTINGS);
  const connection = await (await database).connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

function connectionOf(session: string): Promise<DuckDBConnection> {
  const connection = connections.get(session) ?? connect();
  connections.set(session, connection);
  return connection;
}

/** Runs the statements in order, and returns the result of the last one. */
async function run({ session, sql, maxRows }: Extract<Request, { sql: unknown }>): Promise<Table> {
  const connection = await connectionOf(session);
  let table: Table = { columns: [], rows: [], truncated: false, isQuery: false };
  for (const statement of sql) {
    if (canceledSessions.has(session)) throw new Error("canceled");
    const reader = await connection.streamAndReadUntil(statement, maxRows + 1);
    const rows = reader.getRowsJson();
    const names = reader.columnNames();
    const types = reader.columnTypes();
    table = {
      columns: names.map((name, index) => ({ name, type: String(types[index]) })),
      rows: rows.slice(0, maxRows),
      truncated: rows.length > maxRows,
      isQuery: QUERIES.has(reader.statementType),
    };
  }
  return table;
}

/** Interrupts the current statement of a session, repeatedly until the session is closed. */
async function interrupt(session: string): Promise<void> {
  while (canceledSessions.has(session)) {
    (await connections.get(session))?.interrupt();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const { SELECT, EXPLAIN, CALL, PRAGMA, RELATION } = duckdb.StatementType;
const QUERIES: ReadonlySet<unknown> = new Set([SELECT, EXPLAIN, CALL, PRAGMA, RELATION]);

process.on("message", (request: Request) => {
  if ("cancel" in request) {
    canceledSessions.add(request.cancel);
    void interrupt(request.cancel);
  } else if ("end" in request) {
    void connections.get(request.end)?.then((connection) => connection.closeSync());
    connections.delete(request.end);
    canceledSessions.delete(request.end);
  } else {
    const { id } = request;
    const send = (reply: Reply): void => void process.send?.(reply);
    run(request).then(
      (table) => send({ id, table }),
      (error: unknown) =>
        send({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  }
});
process.on("disconnect", () => process.exit(0));
