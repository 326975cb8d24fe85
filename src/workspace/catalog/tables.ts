import type { JsonObject } from "../errors";
import { eventsOf } from "../events";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { kept, unityCatalog, type Securable } from "./securables";

const V = ["2.1"];
const UC = "/unity-catalog";
const TABLE = [
  "table_type",
  "data_source_format",
  "columns",
  "storage_location",
  "comment",
  "properties",
];

/**
 * Tables consist of a name and columns here: enough to list and find them and to grant privileges.
 */
export function tableRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const shown = (found: Securable): JsonObject => {
    const [catalog_name = "", schema_name = ""] = found.full_name.split(".");
    return {
      ...uc.common(found),
      catalog_name,
      schema_name,
      table_id: found.id,
      securable_type: "TABLE",
      securable_kind: "TABLE_STANDARD",
    };
  };
  app.post(V, `${UC}/tables`, async ({ input, caller }) => {
    const schema = `${uc.part("catalog_name", input.string("catalog_name"))}.${uc.part("schema_name", input.string("schema_name"))}`;
    const name = uc.part("name", input.string("name"));
    input.optionalArray("columns");
    const settings = {
      table_type: "MANAGED",
      data_source_format: "DELTA",
      ...kept(input.values, TABLE),
    };
    const created = await app.store.write(() => {
      uc.need("schema", schema);
      uc.require(caller, "schema", schema, "CREATE_TABLE");
      eventsOf(app).emit("table", `${schema}.${name}`);
      return uc.add("table", `${schema}.${name}`, caller, settings);
    });
    return shown(created);
  });
  app.get(V, `${UC}/tables`, ({ input, caller }) => {
    const schema = uc.need(
      "schema",
      `${input.string("catalog_name")}.${input.string("schema_name")}`,
    );
    const all = uc
      .within("table", schema.full_name)
      .filter((each) => uc.visible(caller, "table", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 10_000 });
    return { tables: items.map(shown), next_page_token };
  });
  app.get(V, `${UC}/tables/:name`, ({ params, caller }) => {
    const found = uc.need("table", params.name ?? "");
    if (!uc.visible(caller, "table", found)) uc.require(caller, "table", found.full_name, "SELECT");
    return shown(found);
  });
  app.patch(V, `${UC}/tables/:name`, async ({ params, input, caller }) => {
    const owner = input.optionalString("owner");
    await app.store.write(() =>
      uc.update("table", uc.need("table", params.name ?? ""), caller, {}, owner),
    );
    return undefined;
  });
  app.get(V, `${UC}/table-summaries`, ({ input, caller }) => {
    const catalog = uc.need("catalog", input.string("catalog_name"));
    const [schemas, tables] = [
      input.optionalString("schema_name_pattern") ?? "",
      input.optionalString("table_name_pattern") ?? "",
    ];
    const all = uc
      .within("table", catalog.full_name)
      .filter(
        (each) =>
          (schemas === "" || sqlLike(schemas, each.full_name.split(".")[1] ?? "")) &&
          (tables === "" || sqlLike(tables, each.name)) &&
          uc.visible(caller, "table", each),
      );
    const { items, next_page_token } = page(input, all, { byDefault: 10_000, most: 10_000 });
    return {
      tables: items.map(({ full_name, settings }) => ({
        full_name,
        table_type: settings.table_type,
      })),
      next_page_token,
    };
  });
  app.get(V, `${UC}/tables/:name/exists`, ({ params }) => ({
    table_exists: uc.find("table", params.name ?? "") !== undefined,
  }));
  app.delete(V, `${UC}/tables/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const found = uc.need("table", params.name ?? "");
      uc.requireOwner(caller, "table", found);
      uc.remove("table", found.full_name);
    });
    return undefined;
  });
}

/**
 * Matches a string like SQL's LIKE: `%` matches any string, `_` any character. Matching is
 * case-insensitive, because names are, and takes linear time for any pattern.
 */
function sqlLike(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  let [at, from, mark, star] = [0, 0, 0, -1];
  while (from < text.length)
    if (wanted[at] === "%") [star, mark] = [at++, from];
    else if (at < wanted.length && (wanted[at] === "_" || wanted[at] === text[from]))
      [at, from] = [at + 1, from + 1];
    else if (star >= 0) [at, from] = [star + 1, ++mark];
    else return false;
  return /^%*$/.test(wanted.slice(at));
}
