import { exists, invalid, type JsonObject } from "../errors";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { kept, unityCatalog, type Securable } from "./securables";
import { volumeTree } from "./volume-files";

const V = ["2.1"];
const UC = "/unity-catalog";

/** `/api/2.1/unity-catalog/volumes` and `…/tables` */
export function volumeRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const files = volumeTree(app);
  const place = (fullName: string): JsonObject => {
    const [catalog_name = "", schema_name = ""] = fullName.split(".");
    return { catalog_name, schema_name };
  };
  const shown = (found: Securable): JsonObject => ({
    storage_location: `s3://local-metastore/${uc.metastoreId}/volumes/${found.id}`,
    ...uc.common(found),
    ...place(found.full_name),
    volume_id: found.id,
    securable_type: "VOLUME",
    securable_kind: found.settings.volume_type === "EXTERNAL" ? "VOLUME_STANDARD_EXTERNAL" : "VOLUME_STANDARD",
    access_point: "",
    browse_only: false,
  });
  app.post(V, `${UC}/volumes`, async ({ input, caller }) => {
    const schema = `${uc.part("catalog_name", input.string("catalog_name"))}.${uc.part("schema_name", input.string("schema_name"))}`;
    const name = uc.part("name", input.string("name"));
    const volume_type = input.optionalEnum("volume_type", ["MANAGED", "EXTERNAL"]) ?? "MANAGED";
    const location = input.optionalString("storage_location") ?? "";
    const comment = input.optionalString("comment");
    if (volume_type === "EXTERNAL" && location === "") throw invalid("An external volume needs a storage_location.");
    if (volume_type === "MANAGED" && location !== "") throw invalid("A managed volume cannot have a storage_location.");
    const settings = {
      volume_type,
      ...(comment === undefined ? {} : { comment }),
      ...(location === "" ? {} : { storage_location: location }),
    };
    const made = await app.store.write(() => {
      uc.need("schema", schema);
      uc.require(caller, "schema", schema, "CREATE_VOLUME");
      return uc.add("volume", `${schema}.${name}`, caller, settings);
    });
    return shown(made);
  });
  app.get(V, `${UC}/volumes`, ({ input, caller }) => {
    const schema = uc.need("schema", `${input.string("catalog_name")}.${input.string("schema_name")}`);
    const all = uc.within("volume", schema.full_name).filter((each) => uc.visible(caller, "volume", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 10_000 });
    return { volumes: items.map(shown), ...(next_page_token === undefined ? {} : { next_page_token }) };
  });
  app.get(V, `${UC}/volumes/:name`, ({ params, caller }) => {
    const found = uc.need("volume", params.name ?? "");
    if (!uc.visible(caller, "volume", found)) uc.require(caller, "volume", found.full_name, "READ_VOLUME");
    return shown(found);
  });
  app.patch(V, `${UC}/volumes/:name`, async ({ params, input, caller }) => {
    const comment = input.optionalString("comment");
    const owner = input.optionalString("owner");
    const renamed = input.optionalString("new_name");
    const next = await app.store.write(() => {
      const found = uc.update("volume", uc.need("volume", params.name ?? ""), caller, comment === undefined ? {} : { comment }, owner);
      const name = renamed === undefined || renamed === "" ? found.name : uc.part("new_name", renamed);
      if (name === found.name) return found;
      const full_name = `${found.full_name.split(".").slice(0, 2).join(".")}.${name}`;
      if (uc.find("volume", full_name) !== undefined) throw exists(`Volume '${full_name}' already exists`);
      const grants = uc.grants("volume", found.full_name);
      uc.remove("volume", found.full_name);
      const moved = { ...found, name, full_name };
      uc.of("volume").put(full_name, moved);
      uc.putGrants("volume", full_name, grants);
      return moved;
    });
    return shown(next);
  });
  app.delete(V, `${UC}/volumes/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const found = uc.need("volume", params.name ?? "");
      uc.requireOwner(caller, "volume", found);
      files.dropVolume(found.id);
      uc.remove("volume", found.full_name);
    });
    return undefined;
  });
  tableRoutes(app);
}

const TABLE = ["table_type", "data_source_format", "columns", "storage_location", "comment", "properties"];

/** Tables are names with columns here: enough to be listed, found and granted on. */
function tableRoutes(app: WorkspaceApp): void {
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
    const settings = { table_type: "MANAGED", data_source_format: "DELTA", ...kept(input.values, TABLE) };
    const made = await app.store.write(() => {
      uc.need("schema", schema);
      uc.require(caller, "schema", schema, "CREATE_TABLE");
      return uc.add("table", `${schema}.${name}`, caller, settings);
    });
    return shown(made);
  });
  app.get(V, `${UC}/tables`, ({ input, caller }) => {
    const schema = uc.need("schema", `${input.string("catalog_name")}.${input.string("schema_name")}`);
    const all = uc.within("table", schema.full_name).filter((each) => uc.visible(caller, "table", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 10_000 });
    return { tables: items.map(shown), ...(next_page_token === undefined ? {} : { next_page_token }) };
  });
  app.get(V, `${UC}/tables/:name`, ({ params, caller }) => {
    const found = uc.need("table", params.name ?? "");
    if (!uc.visible(caller, "table", found)) uc.require(caller, "table", found.full_name, "SELECT");
    return shown(found);
  });
  app.get(V, `${UC}/tables/:name/exists`, ({ params }) => ({ table_exists: uc.find("table", params.name ?? "") !== undefined }));
  app.delete(V, `${UC}/tables/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const found = uc.need("table", params.name ?? "");
      uc.requireOwner(caller, "table", found);
      uc.remove("table", found.full_name);
    });
    return undefined;
  });
}
