import { refused } from "../shape/allowed-values";
import type { Attributes, Kind, Remote } from "../kind";
import { orMissing } from "../families/or-missing";
import { createById } from "../families/create-once";
import { schemaOf, type Block } from "../shape/schema";
import { fromWire, toWire, type WireNames } from "../shape/shape";
import { apiCommand, object, objects, str, text, type Json } from "../shape/json";

const shape: WireNames = {
  absent: new Set(["id", "instance_pool_id"]),
  names: {
    preloaded_docker_image: "preloaded_docker_images",
    "instance_pool_fleet_attributes.launch_template_override": "launch_template_overrides",
  },
};

function poolBlock(): Block {
  const schema = schemaOf("databricks_instance_pool");
  if (schema === undefined) throw new Error("the schema has no databricks_instance_pool");
  return schema.block;
}

/** The official provider always says custom_tags, if only that there are none. */
function body(planned: Attributes): Record<string, unknown> {
  const made = toWire(poolBlock(), planned, shape);
  return { ...made, custom_tags: made["custom_tags"] ?? null };
}

function remote(found: Json): Remote {
  const id = text(found["instance_pool_id"]) ?? "";
  return { id, attributes: { ...fromWire(poolBlock(), found, shape), id, instance_pool_id: id } };
}

const chosen = { reason: "the platform chooses it for a configuration that says nothing", when: () => true };

export const instancePool: Kind = {
  type: "databricks_instance_pool",
  title: "instance pool",
  identity: {
    naturalKey: (attributes) =>
      str(attributes, "instance_pool_name") === "" ? undefined : `name:${str(attributes, "instance_pool_name")}`,
    link: (host, id) => `${host}/#setting/clusters/instance-pools/view/${id}`,
  },
  rules: {
    keyed: { preloaded_docker_image: "url", preloaded_spark_versions: "*", "instance_pool_fleet_attributes.launch_template_override": "*" },
    backendDefaults: {
      aws_attributes: chosen,
      "aws_attributes.zone_id": chosen,
      "aws_attributes.availability": { reason: "documented default", when: (value) => value === "SPOT" },
      "aws_attributes.spot_bid_price_percent": { reason: "documented default", when: (value) => value === 100 },
      azure_attributes: chosen,
      gcp_attributes: chosen,
      "gcp_attributes.zone_id": chosen,
      "gcp_attributes.local_ssd_count": chosen,
      enable_elastic_disk: { reason: "the provider's default", when: (value) => value === true },
      node_type_id: { reason: "a fleet decides it", when: (_value, around) => "instance_pool_fleet_attributes" in around },
    },
    unverifiable: { "preloaded_docker_image.basic_auth.password": "the platform does not show passwords" },
    configOnly: {},
  },
  validate: (config) =>
    refused(config, {
      "aws_attributes.availability": ["ON_DEMAND", "SPOT"],
      "azure_attributes.availability": ["SPOT_AZURE", "ON_DEMAND_AZURE"],
      "gcp_attributes.gcp_availability": ["ON_DEMAND_GCP", "PREEMPTIBLE_GCP", "PREEMPTIBLE_WITH_FALLBACK_GCP"],
      "disk_spec.disk_type.azure_disk_volume_type": ["PREMIUM_LRS", "STANDARD_LRS"],
      "disk_spec.disk_type.ebs_volume_type": ["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"],
      "instance_pool_fleet_attributes.fleet_on_demand_option.allocation_strategy": ["LOWEST_PRICE"],
      "instance_pool_fleet_attributes.fleet_spot_option.allocation_strategy": ["LOWEST_PRICE", "CAPACITY_OPTIMIZED"],
    }),
  suppress: {
    // "auto" is what the platform chooses by.
    "aws_attributes.zone_id": (before, after) =>
      typeof before === "string" && before !== "" && typeof after === "string" && ["", "auto"].includes(after.toLowerCase()),
  },
  async read(api, id, options) {
    const call = api.get("/api/2.0/instance-pools/get", { query: { instance_pool_id: id }, signal: options.signal });
    const found = await orMissing(call, object);
    return found === undefined || found["state"] === "DELETED" ? undefined : remote({ ...found, instance_pool_id: id });
  },
  async *list(api, _within, signal) {
    const answer = object(await api.get("/api/2.0/instance-pools/list", { signal }));
    for (const item of objects(answer["instance_pools"])) yield remote(item);
  },
  async create(api, planned, context) {
    const sent = body(planned);
    const id = await createById(
      api,
      {
        what: `pool ${str(planned, "instance_pool_name")}`,
        path: "/api/2.0/instance-pools/create",
        body: sent,
        idField: "instance_pool_id",
        candidates: async () =>
          objects(object(await api.get("/api/2.0/instance-pools/list"))["instance_pools"]).filter(
            (one) => one["instance_pool_name"] === sent["instance_pool_name"],
          ),
        mine: (one, me) => object(one["default_tags"])["DatabricksInstancePoolCreatorId"] === me.id,
      },
      context.pending,
    );
    return { id, attributes: { instance_pool_id: id } };
  },
  async update(api, id, _prior, planned) {
    await api.post("/api/2.0/instance-pools/edit", { ...body(planned), instance_pool_id: id }, { idempotent: true });
    return { id };
  },
  async delete(api, id) {
    await api.post("/api/2.0/instance-pools/delete", { instance_pool_id: id }, { removes: true });
  },
  async restore(api, id, desired) {
    await api.post("/api/2.0/instance-pools/edit", { ...body(desired), instance_pool_id: id }, { idempotent: true });
  },
  removal: (found) => apiCommand("POST", "/api/2.0/instance-pools/delete", { instance_pool_id: found.id }),
};
