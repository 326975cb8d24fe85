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
  /** Rows that are returned. */
  readonly most?: number;
}

/** Where names without a catalog and a schema are looked up; USE changes it. */
interface Place {
  catalog: string;
  schema: string;
}

/**
 * SQL of notebooks, tasks and statements, executed by DuckDB over the workspace's catalogs, volumes
 * and files.
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

  /**
   * Opens a session. Names are looked up in `main.default` unless the session sets another schema.
   */
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
   * One statement.
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
    const there =
      catalogs.has(place.catalog) &&
      unityCatalog(this.app).find("schema", `${place.catalog}.${place.schema}`) !== undefined;
    const where = there ? [`USE ${quoted(databaseOf(place.catalog))}.${quoted(place.schema)}`] : [];
    const table = await this.engine.run(session, [...where, sql], options.most);
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

/** DuckDB may understand what the parser does not. */
function readDdl(statement: string): Ddl | undefined {
  try {
    return ddlOf(statement);
  } catch (error) {
    if (error instanceof SqlProblem) return undefined;
    throw error;
  }
}

/**
 * True for statements that DuckDB cannot express: comments, properties, owners and locations of
 * tables.
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
 * The mapped file of a path in volumes, DBFS or the workspace; others, such as a working folder of
 * this machine, stay.
 */
function localPath(folder: string, file: string): string {
  const place = file.startsWith("dbfs:") ? file.slice("dbfs:".length).replace(/^\/*/, "/") : file;
  if (file.startsWith("dbfs:") && !place.startsWith("/Volumes/"))
    return path.join(folder, "dbfs", place);
  return /^\/(Volumes|dbfs|Workspace)\//.test(place) ? path.join(folder, place) : file;
}
