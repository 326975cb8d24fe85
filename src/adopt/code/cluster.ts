/**
 * Generates code for clusters: job clusters, clusters of a single task, and all-purpose clusters.
 */
import {
  codeOf,
  handleOf,
  copyFields,
  textOf,
  textsOf,
  workspaceFile,
  escapeTemplates,
  type Entries,
} from "./common";
import type { CodeContext } from "./context";
import { scalar, type Fields } from "./fields";
import { call, fields, fieldsIfAny, list, text, type Code } from "./print";
import { policyOf } from "./policy";
import { NotExpressible } from "./source-file";

/** The constants of `SparkVersion`, by version key. */
const versions: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "17.3.x-scala2.13",
    "16.4.x-scala2.12",
    "15.4.x-scala2.12",
    "14.3.x-scala2.12",
    "13.3.x-scala2.12",
    "12.2.x-scala2.12",
  ].map((version) => [version, `LTS_${version.slice(0, 4).replace(".", "_")}`]),
);

export function sparkVersion(version: string, { file }: CodeContext): Code {
  const constant = versions[version];
  const name = file.use("SparkVersion");
  return constant === undefined ? call(`${name}.of`, text(version)) : `${name}.${constant}`;
}

export const nodeType = (id: string | undefined, { file }: CodeContext): Code | undefined =>
  id === undefined ? undefined : call(`${file.use("NodeType")}.of`, text(id));

const awsFields = [
  "availability",
  "first_on_demand",
  "zone_id",
  "instance_profile_arn",
  "spot_bid_price_percent",
  "ebs_volume_type",
  "ebs_volume_count",
  "ebs_volume_size",
  "ebs_volume_iops",
  "ebs_volume_throughput",
];
const azureFields = ["availability", "first_on_demand", "spot_bid_max_price"];
const gcpFields = [
  "availability",
  "first_on_demand",
  "google_service_account",
  "zone_id",
  "boot_disk_size",
  "local_ssd_count",
];

/**
 * Generates the props of a cluster.
 * @throws NotExpressible for a cluster that the constructs reject
 */
export function clusterProps(from: Fields, context: CodeContext): Entries {
  const allFields = new Map(from.remaining());
  const version = from.string("spark_version");
  if (version === undefined) throw new NotExpressible("a cluster without a Spark version");
  const policyId = from.string("policy_id");
  const pool = from.string("instance_pool_id");
  const driverPool = from.string("driver_instance_pool_id");
  const [worker, driver] = [from.string("node_type_id"), from.string("driver_node_type_id")];
  if (worker === undefined && pool === undefined && policyId === undefined)
    throw new NotExpressible("a cluster without a node type");
  const [singleUser, mode] = [from.peek("single_user_name"), from.peek("data_security_mode")];
  if (
    singleUser !== undefined &&
    mode !== undefined &&
    !/SINGLE_USER|DEDICATED|AUTO/.test(scalar(mode))
  )
    throw new NotExpressible(`a single user in the data security mode ${scalar(mode)}`);
  const conf = { ...from.map("spark_conf") };
  const tags = { ...from.map("custom_tags") };
  const size = sizeOf(from, { conf, tags, hasPolicy: policyId !== undefined }, context);
  const mounts = from.blocks("cluster_mount_info").map((mount) => {
    const system = mount.block("network_filesystem_info");
    return fields([
      ...(system === undefined ? [] : copyFields(system, "server_address", "mount_options")),
      ...copyFields(mount, "local_mount_dir_path", "remote_mount_dir_path"),
    ]);
  });
  const workload = from.block("workload_type")?.block("clients");
  const docker = dockerImage(from, context);
  const [awsBlock, azureBlock, gcpBlock] = [
    from.block("aws_attributes"),
    from.block("azure_attributes"),
    from.block("gcp_attributes"),
  ];
  return [
    ["sparkVersion", sparkVersion(version, context)],
    ["nodeType", pool === undefined ? nodeType(worker, context) : undefined],
    [
      "driverNodeType",
      pool === undefined && driver !== worker ? nodeType(driver, context) : undefined,
    ],
    [
      "instancePool",
      pool === undefined ? undefined : handleOf("databricks_instance_pool", pool, context),
    ],
    [
      "driverInstancePool",
      driverPool === undefined || driverPool === pool
        ? undefined
        : handleOf("databricks_instance_pool", driverPool, context),
    ],
    ["size", size],
    ["policy", policyId === undefined ? undefined : policyOf(policyId, allFields, context)],
    ...copyFields(from, "apply_policy_default_values"),
    ["sparkConf", settings(conf, context)],
    ["sparkEnvVars", settings(from.map("spark_env_vars") ?? {}, context)],
    [
      "customTags",
      fieldsIfAny(sorted(tags).map(([key, value]) => [key, text(escapeTemplates(value))] as const)),
    ],
    ...copyFields(from, "data_security_mode", "single_user_name", "runtime_engine"),
    ["initScripts", initScripts(from, context)],
    ["logDelivery", logDelivery(from, context)],
    ["dockerImage", docker],
    ["sshPublicKeys", textsOf(from.strings("ssh_public_keys"))],
    ...copyFields(
      from,
      "enable_elastic_disk",
      "enable_local_disk_encryption",
      "remote_disk_throughput",
      "total_initial_remote_disk_size",
    ),
    ["mounts", mounts.length === 0 ? undefined : list(mounts)],
    ...copyFields(from, "kind", "use_ml_runtime"),
    [
      "workloadType",
      workload &&
        fields([
          ["jobs", codeOf(workload.boolean("jobs") ?? false)],
          ["notebooks", codeOf(workload.boolean("notebooks") ?? false)],
        ]),
    ],
    ["awsAttributes", awsBlock && fieldsIfAny(copyFields(awsBlock, ...awsFields))],
    ["azureAttributes", azureBlock && fieldsIfAny(copyFields(azureBlock, ...azureFields))],
    ["gcpAttributes", gcpBlock && fieldsIfAny(copyFields(gcpBlock, ...gcpFields))],
  ];
}

interface SizeContext {
  readonly conf: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly hasPolicy: boolean;
}

/**
 * Generates the size of a cluster. For a single node, removes the Spark configuration and the tag
 * from `conf` and `tags`, because `ClusterSize.singleNode()` sets them.
 */
function sizeOf(from: Fields, { conf, tags, hasPolicy }: SizeContext, { file }: CodeContext): Code {
  const size = file.use("ClusterSize");
  const [range, workers] = [from.block("autoscale"), from.number("num_workers") ?? 0];
  if (range !== undefined) {
    const [low, high] = [range.number("min_workers") ?? 0, range.number("max_workers") ?? 0];
    if (low < 1 || low >= high)
      throw new NotExpressible(`a cluster that scales from ${low} to ${high} workers`);
    return call(`${size}.autoscale`, String(low), String(high));
  }
  if (workers > 0) return call(`${size}.fixed`, String(workers));
  const isSingleNode = from.boolean("is_single_node") === true;
  if (isSingleNode && from.peek("kind") !== undefined) return call(`${size}.singleNode`);
  if (
    conf["spark.databricks.cluster.profile"] === "singleNode" &&
    conf["spark.master"] === "local[*]" &&
    tags["ResourceClass"] === "SingleNode"
  ) {
    delete conf["spark.databricks.cluster.profile"];
    delete conf["spark.master"];
    delete tags["ResourceClass"];
    return call(`${size}.singleNode`);
  }
  if (hasPolicy) return call(`${size}.fromPolicy`);
  throw new NotExpressible("a cluster without workers that is not set up as a single node");
}

const sorted = (map: Readonly<Record<string, string>>): (readonly [string, string])[] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * Generates Spark configuration or environment variables. A secret becomes a reference through its
 * scope's handle.
 */
function settings(map: Readonly<Record<string, string>>, context: CodeContext): Code | undefined {
  return fieldsIfAny(
    sorted(map).map(([key, value]) => {
      const [, scope, secret] = /^\{\{secrets\/([\w.@-]+)\/([\w.@-]+)\}\}$/.exec(value) ?? [];
      if (scope === undefined || secret === undefined)
        return [key, text(escapeTemplates(value))] as const;
      return [
        key,
        call(`${handleOf("databricks_secret_scope", scope, context)}.reference`, text(secret)),
      ] as const;
    }),
  );
}

const s3Fields = [
  "destination",
  "region",
  "endpoint",
  "enable_encryption",
  "encryption_type",
  "kms_key",
  "canned_acl",
];

function initScripts(from: Fields, context: CodeContext): Code | undefined {
  const { file } = context;
  const factories = {
    workspace: "workspace",
    volumes: "volume",
    abfss: "abfss",
    gcs: "gcs",
    file: "file",
    dbfs: "dbfs",
  } as const;
  const scripts = from.blocks("init_scripts").map((script): Code => {
    const name = file.use("InitScript");
    const s3 = script.block("s3");
    if (s3 !== undefined) return call(`${name}.s3`, fields(copyFields(s3, ...s3Fields)));
    for (const [kind, factory] of Object.entries(factories)) {
      const destination = script.block(kind)?.string("destination");
      if (destination !== undefined)
        return call(
          `${name}.${factory}`,
          kind === "workspace"
            ? workspaceFile(destination, context)
            : text(escapeTemplates(destination)),
        );
    }
    throw new NotExpressible("an init script of an unknown type");
  });
  return scripts.length === 0 ? undefined : list(scripts);
}

function logDelivery(from: Fields, { file }: CodeContext): Code | undefined {
  const conf = from.block("cluster_log_conf");
  if (conf === undefined) return undefined;
  const s3 = conf.block("s3");
  if (s3 !== undefined)
    return call(`${file.use("LogDelivery")}.s3`, fields(copyFields(s3, ...s3Fields)));
  for (const [kind, factory] of [
    ["volumes", "volume"],
    ["dbfs", "dbfs"],
  ] as const) {
    const destination = conf.block(kind)?.string("destination");
    if (destination !== undefined)
      return call(`${file.use("LogDelivery")}.${factory}`, textOf(destination));
  }
  throw new NotExpressible("a log delivery of an unknown type");
}

/**
 * Generates the Docker image. The API does not return the registry password, so the code reads it
 * from an environment variable.
 */
function dockerImage(from: Fields, { file }: CodeContext): Code | undefined {
  const image = from.block("docker_image");
  if (image === undefined) return undefined;
  const login = image.block("basic_auth");
  const password =
    login && call(`${file.use("SecretValue")}.fromEnvironment`, text("REGISTRY_PASSWORD"));
  // Take the field: a field that is not taken is written as an override.
  login?.take("password");
  return fields([
    ...copyFields(image, "url"),
    ["basicAuth", login && fields([...copyFields(login, "username"), ["password", password]])],
  ]);
}
