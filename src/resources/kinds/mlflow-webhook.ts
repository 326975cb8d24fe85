import { defined } from "../../defined";
import { byId } from "../families/by-id";
import { valueProblems } from "../shape/allowed-values";
import { object } from "../shape/json";

const path = "/api/2.0/mlflow/registry-webhooks";
const notReturned = "the platform does not return it";
const httpsProblem = (value: unknown): string | undefined =>
  typeof value === "string" && !/^https:\/\/[^/]/i.test(value)
    ? `an address with https is required, got ${JSON.stringify(value)}`
    : undefined;

/** A webhook that calls a URL or runs a job when a model of the registry changes. */
export const mlflowWebhook = byId({
  type: "databricks_mlflow_webhook",
  title: "webhook of the model registry",
  traits: { secret: true, foundInList: {}, unmanagedTitle: "the webhooks of the model registry" },
  calls: {
    create: `${path}/create`,
    list: `${path}/list`,
    update: (id) => ({ method: "PATCH", path: `${path}/update`, body: { id } }),
    delete: (id) => ({ method: "DELETE", path: `${path}/delete`, query: { id } }),
  },
  idField: "id",
  nameField: "description",
  // The description serves as the name, but it may be absent.
  isSameName: (description, name) => description === name,
  items: "webhooks",
  unwrap: (response) => object(response["webhook"]),
  createdAt: (item) => item["creation_timestamp"],
  body: ({ model_name, ...fields }, _planned, prior) =>
    prior === undefined ? { ...fields, ...defined({ model_name }) } : fields,
  // The official provider does not send a changed model. Its plans therefore always show it.
  forcesNew: { model_name: (before, after) => (before ?? "") !== (after ?? "") },
  rules: {
    keyed: { events: "*" },
    backendDefaults: {
      status: { reason: "documented default", when: (value) => value === "ACTIVE" },
    },
    unverifiable: {
      "http_url_spec.authorization": notReturned,
      "http_url_spec.secret": notReturned,
      "job_spec.access_token": notReturned,
    },
    immutable: { model_name: "only set when a webhook is created" },
  },
  validate: (config) => [
    ...valueProblems(config, {
      status: ["ACTIVE", "TEST_MODE", "DISABLED"],
      "http_url_spec.url": httpsProblem,
    }),
    ...(Array.isArray(config["http_url_spec"]) &&
    Array.isArray(config["job_spec"]) &&
    config["http_url_spec"].length + config["job_spec"].length === 0
      ? [{ path: "http_url_spec", message: "one of http_url_spec and job_spec is required" }]
      : []),
  ],
});
