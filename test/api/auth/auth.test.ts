import { RenewingAuth } from "../../../src/api/auth/auth";
import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect, families, Secret, type AccessToken } from "../../../src/api";
import { startWorkspace } from "../../../src/workspace/server";
import { failure, json, startScripted, withServer, type Script } from "../scripted";

/**
 * A workspace with OAuth: it issues tokens t1, t2, … with this lifetime; the API accepts only the
 * newest.
 */
function oauthServer(
  expiresIn: number,
  options: { readonly failTokens?: number } = {},
): { readonly script: Script; readonly issued: () => number } {
  let issued = 0;
  let failures = options.failTokens ?? 0;
  const script: Script = (request, response) => {
    if (request.url === "/oidc/.well-known/oauth-authorization-server")
      return json(response, 200, {
        token_endpoint: `http://${request.headers.host ?? ""}/oidc/v1/token`,
      });
    if (request.url === "/oidc/v1/token") {
      const basic = Buffer.from("id:sec ret").toString("base64");
      if (
        request.headers.authorization !== `Basic ${basic}` ||
        request.body !== "grant_type=client_credentials&scope=all-apis"
      )
        return json(response, 401, {
          error: "invalid_client",
          error_description: "wrong secret sec ret",
        });
      if (failures-- > 0) return json(response, 503, { error: "busy" }, { "retry-after": "0" });
      issued += 1;
      setTimeout(
        () =>
          json(response, 200, {
            access_token: `t${issued}`,
            token_type: "Bearer",
            expires_in: expiresIn,
          }),
        20,
      );
      return;
    }
    if (request.headers.authorization === `Bearer t${issued}`)
      json(response, 200, { token: issued });
    else json(response, 401, { error_code: "UNAUTHENTICATED", message: "expired" });
  };
  return { script, issued: () => issued };
}

const machine = { token: undefined, clientId: "id", clientSecret: "sec ret" };

describe("OAuth machine to machine", () => {
  test("shares one token request among many waiting calls", async () => {
    const server = oauthServer(3600, { failTokens: 1 });
    await withServer(
      server.script,
      async (client) => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => client.get("/api/2.0/x")),
        );
        expect(answers).toEqual(Array.from({ length: 50 }, () => ({ token: 1 })));
        expect(server.issued()).toBe(1);
      },
      machine,
    );
  });

  test("renews a token before it expires", async () => {
    const server = oauthServer(0.2);
    await withServer(
      server.script,
      async (client) => {
        await client.get("/api/2.0/x");
        await new Promise((resolve) => setTimeout(resolve, 180));
        await Promise.all([
          client.get("/api/2.0/x"),
          client.get("/api/2.0/x"),
          client.get("/api/2.0/x"),
        ]);
        expect(server.issued()).toBe(2);
      },
      machine,
    );
  });

  test("renews a rejected token once, then reports the rejection", async () => {
    let tokens = 0;
    await withServer(
      (request, response) =>
        json(response, request.headers.authorization === "Bearer p2" ? 200 : 401, {
          error_code: "UNAUTHENTICATED",
          message: "no",
        }),
      async (client, server) => {
        await failure(client.get("/api/2.0/x"));
        expect(server.requests.length).toBe(2);
      },
      {
        token: undefined,
        tokenProvider: () => Promise.resolve({ token: new Secret(`q${(tokens += 1)}`) }),
      },
    );
    expect(tokens).toBe(2);
  });

  test("names the endpoint that returned no token, or could not be reached", async () => {
    const failureOf = async (token_endpoint?: string): Promise<string> => {
      let message = "";
      await withServer(
        (_request, response) =>
          json(response, 200, token_endpoint === undefined ? {} : { token_endpoint }),
        async (client) => {
          ({ message } = await failure(client.get("/api/2.0/x")));
        },
        machine,
      );
      return message;
    };
    expect(await failureOf()).toBe("the OAuth metadata endpoint did not return a token endpoint");
    expect(await failureOf("http://127.0.0.1:1/token")).toBe(
      "the token endpoint cannot be reached: nothing listens at this address",
    );
  });

  test("rejects a wrong secret without repeating it", async () => {
    await withServer(
      oauthServer(1).script,
      async (client) => {
        const error = await failure(client.get("/api/2.0/x"));
        expect(error).toMatchObject({ code: "NO_ACCESS_TOKEN" });
        expect(error.message).toContain("responded with 401: invalid_client: wrong secret");
      },
      { token: undefined, clientId: "id", clientSecret: "other" },
    );
  });
});

test("authenticates a service principal of the local workspace from a profile", async () => {
  const workspace = await startWorkspace({
    principals: [{ name: "robot", kind: "service_principal", secret: "dose-robot-secret" }],
  });
  const admin = connect({ host: workspace.host, token: workspace.token, env: {} });
  const { Resources: principals } = (await admin.get(
    "/api/2.0/preview/scim/v2/ServicePrincipals",
  )) as {
    Resources: { applicationId: string; displayName: string }[];
  };
  const id = principals.find((item) => item.displayName === "robot")?.applicationId ?? "";
  const folder = mkdtempSync(path.join(os.tmpdir(), "lakeform-auth-"));
  writeFileSync(
    path.join(folder, ".databrickscfg"),
    `[ROBOT]\nhost = ${workspace.host}\nclient_id = ${id}\nclient_secret = dose-robot-secret\n`,
  );
  const client = connect({ profile: "ROBOT", env: { HOME: folder } });
  expect(client.authType).toBe("oauth-m2m");
  expect((await families(client).me()).userName).toBe(id);
  await Promise.all([admin.close(), client.close()]);
  await workspace.close();
});

describe("other authentication methods", () => {
  test("send both tokens and the resource's header for an Azure service principal", async () => {
    const entra = await startScripted((request, response) => {
      const form = new URLSearchParams(request.body);
      json(response, 200, {
        access_token: `${form.get("resource") === "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d" ? "databricks" : "management"}-${form.get("client_secret") ?? ""}`,
        expires_in: "3600",
      });
    });
    await withServer(
      (request, response) => json(response, 200, { headers: request.headers }),
      async (client) => {
        expect(await client.get("/api/2.0/x")).toMatchObject({
          headers: {
            authorization: "Bearer databricks-s",
            "x-databricks-azure-workspace-resource-id": "/subscriptions/1",
            "x-databricks-azure-sp-management-token": "management-s",
          },
        });
        expect(entra.requests[0]?.url).toBe("/tenant/oauth2/token");
      },
      {
        token: undefined,
        azureClientId: "c",
        azureClientSecret: "s",
        azureTenantId: "tenant",
        azureWorkspaceResourceId: "/subscriptions/1",
        azureLoginEndpoint: entra.host,
      },
    );
    await entra.close();
  });

  test("need only the host with a token function", async () => {
    await withServer(
      (request, response) => json(response, 200, { got: request.headers.authorization }),
      async (_client, server) => {
        const tokenProvider = (): Promise<AccessToken> =>
          Promise.resolve({ token: new Secret("mine") });
        const client = connect({
          host: server.host,
          tokenProvider,
          env: { DATABRICKS_TOKEN: "other" },
        });
        expect(await client.get("/api/2.0/x")).toEqual({ got: "Bearer mine" });
        expect(client.authType).toBe("provider");
        await client.close();
      },
    );
  });

  test("include user and password", async () => {
    await withServer(
      (request, response) => json(response, 200, { got: request.headers.authorization }),
      async (client) =>
        expect(await client.get("/api/2.0/x")).toEqual({
          got: `Basic ${Buffer.from("u:p").toString("base64")}`,
        }),
      { token: undefined, username: "u", password: "p" },
    );
  });
});

test("a failed renewal keeps the old token in use while it is valid", async () => {
  let now = 0;
  let issued = 0;
  const provider = (): Promise<{ token: Secret; expiresAt: number }> => {
    issued += 1;
    return issued === 1
      ? Promise.resolve({ token: new Secret("first"), expiresAt: 1_000_000 })
      : Promise.reject(new Error("down"));
  };
  const auth = new RenewingAuth(provider, () => now);
  const first = await auth.headers();
  now = 950_000;
  expect(await auth.headers()).toBe(first);
  expect(issued).toBe(2);
  now = 1_000_001;
  await expect(Promise.resolve(auth.headers())).rejects.toThrow("down");
});
