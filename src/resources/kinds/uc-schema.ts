import { onlyManagedProperties, predictiveOptimization, sameStorage } from "../families/metastore";
import { securable } from "../families/unity-catalog";
import { valueProblems } from "../shape/allowed-values";

/** A schema of Unity Catalog. */
export const ucSchema = securable({
  type: "databricks_schema",
  title: "schema",
  traits: { lostOnDestroy: "schema", securable: "schema", contains: ["databricks_volume"] },
  collection: "schemas",
  fullName: ["catalog_name", "name"],
  create: ["name", "catalog_name", "comment", "storage_root", "properties"],
  update: ["comment", "enable_predictive_optimization", "properties"],
  afterCreate: ["owner", "enable_predictive_optimization"],
  unset: { comment: "", properties: {}, enable_predictive_optimization: "INHERIT", owner: null },
  rules: {
    backendDefaults: {
      properties: {
        reason: "the platform adds its own properties (unity.catalog.managed.*)",
        when: onlyManagedProperties,
      },
      storage_root: { reason: "defaults to the catalog's storage root", when: () => true },
    },
    configOnly: { force_destroy: "only controls how Terraform deletes" },
    equivalent: { storage_root: sameStorage },
    immutable: { storage_root: "only set when a schema is created" },
  },
  suppress: { storage_root: sameStorage },
  validate: (config) =>
    valueProblems(config, { enable_predictive_optimization: predictiveOptimization }),
});
