import { byId, verbs } from "../families/by-id";
import { textOrEmpty } from "../shape/attributes";
import { object } from "../shape/json";
import { sameWorkspacePath } from "../shape/paths";
import { platformFields } from "../shape/rules";

const path = "/api/2.0/mlflow/experiments";

/** An MLflow experiment: a collection of training runs. */
export const mlflowExperiment = byId({
  type: "databricks_mlflow_experiment",
  title: "mlflow experiment",
  traits: {
    lostOnDestroy: "experiment and its runs",
    comparedInList: true,
    accessList: { request: "experiments" },
  },
  calls: verbs(path, "experiment_id", "update"),
  idField: "experiment_id",
  nameField: "name",
  items: "experiments",
  createdAt: (item) => item["creation_time"],
  isSameName: sameWorkspacePath,
  link: (host, id) => `${host}/ml/experiments/${id}`,
  readOnly: ["creation_time", "last_update_time", "lifecycle_stage", "description"],
  unwrap: (response) => object(response["experiment"] ?? response),
  isGone: ({ lifecycle_stage }) => lifecycle_stage === "deleted",
  // An update can only rename.
  body: (fields, planned, prior) =>
    prior === undefined ? fields : { new_name: textOrEmpty(planned, "name") },
  rules: {
    keyed: { tags: "key" },
    backendDefaults: {
      artifact_location: { reason: "the platform chooses it", when: () => true },
      tags: { reason: "the platform adds its own", when: () => true },
      ...platformFields("creation_time", "last_update_time", "lifecycle_stage"),
    },
    configOnly: { description: "no call sends or returns it" },
    equivalent: { name: sameWorkspacePath },
    immutable: {
      artifact_location: "only set when an experiment is created",
      tags: "the provider has no call to change them",
    },
  },
  suppress: { name: sameWorkspacePath },
});
