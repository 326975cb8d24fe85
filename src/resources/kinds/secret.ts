import { listOf } from "../../api/transport/paging";
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Attributes, Kind, Remote } from "../kind";
import { isRefused, orMissing } from "../families/or-missing";
import { versionOf } from "../families/versions";
import { scopeNames, secretNameProblems } from "./secret-scope";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { number, object, objects, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";
import type { Json } from "../shape/json";

const separator = "|||";

/** Splits the state id of a secret or access entry, `scope|||name`. @throws LakeformError BAD_ID */
export function splitScoped(id: string, title: string): readonly [scope: string, name: string] {
  const [scope, name, ...rest] = id.split(separator);
  if (scope === undefined || scope === "" || name === undefined || name === "" || rest.length > 0) {
    throw new LakeformError("BAD_ID", `not the id of a ${title}`, {
      value: id,
      allowed: `scope${separator}${title === "secret" ? "key" : "principal"}`,
      fix: "import with an id of this form",
    });
  }
  return [scope, name];
}

export function joinScoped(scope: string, name: string): string {
  return `${scope}${separator}${name}`;
}

function remote(scope: string, entry: Json): Remote {
  const key = optionalText(entry.key) ?? "";
  return {
    id: joinScoped(scope, key),
    attributes: {
      scope,
      key,
      last_updated_timestamp: number(entry.last_updated_timestamp) ?? 0,
      config_reference: `{{secrets/${scope}/${key}}}`,
    },
    ...versionOf(number(entry.last_updated_timestamp)),
  };
}

async function listSecrets(
  api: ReadClient,
  scope: string,
  signal?: AbortSignal,
): Promise<readonly Json[]> {
  return (
    (await orMissing(
      listOf(api, "/api/2.0/secrets/list", "secrets", { query: { scope }, signal }),
      objects,
    )) ?? []
  );
}

/**
 * Adds the value if the token may read it, or else the reason. The value is only kept in memory: it
 * is sensitive in the schema.
 */
async function withValue(
  api: ReadClient,
  remoteObject: Remote,
  scope: string,
  key: string,
  signal?: AbortSignal,
): Promise<Remote> {
  try {
    const response = object(
      await api.get("/api/2.0/secrets/get", { query: { scope, key }, signal }),
    );
    const value = Buffer.from(optionalText(response.value) ?? "", "base64").toString("utf8");
    return { ...remoteObject, attributes: { ...remoteObject.attributes, string_value: value } };
  } catch (error) {
    if (!isRefused(error)) throw error;
    return {
      ...remoteObject,
      unreadable: { string_value: "the token may not read secret values" },
    };
  }
}

function naturalKey(attributes: Attributes): string | undefined {
  const [scope, key] = [textOrEmpty(attributes, "scope"), textOrEmpty(attributes, "key")];
  return scope === "" || key === "" ? undefined : `scope+key:${joinScoped(scope, key)}`;
}

async function put(api: Client, attributes: Attributes, signal?: AbortSignal): Promise<void> {
  const body = {
    key: textOrEmpty(attributes, "key"),
    scope: textOrEmpty(attributes, "scope"),
    string_value: textOrEmpty(attributes, "string_value"),
  };
  await api.post("/api/2.0/secrets/put", body, { idempotent: true, signal });
}

export const secret: Kind = {
  type: "databricks_secret",
  traits: { secret: true, comparedByTime: "string_value", listedVersions: ["scope"] },
  title: "secret",
  identity: { naturalKey },
  rules: noRules,
  validate: (config) => [
    ...secretNameProblems(config, "scope"),
    ...secretNameProblems(config, "key"),
    ...(config.string_value === ""
      ? [{ path: "string_value", message: "a secret must not be empty" }]
      : []),
  ],
  async read(api, id, options) {
    const [scope, key] = splitScoped(id, "secret");
    const entry = (await listSecrets(api, scope, options.signal)).find((item) => item.key === key);
    if (entry === undefined) return undefined;
    const remoteObject = remote(scope, entry);
    return options.deep === false
      ? { ...remoteObject, omitted: ["string_value"] }
      : withValue(api, remoteObject, scope, key, options.signal);
  },
  /** Lists the secrets of a scope or, without a name, of all scopes. */
  async *list(api, scopeName, signal) {
    for (const scope of await scopeNames(api, scopeName, signal)) {
      for (const entry of await listSecrets(api, scope, signal))
        yield { ...remote(scope, entry), omitted: ["string_value"] };
    }
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    await put(api, planned, context.signal);
    return { id: joinScoped(textOrEmpty(planned, "scope"), textOrEmpty(planned, "key")) };
  },
  async delete(api, id, _prior, context) {
    const [scope, key] = splitScoped(id, "secret");
    await api.post(
      "/api/2.0/secrets/delete",
      { key, scope },
      { removes: true, signal: context.signal },
    );
  },
  restore: (api, _id, desired, context) => put(api, desired, context.signal),
  importId(argument) {
    const [scope, key] = splitScoped(argument, "secret");
    return { id: argument, attributes: { scope, key } };
  },
  removal(remoteObject) {
    const [scope, key] = splitScoped(remoteObject.id, "secret");
    return apiCommand("POST", "/api/2.0/secrets/delete", { scope, key });
  },
};
