/**
 * Generates the objects other than jobs for which adopt writes a construct, such as clusters,
 * policies, pools and warehouses.
 */
import type { Value } from "../../resources/kind";
import { isAttributes } from "../../resources/shape/shape";
import {
  camel,
  writeAccess,
  codeOf,
  writeGrants,
  handleOf,
  libraries,
  writeOverrides,
  escapeTemplates,
  copyFields,
  textOf,
  type Entries,
} from "./common";
import { clusterProps, nodeType, sparkVersion } from "./cluster";
import type { AdoptedObject, CodeContext } from "./context";
import { Fields, scalar } from "./fields";
import { call, fields, fieldsIfAny, literal, text, type Code } from "./print";
import { NotExpressible } from "./source-file";

/** How adopt writes the objects of a type other than jobs. */
export interface OtherKind {
  /** The construct class. */
  readonly construct: string;
  /** The interface for references. */
  readonly type: string;
  /** The noun for constants of this type. */
  readonly kind: string;
  readonly props: (from: Fields, context: CodeContext) => Entries;
}

export const otherKinds: Readonly<Record<string, OtherKind>> = {
  databricks_cluster: {
    construct: "AllPurposeCluster",
    type: "IAllPurposeCluster",
    kind: "cluster",
    props: cluster,
  },
  databricks_cluster_policy: {
    construct: "ClusterPolicy",
    type: "IClusterPolicy",
    kind: "policy",
    props: policy,
  },
  databricks_instance_pool: {
    construct: "InstancePool",
    type: "IInstancePool",
    kind: "pool",
    props: pool,
  },
  databricks_sql_endpoint: {
    construct: "SqlWarehouse",
    type: "ISqlWarehouse",
    kind: "warehouse",
    props: warehouse,
  },
  databricks_secret_scope: {
    construct: "SecretScope",
    type: "ISecretScope",
    kind: "scope",
    props: secretScope,
  },
  databricks_catalog: { construct: "Catalog", type: "ICatalog", kind: "catalog", props: catalog },
  databricks_schema: { construct: "Schema", type: "ISchema", kind: "schema", props: schema },
  databricks_volume: { construct: "Volume", type: "IVolume", kind: "volume", props: volume },
  databricks_repo: { construct: "Repo", type: "IPlacedRepo", kind: "repo", props: repo },
};

/**
 * Writes the statements that create an object.
 * @returns the name of the object's constant
 * @throws NotExpressible if the constructs cannot express it
 */
export function writeOther(
  object: AdoptedObject,
  constructId: string,
  context: CodeContext,
): string {
  const kind = otherKinds[object.type];
  if (kind === undefined) throw new NotExpressible(`adopt writes no construct for ${object.type}`);
  const { file } = context;
  const from = new Fields(object.attributes);
  from.take("id");
  const props = fields(kind.props(from, context));
  const name = file.name(kind.kind, kind.kind);
  file.const(name, call(`new ${file.use(kind.construct)}`, "stack", text(constructId), props));
  if (object.id !== "") file.statement(call(`${name}.adopt`, text(object.id)));
  if (object.keys !== undefined && object.keys.length > 0) {
    file.comment("The values of these secrets stay in the workspace and were not read.");
    file.statement(call(`${name}.keepSecrets`, ...object.keys.map(text)));
  }
  writeAccess(name, object, context);
  writeGrants(name, object, context);
  writeOverrides(name, from.remaining(), context);
  return name;
}

function cluster(from: Fields, context: CodeContext): Entries {
  for (const name of ["state", "url", "cluster_id", "default_tags", "no_wait"]) from.take(name);
  const name = from.string("cluster_name");
  const minutes = from.number("autotermination_minutes");
  return [
    ["name", text(escapeTemplates(name ?? ""))],
    ...clusterProps(from, context),
    // The provider's default is 60.
    ["autoterminationMinutes", minutes === 60 ? undefined : codeOf(minutes ?? 0)],
    ...copyFields(from, "is_pinned"),
    ["libraries", libraries(from, context)],
  ];
}

function policy(from: Fields, context: CodeContext): Entries {
  from.take("policy_id");
  const family = from.string("policy_family_id");
  const ownRules = from.string("definition");
  const familyOverrides = from.string("policy_family_definition_overrides");
  const definition = family === undefined ? rulesOf(ownRules ?? "{}", context) : undefined;
  const libraryList = libraries(new Fields({ library: from.take("libraries") ?? [] }), context);
  return [
    ...copyFields(from, "name", "description", "max_clusters_per_user"),
    ["definition", definition],
    ["policyFamilyId", family === undefined ? undefined : text(family)],
    [
      "overrides",
      family === undefined || familyOverrides === undefined
        ? undefined
        : rulesOf(familyOverrides, context),
    ],
    ["libraries", libraryList],
  ];
}

/**
 * Generates the rules of a policy.
 * @throws NotExpressible if the constructs would write a different string
 */
function rulesOf(definition: string, { file }: CodeContext): Code {
  let rules: unknown;
  try {
    rules = JSON.parse(definition);
  } catch {
    throw new NotExpressible("a policy whose definition is not JSON");
  }
  const rule = file.use("PolicyRule");
  const sortedRules = Object.entries(rules as Record<string, Record<string, Value>>).sort(
    ([a], [b]) => (a < b ? -1 : 1),
  );
  if (sortedRules.length === 0) throw new NotExpressible("a policy without rules");
  return fields(
    sortedRules.map(([attribute, body]) => {
      const { type, value, values, pattern, ...settings } = body;
      const options = fieldsIfAny(
        Object.entries(settings).map(([name, inner]) => [name, literal(inner)] as const),
      );
      switch (type) {
        case "fixed":
          return [attribute, call(`${rule}.fixed`, literal(value ?? null), options)] as const;
        case "forbidden":
        case "unlimited":
        case "range":
          return [
            attribute,
            call(`${rule}.${type}`, options ?? (type === "range" ? "{}" : undefined)),
          ] as const;
        case "allowlist":
        case "blocklist":
          return [attribute, call(`${rule}.${type}`, literal(values ?? []), options)] as const;
        case "regex":
          return [attribute, call(`${rule}.regex`, literal(pattern ?? ""), options)] as const;
        default:
          throw new NotExpressible(`a policy rule of type ${scalar(type)}`);
      }
    }),
  );
}

function pool(from: Fields, context: CodeContext): Entries {
  const [versions, disk] = [from.strings("preloaded_spark_versions"), from.block("disk_spec")];
  from.take("instance_pool_id");
  if (versions !== undefined && versions.length > 1)
    throw new NotExpressible("a pool that preloads several runtimes");
  const [aws, azure, gcp] = [
    from.block("aws_attributes"),
    from.block("azure_attributes"),
    from.block("gcp_attributes"),
  ];
  const elastic = from.boolean("enable_elastic_disk");
  const diskType = disk?.block("disk_type");
  return [
    ["name", text(escapeTemplates(from.string("instance_pool_name") ?? ""))],
    ["nodeType", nodeType(from.string("node_type_id"), context)],
    [
      "idleInstanceAutoterminationMinutes",
      String(from.number("idle_instance_autotermination_minutes") ?? 0),
    ],
    ...copyFields(from, "min_idle_instances", "max_capacity"),
    [
      "preloadedSparkVersion",
      versions?.[0] === undefined ? undefined : sparkVersion(versions[0], context),
    ],
    ["customTags", tags(from)],
    // The provider's default is true.
    ["enableElasticDisk", elastic === true ? undefined : "false"],
    [
      "disk",
      disk &&
        fields([
          ["count", String(disk.number("disk_count") ?? 0)],
          ["size", String(disk.number("disk_size") ?? 0)],
          [
            "type",
            diskType &&
              fieldsIfAny(copyFields(diskType, "ebs_volume_type", "azure_disk_volume_type")),
          ],
        ]),
    ],
    [
      "awsAttributes",
      aws &&
        fieldsIfAny(
          copyFields(
            aws,
            "availability",
            "zone_id",
            "spot_bid_price_percent",
            "instance_profile_arn",
          ),
        ),
    ],
    [
      "azureAttributes",
      azure && fieldsIfAny(copyFields(azure, "availability", "spot_bid_max_price")),
    ],
    [
      "gcpAttributes",
      gcp && fieldsIfAny(copyFields(gcp, "gcp_availability", "zone_id", "local_ssd_count")),
    ],
  ];
}

const computedWarehouseFields = [
  "jdbc_url",
  "num_active_sessions",
  "num_clusters",
  "odbc_params",
  "state",
  "health",
  "creator_name",
  "data_source_id",
];

function warehouse(from: Fields): Entries {
  for (const name of computedWarehouseFields) from.take(name);
  const channel = from.block("channel");
  const [name, custom] = [channel?.string("name"), channel?.string("dbsql_version")];
  const pairs = (from.block("tags")?.blocks("custom_tags") ?? []).map(
    (fields) =>
      [fields.string("key") ?? "", text(escapeTemplates(fields.string("value") ?? ""))] as const,
  );
  const unlessDefault = (
    field: string,
    defaultValue: Value,
  ): readonly [string, Code | undefined] => {
    const value = from.take(field);
    const code = value === undefined || value === defaultValue ? undefined : literal(value);
    return [camel(field), code];
  };
  const autoStopMinutes = from.number("auto_stop_mins");
  const photon = from.boolean("enable_photon");
  return [
    ...copyFields(from, "name", "cluster_size"),
    ["autoStopMins", autoStopMinutes === 120 ? undefined : String(autoStopMinutes ?? 0)],
    unlessDefault("min_num_clusters", 1),
    unlessDefault("max_num_clusters", 1),
    unlessDefault("spot_instance_policy", "COST_OPTIMIZED"),
    [
      "channel",
      name === "CHANNEL_NAME_CUSTOM"
        ? fields([["custom", text(custom ?? "")]])
        : name === "CHANNEL_NAME_CURRENT"
          ? undefined
          : name && text(name),
    ],
    ["customTags", fieldsIfAny(pairs)],
    ...copyFields(from, "instance_profile_arn", "enable_serverless_compute"),
    ["enablePhoton", photon === true ? undefined : "false"],
    ["warehouseType", literalUnless(from.string("warehouse_type"), "PRO")],
  ];
}

const literalUnless = (value: string | undefined, defaultValue: string): Code | undefined =>
  value === undefined || value === defaultValue ? undefined : text(value);

function tags(from: Fields): Code | undefined {
  const value = from.take("custom_tags");
  if (value === undefined || !isAttributes(value)) return undefined;
  return fieldsIfAny(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, text(escapeTemplates(scalar(inner)))] as const),
  );
}

function secretScope(from: Fields): Entries {
  from.take("backend_type");
  from.take("initial_manage_principal");
  const vault = from.block("keyvault_metadata");
  return [
    ...copyFields(from, "name"),
    ["keyVault", vault && fields(copyFields(vault, "resource_id", "dns_name"))],
  ];
}

/** Fields that the platform sets, and the owner, which adopt does not manage. */
const unmanagedCatalogFields = (
  "metastore_id volume_path schema_id full_name owner force_destroy catalog_type created_at created_by updated_at updated_by securable_type browse_only " +
  "effective_predictive_optimization_flag provisioning_info"
).split(" ");

/** Generates the properties that catalogs, schemas and volumes share. */
function unityCatalogProps(from: Fields): Entries {
  for (const name of unmanagedCatalogFields) from.take(name);
  const userProperties = Object.entries(from.map("properties") ?? {}).filter(
    ([name]) => !name.startsWith("unity.catalog.managed."),
  );
  const optimization = from.string("enable_predictive_optimization");
  return [
    ...copyFields(from, "name", "comment"),
    [
      "properties",
      fieldsIfAny(
        userProperties.map(([name, value]) => [name, text(escapeTemplates(value))] as const),
      ),
    ],
    ...copyFields(from, "storage_root"),
    ["enablePredictiveOptimization", literalUnless(optimization, "INHERIT")],
  ];
}

function catalog(from: Fields): Entries {
  if (from.peek("provider_name") !== undefined || from.peek("share_name") !== undefined)
    throw new NotExpressible("a catalog of a share");
  const [connection, options] = [from.string("connection_name"), from.map("options")];
  from.take("storage_location");
  return [
    ...unityCatalogProps(from),
    ["isolationMode", literalUnless(from.string("isolation_mode"), "OPEN")],
    [
      "connection",
      connection === undefined
        ? undefined
        : fields([
            ["name", text(connection)],
            ["options", literal(options ?? {})],
          ]),
    ],
  ];
}

function schema(from: Fields, context: CodeContext): Entries {
  const catalogName = from.string("catalog_name") ?? "";
  return [
    ["catalog", handleOf("databricks_catalog", catalogName, context)],
    ...unityCatalogProps(from),
  ];
}

function volume(from: Fields, context: CodeContext): Entries {
  const schemaName = `${from.string("catalog_name") ?? ""}.${from.string("schema_name") ?? ""}`;
  const location = from.string("storage_location");
  const storage = from.string("volume_type") === "EXTERNAL" ? location : undefined;
  return [
    ["schema", handleOf("databricks_schema", schemaName, context)],
    ...unityCatalogProps(from),
    ["storageLocation", textOf(storage)],
  ];
}

function repo(from: Fields): Entries {
  for (const name of ["commit_hash", "workspace_path"]) from.take(name);
  const sparse = from.block("sparse_checkout")?.strings("patterns");
  return [
    ...copyFields(from, "url", "git_provider", "path", "branch"),
    ["sparseCheckout", sparse === undefined ? undefined : literal([...sparse])],
  ];
}
