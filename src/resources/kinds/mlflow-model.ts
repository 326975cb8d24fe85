import { byId } from "../families/by-id";
import { object, str, text } from "../shape/json";

const path = "/api/2.0/mlflow/registered-models";

/** A model of the workspace's own registry; those of Unity Catalog are registered models. */
export const mlflowModel = byId({
  type: "databricks_mlflow_model",
  title: "mlflow model",
  traits: { holds: "model and its versions", walked: "the models of the workspace" },
  calls: {
    create: `${path}/create`,
    read: (name) => ({ path: "/api/2.0/mlflow/databricks/registered-models/get", query: { name } }),
    list: `${path}/list`,
    update: (name) => ({ method: "PATCH", path: `${path}/update`, body: { name } }),
    delete: (name) => ({ method: "DELETE", path: `${path}/delete`, query: { name } }),
  },
  idField: "name",
  nameField: "name",
  items: "registered_models",
  made: (item) => item["creation_timestamp"],
  idOf: (planned) => str(planned, "name"),
  unwrap: (answer) =>
    object(answer["registered_model_databricks"] ?? answer["registered_model"] ?? answer),
  computed: (found) => ({ registered_model_id: text(found["id"]) ?? "" }),
  omitted: ["registered_model_id"],
  body: (fields, _planned, prior) => {
    const { tags: _fixed, ...rest } = fields;
    return prior === undefined ? fields : rest;
  },
  rules: {
    keyed: { tags: "key" },
    onlyNew: { tags: "no call of the provider changes them" },
    kept: {
      description:
        "an update without a description leaves it: set one, or remove it in the browser",
    },
  },
});
