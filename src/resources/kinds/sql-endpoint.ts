import { listOf } from "../../api/transport/paging";
import { valueProblems } from "../shape/allowed-values";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Attributes, BackendDefault, Kind, Remote, Value } from "../kind";
import { clearingValues } from "../shape/cleared-fields";
import { orMissing } from "../families/or-missing";
import { createById } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { schemaOf, type Block } from "../shape/schema";
import { fromWire, toWire, type WireNames } from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { block, blocks, textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { platformValue } from "../shape/rules";

const notInRequests = [
  "id",
  "data_source_id",
  "jdbc_url",
  "odbc_params",
  "num_clusters",
  "num_active_sessions",
  "state",
  "health",
  "no_wait",
];
const createShape: WireNames = {
  keepZero: (field, parent) =>
    parent[field] !== null &&
    (field === "auto_stop_mins" ||
      field === "enable_photon" ||
      field === "enable_serverless_compute"),
  absent: new Set([...notInRequests, "creator_name"]),
};
const editShape: WireNames = { ...createShape, absent: new Set(notInRequests) };
const readShape: WireNames = { absent: new Set(["id", "data_source_id", "no_wait"]) };

const sizes = [
  "2X-Small",
  "X-Small",
  "Small",
  "Medium",
  "Large",
  "X-Large",
  "2X-Large",
  "3X-Large",
  "4X-Large",
];

function warehouseBlock(): Block {
  const schema = schemaOf("databricks_sql_endpoint");
  if (schema === undefined) throw new Error("the schema has no databricks_sql_endpoint");
  return schema.block;
}

const urlOf = (id: string): string => `/api/2.0/sql/warehouses/${encodeURIComponent(id)}`;

function editBody(prior: Attributes, planned: Attributes): Record<string, unknown> {
  const body = toWire(warehouseBlock(), planned, editShape);
  const countTags = (attributes: Attributes): number =>
    blocks(block(attributes, "tags") ?? {}, "custom_tags").length;
  // An empty list removes all tags. (The official provider sends an empty tag for each removed
  // one.)
  return countTags(prior) > 0 && countTags(planned) === 0
    ? { ...body, tags: { custom_tags: [] } }
    : body;
}

const documentedDefault = (...values: Value[]): BackendDefault =>
  platformValue("documented default", ...values);

export const sqlEndpoint: Kind = {
  type: "databricks_sql_endpoint",
  traits: {
    lostOnDestroy: "SQL warehouse",
    hasStamp: true,
    comparedInList: true,
    accessList: { request: "sql/warehouses" },
  },
  title: "sql endpoint",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "name") === ""
        ? undefined
        : `name:${textOrEmpty(attributes, "name")}`,
    link: (host, id) => `${host}/sql/warehouses/${id}`,
  },
  rules: {
    keyed: { "tags.custom_tags": "key" },
    backendDefaults: {
      auto_stop_mins: documentedDefault(120),
      enable_photon: documentedDefault(true),
      enable_serverless_compute: {
        reason: "chosen by the workspace if not set",
        when: () => true,
      },
      max_num_clusters: documentedDefault(1),
      min_num_clusters: documentedDefault(1),
      spot_instance_policy: documentedDefault("COST_OPTIMIZED"),
      warehouse_type: documentedDefault("CLASSIC", "PRO", "TYPE_UNSPECIFIED"),
      channel: {
        reason: "default: the current channel",
        when: (remote) =>
          Array.isArray(remote) &&
          remote.every((value) =>
            ["", "CHANNEL_NAME_CURRENT"].includes(textOrEmpty(value as Attributes, "name")),
          ),
      },
      "channel.name": documentedDefault("CHANNEL_NAME_CURRENT"),
      tags: {
        reason: "an empty block equals no block",
        when: (remote) =>
          Array.isArray(remote) &&
          remote.every((value) => blocks(value as Attributes, "custom_tags").length === 0),
      },
    },
    unverifiable: {},
    configOnly: { no_wait: "controls how Terraform waits; not stored in the workspace" },
  },
  suppress: { no_wait: (before, after) => before !== true && after !== true },
  validate: (config) =>
    valueProblems(config, {
      cluster_size: sizes,
      warehouse_type: ["PRO", "CLASSIC"],
      max_num_clusters: (value) =>
        typeof value === "number" && (value < 1 || value > 40)
          ? `1 to 40 are allowed, got ${value}`
          : undefined,
    }),
  async read(api, id, options) {
    const response = await orMissing(api.get(urlOf(id), { signal: options.signal }), object);
    if (
      response === undefined ||
      response["state"] === "DELETED" ||
      response["state"] === "DELETING"
    )
      return undefined;
    const remote = remoteWarehouse(response);
    return {
      ...remote,
      attributes: {
        ...remote.attributes,
        data_source_id: await findDataSourceId(api, id, options.signal),
      },
    };
  },
  async *list(api, _within, signal) {
    for (const item of await listOf(api, "/api/2.0/sql/warehouses", "warehouses", { signal }))
      yield { ...remoteWarehouse(item), omitted: ["data_source_id"] };
  },
  async create(api, planned, context) {
    const sent = toWire(warehouseBlock(), planned, createShape);
    const id = await createById(
      api,
      {
        objectKey: `warehouse ${textOrEmpty(planned, "name")}`,
        path: "/api/2.0/sql/warehouses",
        body: sent,
        idField: "id",
        candidates: async () =>
          (await listOf(api, "/api/2.0/sql/warehouses", "warehouses")).filter(
            (item) => item["name"] === sent["name"],
          ),
        isCreatedBy: (item, caller) => item["creator_name"] === caller.userName,
      },
      context.pending,
    );
    try {
      if (planned["no_wait"] !== true) await waitUntilReady(api, id, context.signal);
    } catch (error) {
      throw new PartiallyCreated(id, error);
    }
    return { id };
  },
  async update(api, id, prior, planned) {
    await api.post(`${urlOf(id)}/edit`, editBody(prior, planned), { idempotent: true });
    return { id };
  },
  async delete(api, id) {
    await api.delete(urlOf(id));
  },
  async restore(api, id, desired, context) {
    const body = toWire(warehouseBlock(), desired, createShape);
    // The platform keeps fields that an edit omits.
    const clearedValues = clearingValues(context, {
      enable_serverless_compute: false,
      instance_profile_arn: "",
      min_num_clusters: 1,
      warehouse_type: "CLASSIC",
      channel: { name: "CHANNEL_NAME_CURRENT" },
    });
    await api.post(
      `${urlOf(id)}/edit`,
      { tags: { custom_tags: [] }, ...body, ...clearedValues },
      { idempotent: true },
    );
  },
  removal: (remote) => apiCommand("DELETE", urlOf(remote.id)),
};

/**
 * Waits until a new warehouse runs. One that does not start is deleted, as by the official provider.
 * @throws LakeformError WAREHOUSE_FAILED, INTERRUPTED
 */
async function waitUntilReady(api: Client, id: string, signal?: AbortSignal): Promise<void> {
  for (let wait = 1000; ; wait = Math.min(wait + 1000, 10_000)) {
    const response = object(await api.get(urlOf(id)));
    const state = optionalText(response["state"]) ?? "";
    if (state === "RUNNING") return;
    if (state === "STOPPED" || state === "DELETED") {
      const summary = optionalText(object(response["health"])["summary"]) ?? "";
      await api.delete(urlOf(id));
      throw new LakeformError(
        "WAREHOUSE_FAILED",
        `failed waiting for warehouse to start: failed to reach RUNNING, got ${state}: ${summary}`,
        {
          fix: "see the warehouse's events in the workspace, then deploy again",
        },
      );
    }
    if (signal?.aborted === true)
      throw new LakeformError("INTERRUPTED", "stopped while waiting for the warehouse to start", {
        fix: "deploy again",
      });
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** Returns the id by which queries and dashboards identify a warehouse. */
async function findDataSourceId(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const sources = objects(await api.get("/api/2.0/preview/sql/data_sources", { signal }));
  return optionalText(sources.find((item) => item["warehouse_id"] === id)?.["id"]) ?? null;
}

function remoteWarehouse(item: Json): Remote {
  const id = optionalText(item["id"]) ?? "";
  return { id, attributes: { ...fromWire(warehouseBlock(), item, readShape), id } };
}
