import type { ReadClient } from "../../api/client";
import { byId, urls } from "../families/by-id";
import { untilGone, untilReady } from "../families/until-ready";
import type { Attributes, Value } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { object, optionalText, type Json } from "../shape/json";
import { acceptAny, setByPlatform } from "../shape/rules";
import { sameName } from "../shape/shape";

const path = "/api/2.0/pipelines";
const computedFields = [
  "state",
  "health",
  "cause",
  "cluster_id",
  "creator_user_name",
  "run_as_user_name",
  "last_modified",
  "latest_updates",
  "url",
];
const defaultStorage = /^dbfs:\/pipelines\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const isUnset = (value: Value): boolean => value === null || value === "";

/** Waits until a continuous pipeline runs. Any other pipeline is read once, to detect a failure. */
async function waitUntilRunning(
  api: ReadClient,
  id: string,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const isReady = ({ state, cause }: Json): boolean | string =>
    state === "FAILED"
      ? (optionalText(cause) ?? "its state is FAILED")
      : planned["continuous"] !== true || state === "RUNNING";
  await untilReady(api, `${path}/${id}`, isReady, "the pipeline", signal);
}

/** A Lakeflow (Delta Live Tables) pipeline. */
export const pipeline = byId({
  type: "databricks_pipeline",
  title: "pipeline",
  traits: {
    lostOnDestroy: "pipeline and its tables",
    startBlocks: ["trigger", "continuous"],
    foundInList: {},
    unmanagedTitle: "the pipelines",
    accessList: { request: "pipelines" },
  },
  calls: urls(path, "PUT"),
  idField: "pipeline_id",
  nameField: "name",
  items: "statuses",
  listHasNamesOnly: true,
  // There is no creation time. The time of the last change cannot be earlier than the creation.
  createdAt: (item) => item["last_modified"],
  isCreatedBy: (item, caller) => item["creator_user_name"] === caller.userName,
  link: (host, id) => `${host}/#joblist/pipelines/${id}`,
  shape: { names: { cluster: "clusters", library: "libraries", notification: "notifications" } },
  readOnly: computedFields,
  body: (fields, planned, prior) =>
    prior === undefined ? fields : { id: planned["id"], ...fields },
  unwrap: (response) => ({ ...object(response["spec"]), ...response }),
  computed: (_item, id, host) => ({ url: `${host}/#joblist/pipelines/${id}` }),
  afterWrite: waitUntilRunning,
  deletesIfIncomplete: true,
  waitUntilDeleted: (api, id, signal) => untilGone(api, `${path}/${id}`, "the pipeline", signal),
  rules: {
    keyed: { cluster: "label" },
    backendDefaults: {
      ...Object.fromEntries(
        computedFields.map((field) => [field, setByPlatform("the state of the pipeline")]),
      ),
      storage: acceptAny("the platform chooses it"),
      edition: { reason: "the provider's default", when: (value) => sameName(value, "ADVANCED") },
      channel: { reason: "the provider's default", when: (value) => sameName(value, "CURRENT") },
      run_as: acceptAny("the creator, if the code sets no run_as"),
      "cluster.node_type_id": acceptAny("the platform chooses it"),
      "cluster.driver_node_type_id": acceptAny("the platform chooses it"),
      "cluster.enable_local_disk_encryption": acceptAny("the platform chooses it"),
      "event_log.catalog": acceptAny("the pipeline's catalog"),
      "event_log.schema": acceptAny("the pipeline's schema"),
    },
    configOnly: {
      allow_duplicate_names:
        "controls how the platform checks a request; not stored in the workspace",
      expected_last_modified:
        "controls how the platform checks a request; not stored in the workspace",
    },
    equivalent: { edition: sameName, catalog: sameName },
    immutable: { storage: "only set when a pipeline is created" },
  },
  suppress: {
    edition: sameName,
    catalog: sameName,
    "cluster.autoscale.mode": sameName,
    storage: (before, after) =>
      isUnset(after) && typeof before === "string" && defaultStorage.test(before),
  },
  validate: (config) =>
    valueProblems(config, {
      edition: ["CORE", "PRO", "ADVANCED", "core", "pro", "advanced"],
      channel: ["CURRENT", "PREVIEW", "current", "preview"],
    }),
});
