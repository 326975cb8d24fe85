/**
 * Experiments, registered models and their webhooks (`/api/2.0/mlflow/…`), without runs and versions.
 */
import { defined } from "../../defined";
import { exists, invalid, missing, type JsonObject, type JsonValue } from "../errors";
import { asArray } from "../jobs/json";
import { idOfName, pickFields, RestStore, type StoredObject } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

const VERSIONS = ["2.0"];
/** Removes the optional prefix `/Workspace` and slashes at the end. */
const normalizeName = (name: string): string =>
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
    collection: "mlflow_webhooks",
    items: "webhooks",
    parseSettings: (input, previous) => {
      const events =
        input.optionalStrings("events") ?? (previous?.events as string[] | undefined) ?? [];
      if (events.length === 0) throw invalid("events must name at least one event.");
      input.optionalEnum("status", ["ACTIVE", "DISABLED", "TEST_MODE"]);
      const mergedSettings = {
        status: "ACTIVE",
        ...previous,
        ...pickFields(input.values, previous === undefined ? [...fields, "model_name"] : fields),
        events,
      };
      const targets = ["http_url_spec", "job_spec"].filter((field) => input.has(field));
      // An update without a target keeps the previous one.
      if (targets.length > 1 || (targets.length === 0 && previous === undefined))
        throw invalid("A webhook must have exactly one of http_url_spec and job_spec.");
      const replacedTarget = { job_spec: "http_url_spec", http_url_spec: "job_spec" }[
        targets[0] ?? ""
      ];
      return Object.fromEntries(
        Object.entries(mergedSettings).filter(([field]) => field !== replacedTarget),
      );
    },
    render: ({ id, settings, created, updated }) => ({
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
    renderOne: (webhook) => ({ webhook }),
  });
  const parseId = ({ input }: Call): string => input.string("id");
  app.post(VERSIONS, "/mlflow/registry-webhooks/create", (call) => webhooks.create(call));
  app.get(VERSIONS, "/mlflow/registry-webhooks/list", (call) => {
    const modelName = call.input.optionalString("model_name") ?? "";
    // A query with one event has a string instead of a list.
    const events = [call.input.values.events ?? []].flat();
    return webhooks.list(
      call,
      ({ settings }) =>
        (modelName === "" || settings.model_name === modelName) &&
        (events.length === 0 || asArray(settings.events).some((event) => events.includes(event))),
    );
  });
  app.patch(VERSIONS, "/mlflow/registry-webhooks/update", (call) =>
    webhooks.change(parseId(call), call),
  );
  app.delete(VERSIONS, "/mlflow/registry-webhooks/delete", (call) =>
    webhooks.remove(parseId(call), call),
  );
}

function experimentRoutes(app: WorkspaceApp): void {
  const experiments = new RestStore(app, {
    title: "Experiment",
    collection: "mlflow_experiments",
    items: "experiments",
    parseSettings: (input, previous) => {
      const name = normalizeName(input.string(previous === undefined ? "name" : "new_name"));
      if (!name.startsWith("/"))
        throw invalid(
          `Got an invalid experiment name '${name.slice(0, 200)}'. It must be an absolute path.`,
        );
      const isTaken = app.store
        .collection<StoredObject>("mlflow_experiments")
        .values()
        .some((experiment) => experiment.settings.name === name && previous?.name !== name);
      if (isTaken) throw exists(`Experiment '${name.slice(0, 200)}' already exists.`);
      if (previous !== undefined) return { ...previous, name };
      const location = input.optionalString("artifact_location") ?? "";
      const tags = input
        .list("tags")
        .map((tag) => ({ key: tag.string("key"), value: tag.optionalString("value") ?? "" }));
      return { name, tags, ...(location !== "" && { artifact_location: location }) };
    },
    newId: () => String(app.store.nextId("experiment")),
    render: ({ id, settings, created, updated }) => ({
      experiment_id: id,
      artifact_location: `dbfs:/databricks/mlflow-tracking/${id}`,
      lifecycle_stage: "active",
      creation_time: created,
      last_update_time: updated,
      ...settings,
    }),
    renderOne: (experiment) => ({ experiment }),
    renderCreated: ({ experiment_id }) => ({ experiment_id }),
    permissions: { type: "mlflowExperiment", read: "CAN_READ", change: "CAN_EDIT" },
  });
  const parseId = ({ input }: Call): string => input.string("experiment_id");
  app.post(VERSIONS, "/mlflow/experiments/create", (call) => experiments.create(call));
  app.get(VERSIONS, "/mlflow/experiments/get", (call) =>
    experiments.read(parseId(call), call.caller),
  );
  app.get(VERSIONS, "/mlflow/experiments/get-by-name", (call) => {
    const name = normalizeName(call.input.string("experiment_name"));
    const experiment = app.store
      .collection<StoredObject>("mlflow_experiments")
      .values()
      .find(({ settings }) => settings.name === name);
    if (experiment === undefined)
      throw missing(`Could not find experiment with name '${name.slice(0, 200)}'`);
    return experiments.read(experiment.id, call.caller);
  });
  app.get(VERSIONS, "/mlflow/experiments/list", (call) => experiments.list(call));
  app.post(VERSIONS, "/mlflow/experiments/update", async (call) => {
    await experiments.change(parseId(call), call);
    return undefined;
  });
  app.post(VERSIONS, "/mlflow/experiments/delete", (call) =>
    experiments.remove(parseId(call), call),
  );
}

function modelRoutes(app: WorkspaceApp): void {
  const models = new RestStore(app, {
    title: "Registered model",
    collection: "mlflow_models",
    items: "registered_models",
    parseSettings: (input, previous) => {
      const description = input.optionalString("description");
      const tags = input.list("tags").map((tag): JsonObject => ({
        key: tag.string("key"),
        value: tag.optionalString("value") ?? "",
      }));
      if (previous !== undefined) return { ...previous, ...defined({ description }) };
      return { name: input.string("name"), tags, ...defined({ description }) };
    },
    newId: ({ name }) => name as string,
    render: ({ settings, created, updated, creator }) => ({
      ...settings,
      id: idOfName(settings.name as string),
      user_id: creator,
      creation_timestamp: created,
      last_updated_timestamp: updated,
      permission_level: "CAN_MANAGE",
    }),
    renderOne: (registered_model_databricks) => ({ registered_model_databricks }),
    renderCreated: ({ id: _id, permission_level: _level, ...registered_model }) => ({
      registered_model,
    }),
    renderListItem: ({ id: _id, permission_level: _level, ...listItem }) => listItem,
  });
  const parseName = ({ input }: Call): string => input.string("name");
  app.post(VERSIONS, "/mlflow/registered-models/create", (call) => models.create(call));
  app.get(VERSIONS, "/mlflow/databricks/registered-models/get", (call) =>
    models.read(parseName(call), call.caller),
  );
  app.get(VERSIONS, "/mlflow/registered-models/get", (call) => {
    const { registered_model_databricks: model } = models.read(parseName(call), call.caller);
    const { id: _id, permission_level: _level, ...registered_model } = model as JsonObject;
    return { registered_model };
  });
  app.get(VERSIONS, "/mlflow/registered-models/list", (call) => models.list(call));
  app.patch(VERSIONS, "/mlflow/registered-models/update", async (call) => {
    const { registered_model_databricks } = await models.change(parseName(call), call);
    return { registered_model: registered_model_databricks };
  });
  app.delete(VERSIONS, "/mlflow/registered-models/delete", (call) =>
    models.remove(parseName(call), call),
  );
}
