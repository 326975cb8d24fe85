/** Applies DDL to the tables and views of Unity Catalog. */
import { defined } from "../../defined";
import { pickFields } from "../rest-objects";
import { unityCatalog, type Securable, type UnityCatalog } from "../catalog/securables";
import type { JsonObject } from "../errors";
import { WorkspaceError } from "../errors";
import { eventsOf } from "../events";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import type { Change, Column, Create, Ddl } from "./ddl";
import { SqlProblem } from "./dialect";
import type { Table } from "./engine-worker";

/** The default catalog and schema for unqualified names. */
export interface DefaultSchema {
  readonly catalog: string;
  readonly schema: string;
}

const emptyResult: Table = { columns: [], rows: [], truncated: false, isQuery: false };
const typeNames: Readonly<Record<string, string>> = {
  bigint: "LONG",
  smallint: "SHORT",
  tinyint: "BYTE",
  integer: "INT",
  int: "INT",
};

/**
 * Applies a DDL statement.
 * @returns the rows of SHOW and DESCRIBE, else an empty result
 * @throws SqlProblem if the statement is invalid or not permitted
 */
export async function applyDdl(
  app: WorkspaceApp,
  ddl: Ddl,
  caller: Principal,
  defaultSchema: DefaultSchema,
): Promise<Table> {
  const changes = new TableChanges(unityCatalog(app), app, caller, defaultSchema);
  try {
    return await app.store.write(() => changes.apply(ddl));
  } catch (error) {
    if (error instanceof WorkspaceError) throw new SqlProblem(error.message);
    throw error;
  }
}

/**
 * Adds the properties of a CREATE that DuckDB does not store to the table or view that DuckDB has
 * created.
 */
export async function recordCreated(
  app: WorkspaceApp,
  ddl: Create,
  caller: Principal,
  defaultSchema: DefaultSchema,
): Promise<void> {
  const changes = new TableChanges(unityCatalog(app), app, caller, defaultSchema);
  await app.store.write(() => changes.record(ddl));
}

class TableChanges {
  constructor(
    private readonly uc: UnityCatalog,
    private readonly app: WorkspaceApp,
    private readonly caller: Principal,
    private readonly defaultSchema: DefaultSchema,
  ) {}

  apply(ddl: Ddl): Table {
    switch (ddl.kind) {
      case "create":
        this.create(ddl);
        return emptyResult;
      case "drop":
        this.drop(this.fullName(ddl.name), ddl.view, ddl.ifExists);
        return emptyResult;
      case "comment":
        this.put(this.mustFind(ddl.name), { comment: ddl.comment });
        return emptyResult;
      case "alter":
        this.alter(this.mustFind(ddl.name, ddl.view), ddl.change);
        return emptyResult;
      case "tables":
        return this.listTables(ddl.schema, ddl.views);
      case "properties": {
        const properties = (this.mustFind(ddl.name).settings.properties ?? {}) as JsonObject;
        return toTable(["key", "value"], Object.entries(properties).sort() as string[][]);
      }
      case "columns":
        return toTable(
          ["col_name"],
          columnsOf(this.mustFind(ddl.name)).map(({ name }) => [name as string]),
        );
      case "describe":
        return toTable(
          ["col_name", "data_type", "comment"],
          columnsOf(this.mustFind(ddl.name)).map(
            ({ name, type_text, comment }) =>
              [name, type_text, comment ?? null] as (string | null)[],
          ),
        );
    }
  }

  private create(ddl: Create): void {
    const name = this.fullName(ddl.name);
    const schema = name.slice(0, name.lastIndexOf("."));
    this.uc.mustFind("schema", schema);
    this.uc.requirePrivilege(this.caller, "schema", schema, "CREATE_TABLE");
    for (const part of ddl.name) this.uc.namePart("name", part);
    const existing = this.uc.find("table", name);
    if (existing !== undefined && ddl.ifNotExists) return;
    if (existing !== undefined && !ddl.replace)
      throw new SqlProblem(
        `[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view '${name}' because it already exists.`,
      );
    if (existing !== undefined) this.drop(name, existing.settings.table_type === "VIEW", false);
    const unknown = ddl.partitions.find(
      (partition) => !ddl.columns.some((column) => sameName(column.name, partition)),
    );
    if (unknown !== undefined)
      throw new SqlProblem(
        `[COLUMN_NOT_FOUND] The partition column ${unknown} is not a column of the table.`,
      );
    this.uc.add("table", name, this.caller, toSettings(ddl));
    eventsOf(this.app).emit("table", name);
  }

  record(ddl: Create): void {
    const table = this.uc.find("table", this.fullName(ddl.name));
    if (table === undefined) return;
    const { columns: ddlColumns, ...settings } = toSettings(ddl);
    const columns = columnsOf(table).map((column) => {
      const { comment, partition_index, type_json } =
        (ddlColumns as JsonObject[]).find(({ name }) =>
          sameName(name as string, column.name as string),
        ) ?? {};
      return {
        ...column,
        ...pickFields({ comment, partition_index, type_json }, [
          "comment",
          "partition_index",
          "type_json",
        ]),
      };
    });
    this.put(table, { ...settings, columns });
  }

  private drop(name: string, view: boolean, ifExists: boolean): void {
    const table = this.uc.find("table", name);
    if (table === undefined && ifExists) return;
    if (table === undefined) throw notFound(name);
    this.rejectOtherType(table, view);
    this.uc.requireOwner(this.caller, "table", table);
    this.uc.remove("table", table.full_name);
  }

  private alter(table: Securable, change: Change): void {
    const columns = columnsOf(table);
    const properties = (table.settings.properties ?? {}) as JsonObject;
    const requireIndex = (name: string): number => {
      const index = columns.findIndex((column) => sameName(column.name as string, name));
      if (index < 0)
        throw new SqlProblem(
          `[COLUMN_NOT_FOUND] The table ${table.full_name} has no column ${name}.`,
        );
      return index;
    };
    const hasColumn = (name: string): boolean =>
      columns.some((column) => sameName(column.name as string, name));
    const editColumn = (name: string, values: JsonObject): void => {
      const index = requireIndex(name);
      this.putColumns(
        table,
        columns.map((column, i) => (i === index ? { ...column, ...values } : column)),
      );
    };
    switch (change.kind) {
      case "add": {
        const duplicate = change.columns.find(({ name }) => hasColumn(name));
        if (duplicate !== undefined)
          throw new SqlProblem(
            `[FIELDS_ALREADY_EXISTS] Column ${duplicate.name} already exists in ${table.full_name}.`,
          );
        const index = change.first
          ? 0
          : change.after === undefined
            ? columns.length
            : requireIndex(change.after) + 1;
        const newColumns = change.columns.map((column) => columnInfo(column, 0, []));
        return this.putColumns(table, [
          ...columns.slice(0, index),
          ...newColumns,
          ...columns.slice(index),
        ]);
      }
      case "drop": {
        if (!change.ifExists) change.columns.forEach(requireIndex);
        return this.putColumns(
          table,
          columns.filter(
            ({ name }) => !change.columns.some((dropped) => sameName(dropped, name as string)),
          ),
        );
      }
      case "renameColumn":
        if (hasColumn(change.to))
          throw new SqlProblem(
            `[FIELDS_ALREADY_EXISTS] Column ${change.to} already exists in ${table.full_name}.`,
          );
        return editColumn(change.from, { name: change.to });
      case "column": {
        const { comment, nullable, type } = change;
        const typeFields =
          type === undefined ? {} : typeInfo({ name: change.name, type, nullable: true });
        return editColumn(change.name, { ...defined({ comment, nullable }), ...typeFields });
      }
      case "rename": {
        this.uc.requireOwner(this.caller, "table", table);
        const newName = this.fullName(change.to);
        if (
          newName.slice(0, newName.lastIndexOf(".")) !==
          table.full_name.slice(0, table.full_name.lastIndexOf("."))
        )
          throw new SqlProblem(
            `The table ${table.full_name} cannot be renamed into another schema.`,
          );
        this.uc.rename("table", table, newName.slice(newName.lastIndexOf(".") + 1));
        return;
      }
      case "set":
        return this.put(table, { properties: { ...properties, ...change.properties } });
      case "unset": {
        const missingKey = change.keys.find((key) => properties[key] === undefined);
        if (missingKey !== undefined && !change.ifExists)
          throw new SqlProblem(`The property ${missingKey} does not exist on ${table.full_name}.`);
        return this.put(table, {
          properties: Object.fromEntries(
            Object.entries(properties).filter(([key]) => !change.keys.includes(key)),
          ),
        });
      }
      case "cluster": {
        change.keys.forEach(requireIndex);
        const { clusteringColumns: _columns, ...otherProperties } = properties;
        return this.put(table, {
          properties: { ...otherProperties, ...clusteringProperty(change.keys) },
        });
      }
      case "location":
        return this.put(table, { storage_location: change.location });
      case "owner":
        this.uc.update("table", table, this.caller, {}, change.owner);
        return;
      case "query":
        return this.put(table, { view_definition: change.query });
    }
  }

  private listTables(schemaParts: readonly string[], views: boolean): Table {
    const [firstPart, secondPart] = schemaParts;
    const schema =
      firstPart === undefined
        ? `${this.defaultSchema.catalog}.${this.defaultSchema.schema}`
        : secondPart === undefined
          ? `${this.defaultSchema.catalog}.${firstPart}`
          : schemaParts.join(".");
    const tables = this.uc.childrenOf("table", this.uc.mustFind("schema", schema).full_name);
    const visibleTables = tables.filter(
      (table) =>
        this.uc.isVisible(this.caller, "table", table) &&
        (!views || table.settings.table_type === "VIEW"),
    );
    return toTable(
      ["database", views ? "viewName" : "tableName", "isTemporary"],
      visibleTables.map(({ name, full_name }) => [full_name.split(".")[1] ?? "", name, "false"]),
    );
  }

  private fullName(parts: readonly string[]): string {
    const { catalog, schema } = this.defaultSchema;
    return [...[catalog, schema].slice(0, Math.max(0, 3 - parts.length)), ...parts]
      .join(".")
      .toLowerCase();
  }

  private mustFind(parts: readonly string[], view?: boolean): Securable {
    const name = this.fullName(parts);
    const table = this.uc.find("table", name);
    if (table === undefined) throw notFound(name);
    if (view !== undefined) this.rejectOtherType(table, view);
    return table;
  }

  private rejectOtherType({ full_name, settings }: Securable, view: boolean): void {
    if ((settings.table_type === "VIEW") !== view)
      throw new SqlProblem(
        `[WRONG_COMMAND_FOR_OBJECT_TYPE] ${full_name} is a ${view ? "table" : "view"}, not a ${view ? "view" : "table"}.`,
      );
  }

  private put(table: Securable, settings: JsonObject): void {
    this.uc.update("table", table, this.caller, settings, undefined);
  }

  private putColumns(table: Securable, columns: readonly JsonObject[]): void {
    this.put(table, { columns: columns.map((column, position) => ({ ...column, position })) });
  }
}

const columnsOf = ({ settings }: Securable): JsonObject[] =>
  Array.isArray(settings.columns) ? (settings.columns as JsonObject[]) : [];
const sameName = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase();
const notFound = (name: string): SqlProblem =>
  new SqlProblem(
    `[TABLE_OR_VIEW_NOT_FOUND] The table or view '${name}' cannot be found. Verify the spelling and correctness of the schema and catalog.`,
  );
const clusteringProperty = (keys: readonly string[]): JsonObject =>
  keys.length === 0 ? {} : { clusteringColumns: JSON.stringify(keys.map((key) => [key])) };

function typeInfo({ name, type, identity }: Column): JsonObject {
  const word = /^\w+/.exec(type)?.[0] ?? type;
  const metadata =
    identity === undefined
      ? {}
      : {
          "delta.identity.start": 1,
          "delta.identity.step": 1,
          "delta.identity.allowExplicitInsert": identity === "default",
        };
  return {
    type_text: type,
    type_name: typeNames[word] ?? word.toUpperCase(),
    type_json: JSON.stringify({ name, type, nullable: true, metadata }),
  };
}

function columnInfo(column: Column, position: number, partitions: readonly string[]): JsonObject {
  const index = partitions.findIndex((partition) => sameName(partition, column.name));
  return {
    name: column.name,
    ...typeInfo({ ...column, type: column.type === "" ? "string" : column.type }),
    position,
    nullable: column.nullable,
    ...defined({ comment: column.comment }),
    ...(index >= 0 && { partition_index: index }),
  };
}

function toTable(names: readonly string[], values: readonly (readonly (string | null)[])[]): Table {
  return {
    columns: names.map((name) => ({ name, type: "VARCHAR" })),
    rows: values,
    truncated: false,
    isQuery: true,
  };
}

/** Returns the settings of a new table in Unity Catalog's format. */
function toSettings({
  location,
  credential,
  comment,
  query,
  view,
  columns,
  partitions,
  ...ddl
}: Create): JsonObject {
  const options = Object.entries(ddl.options).map(([key, value]): [string, string] => [
    `option.${key}`,
    value,
  ]);
  const properties: JsonObject = {
    ...ddl.properties,
    ...Object.fromEntries(options),
    ...clusteringProperty(ddl.clusterKeys),
  };
  return {
    table_type: view ? "VIEW" : location === undefined ? "MANAGED" : "EXTERNAL",
    ...(view ? { view_definition: query ?? "" } : { data_source_format: ddl.format ?? "DELTA" }),
    columns: columns.map((column, position) => columnInfo(column, position, partitions)),
    ...defined({ comment }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...defined({ storage_location: location, storage_credential_name: credential }),
  };
}
