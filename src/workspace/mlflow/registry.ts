/**
 * `/api/2.0/mlflow/experiments/…` and `/api/2.0/mlflow/registered-models/…`: experiments and
 * registered models, without runs and versions.
 */
import { defined } from "../../defined";
import { exists, invalid, missing, type JsonObject, type JsonValue } from "../errors";
import { idOfName, keep, RestStore, type Stored } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

const V = ["2.0"];
const path = (name: string): string =>
  name.replace(/^\/Workspace(?=\/)/, "").replace(/(.)\/+$/, "$1");

export function mlflowRoutes(app: WorkspaceApp): void {
  experimentRoutes(app);
  modelRoutes(app);
  webhookRoutes(app);
}

/** Webhooks are stored but never called. */
function webhookRoutes(app: WorkspaceApp): void {
  const withoutSecrets = (value: JsonValue | undefined, secrets: readonly string[]): JsonObject =>
    Object.fromEntries(
      Object.entries((value ?? {}) as JsonObject).filter(([name]) => !secrets.includes(name)),
    );
  const fields = ["description", "events", "http_url_spec", "job_spec", "status"];
  const webhooks = new RestStore(app, {
    title: "Webhook",
    path: "",
    collection: "mlflow_webhooks",
    fields: [...fields, "model_name"],
    required: ["events"],
    items: "webhooks",
    settings: (input, before) => {
      const events =
        input.optionalStrings("events") ?? (before?.events as string[] | undefined) ?? [];
      if (events.length === 0) throw invalid("events must name at least one event.");
      input.optionalEnum("status", ["ACTIVE", "DISABLED", "TEST_MODE"]);
      const next = {
        status: "ACTIVE",
        ...before,
        ...keep(input.values, before === undefined ? [...fields, "model_name"] : fields),
        events,
      };
      if (
        input.has("job_spec") === input.has("http_url_spec") &&
        (before === undefined || input.has("job_spec"))
      )
        throw invalid("A webhook must have exactly one of http_url_spec and job_spec.");
      const {
        [input.has("job_spec") ? "http_url_spec" : input.has("http_url_spec") ? "job_spec" : ""]:
          _other,
        ...rest
      } = next as JsonObject;
      return rest;
    },
    shown: ({ id, settings, created, updated }) => ({
      ...settings,
      ...(settings.http_url_spec !== undefined && {
        http_url_spec: withoutSecrets(settings.http_url_spec, ["authorization", "secret"]),
      }),
      ...(settings.job_spec !== undefined && {
        job_spec: withoutSecrets(settings.job_spec, ["access_token"]),
      }),
      id,
      creation_timestamp: created,
      last_updated_timestamp: updated,
    }),
    one: (webhook) => ({ webhook }),
  });
  const id = ({ input }: Call): string => input.string("id");
  app.post(V, "/mlflow/registry-webhooks/create", (call) => webhooks.create(call));
  app.get(V, "/mlflow/registry-webhooks/list", (call) => webhooks.list(call));
  app.patch(V, "/mlflow/registry-webhooks/update", (call) => webhooks.change(id(call), call));
  app.delete(V, "/mlflow/registry-webhooks/delete", (call) => webhooks.remove(id(call), call));
}

function experimentRoutes(app: WorkspaceApp): void {
  const experiments = new RestStore(app, {
    title: "Experiment",
    path: "",
    collection: "mlflow_experiments",
    fields: [],
    required: [],
    items: "experiments",
    settings: (input, before) => {
      const name = path(input.string(before === undefined ? "name" : "new_name"));
      if (!name.startsWith("/"))
        throw invalid(
          `Got an invalid experiment name '${name.slice(0, 200)}'. It must be an absolute path.`,
        );
      const taken = app.store.collection<Stored>("mlflow_experiments").values().some((stored) => stored.settings.name === name && before?.name !== name); // prettier-ignore
      if (taken) throw exists(`Experiment '${name.slice(0, 200)}' already exists.`);
      if (before !== undefined) return { ...before, name };
      const location = input.optionalString("artifact_location") ?? "";
      const tags = input
        .list("tags")
        .map((tag) => ({ key: tag.string("key"), value: tag.optionalString("value") ?? "" }));
      return { name, tags, ...(location !== "" && { artifact_location: location }) };
    },
    newId: () => String(app.store.nextId("experiment")),
    shown: ({ id, settings, created, updated }) => ({
      experiment_id: id,
      artifact_location: `dbfs:/databricks/mlflow-tracking/${id}`,
      lifecycle_stage: "active",
      creation_time: created,
      last_update_time: updated,
      ...settings,
    }),
    one: (experiment) => ({ experiment }),
    created: ({ experiment_id }) => ({ experiment_id }),
    permissions: { type: "mlflowExperiment", read: "CAN_READ", change: "CAN_EDIT" },
  });
  const id = ({ input }: Call): string => input.string("experiment_id");
  app.post(V, "/mlflow/experiments/create", (call) => experiments.create(call));
  app.get(V, "/mlflow/experiments/get", (call) => experiments.read(id(call), call.caller));
  app.get(V, "/mlflow/experiments/get-by-name", (call) => {
    const name = call.input.string("experiment_name");
    const stored = app.store.collection<Stored>("mlflow_experiments").values().find(({ settings }) => settings.name === name); // prettier-ignore
    if (stored === undefined)
      throw missing(`Could not find experiment with name '${name.slice(0, 200)}'`);
    return experiments.read(stored.id, call.caller);
  });
  app.get(V, "/mlflow/experiments/list", (call) => experiments.list(call));
  app.post(V, "/mlflow/experiments/update", async (call) => {
    await experiments.change(id(call), call);
    return undefined;
  });
  app.post(V, "/mlflow/experiments/delete", (call) => experiments.remove(id(call), call));
}

function modelRoutes(app: WorkspaceApp): void {
  const models = new RestStore(app, {
    title: "Registered model",
    path: "",
    collection: "mlflow_models",
    fields: ["name", "description", "tags"],
    required: ["name"],
    items: "registered_models",
    settings: (input, before) => {
      const description = input.optionalString("description");
      const tags = input.list("tags").map((tag): JsonObject => ({
        key: tag.string("key"),
        value: tag.optionalString("value") ?? "",
      }));
      if (before !== undefined) return { ...before, ...defined({ description }) };
      return { name: input.string("name"), tags, ...defined({ description }) };
    },
    newId: ({ name }) => name as string,
    shown: ({ settings, created, updated, creator }) => ({
      ...settings,
      id: idOfName(settings.name as string),
      user_id: creator,
      creation_timestamp: created,
      last_updated_timestamp: updated,
      permission_level: "CAN_MANAGE",
    }),
    one: (registered_model_databricks) => ({ registered_model_databricks }),
    created: ({ id: _id, permission_level: _level, ...registered_model }) => ({ registered_model }),
    listed: ({ id: _id, permission_level: _level, ...shown }) => shown,
  });
  const name = ({ input }: Call): string => input.string("name");
  app.post(V, "/mlflow/registered-models/create", (call) => models.create(call));
  app.get(V, "/mlflow/databricks/registered-models/get", (call) =>
    models.read(name(call), call.caller),
  );
  app.get(V, "/mlflow/registered-models/get", (call) => {
    const { registered_model_databricks: found } = models.read(name(call), call.caller);
    const { id: _id, permission_level: _level, ...registered_model } = found as JsonObject;
    return { registered_model };
  });
  app.get(V, "/mlflow/registered-models/list", (call) => models.list(call));
  app.patch(V, "/mlflow/registered-models/update", async (call) => {
    const { registered_model_databricks } = await models.change(name(call), call);
    return { registered_model: registered_model_databricks };
  });
  app.delete(V, "/mlflow/registered-models/delete", (call) => models.remove(name(call), call));
}
