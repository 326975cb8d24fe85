import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { createOnce, ifCreatedSince } from "../families/create-once";
import { sameStorage, unityCatalog, explorePage } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import { PartiallyCreated } from "../families/partially-created";
import { changesOf, createTable, dropTable, identityOf, sameType } from "../families/table-ddl";
import type { Attributes, Kind, Problem, Remote, Value } from "../kind";
import {
  apiCommand,
  blocks,
  noRules,
  object,
  objects,
  str,
  text,
  platformFields,
  type Json,
  setByPlatform,
} from "../shape/json";
import { blockOf } from "../shape/schema";
import { filled, stateOf } from "../shape/sdk-state";
import { fromWire, isZeroValue, sameName } from "../shape/shape";

const type = "databricks_sql_table";
const at = (name: string): string => `${unityCatalog}/tables/${encodeURIComponent(name)}`;
const nameOf = (attributes: Attributes): string =>
  ["catalog_name", "schema_name", "name"].map((part) => str(attributes, part)).join(".");
const sameText = (a: Value, b: Value): boolean =>
  typeof a === "string" &&
  typeof b === "string" &&
  a.replaceAll(/\s+/g, " ").trim() === b.replaceAll(/\s+/g, " ").trim();
const sameStoragePlace = (a: Value, b: Value): boolean => isZeroValue(b) || sameStorage(a, b);
const chosen = (reason: string) => ({ reason, when: () => true });
/** Whether a property, or all properties of a table, belong to its storage format. */
const isDelta = (value: Value): boolean =>
  Object.keys(object(value)).every((key) => key.startsWith("delta."));
const isOption = (key: string): boolean =>
  key.startsWith("option.") || key.startsWith("spark.sql.dataSourceOptions.");

/**
 * Runs a statement on a warehouse.
 * @throws LakeformError SQL_TABLE_WITHOUT_WAREHOUSE, SQL_STATEMENT_FAILED
 */
async function run(
  api: Client,
  attributes: Attributes,
  statement: string,
  retry: { readonly idempotent: true } | { readonly recover: () => Promise<unknown> },
  signal?: AbortSignal,
): Promise<void> {
  const warehouse_id = str(attributes, "warehouse_id");
  if (warehouse_id === "")
    throw new LakeformError(
      "SQL_TABLE_WITHOUT_WAREHOUSE",
      "a databricks_sql_table needs warehouse_id: lakeform runs its statements on a SQL warehouse",
      {
        value: nameOf(attributes),
        fix: "set warehouse_id instead of cluster_id, or use the official provider, which starts a cluster for them",
      },
    );
  const body = { statement, warehouse_id, wait_timeout: "50s", on_wait_timeout: "CANCEL" };
  const { status } = object(await api.post("/api/2.0/sql/statements", body, { ...retry, signal }));
  const { state, error } = object(status);
  if (state === "SUCCEEDED" || status === undefined) return;
  throw new LakeformError(
    "SQL_STATEMENT_FAILED",
    `the statement ended in state ${text(state) ?? "unknown"}: ${text(object(error).message) ?? "no reason given"}`,
    {
      value: statement,
      fix: "fix the definition of the table, or the privileges on its schema, and deploy again",
    },
  );
}

function remote(found: Json): Remote {
  const all = object(found.properties) as Attributes;
  const userProperties = Object.fromEntries(
    Object.entries(all).filter(([key]) => !isOption(key) && key !== "clusteringColumns"),
  );
  const options = Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      isOption(key) ? [[key.slice(key.lastIndexOf(".") + 1), value] as const] : [],
    ),
  );
  const columns = objects(found.columns);
  const partitions = columns
    .filter(({ partition_index }) => typeof partition_index === "number")
    .sort((a, b) => (a.partition_index as number) - (b.partition_index as number));
  const keys =
    typeof all.clusteringColumns === "string"
      ? (JSON.parse(all.clusteringColumns) as string[][]).flat()
      : [];
  const id = [found.catalog_name, found.schema_name, found.name]
    .map((part) => text(part) ?? "")
    .join(".");
  const attributes: Attributes = {
    ...fromWire(blockOf(type), found, { absent: new Set(["columns", "properties", "id"]) }),
    id,
    column: columns.map(({ name, type_text, comment, nullable, type_json }) => ({
      name: text(name) ?? "",
      type: text(type_text) ?? "",
      comment: text(comment) ?? null,
      nullable: nullable !== false,
      identity: identityOf(type_json),
      type_json: text(type_json) ?? null,
    })),
    partitions: partitions.map(({ name }) => text(name) ?? ""),
    cluster_keys: keys,
    properties: userProperties,
    options,
    effective_properties: all,
  };
  return { id, attributes };
}

async function read(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  return orMissing(api.get(at(id), { signal }), (found) => remote(object(found)));
}

/**
 * Executes the statements that change the table to the planned one. After a lost response the table
 * is read again, to determine whether the last statement took effect.
 */
async function change(
  api: Client,
  id: string,
  prior: Attributes,
  wanted: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const missingStatements = async (): Promise<readonly string[]> => {
    const found = (await read(api, id, signal)) ?? (await read(api, nameOf(wanted), signal));
    return changesOf(prior, wanted, found?.attributes ?? {});
  };
  for (const statement of await missingStatements())
    await run(
      api,
      wanted,
      statement,
      { recover: async () => ((await missingStatements()).includes(statement) ? undefined : {}) },
      signal,
    );
  const owner = str(wanted, "owner");
  if (owner !== "" && owner !== str(prior, "owner"))
    await api.patch(at(nameOf(wanted)), { owner }, { idempotent: true, signal });
}

/**
 * Reports changes that no statement can make. The official provider also rejects them in the plan.
 */
function columnProblems(config: Attributes, prior: Attributes): readonly Problem[] {
  const [before, after] = [blocks(prior, "column"), blocks(config, "column")];
  if (before.length === 0 || after.length === 0) return [];
  const problem = (i: number, message: string): Problem => ({ path: `column.${i}`, message });
  if (before.length === after.length)
    return after.flatMap((column, i) => {
      const previous = before[i] ?? {};
      if (typeof column.type === "string" && !sameType(previous.type ?? null, column.type))
        return [problem(i, "the type of an existing column cannot be changed")];
      return str(previous, "identity") === str(column, "identity")
        ? []
        : [problem(i, "the identity of an existing column cannot be changed")];
    });
  return after.flatMap((column, i) => {
    const previous = before.find(({ name }) => name === column.name);
    const isSame =
      previous === undefined ||
      (str(previous, "comment") === str(column, "comment") &&
        (previous.nullable !== false) === (column.nullable !== false));
    return isSame
      ? []
      : [
          problem(
            i,
            "the number of columns and a column that stays cannot both be changed in one deploy: deploy one of the changes first",
          ),
        ];
  });
}

/** A table or a view that is created by SQL statements. */
export const sqlTable: Kind = {
  type,
  title: "table",
  traits: {
    holds: "table and its rows",
    securable: "table",
    listedWhole: ["catalog_name", "schema_name"],
  },
  identity: {
    naturalKey: (attributes) =>
      ["catalog_name", "schema_name", "name"].some((part) => str(attributes, part) === "")
        ? undefined
        : `name:${nameOf(attributes)}`.toLowerCase(),
    link: (host, id) => explorePage(host, id),
  },
  rules: {
    ...noRules,
    keyed: { column: "name" },
    backendDefaults: {
      ...platformFields("table_id"),
      "column.type_json": chosen("the column's type in a different form"),
      "column.type": chosen("a view's columns have the types of its query"),
      column: chosen("a view has the columns of its query"),
      data_source_format: chosen("the platform's format"),
      effective_properties: setByPlatform("the properties and options"),
      owner: chosen("the creator, if the code sets no owner"),
      partitions: chosen("none"),
      properties: { reason: "the platform adds its own", when: isDelta },
      options: chosen("the platform adds its own"),
      storage_location: chosen("the platform chooses it"),
      storage_credential_name: chosen("the credential of the external location"),
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
    onlyNew: {
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
    storage_location: sameStoragePlace,
    view_definition: sameText,
    "column.type": sameType,
  },
  validatePlan: (config, prior) =>
    Promise.resolve(prior === undefined ? [] : columnProblems(config, prior)),
  read: (api, id, { signal }) => read(api, id, signal),
  /** `within` is the schema. */
  async *list(api, within, signal) {
    if (within === undefined) return;
    const [catalog_name = "", schema_name = ""] = within.split(".");
    const pages = {
      path: `${unityCatalog}/tables`,
      query: { catalog_name, schema_name },
      items: "tables",
      signal,
    };
    for await (const found of byToken<Json>(api, pages)) yield remote(found);
  },
  async create(api, planned, { signal, pending }) {
    const id = nameOf(planned);
    const find = async (lost: Parameters<typeof ifCreatedSince>[2]): Promise<unknown> =>
      ifCreatedSince(api, await orMissing(api.get(at(id), { signal }), object), lost);
    const create = (recover: () => Promise<unknown>): Promise<unknown> =>
      run(api, planned, createTable(planned), { recover }, signal);
    await createOnce({ what: `table ${id}`, create, find }, api, pending);
    const owner = str(planned, "owner");
    try {
      if (owner !== "") await api.patch(at(id), { owner }, { idempotent: true, signal });
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },
  async update(api, id, prior, planned, { signal }) {
    await change(api, id, prior, planned, signal);
    return { id: nameOf(planned) };
  },
  async restore(api, id, desired, { signal, cleared = {} }) {
    await change(
      api,
      id,
      "properties" in cleared ? { properties: cleared.properties ?? null } : {},
      desired,
      signal,
    );
  },
  async delete(api, _id, prior, { signal }) {
    await run(api, prior, dropTable(prior), { idempotent: true }, signal);
  },
  toState(found, before, why, fresh) {
    const { attributes } = found;
    const state = stateOf(blockOf(type), before, found, fresh);
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
        str(state, "view_definition") !== "" &&
        sameText(state.view_definition ?? null, before.view_definition ?? null) && {
          view_definition: before.view_definition ?? null,
        }),
    };
  },
  removal: ({ id }) => apiCommand("DELETE", at(id)),
};
