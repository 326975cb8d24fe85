import { sameOrNoStorage, sameStorage } from "../families/metastore";
import { securable } from "../families/unity-catalog";
import { valueProblems } from "../shape/allowed-values";

export const volume = securable({
  type: "databricks_volume",
  title: "volume",
  traits: { lostOnDestroy: "volume", securable: "volume", contains: ["databricks_file"] },
  collection: "volumes",
  page: "data/volumes",
  fullName: ["catalog_name", "schema_name", "name"],
  create: ["catalog_name", "schema_name", "name", "volume_type", "storage_location", "comment"],
  update: ["comment"],
  afterCreate: ["owner"],
  unset: { comment: "", owner: null },
  renamesInPlace: true,
  checksMetastore: false,
  forceAttributes: {},
  computed: (_item, id) => ({ volume_path: `/Volumes/${id.replaceAll(".", "/")}` }),
  rules: {
    backendDefaults: {
      storage_location: {
        reason: "the platform chooses the location of a managed volume",
        when: () => true,
      },
    },
    equivalent: { storage_location: sameStorage },
    immutable: {
      storage_location: "only set when a volume is created",
      volume_type: "only set when a volume is created",
    },
  },
  suppress: { storage_location: sameOrNoStorage },
  validate: (config) => valueProblems(config, { volume_type: ["EXTERNAL", "MANAGED"] }),
});
