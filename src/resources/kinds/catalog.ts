import { wholeNumber } from "../../exact-json";
import type { Client } from "../../api/client";
import {
  currentWorkspace,
  onlyManagedProperties,
  predictiveOptimization,
  sameStorage,
  unityCatalog,
} from "../families/metastore";
import { orMissing } from "../families/or-missing";
import { securable } from "../families/unity-catalog";
import type { Attributes, Value } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";
import { sameName } from "../shape/shape";

/**
 * Deletes the schema `default` of a new catalog, as the official provider does. Shared and foreign
 * catalogs have none.
 */
async function deleteDefaultSchema(
  api: Client,
  name: string,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  if (
    ["share_name", "provider_name", "connection_name"].some(
      (field) => textOrEmpty(planned, field) !== "",
    )
  )
    return;
  // If the response to the create was lost, an earlier process may have deleted the schema.
  const schemaUrl = `${unityCatalog}/schemas/${encodeURIComponent(`${name}.default`)}`;
  await orMissing(api.delete(schemaUrl, { signal }), () => undefined);
}

/** Binds an isolated catalog to the called workspace, which can delete it only then. */
async function bindToWorkspace(
  api: Client,
  name: string,
  prior: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  if (prior.isolation_mode !== "ISOLATED") return;
  const workspace = wholeNumber(await currentWorkspace(api, signal));
  const path = `${unityCatalog}/workspace-bindings/catalogs/${encodeURIComponent(name)}`;
  await api.patch(path, { assign_workspaces: [workspace] }, { idempotent: true, signal });
}

/** Whether two maps are equal except for one key. */
function equalExcept(key: string, a: Value, b: Value): boolean {
  const serialized = (value: Value): string =>
    JSON.stringify(
      Object.entries(object(value))
        .filter(([name]) => name !== key)
        .sort(([first], [second]) => (first < second ? -1 : 1)),
    );
  return serialized(a) === serialized(b);
}

/** Fields that the schema of provider 1.99.0 does not have. */
const newerFields = ["custom_max_retention_hours", "managed_encryption_settings"];

export const catalog = securable({
  type: "databricks_catalog",
  title: "catalog",
  traits: { lostOnDestroy: "catalog", securable: "catalog", contains: ["databricks_schema"] },
  collection: "catalogs",
  fullName: ["name"],
  create: [
    "name",
    "comment",
    "storage_root",
    "properties",
    "options",
    "provider_name",
    "share_name",
    "connection_name",
    ...newerFields,
  ],
  update: [
    "comment",
    "enable_predictive_optimization",
    "isolation_mode",
    "properties",
    ...newerFields,
  ],
  // Of the options, only the paths can be changed.
  updateOverrides: ({ options }) => {
    const { authorized_paths } = object(options);
    return authorized_paths === undefined ? {} : { options: { authorized_paths } };
  },
  restoredFields: ["options"],
  afterCreate: ["owner", "isolation_mode", "enable_predictive_optimization"],
  unset: {
    comment: "",
    properties: {},
    options: {},
    isolation_mode: "OPEN",
    enable_predictive_optimization: "INHERIT",
    owner: null,
  },
  renamesInPlace: true,
  bindingType: "catalog",
  afterPost: deleteDefaultSchema,
  beforeDelete: bindToWorkspace,
  computed: (item) => ({ storage_location: optionalText(item.storage_location) ?? "" }),
  rules: {
    backendDefaults: {
      properties: {
        reason: "the platform adds its own properties (unity.catalog.managed.*)",
        when: onlyManagedProperties,
      },
      storage_root: { reason: "defaults to the metastore's storage root", when: () => true },
      browse_only: { reason: "depends on the caller's permissions", when: () => true },
      effective_predictive_optimization_flag: {
        reason: "inherited from the metastore",
        when: () => true,
      },
      provisioning_info: {
        reason: "set by the platform: the progress of creating the catalog",
        when: () => true,
      },
    },
    configOnly: { force_destroy: "only controls how Terraform deletes" },
    equivalent: { storage_root: sameStorage },
    immutable: Object.fromEntries(
      ["storage_root", "connection_name", "provider_name", "share_name"].map((field) => [
        field,
        "set only at creation",
      ]),
    ),
  },
  validate: (config) =>
    valueProblems(config, { enable_predictive_optimization: predictiveOptimization }),
  forcesNew: { options: (before, after) => !equalExcept("authorized_paths", before, after) },
  suppress: {
    connection_name: sameName,
    provider_name: sameName,
    share_name: sameName,
    storage_root: sameStorage,
    // The official provider does not suppress this. Its plans therefore always show the difference.
    provisioning_info: () => true,
  },
});
