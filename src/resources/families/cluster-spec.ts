/** The cluster specification shared by clusters and job clusters. */
import { atLeast, type Allowed } from "../shape/allowed-values";
import type { Attributes, Kind, Value } from "../kind";
import { block } from "../shape/attributes";
import { object, type Json } from "../shape/json";

/**
 * Returns the specification as the official provider sends it. On an instance pool, the fields that
 * the pool sets are omitted, even if the state has them from a response. Without an instance pool,
 * the driver's pool is omitted.
 */
export function withoutPoolFields(spec: Json): Record<string, unknown> {
  const withoutFields = (...fields: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !fields.includes(field)));
  if (spec["instance_pool_id"] === undefined) return withoutFields("driver_instance_pool_id");
  const sent = withoutFields("enable_elastic_disk", "node_type_id", "driver_node_type_id");
  const keepOnly = (attributes: string, field?: string): void => {
    const keptValue = field === undefined ? undefined : object(sent[attributes])[field];
    if (sent[attributes] !== undefined)
      sent[attributes] = keptValue === undefined ? {} : { [field ?? ""]: keptValue };
  };
  keepOnly("aws_attributes", "instance_profile_arn");
  keepOnly("azure_attributes");
  keepOnly("gcp_attributes", "google_service_account");
  return sent;
}

/**
 * Whether a zero value must be sent: `num_workers: 0` of a cluster without autoscaling, and disabled
 * workload types.
 */
export function isExplicitZero(path: string, parent: Attributes): boolean {
  if (path.endsWith("num_workers")) return block(parent, "autoscale") === undefined;
  return /(^|\.)workload_type\.clients\.(jobs|notebooks)$/.test(path);
}

/**
 * Returns rules that suppress the difference of a zone that the platform chose, if the configuration
 * leaves the choice to the platform.
 * @param prefixes the paths of the cluster specifications: "" or with a dot at the end
 */
export function zoneSuppress(...prefixes: readonly string[]): NonNullable<Kind["suppress"]> {
  const rule = (before: Value, after: Value): boolean =>
    typeof before === "string" &&
    before !== "" &&
    (after === "auto" || after === "" || after === null);
  return Object.fromEntries(prefixes.map((prefix) => [`${prefix}aws_attributes.zone_id`, rule]));
}

/** Returns the allowed values of a cluster specification. @param prefix as in `zoneSuppress` */
export function clusterValues(prefix: string): Record<string, Allowed> {
  return {
    [`${prefix}runtime_engine`]: ["PHOTON", "STANDARD"],
    [`${prefix}num_workers`]: atLeast(0),
  };
}
