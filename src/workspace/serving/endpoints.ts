/**
 * `/api/2.0/serving-endpoints`: the settings of endpoints. No model is served, and a new
 * configuration is active immediately.
 */
import type { JsonObject, JsonValue } from "../errors";
import { Fields } from "../fields";
import { idOfName, pickFields, RestStore } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

const withoutNulls = (values: JsonObject): JsonObject => pickFields(values, Object.keys(values));
const endpointId = (name: string | undefined): string => idOfName(name ?? "");
const fields = [
  "name",
  "config",
  "tags",
  "rate_limits",
  "ai_gateway",
  "route_optimized",
  "budget_policy_id",
  "description",
  "email_notifications",
  "telemetry_config",
];

const listedFields = [
  "name",
  "id",
  "state",
  "tags",
  "ai_gateway",
  "budget_policy_id",
  "creator",
  "description",
  "creation_timestamp",
  "last_updated_timestamp",
];

export function servingRoutes(app: WorkspaceApp): void {
  const path = "/serving-endpoints";
  const endpoints = new RestStore(app, {
    title: "Serving endpoint",
    collection: "serving_endpoints",
    unique: "name",
    parseSettings: (input, previous) => {
      // Each route that changes an endpoint passes one checked field.
      if (previous !== undefined) return { ...previous, ...input.values };
      input.requireField("name");
      return pickFields(input.values, fields);
    },
    newId: ({ name }) => endpointId(name as string),
    items: "endpoints",
    permissions: { type: "serving-endpoint", read: "CAN_VIEW", change: "CAN_MANAGE" },
    render: ({ id, settings, creator, created, updated }) => ({
      ...settings,
      ...(settings.config !== undefined && { config: activeConfig(settings.config as JsonObject) }),
      id,
      creator,
      creation_timestamp: created,
      last_updated_timestamp: updated,
      state: { ready: "READY", config_update: "NOT_UPDATING" },
      endpoint_url: `https://serving.invalid/${settings.name as string}/invocations`,
    }),
    // The list omits the configuration and other fields.
    renderListItem: (endpoint) => pickFields(endpoint, listedFields),
  });
  const endpointPath = `${path}/:name`;
  app.post(["2.0"], path, (call) => endpoints.create(call));
  app.get(["2.0"], path, (call) => endpoints.list(call));
  app.get(["2.0"], endpointPath, ({ params, caller }) =>
    endpoints.read(endpointId(params.name), caller),
  );
  app.delete(["2.0"], endpointPath, (call) => endpoints.remove(endpointId(call.params.name), call));
  /** Registers the route that changes one field of an endpoint. */
  const registerPartRoute = (
    pathSuffix: string,
    field: string,
    nextValue: (call: Call, previous: JsonValue | undefined) => JsonValue | undefined,
  ): void => {
    app.route(
      ["tags", "notifications", "telemetry-config"].includes(pathSuffix) ? "PATCH" : "PUT",
      ["2.0"],
      `${endpointPath}/${pathSuffix}`,
      async (call) => {
        const id = endpointId(call.params.name);
        const { settings } = endpoints.requireObject(id);
        const value = nextValue(call, settings[field]);
        const changedEndpoint = await endpoints.change(id, {
          caller: call.caller,
          input: new Fields({ [field]: value ?? null }),
          reportDropped: (fields) => call.reportDropped(fields),
        });
        return pathSuffix === "config"
          ? changedEndpoint
          : ((changedEndpoint[field] ?? {}) as JsonObject);
      },
    );
  };
  registerPartRoute("config", "config", ({ input }) => withoutNulls(input.values));
  registerPartRoute("ai-gateway", "ai_gateway", ({ input }) => withoutNulls(input.values));
  registerPartRoute(
    "rate-limits",
    "rate_limits",
    ({ input }) => input.optionalArray("rate_limits") ?? [],
  );
  registerPartRoute("notifications", "email_notifications", ({ input }) =>
    input.optionalObject("email_notifications"),
  );
  registerPartRoute("telemetry-config", "telemetry_config", ({ input }) =>
    input.optionalObject("telemetry_config"),
  );
  registerPartRoute("tags", "tags", ({ input }, previous) => {
    const newTags = input.list("add_tags").map(({ values }) => values);
    const removedKeys = new Set([
      ...(input.optionalStrings("delete_tags") ?? []),
      ...newTags.map(({ key }) => key),
    ]);
    return [
      ...((previous ?? []) as JsonObject[]).filter(({ key }) => !removedKeys.has(key as string)),
      ...newTags,
    ];
  });
}

/**
 * Converts served models to served entities, and adds the values that the platform sets: names, the
 * workload type, and traffic routes.
 */
function activeConfig(config: JsonObject): JsonObject {
  const { served_models: models, served_entities: entities, ...otherFields } = config;
  const servedEntities = [
    ...((entities ?? []) as JsonObject[]),
    ...((models ?? []) as JsonObject[]).map(({ model_name, model_version, ...model }) => ({
      entity_name: model_name,
      entity_version: model_version,
      ...model,
    })),
  ].map((entity): JsonObject => {
    const { entity_name: name, entity_version: version } = entity;
    const defaultName =
      `${typeof name === "string" ? name : "entity"}-${typeof version === "string" ? version : "1"}`.replaceAll(
        ".",
        "-",
      );
    return { name: defaultName, workload_type: "CPU", ...entity };
  });
  const [firstEntity] = servedEntities;
  const routes =
    firstEntity === undefined
      ? []
      : [
          {
            served_model_name: firstEntity.name,
            served_entity_name: firstEntity.name,
            traffic_percentage: 100,
          },
        ];
  return {
    served_entities: servedEntities,
    ...(firstEntity !== undefined && { traffic_config: { routes } }),
    ...otherFields,
  };
}
