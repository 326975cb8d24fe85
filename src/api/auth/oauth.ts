import { LakeformError } from "../../errors";
import type { AccessToken, TokenProvider } from "./auth";
import type { Credentials } from "./credentials";
import { Mask } from "../../mask";
import { clip, readErrorBody } from "../transport/error-body";
import type { Http } from "../transport/http";
import { classifyConnection } from "../transport/connection-errors";
import { retryAfterMs } from "../transport/retry";
import { Secret } from "../transport/secret";

/** The application id of the Databricks service in Entra ID, the same in every tenant. */
const databricksResource = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
/** Statuses after which a token request is retried, as in the official SDK. */
const retriedStatuses = new Set([429, 502, 503, 504]);
const attempts = 4;

/** Returns connections to the origin of a token endpoint. */
export type HttpTo = (origin: string) => Http;

/** Supplies tokens of a service principal from the workspace. */
export function oauthTokens(credentials: Credentials, httpTo: HttpTo): TokenProvider {
  let endpoint: string | undefined;
  return async () => {
    endpoint ??= await discoverEndpoint(credentials.host, httpTo);
    const secret = credentials.clientSecret?.reveal() ?? "";
    const pair = Buffer.from(`${credentials.clientId ?? ""}:${secret}`).toString("base64");
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      scope: "all-apis",
    }).toString();
    return requestAccessToken(httpTo, endpoint, form, [secret], { authorization: `Basic ${pair}` });
  };
}

/**
 * Supplies tokens of an Azure service principal from Entra ID, or from the login endpoint in the
 * credentials.
 */
export function azureTokens(credentials: Credentials, httpTo: HttpTo): TokenProvider {
  const login = (credentials.azureLoginEndpoint ?? "https://login.microsoftonline.com").replace(
    /\/+$/,
    "",
  );
  const endpoint = `${login}/${credentials.azureTenantId ?? ""}/oauth2/token`;
  const secret = credentials.azureClientSecret?.reveal() ?? "";
  const requestToken = (resource: string): Promise<AccessToken> =>
    requestAccessToken(
      httpTo,
      endpoint,
      new URLSearchParams({
        grant_type: "client_credentials",
        client_id: credentials.azureClientId ?? "",
        client_secret: secret,
        resource,
      }).toString(),
      [secret],
    );
  return async () => {
    const workspaceId = credentials.azureWorkspaceResourceId;
    if (workspaceId === undefined) return requestToken(databricksResource);
    // A principal that is not yet a workspace user needs a second token, which proves that it can
    // manage the Azure resource.
    const [token, management] = await Promise.all([
      requestToken(databricksResource),
      requestToken("https://management.core.windows.net/"),
    ]);
    return {
      ...token,
      headers: {
        "x-databricks-azure-workspace-resource-id": workspaceId,
        "x-databricks-azure-sp-management-token": management.token.reveal(),
      },
    };
  };
}

const metadataPath = "/oidc/.well-known/oauth-authorization-server";

async function discoverEndpoint(host: string, httpTo: HttpTo): Promise<string> {
  const body = await requestJson(httpTo, `${host}${metadataPath}`, "GET", {}, undefined, []);
  const endpoint = body["token_endpoint"];
  if (typeof endpoint !== "string")
    throw noAccessToken(`${host}${metadataPath}`, "did not return a token endpoint");
  return endpoint;
}

async function requestAccessToken(
  httpTo: HttpTo,
  endpoint: string,
  form: string,
  secrets: readonly string[],
  headers: Record<string, string> = {},
): Promise<AccessToken> {
  const requestedAt = Date.now();
  const body = await requestJson(
    httpTo,
    endpoint,
    "POST",
    { ...headers, "content-type": "application/x-www-form-urlencoded" },
    form,
    secrets,
  );
  const { access_token: token, expires_in: lifetime } = body;
  if (typeof token !== "string" || token === "")
    throw noAccessToken(endpoint, "did not return an access token");
  const seconds = Number(lifetime);
  return {
    token: new Secret(token),
    ...(Number.isFinite(seconds) && seconds > 0 ? { expiresAt: requestedAt + seconds * 1000 } : {}),
  };
}

async function requestJson(
  httpTo: HttpTo,
  url: string,
  method: "GET" | "POST",
  headers: Record<string, string>,
  body: string | undefined,
  secrets: readonly string[],
): Promise<Record<string, unknown>> {
  const { origin, pathname, search } = new URL(url);
  for (let attempt = 1; ; attempt += 1) {
    let status: number, text: string, retryAfter: number | undefined;
    try {
      const response = await httpTo(origin).request({
        origin,
        path: `${pathname}${search}`,
        method,
        headers: { accept: "application/json", ...headers },
        body: body ?? null,
        headersTimeout: 30_000,
      });
      status = response.statusCode;
      text = await response.body.text();
      const header = (name: string): string | undefined => {
        const value = response.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      retryAfter = retryAfterMs(header("retry-after"), Date.now(), header("date"));
    } catch (error) {
      const { code, what, fix } = classifyConnection(error, {
        host: origin,
        schemeAssumed: false,
        http: httpTo(origin),
      });
      if (attempt >= attempts && code === "PROXY_FAILED")
        throw new LakeformError(code, `${method} ${pathname}: ${what}`, {
          value: origin,
          fix,
          cause: error,
        });
      if (attempt >= attempts)
        throw noAccessToken(url, `cannot be reached: ${new Mask(secrets).message(what)}`, error);
      await pause(attempt, undefined);
      continue;
    }
    if (retriedStatuses.has(status) && attempt < attempts) {
      await pause(attempt, retryAfter);
      continue;
    }
    if (status !== 200)
      throw noAccessToken(
        url,
        `responded with ${status}: ${clip(new Mask(secrets).message(readErrorBody(text, status).message))}`,
      );
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      throw noAccessToken(url, "returned a response that is not JSON", error);
    }
  }
}

function pause(attempt: number, wait: number | undefined): Promise<void> {
  const ms = Math.min(30_000, wait ?? Math.random() * 500 * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function noAccessToken(url: string, problem: string, cause?: unknown): LakeformError {
  const { origin, pathname } = new URL(url);
  const server = pathname === metadataPath ? "the OAuth metadata endpoint" : "the token endpoint";
  return new LakeformError("NO_ACCESS_TOKEN", `${server} ${problem}`, {
    value: `${origin}${pathname}`,
    fix: "check client id and secret, and that the service principal belongs to this workspace",
    cause,
  });
}
