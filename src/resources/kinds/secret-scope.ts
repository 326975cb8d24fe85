import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import type { Attributes, Kind, LostCreate, Problem, Remote, Value } from "../kind";
import { createOnce } from "../families/create-once";
import { orMissing } from "../families/or-missing";
import { apiCommand } from "../shape/api-command";
import { block, textOrEmpty } from "../shape/attributes";
import { compact, object, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";
import type { Json } from "../shape/json";

function remote(scope: Json): Remote {
  const vault = object(scope.keyvault_metadata);
  const keyvault_metadata: Value =
    optionalText(vault.dns_name) === undefined
      ? []
      : [
          {
            dns_name: optionalText(vault.dns_name) ?? "",
            resource_id: optionalText(vault.resource_id) ?? "",
          },
        ];
  const name = optionalText(scope.name) ?? "";
  return {
    id: name,
    attributes: {
      name,
      backend_type: optionalText(scope.backend_type) ?? "DATABRICKS",
      keyvault_metadata,
    },
  };
}

async function listScopes(api: ReadClient, signal?: AbortSignal): Promise<readonly Remote[]> {
  return (await listOf(api, "/api/2.0/secrets/scopes/list", "scopes", { signal })).map(remote);
}

/**
 * Finds the scope of a lost create. A scope with secrets counts as older, unless a response
 * confirmed its creation.
 * @returns `{}` if there is such a scope
 */
async function findLostScope(
  api: ReadClient,
  scope: string,
  { id }: LostCreate,
  signal?: AbortSignal,
): Promise<unknown> {
  if (!(await listScopes(api, signal)).some((remote) => remote.id === scope)) return undefined;
  if (id === scope) return {};
  const secrets = await listOf(api, "/api/2.0/secrets/list", "secrets", {
    query: { scope },
    signal,
  });
  return secrets.length === 0 ? {} : undefined;
}

/** Checks the name of a scope or key with the rules of the official provider. */
export function secretNameProblems(config: Attributes, field: string): readonly Problem[] {
  const name = config[field];
  if (typeof name !== "string" || /^[\w.@_/-]{1,128}$/.test(name)) return [];
  return [
    {
      path: field,
      message: `${JSON.stringify(name)} is not a valid name for a ${field === "key" ? "secret" : "secret scope"}: up to 128 letters, digits and _ - . @ / are allowed`,
    },
  ];
}

/** Returns the name of the given scope or, if it is undefined, the names of all scopes. */
export async function scopeNames(
  api: ReadClient,
  scopeName: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (scopeName !== undefined) return [scopeName];
  return (await listOf(api, "/api/2.0/secrets/scopes/list", "scopes", { signal })).map(
    (scope) => optionalText(scope.name) ?? "",
  );
}

export const secretScope: Kind = {
  type: "databricks_secret_scope",
  traits: {
    lostOnDestroy: "secret scope",
    secret: true,
    contains: ["databricks_secret", "databricks_secret_acl"],
    unmanagedTitle: "the secret scopes",
  },
  title: "secret scope",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "name") === ""
        ? undefined
        : `name:${textOrEmpty(attributes, "name")}`,
    link: (host, id) => `${host}/#secrets/${encodeURIComponent(id)}`,
  },
  rules: {
    ...noRules,
    configOnly: {
      initial_manage_principal:
        "used only at creation; current permissions are compared as secret_acl",
    },
  },
  validate: (config) => secretNameProblems(config, "name"),
  async read(api, id, { signal }) {
    // Scope names are case-insensitive.
    const name = id.toLowerCase();
    const found = (await listScopes(api, signal)).find((scope) => scope.id.toLowerCase() === name);
    // The list has only the scopes that the caller may read. For others, this call is rejected.
    if (found === undefined)
      await orMissing(
        api.get("/api/2.0/secrets/list", { query: { scope: id }, signal }),
        () => true,
      );
    return found;
  },
  async *list(api, _within, signal) {
    yield* await listScopes(api, signal);
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    const scope = textOrEmpty(planned, "name");
    const vault = block(planned, "keyvault_metadata");
    const body = compact({
      scope,
      initial_manage_principal: planned.initial_manage_principal,
      scope_backend_type: vault === undefined ? "DATABRICKS" : "AZURE_KEYVAULT",
      backend_azure_keyvault:
        vault === undefined
          ? undefined
          : { dns_name: vault.dns_name, resource_id: vault.resource_id },
    });
    await createOnce(
      {
        objectKey: `secret scope ${scope}`,
        create: (recover) =>
          api.post("/api/2.0/secrets/scopes/create", body, { recover, signal: context.signal }),
        find: (lostCreate) => findLostScope(api, scope, lostCreate, context.signal),
      },
      api,
      context.pending,
    );
    return { id: scope };
  },
  async delete(api, id, _prior, context) {
    await api.post(
      "/api/2.0/secrets/scopes/delete",
      { scope: id },
      { removes: true, signal: context.signal },
    );
  },
  removal: (remoteObject) =>
    apiCommand("POST", "/api/2.0/secrets/scopes/delete", { scope: remoteObject.id }),
};
