import { createHash } from "node:crypto";
import type { JsonObject } from "../errors";
import { eventsOf } from "../events";
import { page } from "../paging";
import type { StoredObject } from "../rest-objects";
import type { WorkspaceApp } from "../routes";
import { pickFields } from "../rest-objects";
import { unityCatalog, type Securable } from "./securables";

const VERSIONS = ["2.1"];
const UC = "/unity-catalog";
const TABLE_FIELDS = [
  "table_type",
  "data_source_format",
  "columns",
  "storage_location",
  "comment",
  "properties",
];

/** Renders online tables and vector search indexes, which Unity Catalog lists among the tables. */
function renderOnlineTablesAndIndexes(app: WorkspaceApp, schema: string): JsonObject[] {
  const formats = {
    online_tables: "DATABRICKS_ROW_STORE_FORMAT",
    vector_search_indexes: "VECTOR_INDEX_FORMAT",
  };
  return Object.entries(formats).flatMap(([collection, data_source_format]) =>
    [...app.store.collection<StoredObject>(collection).values()]
      .filter(({ id }) => id.startsWith(`${schema}.`.toLowerCase()))
      .map(({ id, creator, created, updated }): JsonObject => {
        const [catalog_name = "", schema_name = "", name = ""] = id.split(".");
        const digest = createHash("sha256").update(`${collection} ${id} ${created}`).digest("hex");
        return {
          catalog_name,
          schema_name,
          name,
          full_name: id,
          data_source_format,
          table_id: digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
          owner: creator,
          created_at: created,
          created_by: creator,
          updated_at: updated,
        };
      }),
  );
}

/**
 * Routes of tables. They store only the definition of a table; with `--execute`, DuckDB stores its
 * rows.
 */
export function tableRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const renderTable = (table: Securable): JsonObject => {
    const [catalog_name = "", schema_name = ""] = table.full_name.split(".");
    return {
      ...uc.commonFields(table),
      catalog_name,
      schema_name,
      table_id: table.id,
      securable_type: "TABLE",
      securable_kind: "TABLE_STANDARD",
    };
  };
  app.post(VERSIONS, `${UC}/tables`, async ({ input, caller }) => {
    const schema = uc.parseSchema(input);
    const name = uc.namePart("name", input.string("name"));
    input.optionalArray("columns");
    const settings = {
      table_type: "MANAGED",
      data_source_format: "DELTA",
      ...pickFields(input.values, TABLE_FIELDS),
    };
    const newTable = await app.store.write(() => {
      uc.mustFind("schema", schema);
      uc.requirePrivilege(caller, "schema", schema, "CREATE_TABLE");
      eventsOf(app).emit("table", `${schema}.${name}`);
      return uc.add("table", `${schema}.${name}`, caller, settings);
    });
    return renderTable(newTable);
  });
  app.get(VERSIONS, `${UC}/tables`, ({ input, caller }) => {
    const schema = uc.mustFind(
      "schema",
      `${input.string("catalog_name")}.${input.string("schema_name")}`,
    );
    const tables = uc
      .childrenOf("table", schema.full_name)
      .filter((table) => uc.isVisible(caller, "table", table));
    const rendered = [
      ...tables.map(renderTable),
      ...renderOnlineTablesAndIndexes(app, schema.full_name),
    ];
    const { items, next_page_token } = page(input, rendered, {
      defaultSize: 1000,
      maxSize: 10_000,
    });
    return { tables: items, next_page_token };
  });
  app.get(VERSIONS, `${UC}/tables/:name`, ({ params, caller }) => {
    const table = uc.mustFind("table", params.name ?? "");
    if (!uc.isVisible(caller, "table", table))
      uc.requirePrivilege(caller, "table", table.full_name, "SELECT");
    return renderTable(table);
  });
  app.patch(VERSIONS, `${UC}/tables/:name`, async ({ params, input, caller }) => {
    const owner = input.optionalString("owner");
    await app.store.write(() =>
      uc.update("table", uc.mustFind("table", params.name ?? ""), caller, {}, owner),
    );
    return undefined;
  });
  app.get(VERSIONS, `${UC}/table-summaries`, ({ input, caller }) => {
    const catalog = uc.mustFind("catalog", input.string("catalog_name"));
    const [schemaPattern, tablePattern] = [
      input.optionalString("schema_name_pattern") ?? "",
      input.optionalString("table_name_pattern") ?? "",
    ];
    const matches = uc
      .childrenOf("table", catalog.full_name)
      .filter(
        (table) =>
          (schemaPattern === "" || sqlLike(schemaPattern, table.full_name.split(".")[1] ?? "")) &&
          (tablePattern === "" || sqlLike(tablePattern, table.name)) &&
          uc.isVisible(caller, "table", table),
      );
    const { items, next_page_token } = page(input, matches, {
      defaultSize: 10_000,
      maxSize: 10_000,
    });
    return {
      tables: items.map(({ full_name, settings }) => ({
        full_name,
        table_type: settings.table_type,
      })),
      next_page_token,
    };
  });
  app.get(VERSIONS, `${UC}/tables/:name/exists`, ({ params }) => ({
    table_exists: uc.find("table", params.name ?? "") !== undefined,
  }));
  app.delete(VERSIONS, `${UC}/tables/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const table = uc.mustFind("table", params.name ?? "");
      uc.requireOwner(caller, "table", table);
      uc.remove("table", table.full_name);
    });
    return undefined;
  });
}

/**
 * Matches a string as SQL's LIKE does: `%` matches any string, `_` any character. Names are
 * case-insensitive, so matching is, too. There is no backtracking beyond the last `%`.
 */
function sqlLike(pattern: string, text: string): boolean {
  const lowerPattern = pattern.toLowerCase();
  let [patternIndex, textIndex, retryIndex, lastPercent] = [0, 0, 0, -1];
  while (textIndex < text.length)
    if (lowerPattern[patternIndex] === "%") [lastPercent, retryIndex] = [patternIndex++, textIndex];
    else if (
      patternIndex < lowerPattern.length &&
      (lowerPattern[patternIndex] === "_" || lowerPattern[patternIndex] === text[textIndex])
    )
      [patternIndex, textIndex] = [patternIndex + 1, textIndex + 1];
    else if (lastPercent >= 0) [patternIndex, textIndex] = [lastPercent + 1, ++retryIndex];
    else return false;
  return /^%*$/.test(lowerPattern.slice(patternIndex));
}
