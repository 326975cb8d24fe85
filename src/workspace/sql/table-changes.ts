/** Applies DDL to the tables and views of Unity Catalog. */
import { defined } from "../../defined";
import { kept, unityCatalog, type Securable, type UnityCatalog } from "../catalog/securables";
import type { JsonObject } from "../errors";
import { WorkspaceError } from "../errors";
import { eventsOf } from "../events";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import type { Change, Column, Create, Ddl } from "./ddl";
import { SqlProblem } from "./dialect";
import type { Table } from "./engine-worker";

/** The default catalog and schema for unqualified names. */
export interface Place {
  readonly catalog: string;
  readonly schema: string;
}

const emptyResult: Table = { columns: [], rows: [], cut: false, isQuery: false };
const typeNames: Readonly<Record<string, string>> = {
  bigint: "LONG",
  smallint: "SHORT",
  tinyint: "BYTE",
  integer: "INT",
  int: "INT",
};

/** Applies a DDL statement. @throws SqlProblem */
export async function applyDdl(
  app: WorkspaceApp,
  ddl: Ddl,
  caller: Principal,
  place: Place,
): Promise<Table> {
  const changes = new TableChanges(unityCatalog(app), app, caller, place);
  try {
    return await app.store.write(() => changes.apply(ddl));
  } catch (error) {
    if (error instanceof WorkspaceError) throw new SqlProblem(error.message);
    throw error;
  }
}

/**
 * Records an object that another engine created, together with the properties that this engine
 * cannot store.
 */
export async function noteCreated(
  app: WorkspaceApp,
  ddl: Create,
  caller: Principal,
  place: Place,
): Promise<void> {
  const changes = new TableChanges(unityCatalog(app), app, caller, place);
  await app.store.write(() => changes.note(ddl));
}

class TableChanges {
  constructor(
    private readonly uc: UnityCatalog,
    private readonly app: WorkspaceApp,
    private readonly caller: Principal,
    private readonly place: Place,
  ) {}

  apply(ddl: Ddl): Table {
    switch (ddl.what) {
      case "create":
        this.create(ddl);
        return emptyResult;
      case "drop":
        this.drop(this.fullName(ddl.name), ddl.view, ddl.ifExists);
        return emptyResult;
      case "comment":
        this.put(this.need(ddl.name), { comment: ddl.comment });
        return emptyResult;
      case "alter":
        this.alter(this.need(ddl.name, ddl.view), ddl.change);
        return emptyResult;
      case "tables":
        return this.tables(ddl.schema, ddl.views);
      case "properties": {
        const properties = (this.need(ddl.name).settings.properties ?? {}) as JsonObject;
        return rows(["key", "value"], Object.entries(properties).sort() as string[][]);
      }
      case "columns":
        return rows(["col_name"], columnsOf(this.need(ddl.name)).map(({ name }) => [name as string])); // prettier-ignore
      case "describe":
        return rows(
          ["col_name", "data_type", "comment"],
          columnsOf(this.need(ddl.name)).map(
            ({ name, type_text, comment }) =>
              [name, type_text, comment ?? null] as (string | null)[],
          ),
        );
    }
  }

  private create(ddl: Create): void {
    const name = this.fullName(ddl.name);
    const schema = name.slice(0, name.lastIndexOf("."));
    this.uc.need("schema", schema);
    this.uc.require(this.caller, "schema", schema, "CREATE_TABLE");
    for (const part of ddl.name) this.uc.part("name", part);
    const before = this.uc.find("table", name);
    if (before !== undefined && ddl.ifNotExists) return;
    if (before !== undefined && !ddl.replace)
      throw new SqlProblem(
        `[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view '${name}' because it already exists.`,
      );
    if (before !== undefined) this.drop(name, before.settings.table_type === "VIEW", false);
    const unknown = ddl.partitions.find(
      (partition) => !ddl.columns.some((column) => sameName(column.name, partition)),
    );
    if (unknown !== undefined)
      throw new SqlProblem(
        `[COLUMN_NOT_FOUND] The partition column ${unknown} is not a column of the table.`,
      );
    this.uc.add("table", name, this.caller, settingsOf(ddl));
    eventsOf(this.app).emit("table", name);
  }

  note(ddl: Create): void {
    const found = this.uc.find("table", this.fullName(ddl.name));
    if (found === undefined) return;
    const { columns: written, ...settings } = settingsOf(ddl);
    const columns = columnsOf(found).map((column) => {
      const { comment, partition_index, type_json } =
        (written as JsonObject[]).find(({ name }) =>
          sameName(name as string, column.name as string),
        ) ?? {};
      return {
        ...column,
        ...kept({ comment, partition_index, type_json }, [
          "comment",
          "partition_index",
          "type_json",
        ]),
      };
    });
    this.put(found, { ...settings, columns });
  }

  private drop(name: string, view: boolean, ifExists: boolean): void {
    const found = this.uc.find("table", name);
    if (found === undefined && ifExists) return;
    if (found === undefined) throw notFound(name);
    this.refuseOther(found, view);
    this.uc.requireOwner(this.caller, "table", found);
    this.uc.remove("table", found.full_name);
  }

  private alter(found: Securable, change: Change): void {
    const columns = columnsOf(found);
    const properties = (found.settings.properties ?? {}) as JsonObject;
    const index = (name: string): number => {
      const at = columns.findIndex((column) => sameName(column.name as string, name));
      if (at < 0)
        throw new SqlProblem(
          `[COLUMN_NOT_FOUND] The table ${found.full_name} has no column ${name}.`,
        );
      return at;
    };
    const has = (name: string): boolean =>
      columns.some((column) => sameName(column.name as string, name));
    const edit = (name: string, values: JsonObject): void => {
      const at = index(name);
      this.putColumns(found, columns.map((column, i) => (i === at ? { ...column, ...values } : column))); // prettier-ignore
    };
    switch (change.what) {
      case "add": {
        const taken = change.columns.find(({ name }) => has(name));
        if (taken !== undefined)
          throw new SqlProblem(
            `[FIELDS_ALREADY_EXISTS] Column ${taken.name} already exists in ${found.full_name}.`,
          );
        const at = change.first
          ? 0
          : change.after === undefined
            ? columns.length
            : index(change.after) + 1;
        const added = change.columns.map((column) => columnInfo(column, 0, []));
        return this.putColumns(found, [...columns.slice(0, at), ...added, ...columns.slice(at)]);
      }
      case "drop": {
        if (!change.ifExists) change.columns.forEach(index);
        return this.putColumns(found, columns.filter(({ name }) => !change.columns.some((dropped) => sameName(dropped, name as string)))); // prettier-ignore
      }
      case "renameColumn":
        if (has(change.to))
          throw new SqlProblem(
            `[FIELDS_ALREADY_EXISTS] Column ${change.to} already exists in ${found.full_name}.`,
          );
        return edit(change.from, { name: change.to });
      case "column": {
        const { comment, nullable, type } = change;
        const typed =
          type === undefined ? {} : typeInfo({ name: change.name, type, nullable: true });
        return edit(change.name, { ...defined({ comment, nullable }), ...typed });
      }
      case "rename": {
        this.uc.requireOwner(this.caller, "table", found);
        const to = this.fullName(change.to);
        if (
          to.slice(0, to.lastIndexOf(".")) !==
          found.full_name.slice(0, found.full_name.lastIndexOf("."))
        )
          throw new SqlProblem(
            `The table ${found.full_name} cannot be renamed into another schema.`,
          );
        this.uc.rename("table", found, to.slice(to.lastIndexOf(".") + 1));
        return;
      }
      case "set":
        return this.put(found, { properties: { ...properties, ...change.properties } });
      case "unset": {
        const unsetKey = change.keys.find((key) => properties[key] === undefined);
        if (unsetKey !== undefined && !change.ifExists)
          throw new SqlProblem(`The property ${unsetKey} does not exist on ${found.full_name}.`);
        return this.put(found, {
          properties: Object.fromEntries(
            Object.entries(properties).filter(([key]) => !change.keys.includes(key)),
          ),
        });
      }
      case "cluster": {
        change.keys.forEach(index);
        const { clusteringColumns: _before, ...rest } = properties;
        return this.put(found, { properties: { ...rest, ...clustering(change.keys) } });
      }
      case "location":
        return this.put(found, { storage_location: change.location });
      case "owner":
        this.uc.update("table", found, this.caller, {}, change.owner);
        return;
      case "query":
        return this.put(found, { view_definition: change.query });
    }
  }

  private tables(given: readonly string[], views: boolean): Table {
    const [first, second] = given;
    const schema =
      first === undefined
        ? `${this.place.catalog}.${this.place.schema}`
        : second === undefined
          ? `${this.place.catalog}.${first}`
          : given.join(".");
    const all = this.uc.within("table", this.uc.need("schema", schema).full_name);
    const shown = all.filter(
      (each) =>
        this.uc.visible(this.caller, "table", each) &&
        (!views || each.settings.table_type === "VIEW"),
    );
    return rows(["database", views ? "viewName" : "tableName", "isTemporary"], shown.map(({ name, full_name }) => [full_name.split(".")[1] ?? "", name, "false"])); // prettier-ignore
  }

  private fullName(parts: readonly string[]): string {
    const { catalog, schema } = this.place;
    return [...[catalog, schema].slice(0, Math.max(0, 3 - parts.length)), ...parts]
      .join(".")
      .toLowerCase();
  }

  private need(parts: readonly string[], view?: boolean): Securable {
    const name = this.fullName(parts);
    const found = this.uc.find("table", name);
    if (found === undefined) throw notFound(name);
    if (view !== undefined) this.refuseOther(found, view);
    return found;
  }

  private refuseOther({ full_name, settings }: Securable, view: boolean): void {
    if ((settings.table_type === "VIEW") !== view)
      throw new SqlProblem(
        `[WRONG_COMMAND_FOR_OBJECT_TYPE] ${full_name} is a ${view ? "table" : "view"}, not a ${view ? "view" : "table"}.`,
      );
  }

  private put(found: Securable, settings: JsonObject): void {
    this.uc.update("table", found, this.caller, settings, undefined);
  }

  private putColumns(found: Securable, columns: readonly JsonObject[]): void {
    this.put(found, { columns: columns.map((column, position) => ({ ...column, position })) });
  }
}

const columnsOf = ({ settings }: Securable): JsonObject[] =>
  Array.isArray(settings.columns) ? (settings.columns as JsonObject[]) : [];
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const notFound = (name: string): SqlProblem =>
  new SqlProblem(
    `[TABLE_OR_VIEW_NOT_FOUND] The table or view '${name}' cannot be found. Verify the spelling and correctness of the schema and catalog.`,
  );
const clustering = (keys: readonly string[]): JsonObject =>
  keys.length === 0 ? {} : { clusteringColumns: JSON.stringify(keys.map((key) => [key])) };

function typeInfo({ name, type, identity }: Column): JsonObject {
  const word = /^\w+/.exec(type)?.[0] ?? type;
  const metadata = identity === undefined ? {} : { "delta.identity.start": 1, "delta.identity.step": 1, "delta.identity.allowExplicitInsert": identity === "default" }; // prettier-ignore
  return {
    type_text: type,
    type_name: typeNames[word] ?? word.toUpperCase(),
    type_json: JSON.stringify({ name, type, nullable: true, metadata }),
  };
}

function columnInfo(column: Column, position: number, partitions: readonly string[]): JsonObject {
  const at = partitions.findIndex((partition) => sameName(partition, column.name));
  return {
    name: column.name,
    ...typeInfo({ ...column, type: column.type === "" ? "string" : column.type }),
    position,
    nullable: column.nullable,
    ...defined({ comment: column.comment }),
    ...(at >= 0 && { partition_index: at }),
  };
}

function rows(names: readonly string[], values: readonly (readonly (string | null)[])[]): Table {
  return {
    columns: names.map((name) => ({ name, type: "VARCHAR" })),
    rows: values,
    cut: false,
    isQuery: true,
  };
}

/** The settings of a new table in Unity Catalog's format. */
function settingsOf({
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
    ...clustering(ddl.clusterKeys),
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
