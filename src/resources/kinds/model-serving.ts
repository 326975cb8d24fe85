import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../api/client";
import { LakeformError } from "../../errors";
import { byId, urls } from "../families/by-id";
import { versionOf } from "../families/versions";
import type { Attributes, Kind, Value } from "../kind";
import { block, blocks, textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText } from "../shape/json";
import { acceptAny } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { toWire } from "../shape/shape";

const path = "/api/2.0/serving-endpoints";
const urlOf = (name: string): string => `${path}/${encodeURIComponent(name)}`;
const notReturned = "the platform does not return it";
const externalModelPath = "config.served_entities.external_model";
/** The paths of the secrets in the configuration of external models. */
const secrets = [
  ["ai21labs_config", "ai21labs_api_key"],
  ["amazon_bedrock_config", "aws_access_key_id", "aws_secret_access_key"],
  ["anthropic_config", "anthropic_api_key"],
  ["cohere_config", "cohere_api_key"],
  ["custom_provider_config.api_key_auth", "value"],
  ["custom_provider_config.bearer_token_auth", "token"],
  ["databricks_model_serving_config", "databricks_api_token"],
  ["google_cloud_vertex_ai_config", "private_key"],
  ["openai_config", "microsoft_entra_client_secret", "openai_api_key"],
  ["palm_config", "palm_api_key"],
].flatMap(([config = "", ...fields]) =>
  fields.map((field) => `${externalModelPath}.${config}.${field}_plaintext`),
);

const base = byId({
  type: "databricks_model_serving",
  title: "serving endpoint",
  traits: {
    lostOnDestroy: "serving endpoint",
    unmanagedTitle: "the serving endpoints",
    listedVersions: [],
  },
  calls: urls(path, "PUT"),
  idField: "name",
  nameField: "name",
  items: "endpoints",
  createdAt: (item) => item["creation_timestamp"],
  // The time of the last change by a user; changes by the platform do not count.
  version: ({ last_updated_timestamp, id }) => versionOf(last_updated_timestamp, id),
  // The list has no details of the configuration.
  omitted: ["config", "rate_limits", "email_notifications", "route_optimized", "telemetry_config"],
  idOf: (planned) => textOrEmpty(planned, "name"),
  link: (host, id) => `${host}/ml/endpoints/${encodeURIComponent(id)}`,
  computed: (item) => ({ serving_endpoint_id: optionalText(item.id) ?? "" }),
  afterCreate: (api, name, _planned, signal) => waitUntilUpdated(api, name, signal),
  deletesIfIncomplete: true,
  rules: {
    keyed: { tags: "*", "config.served_entities": "name" },
    backendDefaults: {
      config: acceptAny("an endpoint without one has none"),
      "config.traffic_config": acceptAny("all requests go to the first entity"),
      "config.served_entities.name": acceptAny("derived from the entity's name and version"),
      "config.served_entities.workload_type": {
        reason: "documented default",
        when: (value) => value === "CPU",
      },
      "config.served_entities.workload_size": acceptAny("the platform chooses it"),
      "config.auto_capture_config.enabled": acceptAny("enabled with a table"),
      "config.auto_capture_config.table_name_prefix": acceptAny("the endpoint's name"),
    },
    unverifiable: {
      "config.served_models": "the platform returns them as served entities",
      ...Object.fromEntries(secrets.map((field) => [field, notReturned])),
    },
    immutable: Object.fromEntries(
      ["route_optimized", "description", "budget_policy_id"].map((field) => [
        field,
        "only set when an endpoint is created: no call changes it",
      ]),
    ),
  },
});

/** Waits until the endpoint uses its new configuration. */
async function waitUntilUpdated(api: Client, name: string, signal?: AbortSignal): Promise<void> {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    const { config_update: update } = object(object(await api.get(urlOf(name), { signal })).state);
    if (update === "UPDATE_FAILED")
      throw new LakeformError(
        "SERVING_UPDATE_FAILED",
        "the serving endpoint could not apply its configuration",
        {
          value: name,
          fix: `read its events: ${api.host}/ml/endpoints/${name}`,
        },
      );
    if (update === undefined || update === "NOT_UPDATING") return;
    if (signal?.aborted === true)
      throw new LakeformError("INTERRUPTED", "stopped while waiting for the serving endpoint", {
        fix: "deploy again",
      });
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

const isDifferent = (a: Value | undefined, b: Value | undefined): boolean =>
  JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);

/**
 * Changes the parts of an endpoint, each with a separate call.
 * @param prior only parts that differ from it are sent; undefined to send all configured parts and
 * those in `cleared`
 * @param cleared parts that only the workspace has
 */
async function sendChanges(
  api: Client,
  name: string,
  prior: Attributes | undefined,
  desired: Attributes,
  signal?: AbortSignal,
  cleared: Attributes = {},
): Promise<void> {
  const wire = toWire(blockOf("databricks_model_serving"), desired);
  const isChanged = (field: string): boolean =>
    prior === undefined
      ? blocks(desired, field).length > 0 || field in cleared
      : isDifferent(prior[field], desired[field]);
  const options = { idempotent: true, signal };
  if (isChanged("config") && block(desired, "config") !== undefined) {
    await api.put(`${urlOf(name)}/config`, wire.config, options);
    await waitUntilUpdated(api, name, signal);
  }
  if (isChanged("tags")) {
    // Compare with the endpoint's tags, not with those in the state.
    const currentTags = objects(object(await api.get(urlOf(name), { signal })).tags);
    const tags = objects(wire.tags);
    const added = tags.filter(
      ({ key, value }) => !currentTags.some((tag) => tag.key === key && tag.value === value),
    );
    const removed = currentTags.flatMap(({ key }) =>
      tags.some((tag) => tag.key === key) ? [] : [key],
    );
    const body = {
      ...(added.length > 0 && { add_tags: added }),
      ...(removed.length > 0 && { delete_tags: removed }),
    };
    // There is nothing to send if only the order differs, or if the endpoint already has the tags.
    if (added.length + removed.length > 0) await api.patch(`${urlOf(name)}/tags`, body, options);
  }
  if (isChanged("rate_limits"))
    await api.put(`${urlOf(name)}/rate-limits`, { rate_limits: wire.rate_limits ?? [] }, options);
  if (isChanged("ai_gateway"))
    await api.put(`${urlOf(name)}/ai-gateway`, wire.ai_gateway ?? {}, options);
  if (isChanged("email_notifications"))
    await api.patch(
      `${urlOf(name)}/notifications`,
      { email_notifications: wire.email_notifications ?? {} },
      options,
    );
  if (isChanged("telemetry_config"))
    await api.patch(
      `${urlOf(name)}/telemetry-config`,
      { telemetry_config: wire.telemetry_config ?? {} },
      options,
    );
}

/** An endpoint that serves models, functions and agents. */
export const modelServing: Kind = {
  ...base,
  async update(api, id, prior, planned, { signal }) {
    await sendChanges(api, id, prior, planned, signal);
    return { id };
  },
  async restore(api, id, desired, { signal, cleared }) {
    await sendChanges(api, id, undefined, desired, signal, cleared);
  },
};
