import type { ReadClient } from "../../api/client";
import { byId, urls } from "../families/by-id";
import { restoreByUpdate } from "../families/restore-by-update";
import type { Attributes, Kind, Rules } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";
import { setByPlatform } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { wholeState } from "../shape/sdk-state";
import { removedFields } from "../shape/cleared-fields";

const type = "databricks_app";
const path = "/api/2.0/apps";
const urlOf = (name: string): string => `${path}/${encodeURIComponent(name)}`;
/** Fields that only the platform sets. */
const platformSetFields = [
  "active_deployment",
  "app_status",
  "compute_status",
  "create_time",
  "creator",
  "default_source_code_path",
  "effective_budget_policy_id",
  "effective_user_api_scopes",
  "id",
  "oauth2_app_client_id",
  "oauth2_app_integration_id",
  "pending_deployment",
  "service_principal_client_id",
  "service_principal_id",
  "service_principal_name",
  "update_time",
  "updater",
  "url",
  "default_git_source",
  "effective_usage_policy_id",
  "thumbnail_url",
];
/** The values that clear fields, because an update keeps fields that it does not contain. */
const emptyValues = { budget_policy_id: "", description: "", resources: [], user_api_scopes: [] };

const rules: Partial<Rules> = {
  keyed: { resources: "name", user_api_scopes: "*" },
  backendDefaults: {
    ...Object.fromEntries(
      platformSetFields.map((field) => [field, setByPlatform("set by the platform")]),
    ),
    compute_size: { reason: "the platform chooses it", when: () => true },
  },
  configOnly: {
    no_compute: "controls whether the app starts at creation; not stored in the workspace",
  },
  immutable: { name: "a different name is a different app" },
};

/** Returns the name, which calls use instead of the id in the state. */
const nameOf = (id: string, known: Attributes): string => textOrEmpty(known, "name") || id;

const base = byId({
  type,
  title: "app",
  traits: {
    lostOnDestroy: "app",
    unmanagedTitle: "the apps",
    readFromList: [],
    accessList: { request: "apps", by: "name" },
  },
  calls: {
    ...urls(path),
    create: (planned) => (planned["no_compute"] === true ? `${path}?no_compute=true` : path),
  },
  idField: "id",
  nameField: "name",
  items: "apps",
  idOf: (planned) => textOrEmpty(planned, "name"),
  link: (host, id, attributes) => `${host}/apps/${encodeURIComponent(nameOf(id, attributes))}`,
  createdAt: (item) => item["create_time"],
  computed: (item, id) => ({ id: optionalText(item["id"]) ?? id }),
  readOnly: platformSetFields,
  body: (fields, _planned, prior) => ({
    ...fields,
    ...(prior !== undefined && removedFields(emptyValues, prior, fields)),
  }),
  readiness: ({ compute_status }) => {
    const { state, message } = object(compute_status);
    return state === "ERROR"
      ? (optionalText(message) ?? "no reason given")
      : state === "ACTIVE" || state === "STOPPED";
  },
  rules,
});

async function findNameById(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for await (const { id: appId, attributes } of base.list?.(api, undefined, signal) ?? [])
    if (appId === id) return textOrEmpty(attributes, "name");
  return undefined;
}

/** A web application that runs in the workspace. This kind does not deploy its code. */
export const app: Kind = {
  ...base,
  async read(api, id, options) {
    const nameOrId = nameOf(id, options.known);
    // An import may use the id, which no call accepts. An id has 36 characters, a name at most 30.
    const name =
      nameOrId.length === 36 ? await findNameById(api, nameOrId, options.signal) : nameOrId;
    const remote = name === undefined ? undefined : await base.read(api, name, options);
    return remote && { ...remote, id: textOrEmpty(remote.attributes, "id") };
  },
  async create(api, planned, context) {
    const written = await base.create(api, planned, context);
    const remote = await base.read(api, written.id, { known: planned });
    return {
      ...written,
      id: remote === undefined ? written.id : textOrEmpty(remote.attributes, "id"),
    };
  },
  update: async (api, id, prior, planned, context) => ({
    ...(await base.update?.(api, nameOf(id, prior), prior, planned, context)),
    id,
  }),
  restore: (api, id, desired, context) =>
    restoreByUpdate(base)(api, nameOf(id, desired), desired, context),
  delete: (api, id, prior, context) => base.delete(api, nameOf(id, prior), prior, context),
  toState: (remote, before) =>
    wholeState(blockOf(type), before, remote, ["no_compute", "provider_config"]),
  importId: (argument) => ({
    id: argument,
    attributes: { ...(argument.length !== 36 && { name: argument }) },
  }),
  removal: ({ id, attributes }) => apiCommand("DELETE", urlOf(nameOf(id, attributes))),
};
