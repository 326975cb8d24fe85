/**
 * `/api/2.0/serving-endpoints`: the settings of endpoints. No model is served, and a new
 * configuration is active immediately.
 */
import { createHash } from "node:crypto";
import type { JsonObject, JsonValue } from "../errors";
import { Fields } from "../fields";
import { keep, RestStore } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

const idOf = (name: string | undefined): string =>
  createHash("sha256").update(name ?? "").digest("hex").slice(0, 32); // prettier-ignore
const fields = ["name", "config", "tags", "rate_limits", "ai_gateway", "route_optimized", "budget_policy_id", "description"].concat(
  ["email_notifications", "telemetry_config"]); // prettier-ignore

export function servingRoutes(app: WorkspaceApp): void {
  const path = "/serving-endpoints";
  const endpoints = new RestStore(app, {
    title: "Serving endpoint",
    path,
    collection: "serving_endpoints",
    fields,
    required: ["name"],
    unique: "name",
    settings: (input, before) => {
      if (before !== undefined) return { ...before, ...input.values };
      input.string("name");
      return keep(input.values, fields);
    },
    newId: ({ name }) => idOf(name as string),
    items: "endpoints",
    permissions: { type: "serving-endpoint", read: "CAN_VIEW", change: "CAN_MANAGE" },
    shown: ({ id, settings, creator, created, updated }) => ({
      ...settings,
      ...(settings.config !== undefined && { config: inUse(settings.config as JsonObject) }),
      id,
      creator,
      creation_timestamp: created,
      last_updated_timestamp: updated,
      state: { ready: "READY", config_update: "NOT_UPDATING" },
      endpoint_url: `https://serving.invalid/${settings.name as string}/invocations`,
    }),
    listed: ({ name, id, state, tags, creator, description }) =>
      keep({ name, id, state, tags, creator, description }, [
        "name",
        "id",
        "state",
        "tags",
        "creator",
        "description",
      ]),
  });
  const at = `${path}/:name`;
  app.post(["2.0"], path, (call) => endpoints.create(call));
  app.get(["2.0"], path, (call) => endpoints.list(call));
  app.get(["2.0"], at, ({ params, caller }) => endpoints.read(idOf(params.name), caller));
  app.delete(["2.0"], at, (call) => endpoints.remove(idOf(call.params.name), call));
  /** Registers a call that changes one part of an endpoint. */
  const part = (
    part: string,
    field: string,
    of: (call: Call, before: JsonValue | undefined) => JsonValue | undefined,
  ): void => {
    app.route(
      ["tags", "notifications", "telemetry-config"].includes(part) ? "PATCH" : "PUT",
      ["2.0"],
      `${at}/${part}`,
      async (call) => {
        const id = idOf(call.params.name);
        const { settings } = endpoints.need(id);
        const value = of(call, settings[field]);
        const changed = await endpoints.change(id, {
          caller: call.caller,
          input: new Fields({ [field]: value ?? null }),
          dropped: (fields) => call.dropped(fields),
        });
        return part === "config" ? changed : ((changed[field] ?? {}) as JsonObject);
      },
    );
  };
  part("config", "config", ({ input }) => keep(input.values, Object.keys(input.values)));
  part("ai-gateway", "ai_gateway", ({ input }) => keep(input.values, Object.keys(input.values)));
  part("rate-limits", "rate_limits", ({ input }) => input.optionalArray("rate_limits") ?? []);
  part("notifications", "email_notifications", ({ input }) =>
    input.optionalObject("email_notifications"),
  );
  part("telemetry-config", "telemetry_config", ({ input }) =>
    input.optionalObject("telemetry_config"),
  );
  part("tags", "tags", ({ input }, before) => {
    const added = input.list("add_tags").map(({ values }) => values);
    const removedKeys = new Set([
      ...(input.optionalStrings("delete_tags") ?? []),
      ...added.map(({ key }) => key),
    ]);
    return [
      ...((before ?? []) as JsonObject[]).filter(({ key }) => !removedKeys.has(key as string)),
      ...added,
    ];
  });
}

/** Adds the values that the platform sets: names, the workload size, and traffic routes. */
function inUse(config: JsonObject): JsonObject {
  const { served_models: models, served_entities: entities, ...rest } = config;
  const served = [
    ...((entities ?? []) as JsonObject[]),
    ...((models ?? []) as JsonObject[]).map(({ model_name, model_version, ...model }) => ({
      entity_name: model_name,
      entity_version: model_version,
      ...model,
    })),
  ].map((entity): JsonObject => {
    const { entity_name: name, entity_version: version } = entity;
    const result =
      `${typeof name === "string" ? name : "entity"}-${typeof version === "string" ? version : "1"}`.replaceAll(
        ".",
        "-",
      );
    return { name: result, workload_type: "CPU", ...entity };
  });
  const [first] = served;
  const routes =
    first === undefined
      ? []
      : [
          {
            served_model_name: first.name,
            served_entity_name: first.name,
            traffic_percentage: 100,
          },
        ];
  return {
    served_entities: served,
    ...(first !== undefined && { traffic_config: { routes } }),
    ...rest,
  };
}
