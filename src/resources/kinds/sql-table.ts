import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { createOnce, ifCreatedSince } from "../families/create-once";
import { sameStorage, unityCatalog, explorePage } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import { PartiallyCreated } from "../families/partially-created";
import { runStatement, tableName } from "../families/sql-statement";
import { columnProblems } from "../families/table-columns";
import {
  alterStatements,
  createStatement,
  dropStatement,
  identityOf,
  sameType,
} from "../families/table-ddl";
import type { Attributes, Kind, Remote, Value } from "../kind";
import { apiCommand } from "../shape/api-command";
import { blocks, textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { acceptAny, noRules, platformFields, setByPlatform } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { filled, stateOf } from "../shape/sdk-state";
import { fromWire, isZeroValue, sameName } from "../shape/shape";

const type = "databricks_sql_table";
const urlOf = (name: string): string => `${unityCatalog}/tables/${encodeURIComponent(name)}`;
const sameText = (a: Value, b: Value): boolean =>
  typeof a === "string" &&
  typeof b === "string" &&
  a.replaceAll(/\s+/g, " ").trim() === b.replaceAll(/\s+/g, " ").trim();
const sameOrNoLocation = (a: Value, b: Value): boolean => isZeroValue(b) || sameStorage(a, b);
/** Whether all properties belong to the storage format. */
const hasOnlyDeltaProperties = (value: Value): boolean =>
  Object.keys(object(value)).every((key) => key.startsWith("delta."));
const isOption = (key: string): boolean =>
  key.startsWith("option.") || key.startsWith("spark.sql.dataSourceOptions.");

function remote(item: Json): Remote {
  const allProperties = object(item.properties) as Attributes;
  const userProperties = Object.fromEntries(
    Object.entries(allProperties).filter(([key]) => !isOption(key) && key !== "clusteringColumns"),
  );
  const options = Object.fromEntries(
    Object.entries(allProperties).flatMap(([key, value]) =>
      isOption(key) ? [[key.slice(key.lastIndexOf(".") + 1), value] as const] : [],
    ),
  );
  const columns = objects(item.columns);
  const partitions = columns
    .filter(({ partition_index }) => typeof partition_index === "number")
    .sort((a, b) => (a.partition_index as number) - (b.partition_index as number));
  const keys =
    typeof allProperties.clusteringColumns === "string"
      ? (JSON.parse(allProperties.clusteringColumns) as string[][]).flat()
      : [];
  const id = [item.catalog_name, item.schema_name, item.name]
    .map((part) => optionalText(part) ?? "")
    .join(".");
  const attributes: Attributes = {
    ...fromWire(blockOf(type), item, { absent: new Set(["columns", "properties", "id"]) }),
    id,
    column: columns.map(({ name, type_text, comment, nullable, type_json }) => ({
      name: optionalText(name) ?? "",
      type: optionalText(type_text) ?? "",
      comment: optionalText(comment) ?? null,
      nullable: nullable !== false,
      identity: identityOf(type_json),
      type_json: optionalText(type_json) ?? null,
    })),
    partitions: partitions.map(({ name }) => optionalText(name) ?? ""),
    cluster_keys: keys,
    properties: userProperties,
    options,
    effective_properties: allProperties,
  };
  return { id, attributes };
}

async function read(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  return orMissing(api.get(urlOf(id), { signal }), (response) => remote(object(response)));
}

/**
 * Executes the statements that change the table to the planned one. After a lost response the table
 * is read again, to determine whether the last statement took effect.
 */
async function alterTable(
  api: Client,
  id: string,
  prior: Attributes,
  desired: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const missingStatements = async (): Promise<readonly string[]> => {
    const remoteObject =
      (await read(api, id, signal)) ?? (await read(api, tableName(desired), signal));
    return alterStatements(prior, desired, remoteObject?.attributes ?? {});
  };
  for (const statement of await missingStatements())
    await runStatement(
      api,
      desired,
      statement,
      { recover: async () => ((await missingStatements()).includes(statement) ? undefined : {}) },
      signal,
    );
  const owner = textOrEmpty(desired, "owner");
  if (owner !== "" && owner !== textOrEmpty(prior, "owner"))
    await api.patch(urlOf(tableName(desired)), { owner }, { idempotent: true, signal });
}

/** A table or a view that is created by SQL statements. */
export const sqlTable: Kind = {
  type,
  title: "table",
  traits: {
    lostOnDestroy: "table and its rows",
    securable: "table",
    readFromList: ["catalog_name", "schema_name"],
  },
  identity: {
    naturalKey: (attributes) =>
      ["catalog_name", "schema_name", "name"].some((part) => textOrEmpty(attributes, part) === "")
        ? undefined
        : `name:${tableName(attributes)}`.toLowerCase(),
    link: (host, id) => explorePage(host, id),
  },
  rules: {
    ...noRules,
    keyed: { column: "name" },
    backendDefaults: {
      ...platformFields("table_id"),
      "column.type_json": acceptAny("the column's type in a different form"),
      "column.type": acceptAny("a view's columns have the types of its query"),
      column: acceptAny("a view has the columns of its query"),
      data_source_format: acceptAny("the platform's format"),
      effective_properties: setByPlatform("the properties and options"),
      owner: acceptAny("the creator, if the code sets no owner"),
      partitions: acceptAny("none"),
      properties: { reason: "the platform adds its own", when: hasOnlyDeltaProperties },
      options: acceptAny("the platform adds its own"),
      storage_location: acceptAny("the platform chooses it"),
      storage_credential_name: acceptAny("the credential of the external location"),
    },
    configOnly: {
      cluster_id: "runs the statements; not stored in the workspace",
      warehouse_id: "runs the statements; not stored in the workspace",
    },
    equivalent: {
      catalog_name: sameName,
      schema_name: sameName,
      name: sameName,
      data_source_format: sameName,
      storage_location: sameStorage,
      view_definition: sameText,
      "column.type": sameType,
    },
    immutable: {
      data_source_format: "only set when a table is created",
      options: "only set when a table is created",
      partitions: "only set when a table is created",
      storage_credential_name: "only set when a table is created",
      table_type: "a table cannot be changed to a view",
      "column.identity": "only set when a column is created",
      "column.type": "the type of a column is only set when it is created",
    },
  },
  suppress: {
    catalog_name: sameName,
    schema_name: sameName,
    name: sameName,
    data_source_format: (before, after) => isZeroValue(after) || sameName(before, after),
    storage_location: sameOrNoLocation,
    view_definition: sameText,
    "column.type": sameType,
  },
  validatePlan: (config, prior) =>
    Promise.resolve(prior === undefined ? [] : columnProblems(config, prior)),
  read: (api, id, { signal }) => read(api, id, signal),
  /** Lists the tables of a schema. */
  async *list(api, schema, signal) {
    if (schema === undefined) return;
    const [catalog_name = "", schema_name = ""] = schema.split(".");
    const pages = {
      path: `${unityCatalog}/tables`,
      query: { catalog_name, schema_name },
      items: "tables",
      signal,
    };
    for await (const wireObject of byToken<Json>(api, pages)) yield remote(wireObject);
  },
  async create(api, planned, { signal, pending }) {
    const id = tableName(planned);
    const find = async (lostCreate: Parameters<typeof ifCreatedSince>[2]): Promise<unknown> =>
      ifCreatedSince(api, await orMissing(api.get(urlOf(id), { signal }), object), lostCreate);
    const create = (recover: () => Promise<unknown>): Promise<unknown> =>
      runStatement(api, planned, createStatement(planned), { recover }, signal);
    await createOnce({ objectKey: `table ${id}`, create, find }, api, pending);
    const owner = textOrEmpty(planned, "owner");
    try {
      if (owner !== "") await api.patch(urlOf(id), { owner }, { idempotent: true, signal });
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },
  async update(api, id, prior, planned, { signal }) {
    await alterTable(api, id, prior, planned, signal);
    return { id: tableName(planned) };
  },
  async restore(api, id, desired, { signal, cleared = {} }) {
    await alterTable(
      api,
      id,
      "properties" in cleared ? { properties: cleared.properties ?? null } : {},
      desired,
      signal,
    );
  },
  async delete(api, _id, prior, { signal }) {
    await runStatement(api, prior, dropStatement(prior), { idempotent: true }, signal);
  },
  toState(remoteObject, before, why, fresh) {
    const { attributes } = remoteObject;
    const state = stateOf(blockOf(type), before, remoteObject, fresh);
    const properties = object(before.properties);
    const currentProperties = object(attributes.properties) as Attributes;
    const configuredProperties = Object.fromEntries(
      Object.keys(properties).flatMap((key) =>
        currentProperties[key] === undefined ? [] : [[key, currentProperties[key]] as const],
      ),
    );
    const column = blockOf(type).blocks.column?.block;
    return {
      ...state,
      column: blocks(attributes, "column").map((item) =>
        column === undefined ? item : filled(column, item),
      ),
      properties:
        before.properties === undefined || before.properties === null ? null : configuredProperties,
      options: before.options ?? null,
      cluster_keys: before.cluster_keys ?? null,
      ...(why === "refresh" &&
        textOrEmpty(state, "view_definition") !== "" &&
        sameText(state.view_definition ?? null, before.view_definition ?? null) && {
          view_definition: before.view_definition ?? null,
        }),
    };
  },
  removal: ({ id }) => apiCommand("DELETE", urlOf(id)),
};
