import path from "node:path";
import { unityCatalog } from "../catalog/securables";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { SqlProblem, databaseOf, sqlLiteral, quoteName, translate, parseUse } from "../sql/dialect";
import { SqlEngine } from "../sql/engine";
import type { Table } from "../sql/engine-worker";
import { parseDdl, type Ddl } from "../sql/ddl";
import { applyDdl, recordCreated } from "../sql/table-changes";
import { SqlTables } from "../sql/tables";
import type { MappedFolder } from "./mapped-folder";

export interface Parameter {
  readonly value: string | null;
  /** @default STRING */
  readonly type?: string;
}

export interface SqlOptions {
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Max number of rows to return. */
  readonly maxRows?: number;
}

/** The default catalog and schema for unqualified names. USE changes them. */
interface CurrentSchema {
  catalog: string;
  schema: string;
}

/**
 * Executes the SQL of notebooks, tasks and statements in DuckDB, with access to the workspace's
 * catalogs, volumes and files.
 */
export class SqlSessions {
  private readonly engine: SqlEngine;
  private readonly tables: SqlTables;
  private readonly currentSchemas = new Map<string, CurrentSchema>();

  constructor(
    private readonly app: WorkspaceApp,
    private readonly mappedFolderFor: (caller: Principal) => MappedFolder,
    project: string,
  ) {
    this.engine = new SqlEngine(project);
    this.tables = new SqlTables(app, this.engine, path.join(app.store.folder, "executions", "sql"));
    app.onClose(() => this.engine.close());
  }

  /** Opens a session. Its default schema is `main.default`. */
  open(
    session: string,
    {
      catalog = "main",
      schema = "default",
    }: { catalog?: string | undefined; schema?: string | undefined } = {},
  ): CurrentSchema {
    const currentSchema = { catalog: catalog.toLowerCase(), schema: schema.toLowerCase() };
    this.currentSchemas.set(session, currentSchema);
    return currentSchema;
  }

  /**
   * Executes one statement.
   * @throws SqlProblem if the statement is invalid, fails, or is not permitted
   */
  async execute(
    session: string,
    caller: Principal,
    statement: string,
    options: SqlOptions = {},
  ): Promise<Table> {
    const currentSchema = this.currentSchemas.get(session) ?? this.open(session);
    const useStatement = parseUse(statement);
    if (useStatement !== undefined) return this.applyUse(currentSchema, useStatement);
    const ddl = readDdl(statement);
    if (ddl !== undefined && isCatalogOnly(ddl))
      return applyDdl(this.app, ddl, caller, currentSchema);
    const mappedFolder = this.mappedFolderFor(caller);
    await mappedFolder.pull();
    await this.tables.updateDuckDb();
    const uc = unityCatalog(this.app);
    const catalogs = new Set(uc.all("catalog").map(({ name }) => name));
    const parameters = Object.fromEntries(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [name, sqlValue(value)]),
    );
    const toLocalPath = (file: string): string => localPath(mappedFolder.folder, file);
    const sql = translate(statement, {
      parameters,
      catalogs,
      user: caller.name,
      ...currentSchema,
      toLocalPath,
    });
    const schemaExists =
      catalogs.has(currentSchema.catalog) &&
      uc.find("schema", `${currentSchema.catalog}.${currentSchema.schema}`) !== undefined;
    const useStatements = schemaExists
      ? [`USE ${quoteName(databaseOf(currentSchema.catalog))}.${quoteName(currentSchema.schema)}`]
      : [];
    const table = await this.engine.run(session, [...useStatements, sql], options.maxRows);
    if (!table.isQuery) {
      await this.tables.updateUnityCatalog(caller);
      if (ddl?.kind === "create") await recordCreated(this.app, ddl, caller, currentSchema);
      const problems = await mappedFolder.push();
      if (problems.length > 0) throw new SqlProblem(problems.join("; "));
    }
    return table;
  }

  cancel(session: string): void {
    this.engine.cancel(session);
  }

  end(session: string): void {
    this.currentSchemas.delete(session);
    this.engine.end(session);
  }

  private applyUse(
    currentSchema: CurrentSchema,
    { objectType, names }: { readonly objectType: string; readonly names: readonly string[] },
  ): Table {
    const uc = unityCatalog(this.app);
    const [firstName = "", secondName] = names;
    // A single name after USE is a schema of the current catalog, else a catalog.
    const isCatalog =
      objectType === "catalog" ||
      (objectType === "" &&
        secondName === undefined &&
        uc.find("schema", `${currentSchema.catalog}.${firstName}`) === undefined);
    const [catalog, schema] = isCatalog
      ? [firstName, "default"]
      : secondName === undefined
        ? [currentSchema.catalog, firstName]
        : [firstName, secondName];
    if (uc.find("catalog", catalog) === undefined)
      throw new SqlProblem(`Catalog '${catalog}' does not exist.`);
    if (!isCatalog && uc.find("schema", `${catalog}.${schema}`) === undefined)
      throw new SqlProblem(`Schema '${catalog}.${schema}' does not exist.`);
    Object.assign(currentSchema, { catalog, schema });
    return { columns: [], rows: [], truncated: false, isQuery: false };
  }
}

/** Returns undefined if the DDL parser cannot read the statement: DuckDB may still support it. */
function readDdl(statement: string): Ddl | undefined {
  try {
    return parseDdl(statement);
  } catch (error) {
    if (error instanceof SqlProblem) return undefined;
    throw error;
  }
}

/**
 * Whether a statement changes only Unity Catalog, not DuckDB: comments, properties, clustering, owners
 * and locations of tables.
 */
function isCatalogOnly(ddl: Ddl): boolean {
  if (ddl.kind === "create") return ddl.location !== undefined;
  if (ddl.kind === "comment" || ddl.kind === "properties") return true;
  if (ddl.kind !== "alter") return false;
  const { change } = ddl;
  return change.kind === "column"
    ? change.comment !== undefined
    : ["set", "unset", "cluster", "location", "owner"].includes(change.kind);
}

const TYPE = /^[A-Za-z]+(\(\d+(,\s*\d+)?\))?$/;

function sqlValue({ value, type = "STRING" }: Parameter): string {
  if (value === null) return "NULL";
  if (type.toUpperCase() === "STRING") return sqlLiteral(value);
  if (!TYPE.test(type)) throw new SqlProblem(`${type} is not a parameter type`);
  return `CAST(${sqlLiteral(value)} AS ${type})`;
}

/**
 * Returns the local file for a path in volumes, DBFS or the workspace. Any other path, such as one
 * in a local working folder, is returned unchanged.
 */
function localPath(folder: string, file: string): string {
  const workspacePath = file.startsWith("dbfs:")
    ? file.slice("dbfs:".length).replace(/^\/*/, "/")
    : file;
  if (file.startsWith("dbfs:") && !workspacePath.startsWith("/Volumes/"))
    return path.join(folder, "dbfs", workspacePath);
  return /^\/(Volumes|dbfs|Workspace)\//.test(workspacePath)
    ? path.join(folder, workspacePath)
    : file;
}
