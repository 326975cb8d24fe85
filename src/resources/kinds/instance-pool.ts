import { byId, verbs } from "../families/by-id";
import { valueProblems } from "../shape/allowed-values";
import { object } from "../shape/json";

const chosenByPlatform = { reason: "chosen by the platform if not set", when: () => true };

export const instancePool = byId({
  type: "databricks_instance_pool",
  title: "instance pool",
  traits: {
    lostOnDestroy: "instance pool",
    hasStamp: true,
    comparedInList: true,
    readFromList: [],
    accessList: { request: "instance-pools" },
  },
  calls: verbs("/api/2.0/instance-pools", "instance_pool_id"),
  idField: "instance_pool_id",
  nameField: "instance_pool_name",
  items: "instance_pools",
  link: (host, id) => `${host}/#setting/clusters/instance-pools/view/${id}`,
  shape: {
    names: {
      preloaded_docker_image: "preloaded_docker_images",
      "instance_pool_fleet_attributes.launch_template_override": "launch_template_overrides",
    },
  },
  // The official provider always sends custom_tags: null if there are none.
  body: (fields) => ({ ...fields, custom_tags: fields["custom_tags"] ?? null }),
  isGone: (item) => item["state"] === "DELETED",
  isCreatedBy: (item, caller) =>
    object(item["default_tags"])["DatabricksInstancePoolCreatorId"] === caller.id,
  rules: {
    keyed: {
      preloaded_docker_image: "url",
      preloaded_spark_versions: "*",
      "instance_pool_fleet_attributes.launch_template_override": "*",
    },
    backendDefaults: {
      aws_attributes: chosenByPlatform,
      "aws_attributes.zone_id": chosenByPlatform,
      "aws_attributes.availability": {
        reason: "documented default",
        when: (value) => value === "SPOT",
      },
      "aws_attributes.spot_bid_price_percent": {
        reason: "documented default",
        when: (value) => value === 100,
      },
      azure_attributes: chosenByPlatform,
      gcp_attributes: chosenByPlatform,
      "gcp_attributes.zone_id": chosenByPlatform,
      "gcp_attributes.local_ssd_count": chosenByPlatform,
      enable_elastic_disk: { reason: "the provider's default", when: (value) => value === true },
      node_type_id: {
        reason: "set by the fleet",
        when: (_value, parent) => "instance_pool_fleet_attributes" in parent,
      },
    },
    unverifiable: {
      "preloaded_docker_image.basic_auth.password": "the platform does not return passwords",
    },
  },
  suppress: {
    // With "auto", the platform chooses the zone.
    "aws_attributes.zone_id": (before, after) =>
      typeof before === "string" &&
      before !== "" &&
      typeof after === "string" &&
      ["", "auto"].includes(after.toLowerCase()),
  },
  validate: (config) =>
    valueProblems(config, {
      "aws_attributes.availability": ["ON_DEMAND", "SPOT"],
      "azure_attributes.availability": ["SPOT_AZURE", "ON_DEMAND_AZURE"],
      "gcp_attributes.gcp_availability": [
        "ON_DEMAND_GCP",
        "PREEMPTIBLE_GCP",
        "PREEMPTIBLE_WITH_FALLBACK_GCP",
      ],
      "disk_spec.disk_type.azure_disk_volume_type": ["PREMIUM_LRS", "STANDARD_LRS"],
      "disk_spec.disk_type.ebs_volume_type": ["GENERAL_PURPOSE_SSD", "THROUGHPUT_OPTIMIZED_HDD"],
      "instance_pool_fleet_attributes.fleet_on_demand_option.allocation_strategy": ["LOWEST_PRICE"],
      "instance_pool_fleet_attributes.fleet_spot_option.allocation_strategy": [
        "LOWEST_PRICE",
        "CAPACITY_OPTIMIZED",
      ],
    }),
});
