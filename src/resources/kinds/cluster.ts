import { crc32 } from "node:zlib";
import type { Client, ReadClient } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { defined } from "../../defined";
import { valueProblems } from "../shape/allowed-values";
import { getCluster, waitUntilStable, waitForCluster } from "../families/cluster-state";
import { clusterDefaults } from "./job-rules";
import type {
  Attributes,
  Kind,
  PendingCreate,
  PolicyValues,
  Remote,
  Value,
  WriteContext,
} from "../kind";
import {
  allLibraryStatuses,
  changeLibraries,
  install,
  libraryBlock,
  libraryId,
  libraryStatuses,
  installedLibraries,
  waitForLibraries,
  type LibraryStatus,
} from "../families/libraries";
import {
  clusterValues,
  withoutPoolFields,
  isExplicitZero,
  zoneSuppress,
} from "../families/cluster-spec";
import { createById } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { allPolicyValues, policyValues } from "../families/policy-values";
import { schemaOf, type Block } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import {
  fromWire,
  isAttributes,
  toWire,
  type WireNames,
  unknownIn,
  withUnknown,
} from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { blocks, textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";

const notInRequests = [
  "id",
  "cluster_id",
  "url",
  "state",
  "default_tags",
  "is_pinned",
  "no_wait",
  "library",
  "clear_cloud_attributes_on_remove",
];

/** The name of the mounts on the wire, which is plural. */
const names = { cluster_mount_info: "cluster_mount_infos" };

const shape: WireNames = {
  names,
  keepZero: isExplicitZero,
  absent: new Set(notInRequests),
};
/** The fields of a create, which also sends a `local_ssd_count` of 0. */
const createShape: WireNames = {
  ...shape,
  keepZero: (path, parent) =>
    path === "gcp_attributes.local_ssd_count" || isExplicitZero(path, parent),
};
/**
 * The names for reads, which include the fields that only responses have, and exclude those that
 * are never returned.
 */
const readShape: WireNames = {
  names,
  absent: new Set([
    "id",
    "url",
    "is_pinned",
    "no_wait",
    "library",
    "clear_cloud_attributes_on_remove",
    "apply_policy_default_values",
    "idempotency_token",
  ]),
};

function clusterBlock(): Block {
  const schema = schemaOf("databricks_cluster");
  if (schema === undefined) throw new Error("the schema has no databricks_cluster");
  return schema.block;
}

/** Returns the specification of the cluster for a request. */
function specification(
  attributes: Attributes,
  wireNames: WireNames = shape,
): Record<string, unknown> {
  return withoutPoolFields(toWire(clusterBlock(), attributes, wireNames));
}

/**
 * Changes the driver's pool together with the workers' pool, if both were the same and the code does
 * not change the driver's.
 */
function withDriverPool(prior: Attributes, planned: Attributes): Attributes {
  const [previousPool, plannedPool] = [
    textOrEmpty(prior, "instance_pool_id"),
    textOrEmpty(planned, "instance_pool_id"),
  ];
  const [previousDriverPool, driver] = [
    textOrEmpty(prior, "driver_instance_pool_id"),
    textOrEmpty(planned, "driver_instance_pool_id"),
  ];
  return previousPool !== plannedPool &&
    previousDriverPool === previousPool &&
    previousDriverPool === driver
    ? { ...planned, driver_instance_pool_id: plannedPool }
    : planned;
}

/**
 * Returns a rule that keeps these map entries of the state in addition to the configured ones,
 * because the platform adds them to a single-node cluster.
 */
const keepPlatformKeys =
  (...keys: readonly string[]) =>
  (before: Value, after: Value, config: Attributes): Value => {
    if (config["is_single_node"] !== true || !isAttributes(after) || !isAttributes(before))
      return after;
    const added = keys.filter((key) => after[key] === undefined && before[key] !== undefined);
    return { ...after, ...Object.fromEntries(added.map((key) => [key, before[key] ?? null])) };
  };

function librariesOf(attributes: Attributes): readonly Json[] {
  const block = clusterBlock().blocks["library"]?.block;
  // The order in the requests of the official provider: by a hash of the id.
  const sortKey = (item: Json): string => String(crc32(libraryId(item)));
  const libraries =
    block === undefined
      ? []
      : blocks(attributes, "library").map((attributes) => toWire(block, attributes));
  return libraries.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Whether a flag is set neither before nor after. In the state, false equals absent. */
const isUnset = (before: unknown, after: unknown): boolean => after !== true && before !== true;

export const cluster: Kind = {
  type: "databricks_cluster",
  traits: {
    hasStamp: true,
    comparedInList: true,
    accessList: { request: "clusters" },
    separateEntries: { field: "library", type: "databricks_library", container: "cluster_id" },
  },
  title: "cluster",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "cluster_name") === ""
        ? undefined
        : `name:${textOrEmpty(attributes, "cluster_name")}`,
    link: (host, id) => `${host}/#setting/clusters/${id}/configuration`,
  },
  rules: {
    // The order of init_scripts is significant, so they have no key.
    keyed: { library: "*", "library.maven.exclusions": "*", ssh_public_keys: "*" },
    backendDefaults: {
      ...clusterDefaults(""),
      autotermination_minutes: {
        reason: "the provider's default",
        when: (remote) => remote === 60,
      },
      is_pinned: { reason: "not pinned by default", when: (remote) => remote === false },
      runtime_engine: {
        reason: "derived from the runtime",
        when: (remote, parent) =>
          remote === "STANDARD" ||
          (remote === "PHOTON" && textOrEmpty(parent, "spark_version").includes("photon")),
      },
      kind: {
        reason: "computed by the platform from the cluster's specification",
        when: () => true,
      },
    },
    unverifiable: {
      apply_policy_default_values: "the platform uses the flag at creation and does not return it",
      "docker_image.basic_auth.password": "the platform does not return passwords",
    },
    configOnly: {
      no_wait: "controls how Terraform waits; not stored in the workspace",
      idempotency_token: "a token of the create call, not a property of the cluster",
      clear_cloud_attributes_on_remove:
        "controls whether cloud attributes are removed when the code no longer sets them; not stored in the workspace",
    },
  },
  validate: (config) => valueProblems(config, clusterValues("")),
  adjust: {
    custom_tags: keepPlatformKeys("ResourceClass"),
    spark_conf: keepPlatformKeys("spark.databricks.cluster.profile", "spark.master"),
  },
  suppress: {
    ...zoneSuppress(""),
    is_pinned: isUnset,
    no_wait: isUnset,
    // The platform adds this setting to clusters with Delta, and the official provider does not
    // plan its removal.
    spark_conf: (before, after) => {
      const keys = Object.keys(object(before));
      return (
        keys.length === 1 &&
        keys[0] === "spark.databricks.delta.preview.enabled" &&
        Object.keys(object(after)).length === 0
      );
    },
  },

  async read(api, id, options) {
    const wireObject = await getCluster(api, id, options.signal);
    if (wireObject === undefined) return undefined;
    const isPinned = (await pinnedIds(api, options.signal)).has(id);
    const readLibraries = options.deep !== false || blocks(options.known, "library").length > 0;
    const libraries = readLibraries
      ? installedLibraries(await libraryStatuses(api, id, options.signal))
      : undefined;
    const policy = optionalText(wireObject["policy_id"]) ?? "";
    const policies =
      options.deep === false || policy === ""
        ? undefined
        : await policyValues(api, policy, options.signal);
    const libraryBlocks = libraries?.map((library) => libraryBlock(library.library));
    return {
      ...remoteCluster(wireObject, api.host, isPinned, libraryBlocks),
      ...defined({ policies }),
    };
  },

  async *list(api, _within, signal) {
    const pinnedClusters = await pinnedIds(api, signal);
    let policies: PolicyValues | undefined;
    let libraries: ReadonlyMap<string, readonly LibraryStatus[]> | undefined;
    for await (const item of clusterPages(api, {}, signal)) {
      if (item["cluster_source"] === "JOB") continue; // Runs create and delete these clusters.
      libraries ??= await allLibraryStatuses(api, signal);
      // A cluster without an entry has no libraries, or is invisible to the caller.
      const statuses = libraries.get(optionalText(item["cluster_id"]) ?? "");
      const libraryBlocks =
        statuses && installedLibraries(statuses).map((library) => libraryBlock(library.library));
      const remote = remoteCluster(
        item,
        api.host,
        pinnedClusters.has(optionalText(item["cluster_id"]) ?? ""),
        libraryBlocks,
      );
      if ((optionalText(item["policy_id"]) ?? "") !== "")
        policies ??= await allPolicyValues(api, signal);
      yield { ...remote, ...(statuses ? {} : { omitted: ["library"] }), ...defined({ policies }) };
    }
  },

  toState(remote, before, _why, fresh) {
    const state = stateOf(clusterBlock(), before, remote, fresh);
    return { ...state, is_pinned: remote.attributes["is_pinned"] ?? false };
  },

  async create(api, planned, context) {
    const libraries = librariesOf(planned);
    const id = await createCluster(api, specification(planned, createShape), context.pending);
    try {
      if (planned["is_pinned"] === true)
        await api.post("/api/2.1/clusters/pin", { cluster_id: id }, { idempotent: true });
      if (libraries.length > 0) await install(api, id, libraries);
      if (planned["no_wait"] !== true) await waitUntilReady(api, id, libraries, context);
    } catch (error) {
      throw new PartiallyCreated(id, error, { cluster_id: id });
    }
    return { id, attributes: { cluster_id: id } };
  },

  async update(api, id, prior, planned, context) {
    const wireObject = await waitUntilStable(api, id, context.signal);
    const [previousSpec, desiredSpec] = [
      specification(prior),
      specification(withDriverPool(prior, planned)),
    ];
    const changed = [
      ...new Set([...Object.keys(previousSpec), ...Object.keys(desiredSpec)]),
    ].filter((field) => JSON.stringify(previousSpec[field]) !== JSON.stringify(desiredSpec[field]));
    const onlySize =
      changed.length > 0 &&
      changed.every((field) => field === "num_workers" || field === "autoscale");
    if (onlySize && wireObject["state"] === "RUNNING") await resize(api, id, desiredSpec);
    else if (changed.length > 0)
      await api.post(
        "/api/2.1/clusters/edit",
        { ...desiredSpec, cluster_id: id },
        { idempotent: true },
      );
    if ((prior["is_pinned"] === true) !== (planned["is_pinned"] === true)) {
      await api.post(
        `/api/2.1/clusters/${planned["is_pinned"] === true ? "pin" : "unpin"}`,
        { cluster_id: id },
        { idempotent: true },
      );
    }
    await changeLibraries(api, id, librariesOf(prior), librariesOf(planned), context);
    return { id };
  },

  async delete(api, id) {
    try {
      await api.post("/api/2.1/clusters/permanent-delete", { cluster_id: id }, { removes: true });
    } catch (error) {
      if (!isApiError(error) || !error.workspaceMessage.includes("unpin the cluster first"))
        throw error;
      await api.post("/api/2.1/clusters/unpin", { cluster_id: id }, { idempotent: true });
      await api.post("/api/2.1/clusters/permanent-delete", { cluster_id: id }, { removes: true });
    }
  },

  async restore(api, id, desired, context) {
    await waitUntilStable(api, id, context.signal);
    await api.post(
      "/api/2.1/clusters/edit",
      { ...specification(desired), cluster_id: id },
      { idempotent: true },
    );
    const isPinned = (await pinnedIds(api, context.signal)).has(id);
    if (isPinned !== (desired["is_pinned"] === true)) {
      await api.post(
        `/api/2.1/clusters/${isPinned ? "unpin" : "pin"}`,
        { cluster_id: id },
        { idempotent: true },
      );
    }
    const installed = installedLibraries(await libraryStatuses(api, id)).map(
      (library) => library.library,
    );
    await changeLibraries(api, id, installed, librariesOf(desired), context);
  },

  removal: (remote) =>
    apiCommand("POST", "/api/2.1/clusters/permanent-delete", { cluster_id: remote.id }),
};

/**
 * Creates a cluster. Names are not unique, so after a lost response the new cluster is identified
 * by its settings, creator and creation time.
 */
function createCluster(
  api: Client,
  body: Record<string, unknown>,
  pending?: PendingCreate,
): Promise<string> {
  return createById(
    api,
    {
      objectKey: `cluster ${optionalText(body["cluster_name"]) ?? ""}`,
      path: "/api/2.1/clusters/create",
      body,
      idField: "cluster_id",
      hasToken: body["idempotency_token"] !== undefined,
      async candidates() {
        const candidates: Json[] = [];
        for await (const item of clusterPages(api, {})) {
          if (item["cluster_source"] !== "JOB" && item["cluster_name"] === body["cluster_name"])
            candidates.push(item);
        }
        return candidates;
      },
      createdAt: (item) => item["start_time"],
      isCreatedBy: (item, caller) => item["creator_user_name"] === caller.userName,
    },
    pending,
  );
}

async function waitUntilReady(
  api: Client,
  id: string,
  libraries: readonly Json[],
  context: WriteContext,
): Promise<void> {
  try {
    await waitForCluster(api, id, "RUNNING", context.signal);
  } catch (error) {
    // An interrupt leaves the cluster as it is; a cluster that fails to start is deleted, as the
    // official provider does.
    if (context.signal?.aborted !== true)
      await api.post("/api/2.1/clusters/permanent-delete", { cluster_id: id }, { removes: true });
    throw error;
  }
  if (libraries.length > 0) await waitForLibraries(api, id, undefined, context.signal);
}

async function resize(api: Client, id: string, desired: Record<string, unknown>): Promise<void> {
  const { autoscale } = desired;
  const size =
    autoscale === undefined ? { num_workers: desired["num_workers"] ?? 0 } : { autoscale };
  await api.post("/api/2.1/clusters/resize", { cluster_id: id, ...size }, { idempotent: true });
}

async function* clusterPages(
  api: ReadClient,
  filter: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): AsyncGenerator<Json> {
  for (let token: string | undefined; ;) {
    const query = { ...filter, page_size: 100, ...defined({ page_token: token }) };
    const page = object(await api.get("/api/2.1/clusters/list", { query, signal }));
    yield* objects(page["clusters"]);
    token = optionalText(page["next_page_token"]);
    if (token === undefined || token === "") return;
  }
}

async function pinnedIds(api: ReadClient, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const item of clusterPages(api, { "filter_by.is_pinned": "true" }, signal))
    ids.add(optionalText(item["cluster_id"]) ?? "");
  return ids;
}

function remoteCluster(
  item: Json,
  host: string,
  isPinned: boolean,
  libraries: Attributes[] | undefined,
): Remote {
  const id = optionalText(item["cluster_id"]) ?? "";
  const attributes: Attributes = {
    ...fromWire(clusterBlock(), item, readShape),
    id,
    url: `${host}/#setting/clusters/${id}/configuration`,
    is_pinned: isPinned,
    ...defined({ library: libraries }),
  };
  const unknown = (libraries ?? []).flatMap((attributes) =>
    unknownIn(attributes).map((path) => `library.${path}`),
  );
  return { id, attributes: withUnknown(attributes, unknown) };
}
