import { WorkspaceError, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { inheritedOptimization, kept, unityCatalog, type Securable } from "./securables";
import { volumeTree } from "./volume-files";

const V = ["2.1"];
const UC = "/unity-catalog";
const CATALOG = [
  "comment",
  "properties",
  "options",
  "isolation_mode",
  "enable_predictive_optimization",
  "storage_root",
  "connection_name",
  "provider_name",
  "share_name",
  "custom_max_retention_hours",
  "managed_encryption_settings",
];
const SCHEMA = ["comment", "properties", "enable_predictive_optimization", "storage_root"];

/** `/api/2.1/unity-catalog/catalogs` and `…/schemas` */
export function catalogRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const files = volumeTree(app);
  const bindings = app.store.collection<object[]>("uc_bindings");

  const shownCatalog = (found: Securable): JsonObject => ({
    isolation_mode: "OPEN",
    enable_predictive_optimization: "INHERIT",
    ...uc.common(found),
    ...(typeof found.settings.storage_root === "string"
      ? { storage_location: `${found.settings.storage_root}/__unitystorage/catalogs/${found.id}` }
      : {}),
    catalog_type:
      found.settings.share_name !== undefined
        ? "DELTASHARING_CATALOG"
        : found.settings.connection_name !== undefined
          ? "FOREIGN_CATALOG"
          : "MANAGED_CATALOG",
    id: found.id,
    securable_type: "CATALOG",
    securable_kind: "CATALOG_STANDARD",
    accessible_in_current_workspace: true,
    browse_only: false,
    effective_predictive_optimization_flag: inheritedOptimization,
  });
  const shownSchema = (found: Securable): JsonObject => {
    const catalog = found.full_name.split(".")[0] ?? "";
    return {
      enable_predictive_optimization: "INHERIT",
      ...uc.common(found),
      ...(typeof found.settings.storage_root === "string"
        ? { storage_location: `${found.settings.storage_root}/__unitystorage/schemas/${found.id}` }
        : {}),
      catalog_name: catalog,
      schema_id: found.id,
      catalog_type: "MANAGED_CATALOG",
      securable_type: "SCHEMA",
      effective_predictive_optimization_flag: inheritedOptimization,
    };
  };

  app.onStart(async () => {
    const [admin] = app.principals.users.values({ limit: 1 });
    if (
      admin === undefined ||
      uc.find("catalog", "main") !== undefined ||
      app.store.collection("uc_catalogs").count() > 0
    )
      return;
    await app.store.write(() => {
      const owner = app.principals.principal(admin);
      uc.add("catalog", "main", owner, { comment: "Main catalog (auto-created)" });
      uc.add("schema", "main.default", owner, { comment: "Default schema (auto-created)" });
    });
  });

  app.post(V, `${UC}/catalogs`, async ({ input, caller }) => {
    const name = uc.part("name", input.string("name"));
    const settings = settingsOf(input, CATALOG);
    const created = await app.store.write(() => {
      uc.require(caller, "metastore", uc.metastoreId, "CREATE_CATALOG");
      const catalog = uc.add("catalog", name, caller, settings);
      // The platform creates this schema with every catalog. The official provider relies on it.
      uc.add("schema", `${name}.default`, caller, { comment: "Default schema (auto-created)" });
      return catalog;
    });
    return shownCatalog(created);
  });
  app.get(V, `${UC}/catalogs`, ({ input, caller }) => {
    const all = uc
      .of("catalog")
      .values()
      .filter((each) => uc.visible(caller, "catalog", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 1000 });
    return { catalogs: items.map(shownCatalog), next_page_token };
  });
  app.get(V, `${UC}/catalogs/:name`, ({ params, caller }) => {
    const found = uc.need("catalog", params.name ?? "");
    if (!uc.visible(caller, "catalog", found))
      uc.require(caller, "catalog", found.full_name, "USE_CATALOG");
    return shownCatalog(found);
  });
  app.patch(V, `${UC}/catalogs/:name`, async ({ params, input, caller }) => {
    const settings = settingsOf(input, CATALOG);
    const owner = input.optionalString("owner");
    const next = await app.store.write(() => {
      const found = uc.update(
        "catalog",
        uc.need("catalog", params.name ?? ""),
        caller,
        settings,
        owner,
      );
      const renamed = uc.rename("catalog", found, input.optionalString("new_name"));
      const bound = bindings.get(["catalog", found.full_name]);
      if (renamed !== found && bound !== undefined) {
        bindings.remove(["catalog", found.full_name]);
        bindings.put(["catalog", renamed.full_name], bound);
      }
      return renamed;
    });
    return shownCatalog(next);
  });
  app.delete(V, `${UC}/catalogs/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const found = uc.need("catalog", params.name ?? "");
      uc.requireOwner(caller, "catalog", found);
      const schemas = uc.within("schema", found.full_name);
      if (!force && schemas.length > 0)
        throw new WorkspaceError(
          "BAD_REQUEST",
          `Catalog '${found.full_name}' is not empty. The catalog has ${schemas.length} schema(s). Use force to delete it.`,
        );
      for (const schema of schemas) dropSchema(schema);
      uc.remove("catalog", found.full_name);
      bindings.remove(["catalog", found.full_name]);
    });
    return undefined;
  });

  const dropSchema = (schema: Securable): void => {
    for (const volume of uc.within("volume", schema.full_name)) {
      files.dropVolume(volume.id);
      uc.remove("volume", volume.full_name);
    }
    for (const table of uc.within("table", schema.full_name)) uc.remove("table", table.full_name);
    for (const model of uc.within("function", schema.full_name))
      uc.remove("function", model.full_name);
    uc.remove("schema", schema.full_name);
  };

  app.post(V, `${UC}/schemas`, async ({ input, caller }) => {
    const catalog = uc.part("catalog_name", input.string("catalog_name"));
    const name = uc.part("name", input.string("name"));
    const settings = settingsOf(input, SCHEMA);
    const createdCatalog = await app.store.write(() => {
      uc.need("catalog", catalog);
      uc.require(caller, "catalog", catalog, "CREATE_SCHEMA");
      return uc.add("schema", `${catalog}.${name}`, caller, settings);
    });
    return shownSchema(createdCatalog);
  });
  app.get(V, `${UC}/schemas`, ({ input, caller }) => {
    const catalog = uc.need("catalog", input.string("catalog_name"));
    const all = uc
      .within("schema", catalog.full_name)
      .filter((each) => uc.visible(caller, "schema", each));
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 1000 });
    return { schemas: items.map(shownSchema), next_page_token };
  });
  app.get(V, `${UC}/schemas/:name`, ({ params, caller }) => {
    const found = uc.need("schema", params.name ?? "");
    if (!uc.visible(caller, "schema", found))
      uc.require(caller, "schema", found.full_name, "USE_SCHEMA");
    return shownSchema(found);
  });
  app.patch(V, `${UC}/schemas/:name`, async ({ params, input, caller }) => {
    const settings = settingsOf(input, SCHEMA);
    const owner = input.optionalString("owner");
    const next = await app.store.write(() => {
      const found = uc.update(
        "schema",
        uc.need("schema", params.name ?? ""),
        caller,
        settings,
        owner,
      );
      return uc.rename("schema", found, input.optionalString("new_name"));
    });
    return shownSchema(next);
  });
  app.delete(V, `${UC}/schemas/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const found = uc.need("schema", params.name ?? "");
      uc.requireOwner(caller, "schema", found);
      const tables = uc.within("table", found.full_name).length;
      const volumes = uc.within("volume", found.full_name).length;
      if (!force && tables + volumes > 0)
        throw new WorkspaceError(
          "BAD_REQUEST",
          `Schema '${found.full_name}' is not empty. The schema has ${tables} table(s), ${volumes} volume(s).`,
        );
      dropSchema(found);
    });
    return undefined;
  });
}

function settingsOf(input: Fields, names: readonly string[]): JsonObject {
  input.optionalString("comment");
  input.optionalString("storage_root");
  input.optionalStringMap("properties");
  input.optionalStringMap("options");
  input.optionalEnum("isolation_mode", ["OPEN", "ISOLATED"]);
  input.optionalEnum("enable_predictive_optimization", ["ENABLE", "DISABLE", "INHERIT"]);
  return kept(input.values, names);
}
