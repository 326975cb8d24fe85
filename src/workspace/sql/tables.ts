import fs from "node:fs";
import path from "node:path";
import { unityCatalog, type UnityCatalog } from "../catalog/securables";
import { eventsOf } from "../events";
import type { JsonObject } from "../errors";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { SqlProblem, catalogOf, databaseOf, literal, quoted } from "./dialect";
import type { SqlEngine } from "./engine";
import { platformType } from "./results";

/** The DuckDB session for statements of the workspace itself. */
const SESSION = "";
const WATCHED = ["uc_catalogs", "uc_schemas", "uc_tables"];

interface Known {
  readonly schemas: ReadonlySet<string>;
  readonly tables: ReadonlySet<string>;
}

interface Found {
  readonly type: "MANAGED" | "VIEW";
  readonly columns: JsonObject[];
}

/**
 * Keeps Unity Catalog and DuckDB synchronized: each catalog is a DuckDB file that contains its
 * schemas, tables and views.
 */
export class SqlTables {
  private readonly uc: UnityCatalog;
  private seen: string | undefined;
  /** The contents of DuckDB at the last synchronization. */
  private known: Known = { schemas: new Set(), tables: new Set() };
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly app: WorkspaceApp,
    private readonly engine: SqlEngine,
    private readonly folder: string,
  ) {
    this.uc = unityCatalog(app);
  }

  /**
   * Updates DuckDB from Unity Catalog: attaches catalogs, creates missing schemas and tables, and
   * drops those that were deleted.
   */
  bring(): Promise<void> {
    return this.inTurn(async () => {
      if (this.version() === this.seen) return;
      fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const catalogs = this.uc.of("catalog").values().map(({ name }) => name); // prettier-ignore
      const attach = catalogs.map(
        (name) =>
          `ATTACH IF NOT EXISTS ${literal(path.join(this.folder, `${encodeURIComponent(name)}.duckdb`))} AS ${quoted(databaseOf(name))}`,
      );
      await this.engine.run(SESSION, attach);
      const inDuckDb = await this.readDuckDb();
      const schemas = new Set(this.uc.of("schema").values().map(({ full_name }) => full_name)); // prettier-ignore
      const tables = new Map(this.uc.of("table").values().map((each) => [each.full_name, each])); // prettier-ignore
      const statements = [...schemas].map((name) => `CREATE SCHEMA IF NOT EXISTS ${place(name)}`);
      for (const name of inDuckDb.schemas)
        if (!schemas.has(name)) statements.push(`DROP SCHEMA IF EXISTS ${place(name)} CASCADE`);
      const kept = new Set<string>();
      for (const [name, { type }] of inDuckDb.tables) {
        if (tables.has(name)) kept.add(name);
        else if (schemas.has(schemaOf(name)))
          statements.push(`DROP ${type === "VIEW" ? "VIEW" : "TABLE"} IF EXISTS ${place(name)}`);
      }
      await this.engine.run(SESSION, statements);
      for (const [name, { settings }] of tables)
        if (!kept.has(name) && (await this.createTable(name, columnsOf(settings)))) kept.add(name);
      this.known = { schemas, tables: kept };
      this.seen = this.version();
    });
  }

  /**
   * Creates a table in DuckDB. @returns false if DuckDB cannot store it (no columns, or an
   * unsupported type); the table then exists in Unity Catalog only
   */
  private async createTable(name: string, columns: readonly string[]): Promise<boolean> {
    if (columns.length === 0) return false;
    try {
      await this.engine.run(SESSION, [
        `CREATE TABLE IF NOT EXISTS ${place(name)} (${columns.join(", ")})`,
      ]);
      return true;
    } catch (error) {
      if (!(error instanceof SqlProblem)) throw error;
      this.app.log(`the table ${name} is not in SQL: ${error.message.split("\n")[0] ?? ""}`);
      return false;
    }
  }

  private version(): string {
    return `${this.engine.generation} ${WATCHED.map((name) => this.app.store.version(name)).join(" ")}`;
  }

  /** Updates Unity Catalog after a statement that created, changed or dropped objects in DuckDB. */
  take(caller: Principal): Promise<void> {
    return this.inTurn(async () => {
      const inDuckDb = await this.readDuckDb();
      await this.app.store.write(() => {
        for (const name of inDuckDb.schemas)
          if (this.uc.find("schema", name) === undefined) this.uc.add("schema", name, caller, {});
        for (const [name, found] of inDuckDb.tables) this.recordTable(name, found, caller);
        for (const name of this.known.tables)
          if (!inDuckDb.tables.has(name)) this.uc.remove("table", name);
        for (const name of this.known.schemas)
          if (!inDuckDb.schemas.has(name) && this.uc.within("volume", name).length === 0)
            this.uc.remove("schema", name);
      });
      this.known = { schemas: inDuckDb.schemas, tables: new Set(inDuckDb.tables.keys()) };
      this.seen = this.version();
    });
  }

  /** Records a table of DuckDB in Unity Catalog. Call only inside `store.write`. */
  private recordTable(name: string, { type, columns }: Found, caller: Principal): void {
    const known = this.uc.find("table", name);
    if (known === undefined) {
      this.uc.add("table", name, caller, {
        table_type: type,
        ...(type === "VIEW" ? {} : { data_source_format: "DELTA" }),
        columns,
      });
      eventsOf(this.app).emit("table", name);
    } else if (!this.known.tables.has(name) || !sameColumns(known.settings.columns, columns)) {
      const settings = { ...known.settings, columns: withNotes(columns, known.settings.columns) };
      this.uc.of("table").put(name, {
        ...known,
        settings,
        updated_at: this.app.clock.now(),
        updated_by: caller.name,
      });
    }
  }

  private async readDuckDb(): Promise<{
    readonly schemas: ReadonlySet<string>;
    readonly tables: ReadonlyMap<string, Found>;
  }> {
    const catalogs = new Set(this.uc.of("catalog").values().map(({ name }) => name)); // prettier-ignore
    const ask = (sql: string): Promise<readonly (readonly unknown[])[]> =>
      this.engine.run(SESSION, [sql], 1_000_000).then(({ rows }) => rows);
    const nameOf = (parts: readonly unknown[]): string =>
      [catalogOf(String(parts[0])), ...parts.slice(1)].join(".").toLowerCase();
    // Every DuckDB file contains a schema "main"; Unity Catalog does not have it.
    const isOurs = ([database, schema]: readonly unknown[]): boolean =>
      catalogs.has(catalogOf(String(database))) && schema !== "main";
    const schemas = new Set(
      (await ask("SELECT database_name, schema_name FROM duckdb_schemas()"))
        .filter(isOurs)
        .map(nameOf),
    );
    const tables = new Map<string, { type: "MANAGED" | "VIEW"; columns: JsonObject[] }>();
    const columns = await ask(
      "SELECT c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable, v.view_name IS NOT NULL " +
        "FROM duckdb_columns() c LEFT JOIN duckdb_views() v " +
        "ON v.database_name = c.database_name AND v.schema_name = c.schema_name AND v.view_name = c.table_name " +
        "WHERE NOT c.internal ORDER BY 1, 2, 3, c.column_index",
    );
    for (const row of columns.filter(isOurs)) {
      const name = nameOf(row.slice(0, 3));
      const table = tables.get(name) ?? {
        type: row[6] === true ? ("VIEW" as const) : ("MANAGED" as const),
        columns: [],
      };
      tables.set(name, table);
      const { type_name, type_text } = platformType(String(row[4]));
      table.columns.push({
        name: String(row[3]),
        type_name,
        type_text: type_text.toLowerCase(),
        position: table.columns.length,
        nullable: row[5] === true,
      });
    }
    return { schemas, tables };
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

const columnList = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];

/** Compares columns by the properties that DuckDB stores. */
function sameColumns(known: unknown, found: readonly JsonObject[]): boolean {
  const comparable = columnList(known).map(
    ({ name, type_name, type_text, position, nullable }) => ({
      name,
      type_name,
      type_text,
      position,
      nullable,
    }),
  );
  return JSON.stringify(comparable) === JSON.stringify(found);
}

/**
 * Copies comments and other column properties that DuckDB does not store from the known columns.
 */
function withNotes(found: readonly JsonObject[], known: unknown): JsonObject[] {
  const before = new Map(columnList(known).map((column) => [column.name, column]));
  return found.map((column) => ({ ...before.get(column.name), ...column }));
}

function place(fullName: string): string {
  const [catalog = "", ...rest] = fullName.split(".");
  return [databaseOf(catalog), ...rest].map(quoted).join(".");
}

const schemaOf = (table: string): string => table.slice(0, table.lastIndexOf("."));

function columnsOf(settings: JsonObject): string[] {
  const columns = Array.isArray(settings.columns) ? (settings.columns as JsonObject[]) : [];
  return columns.flatMap(({ name, type_text }) =>
    typeof name === "string" && typeof type_text === "string"
      ? [`${quoted(name)} ${type_text}`]
      : [],
  );
}
