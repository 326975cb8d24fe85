import { listOf } from "../../api/transport/paging";
import type { Client } from "../../api/client";
import type { Attributes, Kind, Remote } from "../kind";
import { orMissing } from "../families/or-missing";
import { joinScoped, splitScoped } from "./secret";
import { scopeNames, secretNameProblems } from "./secret-scope";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";

function remote(scope: string, principal: string, permission: string): Remote {
  return { id: joinScoped(scope, principal), attributes: { scope, principal, permission } };
}

async function put(api: Client, attributes: Attributes, signal?: AbortSignal): Promise<void> {
  const body = {
    permission: textOrEmpty(attributes, "permission"),
    principal: textOrEmpty(attributes, "principal"),
    scope: textOrEmpty(attributes, "scope"),
  };
  await api.post("/api/2.0/secrets/acls/put", body, { idempotent: true, signal });
}

export const secretAcl: Kind = {
  type: "databricks_secret_acl",
  traits: { grantsPermissions: true },
  title: "secret ACL",
  identity: {
    naturalKey: (attributes) => {
      const [scope, principal] = [
        textOrEmpty(attributes, "scope"),
        textOrEmpty(attributes, "principal"),
      ];
      return scope === "" || principal === ""
        ? undefined
        : `scope+principal:${joinScoped(scope, principal)}`;
    },
  },
  rules: noRules,
  validate: (config) => secretNameProblems(config, "scope"),
  async read(api, id, options) {
    const [scope, principal] = splitScoped(id, "secret ACL");
    if (options.deep !== false) {
      // Read the list of the complete scope, which verify needs anyway.
      for await (const remoteObject of secretAcl.list?.(api, scope, options.signal) ?? [])
        if (remoteObject.id === id) return remoteObject;
      return undefined;
    }
    const call = api.get("/api/2.0/secrets/acls/get", {
      query: { principal, scope },
      signal: options.signal,
    });
    const wireObject = await orMissing(call, object);
    return wireObject === undefined
      ? undefined
      : remote(scope, principal, optionalText(wireObject.permission) ?? "");
  },
  /** Lists the entries of a scope or, without a name, of all scopes. */
  async *list(api, scopeName, signal) {
    for (const scope of await scopeNames(api, scopeName, signal)) {
      const entries = await orMissing(
        listOf(api, "/api/2.0/secrets/acls/list", "items", { query: { scope }, signal }),
        objects,
      );
      for (const item of entries ?? [])
        yield remote(
          scope,
          optionalText(item.principal) ?? "",
          optionalText(item.permission) ?? "",
        );
    }
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    await put(api, planned, context.signal);
    return { id: joinScoped(textOrEmpty(planned, "scope"), textOrEmpty(planned, "principal")) };
  },
  async delete(api, id, _prior, context) {
    const [scope, principal] = splitScoped(id, "secret ACL");
    await api.post(
      "/api/2.0/secrets/acls/delete",
      { principal, scope },
      { removes: true, signal: context.signal },
    );
  },
  restore: (api, _id, desired, context) => put(api, desired, context.signal),
  importId(argument) {
    const [scope, principal] = splitScoped(argument, "secret ACL");
    return { id: argument, attributes: { scope, principal } };
  },
  removal(remoteObject) {
    const [scope, principal] = splitScoped(remoteObject.id, "secret ACL");
    return apiCommand("POST", "/api/2.0/secrets/acls/delete", { scope, principal });
  },
};
