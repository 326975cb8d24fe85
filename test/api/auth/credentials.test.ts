import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { resolveCredentials, Secret } from "../../../src/api";

/** Creates a home folder with this `.databrickscfg`. */
function makeHome(text?: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lakeform-home-"));
  if (text !== undefined) writeFileSync(path.join(folder, ".databrickscfg"), text);
  return folder;
}

const file =
  "[DEFAULT]\nhost = https://default.example\ntoken = dapi-default\n\n; a comment\n[DEV]\nhost=dev.example\ntoken=dapi-dev\n[SP]\nhost = https://sp.example/?o=1\nclient_id = id\nclient_secret = se=cret\n";

/** Matches an error with this code. */
const errorWithCode = (code: string, details: object = {}): Error =>
  expect.objectContaining({ code, details: expect.objectContaining(details) as object }) as Error;

describe("credentials", () => {
  test("are taken from arguments, then the environment, then the profile, value by value", () => {
    const env = { HOME: makeHome(file), DATABRICKS_HOST: "https://env.example" };
    expect(resolveCredentials({ env, token: "t" })).toMatchObject({
      host: "https://env.example",
      authType: "pat",
    });
    const credentials = resolveCredentials({ env, profile: "DEV" });
    expect(credentials).toMatchObject({
      host: "https://env.example",
      profile: "DEV",
      sources: { host: "environment DATABRICKS_HOST", token: "profile DEV" },
    });
    expect(credentials.token?.reveal()).toBe("dapi-dev");
  });

  test("are read from the file only if a profile is named or nothing is set", () => {
    const HOME = makeHome(file);
    expect(resolveCredentials({ env: { HOME } })).toMatchObject({
      host: "https://default.example",
      profile: "DEFAULT",
    });
    expect(resolveCredentials({ env: { HOME, DATABRICKS_CONFIG_PROFILE: "SP" } })).toMatchObject({
      host: "https://sp.example",
      authType: "oauth-m2m",
      clientId: "id",
    });
    expect(() =>
      resolveCredentials({ env: { HOME, DATABRICKS_HOST: "https://env.example" } }),
    ).toThrow(errorWithCode("NO_CREDENTIALS"));
    expect(() => resolveCredentials({ env: { HOME, DATABRICKS_TOKEN: "t" } })).toThrow(
      errorWithCode("NO_HOST"),
    );
  });

  test("use the default profile named in [__settings__]", () => {
    const HOME = makeHome(`${file}[__settings__]\ndefault_profile = DEV\n`);
    expect(resolveCredentials({ env: { HOME } })).toMatchObject({
      profile: "DEV",
      host: "https://dev.example",
    });
  });

  test("are read from the file named by DATABRICKS_CONFIG_FILE", () => {
    const otherFile = path.join(
      makeHome("[X]\nhost = http://x.example:81/\ntoken = t\n"),
      ".databrickscfg",
    );
    expect(
      resolveCredentials({ env: { DATABRICKS_CONFIG_FILE: otherFile }, profile: "X" }).host,
    ).toBe("http://x.example:81");
  });

  test("reject an unknown profile and list the known ones", () => {
    const env = { HOME: makeHome(file) };
    expect(() => resolveCredentials({ env, profile: "PROD" })).toThrow(
      errorWithCode("UNKNOWN_PROFILE", { value: "PROD", allowed: "DEFAULT, DEV, SP" }),
    );
    expect(() => resolveCredentials({ env: { HOME: makeHome() }, profile: "PROD" })).toThrow(
      "the profile file .databrickscfg does not exist",
    );
  });

  test("reject more than one method and show the source of each, unless auth_type selects one", () => {
    const env = {
      HOME: "/nonexistent",
      DATABRICKS_HOST: "h.example",
      DATABRICKS_TOKEN: "dapi1",
      DATABRICKS_CLIENT_ID: "a",
      DATABRICKS_CLIENT_SECRET: "b",
    };
    expect(() => resolveCredentials({ env })).toThrow(
      "more than one authorization method configured: pat (token: environment DATABRICKS_TOKEN) and oauth (client_secret: environment DATABRICKS_CLIENT_SECRET)",
    );
    expect(resolveCredentials({ env, authType: "oauth-m2m" }).authType).toBe("oauth-m2m");
    expect(resolveCredentials({ env: { ...env, DATABRICKS_AUTH_TYPE: "pat" } }).authType).toBe(
      "pat",
    );
  });

  test("reject incomplete and unknown authentication methods", () => {
    expect(() => resolveCredentials({ env: {}, host: "h.example", clientSecret: "x" })).toThrow(
      errorWithCode("INCOMPLETE_CREDENTIALS"),
    );
    expect(() =>
      resolveCredentials({
        env: {},
        host: "h.example",
        azureClientSecret: "x",
        azureClientId: "y",
      }),
    ).toThrow("azure_tenant_id");
    expect(() =>
      resolveCredentials({
        env: { DATABRICKS_AUTH_TYPE: "databricks-cli", DATABRICKS_HOST: "h.example" },
      }),
    ).toThrow(errorWithCode("UNKNOWN_AUTH_TYPE"));
  });

  test("normalize a host's scheme, path, query and port", () => {
    const host = (address: string): string =>
      resolveCredentials({ env: {}, host: address, token: "t" }).host;
    expect(host("adb-1.2.azuredatabricks.net")).toBe("https://adb-1.2.azuredatabricks.net");
    expect(host("https://x.cloud.databricks.com/?o=123#job/1")).toBe(
      "https://x.cloud.databricks.com",
    );
    expect(host("http://127.0.0.1:8080/")).toBe("http://127.0.0.1:8080");
    expect(host("localhost:8080")).toBe("https://localhost:8080");
    for (const address of ["https://", "ftp://x", "a b", "https://user:pass@x.example"])
      expect(() => host(address)).toThrow(errorWithCode("BAD_HOST"));
  });

  test("do not repeat a token given as host in the error", () => {
    const error = (() => {
      try {
        resolveCredentials({ env: {}, host: "https://u:dapi0123@x", token: "t" });
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toEqual(errorWithCode("BAD_HOST"));
    expect(inspect(error, { depth: 1 })).not.toContain("dapi0123");
  });

  test("wrap secrets so that they never print their values", () => {
    const secret = new Secret("hunter2");
    expect([
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ secret }),
      secret.reveal(),
    ]).toEqual(["***", "***", '{"secret":"***"}', "{ secret: Secret(***) }", "hunter2"]);
    expect(
      inspect(resolveCredentials({ env: {}, host: "h.example", token: "hunter2" })),
    ).not.toContain("hunter2");
  });
});
