/** Clusters, their libraries, policies, pools and warehouses. */
import type { Lab } from "../harness";
import { withDefaults } from "../../../src/resources/shape/defaults";
import { schemaOf } from "../../../src/resources/shape/schema";
import type { Json } from "./fields";
import { dropEmpty } from "./job";
import { textIn, wireOf, type Case, type Config, type MatrixKind } from "./kind";

/** Adds the provider's defaults for fields that the code omits, since the provider sends them. */
function asPlanned(type: string, config: Config): Config {
  const block = schemaOf(type)?.block;
  return block === undefined ? config : (withDefaults(block, config) as Config);
}

const libraries = (config: Config, field: string): Config[] =>
  (config[field] as Config[] | undefined) ?? [];

function omitFields(config: Config, names: readonly string[]): Config {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));
}

/** Creates an object that clusters refer to, once for each workspace. */
async function createOnce(lab: Lab, name: string, work: () => Promise<void>): Promise<void> {
  const known = (fixtures.get(lab) ?? new Map<string, Promise<void>>()).set(
    name,
    fixtures.get(lab)?.get(name) ?? work(),
  );
  fixtures.set(lab, known);
  await known.get(name);
}
const fixtures = new WeakMap<Lab, Map<string, Promise<void>>>();

/** Stand for ids of the workspace, which {@link fillPlaceholders} inserts. */
export const placeholder = {
  pool: ["{pool-a}", "{pool-b}"],
  policy: ["{policy-a}", "{policy-b}"],
} as const;

export async function createPlaceholders(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {};
  for (const index of [0, 1] as const) {
    const name = `matrix-fixture-${index}`;
    const pool = {
      instance_pool_name: name,
      node_type_id: "i3.xlarge",
      idle_instance_autotermination_minutes: 10,
    };
    ids[placeholder.pool[index]] = (
      (await lab.client.post("/api/2.0/instance-pools/create", pool)) as {
        instance_pool_id: string;
      }
    ).instance_pool_id;
    const policy = await lab.client.post("/api/2.0/policies/clusters/create", {
      name,
      definition: "{}",
    });
    ids[placeholder.policy[index]] = (policy as { policy_id: string }).policy_id;
  }
  return ids;
}

async function syncLibraries(lab: Lab, id: string, desired: readonly Json[]): Promise<void> {
  const response = (await lab.client.get("/api/2.0/libraries/cluster-status", {
    query: { cluster_id: id },
  })) as {
    library_statuses?: { library: Json; status: string }[];
  };
  const installed = (response.library_statuses ?? [])
    .filter(({ status }) => status !== "UNINSTALL_ON_RESTART")
    .map(({ library }) => library);
  const has = (list: readonly Json[], item: Json): boolean =>
    list.some((other) => JSON.stringify(other) === JSON.stringify(item));
  const toUninstall = installed.filter((item) => !has(desired, item));
  if (toUninstall.length > 0)
    await lab.client.post("/api/2.0/libraries/uninstall", {
      cluster_id: id,
      libraries: toUninstall,
    });
  const missing = desired.filter((item) => !has(installed, item));
  if (missing.length > 0)
    await lab.client.post("/api/2.0/libraries/install", { cluster_id: id, libraries: missing });
}

export const cluster: MatrixKind = {
  type: "databricks_cluster",
  values: {
    spark_version: ["15.4.x-scala2.12", "16.4.x-scala2.12"],
    node_type_id: ["i3.xlarge", "i3.2xlarge"],
    driver_node_type_id: ["i3.2xlarge", "i3.4xlarge"],
    data_security_mode: ["SINGLE_USER", "USER_ISOLATION", "USER_ISOLATION"],
    runtime_engine: ["STANDARD", "PHOTON"],
    kind: ["CLASSIC_PREVIEW", "OTHER"],
    autotermination_minutes: [30, 45],
    instance_pool_id: placeholder.pool,
    driver_instance_pool_id: placeholder.pool,
    policy_id: placeholder.policy,
    single_user_name: ["a@example.com", "b@example.com"],
    "clients.jobs": [true, false],
    "clients.notebooks": [true, false],
    "aws_attributes.availability": ["SPOT", "ON_DEMAND"],
    "azure_attributes.availability": ["SPOT_AZURE", "ON_DEMAND_AZURE"],
    "gcp_attributes.availability": ["PREEMPTIBLE_GCP", "ON_DEMAND_GCP"],
    "autoscale.max_workers": [8, 9],
    "autoscale.min_workers": [2, 3],
  },
  outside: [
    [
      /^apply_policy_default_values$/,
      "used when the cluster is created and never returned: reported as unverifiable",
    ],
    [/^idempotency_token$/, "a token of the create call, never returned"],
    [
      /^docker_image\.basic_auth\.password$/,
      "passwords are never returned: reported as unverifiable",
    ],
    [/^no_wait$/, "only controls how Terraform waits; no setting of a cluster"],
    [
      /^clear_cloud_attributes_on_remove$/,
      "what Terraform sends when attributes leave the code; no setting of a cluster",
    ],
  ],
  onlyChanged: [
    [
      /^(instance_pool_id|node_type_id|driver_instance_pool_id)$/,
      "a cluster needs one of them, and only one",
    ],
    [/^autoscale\./, "the API requires both ends"],
  ],
  ordered: [
    [/^init_scripts$/, "scripts run in their order"],
    [/^cluster_mount_info$/, "mounted in their order"],
  ],
  complete(config, leaf, name) {
    dropEmpty(config);
    config.cluster_name =
      leaf.path === "cluster_name" && typeof config.cluster_name === "string"
        ? `${name}-${config.cluster_name}`
        : name;
    // Terraform does not wait for it to run.
    config.no_wait = true;
    if (leaf.path === "driver_instance_pool_id") config.instance_pool_id = placeholder.pool[0];
    else if (!/^(instance_pool_id|node_type_id)$/.test(leaf.path))
      config.node_type_id ??= leaf.path.startsWith("azure_") ? "Standard_DS3_v2" : "i3.xlarge";
    if (leaf.path.startsWith("autoscale."))
      config.autoscale = [
        { min_workers: 1, max_workers: 20, ...(config.autoscale as Config[])[0] },
      ];
    else if (leaf.path !== "num_workers") config.num_workers ??= 1;
    return config;
  },
  async write(lab, id, config) {
    const planned = asPlanned("databricks_cluster", config);
    const body = wireOf(
      cluster,
      omitFields(planned, ["library", "is_pinned", "no_wait"]),
      (path, name) => (path === "cluster_mount_info" ? "cluster_mount_infos" : name),
    );
    // The provider does not send zero values.
    if (body.autoscale !== undefined) delete body.num_workers;
    await lab.client.post("/api/2.1/clusters/edit", { ...body, cluster_id: id });
    await lab.client.post(`/api/2.1/clusters/${config.is_pinned === true ? "pin" : "unpin"}`, {
      cluster_id: id,
    });
    await syncLibraries(
      lab,
      id,
      (wireOf(cluster, { library: libraries(config, "library") }).library as Json[] | undefined) ??
        [],
    );
  },
  async readRemote(lab, id) {
    const { spec, pinned_by_user_name } = (await lab.client.get("/api/2.1/clusters/get", {
      query: { cluster_id: id },
    })) as Record<string, unknown>;
    const response = (await lab.client.get("/api/2.0/libraries/cluster-status", {
      query: { cluster_id: id },
    })) as {
      library_statuses?: { library: Json; status: string }[];
    };
    const installed = (response.library_statuses ?? [])
      .filter(({ status }) => status !== "UNINSTALL_ON_RESTART")
      .map(({ library }) => JSON.stringify(library));
    return [spec, pinned_by_user_name, installed.sort()];
  },
};

/** A library is identified by its content: a replaced one is a different library. */
export const library: MatrixKind = {
  type: "databricks_library",
  values: {},
  outside: [[/^cluster_id$/, "where it is installed: its identity, covered by deleting it"]],
  outcome: "missing",
  ordered: [[/.*/, "a library has one of each block"]],
  complete(config, leaf, name) {
    config.cluster_id = `{cluster-${name}}`;
    // The library must be valid before a part of it can be added or removed.
    const [top = ""] = leaf.path.split(".");
    const named = ["egg", "jar", "whl", "requirements", "pypi", "maven", "cran"].some(
      (field) => config[field] !== undefined,
    );
    return named && config[top] !== undefined ? config : undefined;
  },
  async prepare(lab, testCase) {
    await createOnce(lab, testCase.name, async () => {
      const made = {
        cluster_name: `for-${testCase.name}`,
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
      };
      const { cluster_id } = (await lab.client.post("/api/2.1/clusters/create", made)) as {
        cluster_id: string;
      };
      clusterIds.set(`{cluster-${testCase.name}}`, cluster_id);
    });
    for (const config of [testCase.before, testCase.after])
      config.cluster_id = clusterIds.get(`{cluster-${testCase.name}}`) ?? config.cluster_id ?? "";
  },
  write: (lab, _id, config) =>
    syncLibraries(lab, textIn(config, "cluster_id"), [libraryOf(config)]),
  async readRemote(lab, _id, config) {
    const response = await lab.client.get("/api/2.0/libraries/cluster-status", {
      query: { cluster_id: textIn(config, "cluster_id") },
    });
    return (response as { library_statuses?: { library: Json; status: string }[] }).library_statuses
      ?.filter(({ status }) => status !== "UNINSTALL_ON_RESTART")
      .map(({ library }) => library);
  },
};
const clusterIds = new Map<string, string>();

/** The schema does not limit the number of blocks, but the API supports one of each. */
function libraryOf(config: Config): Json {
  const entries = Object.entries(omitFields(config, ["cluster_id"])).map(
    ([name, value]) => [name, Array.isArray(value) ? (value[0] ?? "") : value] as const,
  );
  return Object.fromEntries(entries);
}

export const policy: MatrixKind = {
  type: "databricks_cluster_policy",
  values: {
    definition: [
      '{"num_workers":{"type":"fixed","value":1}}',
      '{"num_workers":{"type":"fixed","value":2}}',
    ],
    policy_family_id: ["job-cluster", "power-user"],
    policy_family_definition_overrides: [
      '{"num_workers":{"type":"fixed","value":3}}',
      '{"num_workers":{"type":"fixed","value":4}}',
    ],
  },
  outside: [],
  onlyChanged: [[/^policy_family_id$/, "a policy has either a family or a definition"]],
  complete(config, leaf, name) {
    dropEmpty(config);
    const empty = (config.libraries as Config[] | undefined)?.every(
      (library) => Object.keys(library).length === 0,
    );
    if (empty === true) delete config.libraries;
    config.name =
      leaf.path === "name" && typeof config.name === "string" ? `${name}-${config.name}` : name;
    if (leaf.path === "policy_family_definition_overrides") config.policy_family_id = "job-cluster";
    // `definition` has no effect in a policy that is based on a family.
    if (!leaf.path.startsWith("policy_family")) config.definition ??= "{}";
    return config;
  },
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/policies/clusters/edit", {
      ...wireOf(policy, config),
      policy_id: id,
    });
  },
  readRemote: (lab, id) =>
    lab.client.get("/api/2.0/policies/clusters/get", { query: { policy_id: id } }),
};

const notEditable =
  "instance-pools/edit has no such field: only a new pool can have another value, and a new pool is a new id (covered by deleting and adding)";

export const pool: MatrixKind = {
  type: "databricks_instance_pool",
  values: {
    min_idle_instances: [1, 2],
    max_capacity: [10, 20],
    idle_instance_autotermination_minutes: [20, 30],
  },
  outside: [
    [/^instance_pool_id$/, "the platform's own"],
    [
      /^preloaded_docker_image\.basic_auth\.password$/,
      "passwords are never returned: reported as unverifiable",
    ],
    [
      /^(enable_elastic_disk|node_type_id|preloaded_spark_versions)$|^(aws|azure|gcp)_attributes\.|^disk_spec\.|^instance_pool_fleet_attributes\.|^preloaded_docker_image\./,
      notEditable,
    ],
  ],
  ordered: [[/.*/, "none of its lists can be edited"]],
  complete(config, leaf, name) {
    config.instance_pool_name =
      leaf.path === "instance_pool_name" ? `${name}-${textIn(config, "instance_pool_name")}` : name;
    config.idle_instance_autotermination_minutes ??= 15;
    config.node_type_id = "i3.xlarge";
    return config;
  },
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/instance-pools/edit", {
      ...wireOf(pool, config),
      instance_pool_id: id,
    });
  },
  readRemote: (lab, id) =>
    lab.client.get("/api/2.0/instance-pools/get", { query: { instance_pool_id: id } }),
};

export const warehouse: MatrixKind = {
  type: "databricks_sql_endpoint",
  values: {
    cluster_size: ["Small", "Medium"],
    auto_stop_mins: [20, 30],
    enable_photon: [true, false],
    max_num_clusters: [5, 6],
    min_num_clusters: [2, 3],
    spot_instance_policy: ["COST_OPTIMIZED", "RELIABILITY_OPTIMIZED"],
    warehouse_type: ["CLASSIC", "PRO", "PRO"],
    "channel.name": ["CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW"],
  },
  outside: [
    [/^data_source_id$/, "the platform's own"],
    [/^no_wait$/, "only controls how Terraform waits; no setting of a warehouse"],
    [/^(jdbc_url|odbc_params|creator_name|health|state)(\.|$)/, "set by the platform; no setting"],
  ],
  onlyChanged: [[/^tags\.custom_tags\.(key|value)$/, "a tag has both"]],
  complete(config, leaf, name) {
    config.name = leaf.path === "name" ? `${name}-${textIn(config, "name")}` : name;
    config.no_wait = true;
    if (leaf.path === "min_num_clusters") config.max_num_clusters = 9;
    return config;
  },
  async write(lab, id, config) {
    // The platform keeps fields that an edit omits.
    const cleared = {
      instance_profile_arn: "",
      tags: { custom_tags: [] },
      channel: { name: "CHANNEL_NAME_CURRENT" },
      min_num_clusters: 1,
      warehouse_type: "CLASSIC",
      enable_serverless_compute: false,
    };
    const planned = omitFields(asPlanned("databricks_sql_endpoint", config), ["no_wait"]);
    await lab.client.post(`/api/2.0/sql/warehouses/${id}/edit`, {
      ...cleared,
      ...wireOf(warehouse, planned),
    });
  },
  async readRemote(lab, id) {
    const remote = (await lab.client.get(`/api/2.0/sql/warehouses/${id}`)) as Config;
    return omitFields(remote, ["state", "num_clusters", "num_active_sessions"]);
  },
};

/** Replaces placeholders by ids of the workspace. */
export function fillPlaceholders(config: Config, ids: Readonly<Record<string, string>>): Config {
  return JSON.parse(
    JSON.stringify(config).replaceAll(/\{(pool|policy)-[ab]\}/g, (text) => ids[text] ?? text),
  ) as Config;
}

export type { Case };
