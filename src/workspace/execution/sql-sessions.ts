import path from "node:path";
import { unityCatalog } from "../catalog/securables";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { SqlProblem, databaseOf, literal, quoted, translate, used } from "../sql/dialect";
import { SqlEngine } from "../sql/engine";
import type { Table } from "../sql/engine-worker";
import { ddlOf, type Ddl } from "../sql/ddl";
import { applyDdl, noteCreated } from "../sql/table-changes";
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
  readonly most?: number;
}

/** The default catalog and schema for unqualified names. USE changes them. */
interface Place {
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
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly app: WorkspaceApp,
    private readonly mappedFor: (caller: Principal) => MappedFolder,
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
  ): Place {
    const place = { catalog: catalog.toLowerCase(), schema: schema.toLowerCase() };
    this.places.set(session, place);
    return place;
  }

  /**
   * Executes one statement.
   * @throws SqlProblem
   */
  async execute(
    session: string,
    caller: Principal,
    statement: string,
    options: SqlOptions = {},
  ): Promise<Table> {
    const place = this.places.get(session) ?? this.open(session);
    const use = used(statement);
    if (use !== undefined) return this.use(place, use);
    const ddl = readDdl(statement);
    if (ddl !== undefined && isOfCatalog(ddl)) return applyDdl(this.app, ddl, caller, place);
    const mapped = this.mappedFor(caller);
    await mapped.pull();
    await this.tables.bring();
    const catalogs = new Set(unityCatalog(this.app).of("catalog").values().map(({ name }) => name)); // prettier-ignore
    const parameters = Object.fromEntries(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [name, valueOf(value)]),
    );
    const local = (file: string): string => localPath(mapped.folder, file);
    const sql = translate(statement, { parameters, catalogs, user: caller.name, ...place, local });
    const schemaExists =
      catalogs.has(place.catalog) &&
      unityCatalog(this.app).find("schema", `${place.catalog}.${place.schema}`) !== undefined;
    const useStatements = schemaExists
      ? [`USE ${quoted(databaseOf(place.catalog))}.${quoted(place.schema)}`]
      : [];
    const table = await this.engine.run(session, [...useStatements, sql], options.most);
    if (!table.isQuery) {
      await this.tables.take(caller);
      if (ddl?.what === "create") await noteCreated(this.app, ddl, caller, place);
      const problems = await mapped.push();
      if (problems.length > 0) throw new SqlProblem(problems.join("; "));
    }
    return table;
  }

  cancel(session: string): void {
    this.engine.cancel(session);
  }

  end(session: string): void {
    this.places.delete(session);
    this.engine.end(session);
  }

  private use(
    place: Place,
    { what, names }: { readonly what: string; readonly names: readonly string[] },
  ): Table {
    const uc = unityCatalog(this.app);
    const [first = "", second] = names;
    const isCatalog =
      what === "catalog" ||
      (what === "" &&
        second === undefined &&
        uc.find("schema", `${place.catalog}.${first}`) === undefined);
    const [catalog, schema] = isCatalog
      ? [first, "default"]
      : second === undefined
        ? [place.catalog, first]
        : [first, second];
    if (uc.find("catalog", catalog) === undefined)
      throw new SqlProblem(`Catalog '${catalog}' does not exist.`);
    if (!isCatalog && uc.find("schema", `${catalog}.${schema}`) === undefined)
      throw new SqlProblem(`Schema '${catalog}.${schema}' does not exist.`);
    Object.assign(place, { catalog, schema });
    return { columns: [], rows: [], cut: false, isQuery: false };
  }
}

/** Returns undefined if the DDL parser cannot read the statement: DuckDB may still support it. */
function readDdl(statement: string): Ddl | undefined {
  try {
    return ddlOf(statement);
  } catch (error) {
    if (error instanceof SqlProblem) return undefined;
    throw error;
  }
}

/**
 * Whether DuckDB cannot express a statement: comments, properties, owners and locations of tables.
 */
function isOfCatalog(ddl: Ddl): boolean {
  if (ddl.what === "create") return ddl.location !== undefined;
  if (ddl.what === "comment" || ddl.what === "properties") return true;
  if (ddl.what !== "alter") return false;
  const { change } = ddl;
  return change.what === "column"
    ? change.comment !== undefined
    : ["set", "unset", "cluster", "location", "owner"].includes(change.what);
}

const TYPE = /^[A-Za-z]+(\(\d+(,\s*\d+)?\))?$/;

function valueOf({ value, type = "STRING" }: Parameter): string {
  if (value === null) return "NULL";
  if (type.toUpperCase() === "STRING") return literal(value);
  if (!TYPE.test(type)) throw new SqlProblem(`${type} is not a parameter type`);
  return `CAST(${literal(value)} AS ${type})`;
}

/**
 * Returns the local file for a path in volumes, DBFS or the workspace. Any other path, such as one
 * in a local working folder, is returned unchanged.
 */
function localPath(folder: string, file: string): string {
  const place = file.startsWith("dbfs:") ? file.slice("dbfs:".length).replace(/^\/*/, "/") : file;
  if (file.startsWith("dbfs:") && !place.startsWith("/Volumes/"))
    return path.join(folder, "dbfs", place);
  return /^\/(Volumes|dbfs|Workspace)\//.test(place) ? path.join(folder, place) : file;
}
