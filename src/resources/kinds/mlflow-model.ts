import { byId } from "../families/by-id";
import type { Attributes } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";

const path = "/api/2.0/mlflow/registered-models";

/**
 * A model in the workspace's registry. Models in Unity Catalog are `databricks_registered_model`.
 */
export const mlflowModel = byId({
  type: "databricks_mlflow_model",
  title: "mlflow model",
  traits: {
    lostOnDestroy: "model and its versions",
    unmanagedTitle: "the models of the workspace",
    // The list omits only registered_model_id, which the code cannot set.
    listedPartly: [],
  },
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
  createdAt: (item) => item["creation_timestamp"],
  idOf: (planned) => textOrEmpty(planned, "name"),
  unwrap: (response) =>
    object(response["registered_model_databricks"] ?? response["registered_model"] ?? response),
  computed: ({ id }): Attributes =>
    id === undefined ? {} : { registered_model_id: optionalText(id) ?? "" },
  body: (fields, _planned, prior) => {
    const { tags: _immutable, ...rest } = fields;
    return prior === undefined ? fields : rest;
  },
  rules: {
    keyed: { tags: "key" },
    immutable: { tags: "the provider has no call to change them" },
    cannotClear: {
      description:
        "an update without a description does not change it: set one, or remove it in the browser",
    },
  },
});
