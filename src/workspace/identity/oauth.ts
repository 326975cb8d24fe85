import { randomBytes } from "node:crypto";
import { derivedUuid } from "../derived-uuid";
import { missing, WorkspaceError } from "../errors";
import { hashOf } from "../principals";
import type { UserRecord } from "../principal-records";
import { json, type Call, type Raw, type WorkspaceApp } from "../routes";
import { timingOf } from "../timing";

/** Returns the id of the only account, which is derived from the workspace id. */
export const accountOf = (app: WorkspaceApp): string => derivedUuid(app.workspaceId);

/**
 * Routes of the well-known documents, of machine-to-machine OAuth, which exchanges a client id and
 * secret for an access token that expires, and of the secrets of service principals.
 */
export function oauthRoutes(app: WorkspaceApp): void {
  const withoutToken = { open: true };
  const currentTiming = timingOf(app);
  const account = accountOf(app);
  app.get(
    [],
    "/.well-known/databricks-config",
    () => ({
      oidc_endpoint: `${app.host()}/oidc`,
      account_id: account,
      workspace_id: app.workspaceId,
      cloud: "AWS",
      host_type: "workspace",
      token_federation_default_oidc_audiences: [`${app.host()}/oidc/v1/token`],
    }),
    withoutToken,
  );
  for (const name of ["oauth-authorization-server", "openid-configuration"])
    app.get(
      [],
      `/oidc/.well-known/${name}`,
      () => ({
        issuer: `${app.host()}/oidc`,
        authorization_endpoint: `${app.host()}/oidc/v1/authorize`,
        token_endpoint: `${app.host()}/oidc/v1/token`,
        response_types_supported: ["code"],
        grant_types_supported: ["client_credentials"],
        scopes_supported: ["all-apis", "offline_access", "sql"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      }),
      withoutToken,
    );
  app.post(
    [],
    "/oidc/v1/token",
    async (call) => {
      const grantType = call.input.optionalString("grant_type");
      if (grantType !== "client_credentials")
        return oauthError(400, "unsupported_grant_type", "only client_credentials is supported");
      const { id, secret } = clientCredentials(call);
      const record = id === "" ? undefined : app.principals.findUser(id);
      if (
        record?.kind !== "service_principal" ||
        !record.active ||
        !(record.secretHashes ?? []).includes(hashOf(secret))
      )
        return oauthError(401, "invalid_client", "Client authentication failed");
      const lifetime = currentTiming().oauth_token_seconds;
      const { value } = await app.store.write(() => {
        revokeExpired(app, record.id);
        return app.principals.issue(record.id, {
          kind: "oauth",
          lifetimeSeconds: lifetime,
          comment: "client_credentials",
          value: `eyJlocal.${randomBytes(48).toString("base64url")}`,
        });
      });
      return {
        access_token: value,
        token_type: "Bearer",
        expires_in: lifetime,
        scope: call.input.optionalString("scope") ?? "all-apis",
      };
    },
    withoutToken,
  );

  const requireServicePrincipal = (id: string | undefined): UserRecord => {
    const record = id === undefined || id.length > 100 ? undefined : app.principals.users.get(id);
    if (record?.kind !== "service_principal")
      throw missing(`Service principal ${id ?? ""} does not exist`);
    return record;
  };
  app.post(
    ["2.0"],
    "/accounts/servicePrincipals/:id/credentials/secrets",
    async ({ params }) => {
      const secret = `dose${randomBytes(16).toString("hex")}`;
      const record = await app.store.write(() => {
        const servicePrincipal = requireServicePrincipal(params.id);
        if ((servicePrincipal.secretHashes ?? []).length >= 5)
          throw new WorkspaceError(
            "RESOURCE_LIMIT_EXCEEDED",
            "A service principal can have at most 5 secrets.",
          );
        app.principals.addSecret(servicePrincipal.id, secret);
        return servicePrincipal;
      });
      const time = new Date(app.clock.now()).toISOString();
      return {
        id: hashOf(secret).slice(0, 32),
        secret,
        secret_hash: hashOf(secret),
        create_time: time,
        update_time: time,
        status: "ACTIVE",
        service_principal_id: record.id,
      };
    },
    { admin: true },
  );
  app.get(
    ["2.0"],
    "/accounts/servicePrincipals/:id/credentials/secrets",
    ({ params }) => ({
      secrets: (requireServicePrincipal(params.id).secretHashes ?? []).map((hash) => ({
        id: hash.slice(0, 32),
        secret_hash: hash,
        status: "ACTIVE",
      })),
    }),
    { admin: true },
  );
  app.delete(
    ["2.0"],
    "/accounts/servicePrincipals/:id/credentials/secrets/:secret",
    async ({ params }) => {
      await app.store.write(() => {
        const servicePrincipal = requireServicePrincipal(params.id);
        const hashes = servicePrincipal.secretHashes ?? [];
        const remaining = hashes.filter((hash) => hash.slice(0, 32) !== params.secret);
        if (remaining.length === hashes.length)
          throw missing(`Secret ${(params.secret ?? "").slice(0, 100)} does not exist.`);
        app.principals.putUser({ ...servicePrincipal, secretHashes: remaining });
      });
      return undefined;
    },
    { admin: true },
  );
}

function revokeExpired(app: WorkspaceApp, owner: string): void {
  const { principals } = app;
  for (const token of principals.tokens.values())
    if (token.owner_id === owner && token.kind === "oauth" && principals.isExpired(token))
      principals.revoke(token.token_id);
}

/** Reads the client's credentials from HTTP Basic or from the form fields. */
function clientCredentials(call: Call): { readonly id: string; readonly secret: string } {
  const header = call.headers.authorization;
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(typeof header === "string" ? header : "")?.[1];
  if (encoded === undefined)
    return {
      id: call.input.optionalString("client_id") ?? "",
      secret: call.input.optionalString("client_secret") ?? "",
    };
  const [id = "", ...secretParts] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { id: decode(id), secret: decode(secretParts.join(":")) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const oauthError = (status: number, error: string, description: string): Raw =>
  json(status, { error, error_description: description });
