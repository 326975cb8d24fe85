import fs from "node:fs";
import path from "node:path";
import { unityCatalog, type UnityCatalog } from "../catalog/securables";
import { eventsOf } from "../events";
import type { JsonObject } from "../errors";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { SqlProblem, catalogOf, databaseOf, sqlLiteral, quoteName } from "./dialect";
import type { SqlEngine } from "./engine";
import { platformType } from "./results";

/** The DuckDB session for statements of the workspace itself. */
const INTERNAL_SESSION = "";
const WATCHED_COLLECTIONS = ["uc_catalogs", "uc_schemas", "uc_tables"];

interface SyncedObjects {
  readonly schemas: ReadonlySet<string>;
  readonly tables: ReadonlySet<string>;
}

interface DuckDbTable {
  readonly type: "MANAGED" | "VIEW";
  readonly columns: JsonObject[];
}

/**
 * Keeps Unity Catalog and DuckDB synchronized: each catalog is a DuckDB file that contains its
 * schemas, tables and views.
 */
export class SqlTables {
  private readonly uc: UnityCatalog;
  private syncedVersion: string | undefined;
  /** The contents of DuckDB at the last synchronization. */
  private syncedObjects: SyncedObjects = { schemas: new Set(), tables: new Set() };
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
  updateDuckDb(): Promise<void> {
    return this.enqueue(async () => {
      if (this.version() === this.syncedVersion) return;
      fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const catalogs = this.uc.all("catalog").map(({ name }) => name);
      const attachStatements = catalogs.map(
        (name) =>
          `ATTACH IF NOT EXISTS ${sqlLiteral(path.join(this.folder, `${encodeURIComponent(name)}.duckdb`))} AS ${quoteName(databaseOf(name))}`,
      );
      await this.engine.run(INTERNAL_SESSION, attachStatements);
      const duckDbObjects = await this.readDuckDb();
      const schemas = new Set(this.uc.all("schema").map(({ full_name }) => full_name));
      const tables = new Map(this.uc.all("table").map((table) => [table.full_name, table]));
      const statements = [...schemas].map(
        (name) => `CREATE SCHEMA IF NOT EXISTS ${qualifiedName(name)}`,
      );
      for (const name of duckDbObjects.schemas)
        if (!schemas.has(name))
          statements.push(`DROP SCHEMA IF EXISTS ${qualifiedName(name)} CASCADE`);
      const remainingTables = new Set<string>();
      for (const [name, { type }] of duckDbObjects.tables) {
        if (tables.has(name)) remainingTables.add(name);
        else if (schemas.has(schemaOf(name)))
          statements.push(
            `DROP ${type === "VIEW" ? "VIEW" : "TABLE"} IF EXISTS ${qualifiedName(name)}`,
          );
      }
      await this.engine.run(INTERNAL_SESSION, statements);
      for (const [name, { settings }] of tables)
        if (
          !remainingTables.has(name) &&
          (await this.createTable(name, columnDefinitions(settings)))
        )
          remainingTables.add(name);
      this.syncedObjects = { schemas, tables: remainingTables };
      this.syncedVersion = this.version();
    });
  }

  /**
   * Creates a table in DuckDB. @returns false if DuckDB cannot store it (no columns, or an
   * unsupported type); the table then exists in Unity Catalog only
   */
  private async createTable(name: string, columns: readonly string[]): Promise<boolean> {
    if (columns.length === 0) return false;
    try {
      await this.engine.run(INTERNAL_SESSION, [
        `CREATE TABLE IF NOT EXISTS ${qualifiedName(name)} (${columns.join(", ")})`,
      ]);
      return true;
    } catch (error) {
      if (!(error instanceof SqlProblem)) throw error;
      this.app.log(`the table ${name} is not in SQL: ${error.message.split("\n")[0] ?? ""}`);
      return false;
    }
  }

  private version(): string {
    return `${this.engine.generation} ${WATCHED_COLLECTIONS.map((name) => this.app.store.version(name)).join(" ")}`;
  }

  /** Updates Unity Catalog after a statement that created, changed or dropped objects in DuckDB. */
  updateUnityCatalog(caller: Principal): Promise<void> {
    return this.enqueue(async () => {
      const duckDbObjects = await this.readDuckDb();
      await this.app.store.write(() => {
        for (const name of duckDbObjects.schemas)
          if (this.uc.find("schema", name) === undefined) this.uc.add("schema", name, caller, {});
        for (const [name, table] of duckDbObjects.tables) this.recordTable(name, table, caller);
        for (const name of this.syncedObjects.tables)
          if (!duckDbObjects.tables.has(name)) this.uc.remove("table", name);
        for (const name of this.syncedObjects.schemas)
          // DuckDB does not contain volumes and models, so it drops a schema that still has some.
          if (
            !duckDbObjects.schemas.has(name) &&
            this.uc.childrenOf("volume", name).length === 0 &&
            this.uc.childrenOf("function", name).length === 0
          )
            this.uc.remove("schema", name);
      });
      this.syncedObjects = {
        schemas: duckDbObjects.schemas,
        tables: new Set(duckDbObjects.tables.keys()),
      };
      this.syncedVersion = this.version();
    });
  }

  /** Records a table of DuckDB in Unity Catalog. Call only inside `store.write`. */
  private recordTable(name: string, { type, columns }: DuckDbTable, caller: Principal): void {
    const existing = this.uc.find("table", name);
    if (existing === undefined) {
      this.uc.add("table", name, caller, {
        table_type: type,
        ...(type === "VIEW" ? {} : { data_source_format: "DELTA" }),
        columns,
      });
      eventsOf(this.app).emit("table", name);
    } else if (
      !this.syncedObjects.tables.has(name) ||
      !sameColumns(existing.settings.columns, columns)
    ) {
      const settings = {
        ...existing.settings,
        columns: withCatalogProperties(columns, existing.settings.columns),
      };
      this.uc.collection("table").put(name, {
        ...existing,
        settings,
        updated_at: this.app.clock.now(),
        updated_by: caller.name,
      });
    }
  }

  private async readDuckDb(): Promise<{
    readonly schemas: ReadonlySet<string>;
    readonly tables: ReadonlyMap<string, DuckDbTable>;
  }> {
    const catalogs = new Set(this.uc.all("catalog").map(({ name }) => name));
    const queryRows = (sql: string): Promise<readonly (readonly unknown[])[]> =>
      this.engine.run(INTERNAL_SESSION, [sql], 1_000_000).then(({ rows }) => rows);
    const fullNameOf = (parts: readonly unknown[]): string =>
      [catalogOf(String(parts[0])), ...parts.slice(1)].join(".").toLowerCase();
    // Every DuckDB file contains a schema "main"; Unity Catalog does not have it.
    const isInCatalog = ([database, schema]: readonly unknown[]): boolean =>
      catalogs.has(catalogOf(String(database))) && schema !== "main";
    const schemas = new Set(
      (await queryRows("SELECT database_name, schema_name FROM duckdb_schemas()"))
        .filter(isInCatalog)
        .map(fullNameOf),
    );
    const tables = new Map<string, { type: "MANAGED" | "VIEW"; columns: JsonObject[] }>();
    const columns = await queryRows(
      "SELECT c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable, v.view_name IS NOT NULL " +
        "FROM duckdb_columns() c LEFT JOIN duckdb_views() v " +
        "ON v.database_name = c.database_name AND v.schema_name = c.schema_name AND v.view_name = c.table_name " +
        "WHERE NOT c.internal ORDER BY 1, 2, 3, c.column_index",
    );
    for (const row of columns.filter(isInCatalog)) {
      const name = fullNameOf(row.slice(0, 3));
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

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

const columnList = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];

/** Compares columns by the properties that DuckDB stores. */
function sameColumns(catalogColumns: unknown, columns: readonly JsonObject[]): boolean {
  const storedProperties = columnList(catalogColumns).map(
    ({ name, type_name, type_text, position, nullable }) => ({
      name,
      type_name,
      type_text,
      position,
      nullable,
    }),
  );
  return JSON.stringify(storedProperties) === JSON.stringify(columns);
}

/** Adds the comments and other column properties of Unity Catalog that DuckDB does not store. */
function withCatalogProperties(
  columns: readonly JsonObject[],
  catalogColumns: unknown,
): JsonObject[] {
  const catalogColumnsByName = new Map(
    columnList(catalogColumns).map((column) => [column.name, column]),
  );
  return columns.map((column) => ({ ...catalogColumnsByName.get(column.name), ...column }));
}

function qualifiedName(fullName: string): string {
  const [catalog = "", ...names] = fullName.split(".");
  return [databaseOf(catalog), ...names].map(quoteName).join(".");
}

const schemaOf = (table: string): string => table.slice(0, table.lastIndexOf("."));

/** Returns the columns for CREATE TABLE. */
function columnDefinitions(settings: JsonObject): string[] {
  return columnList(settings.columns).flatMap(({ name, type_text }) =>
    typeof name === "string" && typeof type_text === "string"
      ? [`${quoteName(name)} ${type_text}`]
      : [],
  );
}
