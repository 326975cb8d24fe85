import { fromWire } from "../shape/from-wire";
import type { DataKind } from "../kind";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";
import { textOrEmpty } from "../shape/attributes";
import { object } from "../shape/json";

/**
 * The Unity Catalog data sources differ only in their names: REST returns the values in one block.
 */
function unityCatalogData(title: string, collection: string, info: string): DataKind {
  const type = `databricks_${title}`;
  return {
    type,
    title,
    async read(api, config, context) {
      const name = textOrEmpty(config, "name");
      const response = object(
        await api.get(`/api/2.1/unity-catalog/${collection}/${encodeURIComponent(name)}`, {
          signal: context.signal,
        }),
      );
      const block = schemaOf(`data.${type}`)?.block.blocks[info]?.block;
      return {
        ...config,
        id: name,
        [info]: block === undefined ? [] : [filled(block, fromWire(block, response))],
      };
    },
  };
}

export const catalogData = unityCatalogData("catalog", "catalogs", "catalog_info");
export const schemaData = unityCatalogData("schema", "schemas", "schema_info");
export const volumeData = unityCatalogData("volume", "volumes", "volume_info");
export const storageCredentialData = unityCatalogData(
  "storage_credential",
  "storage-credentials",
  "storage_credential_info",
);
export const externalLocationData = unityCatalogData(
  "external_location",
  "external-locations",
  "external_location_info",
);
