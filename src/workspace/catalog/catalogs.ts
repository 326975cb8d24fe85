import { WorkspaceError, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { pickFields } from "../rest-objects";
import { inheritedOptimization, unityCatalog, type Securable } from "./securables";
import { volumeTree } from "./volume-files";

const VERSIONS = ["2.1"];
const UC = "/unity-catalog";
const CATALOG_FIELDS = [
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
const SCHEMA_FIELDS = ["comment", "properties", "enable_predictive_optimization", "storage_root"];

/** Routes of `/api/2.1/unity-catalog/catalogs` and `…/schemas`. */
export function catalogRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const files = volumeTree(app);
  const renderCatalog = (securable: Securable): JsonObject => ({
    isolation_mode: "OPEN",
    enable_predictive_optimization: "INHERIT",
    ...uc.commonFields(securable),
    ...(typeof securable.settings.storage_root === "string"
      ? {
          storage_location: `${securable.settings.storage_root}/__unitystorage/catalogs/${securable.id}`,
        }
      : {}),
    catalog_type:
      securable.settings.share_name !== undefined
        ? "DELTASHARING_CATALOG"
        : securable.settings.connection_name !== undefined
          ? "FOREIGN_CATALOG"
          : "MANAGED_CATALOG",
    id: securable.id,
    securable_type: "CATALOG",
    securable_kind: "CATALOG_STANDARD",
    accessible_in_current_workspace: true,
    browse_only: false,
    effective_predictive_optimization_flag: inheritedOptimization,
  });
  const renderSchema = (securable: Securable): JsonObject => {
    const catalog = securable.full_name.split(".")[0] ?? "";
    return {
      enable_predictive_optimization: "INHERIT",
      ...uc.commonFields(securable),
      ...(typeof securable.settings.storage_root === "string"
        ? {
            storage_location: `${securable.settings.storage_root}/__unitystorage/schemas/${securable.id}`,
          }
        : {}),
      catalog_name: catalog,
      schema_id: securable.id,
      catalog_type: "MANAGED_CATALOG",
      securable_type: "SCHEMA",
      effective_predictive_optimization_flag: inheritedOptimization,
    };
  };

  app.onStart(async () => {
    const [admin] = app.principals.users.values({ limit: 1 });
    if (admin === undefined || app.store.collection("uc_catalogs").count() > 0) return;
    await app.store.write(() => {
      const owner = app.principals.toPrincipal(admin);
      uc.add("catalog", "main", owner, { comment: "Main catalog (auto-created)" });
      uc.add("schema", "main.default", owner, { comment: "Default schema (auto-created)" });
    });
  });

  app.post(VERSIONS, `${UC}/catalogs`, async ({ input, caller }) => {
    const name = uc.namePart("name", input.string("name"));
    const settings = checkedSettings(input, CATALOG_FIELDS);
    const newCatalog = await app.store.write(() => {
      uc.requirePrivilege(caller, "metastore", uc.metastoreId, "CREATE_CATALOG");
      const catalog = uc.add("catalog", name, caller, settings);
      // The platform creates this schema with every catalog. The official provider relies on it.
      uc.add("schema", `${name}.default`, caller, { comment: "Default schema (auto-created)" });
      return catalog;
    });
    return renderCatalog(newCatalog);
  });
  app.get(VERSIONS, `${UC}/catalogs`, ({ input, caller }) => {
    const catalogs = uc
      .collection("catalog")
      .values()
      .filter((securable) => uc.isVisible(caller, "catalog", securable));
    const { items, next_page_token } = page(input, catalogs, { defaultSize: 1000, maxSize: 1000 });
    return { catalogs: items.map(renderCatalog), next_page_token };
  });
  app.get(VERSIONS, `${UC}/catalogs/:name`, ({ params, caller }) => {
    const securable = uc.mustFind("catalog", params.name ?? "");
    if (!uc.isVisible(caller, "catalog", securable))
      uc.requirePrivilege(caller, "catalog", securable.full_name, "USE_CATALOG");
    return renderCatalog(securable);
  });
  app.patch(VERSIONS, `${UC}/catalogs/:name`, async ({ params, input, caller }) => {
    const settings = checkedSettings(input, CATALOG_FIELDS);
    const owner = input.optionalString("owner");
    const updatedCatalog = await app.store.write(() => {
      const securable = uc.update(
        "catalog",
        uc.mustFind("catalog", params.name ?? ""),
        caller,
        settings,
        owner,
      );
      return uc.rename("catalog", securable, input.optionalString("new_name"));
    });
    return renderCatalog(updatedCatalog);
  });
  app.delete(VERSIONS, `${UC}/catalogs/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const securable = uc.mustFind("catalog", params.name ?? "");
      uc.requireOwner(caller, "catalog", securable);
      const schemas = uc.childrenOf("schema", securable.full_name);
      if (!force && schemas.length > 0)
        throw new WorkspaceError(
          "BAD_REQUEST",
          `Catalog '${securable.full_name}' is not empty. The catalog has ${schemas.length} schema(s). Use force to delete it.`,
        );
      for (const schema of schemas) dropSchema(schema);
      uc.remove("catalog", securable.full_name);
    });
    return undefined;
  });

  const dropSchema = (schema: Securable): void => {
    for (const volume of uc.childrenOf("volume", schema.full_name)) {
      files.dropVolume(volume.id);
      uc.remove("volume", volume.full_name);
    }
    for (const table of uc.childrenOf("table", schema.full_name))
      uc.remove("table", table.full_name);
    // Registered models are securables of type "function".
    for (const model of uc.childrenOf("function", schema.full_name))
      uc.remove("function", model.full_name);
    uc.remove("schema", schema.full_name);
  };

  app.post(VERSIONS, `${UC}/schemas`, async ({ input, caller }) => {
    const catalog = uc.namePart("catalog_name", input.string("catalog_name"));
    const name = uc.namePart("name", input.string("name"));
    const settings = checkedSettings(input, SCHEMA_FIELDS);
    const newSchema = await app.store.write(() => {
      uc.mustFind("catalog", catalog);
      uc.requirePrivilege(caller, "catalog", catalog, "CREATE_SCHEMA");
      return uc.add("schema", `${catalog}.${name}`, caller, settings);
    });
    return renderSchema(newSchema);
  });
  app.get(VERSIONS, `${UC}/schemas`, ({ input, caller }) => {
    const catalog = uc.mustFind("catalog", input.string("catalog_name"));
    const schemas = uc
      .childrenOf("schema", catalog.full_name)
      .filter((securable) => uc.isVisible(caller, "schema", securable));
    const { items, next_page_token } = page(input, schemas, { defaultSize: 1000, maxSize: 1000 });
    return { schemas: items.map(renderSchema), next_page_token };
  });
  app.get(VERSIONS, `${UC}/schemas/:name`, ({ params, caller }) => {
    const securable = uc.mustFind("schema", params.name ?? "");
    if (!uc.isVisible(caller, "schema", securable))
      uc.requirePrivilege(caller, "schema", securable.full_name, "USE_SCHEMA");
    return renderSchema(securable);
  });
  app.patch(VERSIONS, `${UC}/schemas/:name`, async ({ params, input, caller }) => {
    const settings = checkedSettings(input, SCHEMA_FIELDS);
    const owner = input.optionalString("owner");
    const updatedSchema = await app.store.write(() => {
      const securable = uc.update(
        "schema",
        uc.mustFind("schema", params.name ?? ""),
        caller,
        settings,
        owner,
      );
      return uc.rename("schema", securable, input.optionalString("new_name"));
    });
    return renderSchema(updatedSchema);
  });
  app.delete(VERSIONS, `${UC}/schemas/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const securable = uc.mustFind("schema", params.name ?? "");
      uc.requireOwner(caller, "schema", securable);
      const tableCount = uc.childrenOf("table", securable.full_name).length;
      const functionCount = uc.childrenOf("function", securable.full_name).length;
      const volumeCount = uc.childrenOf("volume", securable.full_name).length;
      if (!force && tableCount + functionCount + volumeCount > 0)
        throw new WorkspaceError(
          "BAD_REQUEST",
          `Schema '${securable.full_name}' is not empty. The schema has ${tableCount} table(s), ${functionCount} function(s), ${volumeCount} volume(s).`,
        );
      dropSchema(securable);
    });
    return undefined;
  });
}

/**
 * Returns those of the named fields that the request has. The fields with a known type are
 * read first, because reading checks the type.
 */
function checkedSettings(input: Fields, names: readonly string[]): JsonObject {
  input.optionalString("comment");
  input.optionalString("storage_root");
  input.optionalStringMap("properties");
  input.optionalStringMap("options");
  input.optionalEnum("isolation_mode", ["OPEN", "ISOLATED"]);
  input.optionalEnum("enable_predictive_optimization", ["ENABLE", "DISABLE", "INHERIT"]);
  return pickFields(input.values, names);
}
