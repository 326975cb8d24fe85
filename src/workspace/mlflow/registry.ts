/** `/api/2.0/mlflow/experiments/…` and `/api/2.0/mlflow/registered-models/…`: what the registry keeps; runs and versions are not here. */
import { createHash } from "node:crypto";
import { exists, invalid, type JsonObject } from "../errors";
import { RestStore, type Stored } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";

const V = ["2.0"];
const path = (name: string): string => name.replace(/^\/Workspace(?=\/)/, "").replace(/(.)\/+$/, "$1");

export function mlflowRoutes(app: WorkspaceApp): void {
  experimentRoutes(app);
  modelRoutes(app);
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
      if (!name.startsWith("/")) throw invalid(`Got an invalid experiment name '${name.slice(0, 200)}'. It must be an absolute path.`);
      const taken = app.store.collection<Stored>("mlflow_experiments").values().some((stored) => stored.settings.name === name && before?.name !== name); // prettier-ignore
      if (taken) throw exists(`Experiment '${name.slice(0, 200)}' already exists.`);
      if (before !== undefined) return { ...before, name };
      const location = input.optionalString("artifact_location") ?? "";
      const tags = input.list("tags").map((tag) => ({ key: tag.string("key"), value: tag.optionalString("value") ?? "" }));
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
      const tags = input.list("tags").map((tag): JsonObject => ({ key: tag.string("key"), value: tag.optionalString("value") ?? "" }));
      if (before !== undefined) return { ...before, ...(description !== undefined && { description }) };
      return { name: input.string("name"), tags, ...(description !== undefined && { description }) };
    },
    newId: ({ name }) => name as string,
    shown: ({ settings, created, updated, creator }) => ({
      ...settings,
      id: createHash("sha256")
        .update(settings.name as string)
        .digest("hex")
        .slice(0, 32),
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
  app.get(V, "/mlflow/databricks/registered-models/get", (call) => models.read(name(call), call.caller));
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
