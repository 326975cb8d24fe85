import { invalid, missing, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { policiesOf } from "./policies";
import { applyPolicy } from "./policy-rules";

/** The fields of a cluster's settings. Other fields of a request are dropped. */
const KNOWN_FIELDS = new Set([
  "cluster_name",
  "spark_version",
  "node_type_id",
  "driver_node_type_id",
  "num_workers",
  "autoscale",
  "autotermination_minutes",
  "spark_conf",
  "spark_env_vars",
  "custom_tags",
  "aws_attributes",
  "azure_attributes",
  "gcp_attributes",
  "ssh_public_keys",
  "cluster_log_conf",
  "cluster_mount_infos",
  "init_scripts",
  "enable_elastic_disk",
  "enable_local_disk_encryption",
  "instance_pool_id",
  "driver_instance_pool_id",
  "policy_id",
  "data_security_mode",
  "single_user_name",
  "runtime_engine",
  "docker_image",
  "workload_type",
  "kind",
  "is_single_node",
  "use_ml_runtime",
  "remote_disk_throughput",
  "total_initial_remote_disk_size",
  "driver_node_type_flexibility",
  "worker_node_type_flexibility",
  "dependency_mode",
]);

const OBJECT_FIELDS = [
  "aws_attributes",
  "azure_attributes",
  "gcp_attributes",
  "cluster_log_conf",
  "workload_type",
] as const;
const MAX_TAGS = 45;
const idPattern = /^[\w.\-:]{1,200}$/;

/**
 * Returns a cluster's settings, checked and completed by its policy.
 * @throws 400 for settings that the platform rejects
 */
export function parseClusterSpec(app: WorkspaceApp, body: JsonObject): JsonObject {
  const knownSettings = Object.fromEntries(
    Object.entries(body).filter(
      ([name, value]) => KNOWN_FIELDS.has(name) && value !== undefined && value !== null,
    ),
  );
  const policyId = new Fields(knownSettings).optionalString("policy_id");
  const policy =
    policyId === undefined || policyId === ""
      ? undefined
      : policiesOf(app).get(policyId.slice(0, 100));
  if (policyId !== undefined && policyId !== "" && policy === undefined)
    throw missing(`Cannot find a policy with id ${policyId.slice(0, 100)}`);
  const spec = withoutPassword(
    policy === undefined
      ? knownSettings
      : applyPolicy(knownSettings, policy.definition, body.apply_policy_default_values === true),
  );
  const fields = new Fields(spec);
  // Reading a field checks its type.
  for (const name of OBJECT_FIELDS) fields.optionalObject(name);
  const version = fields.optionalString("spark_version");
  if (version === undefined || version === "")
    throw invalid("Missing required field: spark_version");
  if (!idPattern.test(version)) throw invalid(`Invalid spark version ${version.slice(0, 100)}.`);
  const nodeType = fields.optionalString("node_type_id");
  const poolId = fields.optionalString("instance_pool_id");
  if ((nodeType ?? "") === "" && (poolId ?? "") === "")
    throw invalid("Exactly one of node_type_id and instance_pool_id must be specified.");
  rejectNodeTypeWithPool(fields);
  for (const type of [nodeType, fields.optionalString("driver_node_type_id")])
    if (type !== undefined && type !== "" && !idPattern.test(type))
      throw invalid(`Node type ${type.slice(0, 100)} is not supported.`);
  if (
    poolId !== undefined &&
    poolId !== "" &&
    !app.store.collection("instance_pools").has(poolId.slice(0, 200))
  )
    throw missing(`Can't find an instance pool with id: ${poolId.slice(0, 200)}.`);
  checkSize(fields);
  const minutes = fields.optionalInteger("autotermination_minutes") ?? 0;
  if (minutes !== 0 && (minutes < 10 || minutes > 10_000))
    throw invalid("The autotermination_minutes must be 0 or between 10 and 10000 minutes.");
  const tags = fields.optionalStringMap("custom_tags") ?? {};
  if (Object.keys(tags).length > MAX_TAGS)
    throw invalid(`A cluster can have at most ${MAX_TAGS} custom tags.`);
  fields.optionalStringMap("spark_conf");
  fields.optionalStringMap("spark_env_vars");
  if ((fields.optionalString("cluster_name") ?? "").length > 200)
    throw invalid("The cluster's name is longer than 200 characters.");
  return spec;
}

/** Removes the password of a Docker registry: the API never returns it. */
export function withoutPassword<T extends JsonObject>(spec: T): T {
  const image = new Fields(spec).optionalObject("docker_image");
  const auth = image === undefined ? undefined : new Fields(image).optionalObject("basic_auth");
  if (image === undefined || auth === undefined) return spec;
  const { password: _password, ...publicAuth } = auth;
  return { ...spec, docker_image: { ...image, basic_auth: publicAuth } };
}

function checkSize(fields: Fields): void {
  const workers = fields.optionalInteger("num_workers");
  if (workers !== undefined && (workers < 0 || workers > 100_000))
    throw invalid(`Invalid value for num_workers: ${workers}. It must be between 0 and 100000.`);
  if (!fields.has("autoscale")) return;
  const autoscale = fields.fields("autoscale");
  const minWorkers = autoscale.optionalInteger("min_workers") ?? 0;
  const maxWorkers = autoscale.optionalInteger("max_workers") ?? 0;
  if (minWorkers < 0 || maxWorkers < 1 || minWorkers > maxWorkers)
    throw invalid(
      `Invalid autoscale: min_workers (${minWorkers}) must be at least 0 and not above max_workers (${maxWorkers}), which must be at least 1.`,
    );
}

/** Returns the fields that the platform adds to the settings in a response. */
export function specDefaults(spec: JsonObject): JsonObject {
  const nodeType = typeof spec.node_type_id === "string" ? spec.node_type_id : "";
  const isAzure = nodeType.startsWith("Standard_");
  return {
    ...(spec.driver_node_type_id === undefined && nodeType !== ""
      ? { driver_node_type_id: nodeType }
      : {}),
    ...(spec.instance_pool_id !== undefined && spec.driver_instance_pool_id === undefined
      ? { driver_instance_pool_id: spec.instance_pool_id }
      : {}),
    ...(spec.autotermination_minutes === undefined ? { autotermination_minutes: 0 } : {}),
    ...(spec.enable_elastic_disk === undefined ? { enable_elastic_disk: isAzure } : {}),
    ...(spec.enable_local_disk_encryption === undefined
      ? { enable_local_disk_encryption: false }
      : {}),
    ...(spec.num_workers === undefined && spec.autoscale === undefined ? { num_workers: 0 } : {}),
    ...(isAzure && spec.azure_attributes === undefined
      ? {
          azure_attributes: {
            first_on_demand: 1,
            availability: "ON_DEMAND_AZURE",
            spot_bid_max_price: -1,
          },
        }
      : {}),
    ...(!isAzure &&
    nodeType !== "" &&
    spec.aws_attributes === undefined &&
    spec.gcp_attributes === undefined
      ? {
          aws_attributes: {
            first_on_demand: 0,
            availability: "SPOT_WITH_FALLBACK",
            zone_id: "us-west-2a",
            spot_bid_price_percent: 100,
            ebs_volume_count: 0,
          },
        }
      : {}),
  };
}

/** @throws WorkspaceError with the platform's message (databricks/terraform-provider-databricks#2141) */
export function rejectNodeTypeWithPool(cluster: Fields): void {
  if (
    (cluster.optionalString("node_type_id") ?? "") !== "" &&
    (cluster.optionalString("instance_pool_id") ?? "") !== ""
  )
    throw invalid(
      "The field 'node_type_id' cannot be supplied when an instance pool ID is provided.",
    );
}
