import { changeTime } from "../clock";
import { decodeBase64 } from "../base64";
import { denied, exists, invalid, missing, WorkspaceError } from "../errors";
import { executionsOf } from "../execution/executions";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";

interface Scope {
  readonly name: string;
  readonly backend_type: "DATABRICKS" | "AZURE_KEYVAULT";
  readonly keyvault_metadata?: { readonly resource_id: string; readonly dns_name: string };
}

interface Secret {
  readonly key: string;
  /** The value in base64. */
  readonly value: string;
  readonly last_updated_timestamp: number;
}

const LEVELS = ["READ", "WRITE", "MANAGE"] as const;
type Level = (typeof LEVELS)[number];

const MAX_VALUE_BYTES = 128 * 1024;
const MAX_SECRETS = 1000;
const MAX_SCOPES = 1000;

/** Scope names are case-insensitive. */
const scopeKey = (scope: string): string => scope.toLowerCase();

/** Routes of `/api/2.0/secrets/…`. */
export function secretsRoutes(app: WorkspaceApp): void {
  const scopes = app.store.collection<Scope>("secret_scopes");
  const secrets = app.store.collection<Secret>("secrets");
  const acls = app.store.collection<{ readonly principal: string; readonly permission: Level }>(
    "secret_acls",
  );

  const mustFind = (name: string): Scope => {
    const scope = scopes.get(scopeKey(checkName("scope", name)));
    if (scope === undefined) throw missing(`Scope ${name} does not exist!`);
    return scope;
  };
  const hasLevel = (caller: Principal, scope: string, level: Level): boolean =>
    caller.admin ||
    acls
      .values({ prefix: [scopeKey(scope)] })
      .some(
        ({ principal, permission }) =>
          (principal === caller.name ||
            principal === "users" ||
            caller.groups.includes(principal)) &&
          LEVELS.indexOf(permission) >= LEVELS.indexOf(level),
      );
  const requireLevel = (caller: Principal, scope: string, level: Level): void => {
    if (!hasLevel(caller, scope, level))
      throw denied(`User ${caller.name} does not have ${level} permission on scope ${scope}.`);
  };

  app.post(["2.0"], "/secrets/scopes/create", async ({ input, caller }) => {
    const name = checkName("scope", input.string("scope"));
    const backend =
      input.optionalEnum("scope_backend_type", ["DATABRICKS", "AZURE_KEYVAULT"]) ?? "DATABRICKS";
    const manager = input.optionalString("initial_manage_principal") ?? "";
    if (manager !== "" && manager !== "users")
      throw invalid('initial_manage_principal must be "users" or omitted.');
    const vault = input.fields("backend_azure_keyvault");
    const keyvault =
      backend === "AZURE_KEYVAULT"
        ? {
            keyvault_metadata: {
              resource_id: vault.string("resource_id"),
              dns_name: vault.string("dns_name"),
            },
          }
        : {};
    await app.store.write(() => {
      if (scopes.has(scopeKey(name))) throw exists(`Scope ${name} already exists!`);
      if (scopes.count() >= MAX_SCOPES)
        throw new WorkspaceError(
          "RESOURCE_LIMIT_EXCEEDED",
          `The workspace has the maximum of ${MAX_SCOPES} scopes.`,
        );
      scopes.put(scopeKey(name), { name, backend_type: backend, ...keyvault });
      const principal = manager === "" ? caller.name : manager;
      acls.put([scopeKey(name), principal], { principal, permission: "MANAGE" });
    });
    return undefined;
  });
  app.get(["2.0"], "/secrets/scopes/list", ({ caller }) => {
    const visibleScopes = scopes.values().filter((scope) => hasLevel(caller, scope.name, "READ"));
    return visibleScopes.length === 0 ? {} : { scopes: visibleScopes };
  });
  app.post(["2.0"], "/secrets/scopes/delete", async ({ input, caller }) => {
    const name = input.string("scope");
    await app.store.write(() => {
      mustFind(name);
      requireLevel(caller, name, "MANAGE");
      scopes.remove(scopeKey(name));
      for (const { key } of secrets.range({ prefix: [scopeKey(name)] })) secrets.remove(key);
      for (const { key } of acls.range({ prefix: [scopeKey(name)] })) acls.remove(key);
    });
    return undefined;
  });

  app.post(["2.0"], "/secrets/put", async ({ input, caller }) => {
    const name = input.string("scope");
    const key = checkName("key", input.string("key"));
    const text = input.optionalString("string_value");
    const encoded = input.optionalString("bytes_value");
    if ((text === undefined) === (encoded === undefined))
      throw invalid("Exactly one of string_value and bytes_value must be given.");
    const value =
      text === undefined ? decodeBase64("bytes_value", encoded ?? "") : Buffer.from(text);
    if (value.length > MAX_VALUE_BYTES)
      throw invalid(`The secret's value is larger than ${MAX_VALUE_BYTES} bytes.`);
    await app.store.write(() => {
      const scope = mustFind(name);
      if (scope.backend_type !== "DATABRICKS")
        throw new WorkspaceError(
          "BAD_REQUEST",
          `Scope ${name} is read-only: it is backed by Azure Key Vault.`,
        );
      requireLevel(caller, name, "WRITE");
      if (
        !secrets.has([scopeKey(name), key]) &&
        secrets.count({ prefix: [scopeKey(name)] }) >= MAX_SECRETS
      )
        throw new WorkspaceError(
          "RESOURCE_LIMIT_EXCEEDED",
          `Scope ${name} has the maximum of ${MAX_SECRETS} secrets.`,
        );
      secrets.put([scopeKey(name), key], {
        key,
        value: value.toString("base64"),
        last_updated_timestamp: changeTime(
          app.clock,
          secrets.get([scopeKey(name), key])?.last_updated_timestamp,
        ),
      });
    });
    return undefined;
  });
  app.get(["2.0"], "/secrets/get", ({ input, caller, headers }) => {
    const name = input.string("scope");
    const key = checkName("key", input.string("key"));
    mustFind(name);
    requireLevel(caller, name, "READ");
    const secret = secrets.get([scopeKey(name), key]);
    if (secret === undefined)
      throw missing(`Secret does not exist with scope: ${name} and key: ${key}.`);
    executionsOf(app)?.addSecret(headers.authorization as string | undefined, secret.value);
    return { key, value: secret.value };
  });
  app.get(["2.0"], "/secrets/list", ({ input, caller }) => {
    const name = input.string("scope");
    mustFind(name);
    requireLevel(caller, name, "READ");
    const metadata = secrets
      .values({ prefix: [scopeKey(name)] })
      .map(({ key, last_updated_timestamp }) => ({ key, last_updated_timestamp }));
    return metadata.length === 0 ? {} : { secrets: metadata };
  });
  app.post(["2.0"], "/secrets/delete", async ({ input, caller }) => {
    const name = input.string("scope");
    const key = checkName("key", input.string("key"));
    await app.store.write(() => {
      mustFind(name);
      requireLevel(caller, name, "WRITE");
      if (!secrets.has([scopeKey(name), key]))
        throw missing(`Secret does not exist with scope: ${name} and key: ${key}.`);
      secrets.remove([scopeKey(name), key]);
    });
    return undefined;
  });

  app.post(["2.0"], "/secrets/acls/put", async ({ input, caller }) => {
    const name = input.string("scope");
    const principal = checkPrincipalName(input.string("principal"));
    const permission = input.enum("permission", LEVELS);
    await app.store.write(() => {
      mustFind(name);
      requireLevel(caller, name, "MANAGE");
      app.principals.ensure(principal);
      acls.put([scopeKey(name), principal], { principal, permission });
    });
    return undefined;
  });
  app.get(["2.0"], "/secrets/acls/get", ({ input, caller }) => {
    const name = input.string("scope");
    const principal = checkPrincipalName(input.string("principal"));
    mustFind(name);
    requireLevel(caller, name, "MANAGE");
    const acl = acls.get([scopeKey(name), principal]);
    if (acl === undefined)
      throw missing(`Failed to get secret acl for principal ${principal} for scope ${name}.`);
    return acl;
  });
  app.get(["2.0"], "/secrets/acls/list", ({ input, caller }) => {
    const name = input.string("scope");
    mustFind(name);
    requireLevel(caller, name, "MANAGE");
    return { items: acls.values({ prefix: [scopeKey(name)] }) };
  });
  app.post(["2.0"], "/secrets/acls/delete", async ({ input, caller }) => {
    const name = input.string("scope");
    const principal = checkPrincipalName(input.string("principal"));
    await app.store.write(() => {
      mustFind(name);
      requireLevel(caller, name, "MANAGE");
      if (!acls.has([scopeKey(name), principal]))
        throw missing(`Failed to get secret acl for principal ${principal} for scope ${name}.`);
      acls.remove([scopeKey(name), principal]);
    });
    return undefined;
  });
}

function checkName(field: string, name: string): string {
  if (!/^[\w\-@./]{1,128}$/.test(name))
    throw invalid(
      `The ${field} name must have 1 to 128 characters of A-Z, a-z, 0-9, -, _, @, / and .`,
    );
  return name;
}

function checkPrincipalName(name: string): string {
  if (name.length > 256) throw invalid("The principal's name is longer than 256 characters.");
  return name;
}
