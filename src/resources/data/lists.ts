/** Data sources that return the ids or names in a list, and other small data sources. */
import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { unityCatalog } from "../families/metastore";
import type { Attributes, DataKind } from "../kind";
import { fromWire } from "../shape/from-wire";
import { textOrEmpty } from "../shape/attributes";
import { exactInteger, object, objects, optionalText, type Json } from "../shape/json";
import { normalWorkspacePath } from "../shape/paths";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";

interface List {
  readonly path: string;
  /** The name of the list's items on the wire. */
  readonly items: string;
  /** Arguments that are part of the request. */
  readonly queryFields?: readonly string[];
  /** The attribute with the ids or names. */
  readonly ids: string;
  readonly selectId: (item: Json) => unknown;
  /** Whether the data source returns an item. @default all items */
  readonly matches?: (item: Json, config: Attributes) => boolean;
}

/** Returns all items of a paginated list. */
export async function allItems(
  api: ReadClient,
  path: string,
  items: string,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<Json[]> {
  const listItems: Json[] = [];
  for await (const item of byToken<Json>(api, { path, items, query, signal })) listItems.push(item);
  return listItems;
}

function listData(
  name: string,
  { path, items, queryFields = [], ids, selectId, matches }: List,
): DataKind {
  return {
    type: `databricks_${name}`,
    title: name.replaceAll("_", " "),
    async read(api, config, { signal }) {
      const query = Object.fromEntries(
        queryFields.map((field) => [field, textOrEmpty(config, field)]),
      );
      const matchingItems = (await allItems(api, path, items, query, signal)).filter(
        (item) => matches?.(item, config) ?? true,
      );
      return {
        ...config,
        id: "_",
        [ids]: matchingItems.map((item) => optionalText(selectId(item)) ?? "").sort(),
      };
    },
  };
}

/**
 * Whether a name matches a pattern of SQL's LIKE, in which `%` is any string. Case-insensitive; an
 * empty pattern matches every name.
 */
function matchesPattern(pattern: string, name: string): boolean {
  if (pattern === "") return true;
  const parts = pattern.toLowerCase().split("%");
  const lowerCaseName = name.toLowerCase();
  let position = 0;
  for (const [index, part] of parts.entries()) {
    const next =
      index === parts.length - 1 && index > 0
        ? lowerCaseName.length - part.length
        : lowerCaseName.indexOf(part, position);
    if (next < position || !lowerCaseName.startsWith(part, next) || (index === 0 && next > 0))
      return false;
    position = next + part.length;
  }
  return position === lowerCaseName.length;
}

const schemaArguments = ["catalog_name", "schema_name"];

export const listDataKinds: readonly DataKind[] = [
  listData("catalogs", {
    path: `${unityCatalog}/catalogs`,
    items: "catalogs",
    ids: "ids",
    selectId: ({ name }) => name,
  }),
  listData("schemas", {
    path: `${unityCatalog}/schemas`,
    items: "schemas",
    queryFields: ["catalog_name"],
    ids: "ids",
    selectId: (item) => item["full_name"],
  }),
  listData("volumes", {
    path: `${unityCatalog}/volumes`,
    items: "volumes",
    queryFields: schemaArguments,
    ids: "ids",
    selectId: (item) => item["full_name"],
  }),
  ...(["tables", "views"] as const).map((name) =>
    listData(name, {
      path: `${unityCatalog}/tables`,
      items: "tables",
      queryFields: schemaArguments,
      ids: "ids",
      selectId: (item) => item["full_name"],
      matches: ({ table_type }) => (table_type === "VIEW") === (name === "views"),
    }),
  ),
  listData("storage_credentials", {
    path: `${unityCatalog}/storage-credentials`,
    items: "storage_credentials",
    ids: "names",
    selectId: ({ name }) => name,
  }),
  listData("external_locations", {
    path: `${unityCatalog}/external-locations`,
    items: "external_locations",
    ids: "names",
    selectId: ({ name }) => name,
  }),
  listData("pipelines", {
    path: "/api/2.0/pipelines",
    items: "statuses",
    ids: "ids",
    selectId: (item) => item["pipeline_id"],
    matches: ({ name }, config) =>
      matchesPattern(textOrEmpty(config, "pipeline_name"), optionalText(name) ?? ""),
  }),
  listData("sql_warehouses", {
    path: "/api/2.0/sql/warehouses",
    items: "warehouses",
    ids: "ids",
    selectId: ({ id }) => id,
    matches: ({ name }, config) =>
      (optionalText(name) ?? "")
        .toLowerCase()
        .includes(textOrEmpty(config, "warehouse_name_contains").toLowerCase()),
  }),
  {
    type: "databricks_zones",
    title: "zones",
    async read(api, config, { signal }) {
      const { zones, default_zone } = object(
        await api.get("/api/2.1/clusters/list-zones", { signal }),
      );
      const names = Array.isArray(zones)
        ? zones.filter((zone): zone is string => typeof zone === "string")
        : [];
      return {
        ...config,
        id: optionalText(default_zone) ?? "",
        default_zone: optionalText(default_zone) ?? "",
        zones: names,
      };
    },
  },
  {
    type: "databricks_directory",
    title: "directory",
    async read(api, config, { signal }) {
      const path = textOrEmpty(config, "path");
      const response = object(
        await api.get("/api/2.0/workspace/get-status", { query: { path }, signal }),
      );
      if (response["object_type"] !== "DIRECTORY" && response["object_type"] !== "REPO")
        throw new LakeformError("NO_SUCH_DIRECTORY", "the object at this path is not a folder", {
          value: path,
          fix: "use the path of a folder",
        });
      const object_id = exactInteger(response["object_id"]) ?? null;
      return {
        ...config,
        id: path,
        object_id,
        workspace_path: `/Workspace${normalWorkspacePath(path)}`,
      };
    },
  },
  objectData(
    "current_metastore",
    "metastore_info",
    (api, _config, signal) => api.get(`${unityCatalog}/metastore_summary`, { signal }),
    "metastore_id",
  ),
  objectData("instance_pool", "pool_info", findInstancePool, "instance_pool_id"),
  {
    type: "databricks_cluster_policy",
    title: "cluster policy",
    async read(api, config, { signal }) {
      const [id, name] = [textOrEmpty(config, "id"), textOrEmpty(config, "name")];
      const response =
        id === ""
          ? findByName(
              await allItems(api, "/api/2.0/policies/clusters/list", "policies", {}, signal),
              "name",
              name,
              "cluster policy",
            )
          : object(
              await api.get("/api/2.0/policies/clusters/get", { query: { policy_id: id }, signal }),
            );
      const block = schemaOf("data.databricks_cluster_policy")?.block;
      return {
        ...config,
        ...(block && filled(block, fromWire(block, response))),
        id: optionalText(response["policy_id"]) ?? "",
      };
    },
  },
];

async function findInstancePool(
  api: ReadClient,
  config: Attributes,
  signal?: AbortSignal,
): Promise<Json> {
  const response = object(await api.get("/api/2.0/instance-pools/list", { signal }));
  const pools = objects(response["instance_pools"]);
  return findByName(pools, "instance_pool_name", textOrEmpty(config, "name"), "instance pool");
}

/** @throws LakeformError NO_SUCH_OBJECT, DUPLICATE_OBJECT_NAME */
function findByName(candidates: readonly Json[], field: string, name: string, title: string): Json {
  const [first, second] = candidates.filter((item) => item[field] === name);
  if (first === undefined)
    throw new LakeformError("NO_SUCH_OBJECT", `no such ${title}`, {
      value: name,
      fix: "check the name, and that the token may see the object",
    });
  if (second !== undefined)
    throw new LakeformError("DUPLICATE_OBJECT_NAME", `more than one ${title} has this name`, {
      value: name,
      fix: "rename one of them, or use the id of the intended one instead of this data source",
    });
  return first;
}

/**
 * A data source that returns one object in a nested block.
 * @param info the name of the block
 * @param idField the field on the wire with the id
 */
function objectData(
  name: string,
  info: string,
  find: (api: ReadClient, config: Attributes, signal?: AbortSignal) => Promise<unknown>,
  idField: string,
): DataKind {
  const type = `databricks_${name}`;
  return {
    type,
    title: name.replaceAll("_", " "),
    async read(api, config, { signal }) {
      const wireObject = object(await find(api, config, signal));
      const block = schemaOf(`data.${type}`)?.block.blocks[info]?.block;
      return {
        ...config,
        id: optionalText(wireObject[idField]) ?? "",
        [info]: block === undefined ? [] : [filled(block, fromWire(block, wireObject))],
      };
    },
  };
}
