import { securable } from "../families/unity-catalog";
import { sameOrNoStorage, sameStorage } from "../families/metastore";

/** A model in Unity Catalog, with all its versions. */
export const registeredModel = securable({
  type: "databricks_registered_model",
  title: "registered model",
  traits: { lostOnDestroy: "registered model", securable: "model" },
  collection: "models",
  items: "registered_models",
  page: "data/models",
  fullName: ["catalog_name", "schema_name", "name"],
  create: ["catalog_name", "schema_name", "name", "comment", "storage_location"],
  update: ["comment"],
  afterCreate: ["owner"],
  unset: { comment: "", owner: null },
  checksMetastore: false,
  forceAttributes: {},
  rules: {
    backendDefaults: {
      storage_location: { reason: "the platform chooses it", when: () => true },
      owner: { reason: "the creator, if the code sets no owner", when: () => true },
      browse_only: { reason: "depends on the caller's permissions", when: () => true },
      aliases: { reason: "set when a version is promoted; the code sets none", when: () => true },
    },
    equivalent: { storage_location: sameStorage },
    immutable: { storage_location: "only set when a model is created" },
  },
  suppress: { storage_location: sameOrNoStorage },
});
