/**
 * The provider block: how it resolves arguments, environment and profile, and the requests that
 * follow.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Configuration } from "../../src/provider/configure";
import type { DynamicObject } from "../../src/provider/unknown";
import { json, startScripted, type Script, type ScriptedServer } from "../api/scripted";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "provider-configure-"));
const profiles = path.join(home, "databrickscfg");
const environmentBefore = { ...process.env };
const servers: ScriptedServer[] = [];
beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/^(DATABRICKS_|ARM_)/.test(name)) Reflect.deleteProperty(process.env, name);
  process.env["HOME"] = home;
});
afterAll(async () => {
  process.env = environmentBefore;
  await Promise.all(servers.map((server) => server.close()));
  fs.rmSync(home, { recursive: true, force: true });
});

const ok: Script = (_seen, response) => json(response, 200, {});
async function startServer(script: Script = ok): Promise<ScriptedServer> {
  const scriptedServer = await startScripted(script);
  servers.push(scriptedServer);
  return scriptedServer;
}
function configure(config: DynamicObject): Configuration {
  const configuration = new Configuration();
  configuration.configure(config, "1.11.4");
  return configuration;
}
/** Makes one call. @returns the error, if there is one */
const callOnce = async (configuration: Configuration): Promise<unknown> => {
  try {
    await configuration.view().reader.get("/api/2.0/x");
    return undefined;
  } catch (error) {
    return error;
  }
};

test("the argument takes precedence over the environment, and the environment over the profile", async () => {
  const [argument, environment, profile] = [
    await startServer(),
    await startServer(),
    await startServer(),
  ];
  fs.writeFileSync(profiles, `[work]\nhost = ${profile.host}\ntoken = from-profile\n`);
  process.env["DATABRICKS_CONFIG_FILE"] = profiles;
  await callOnce(configure({ profile: "work" }));
  process.env["DATABRICKS_CONFIG_PROFILE"] = "work";
  await callOnce(configure({}));
  expect(profile.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer from-profile",
    "Bearer from-profile",
  ]);
  process.env["DATABRICKS_HOST"] = environment.host;
  await callOnce(configure({}));
  process.env["DATABRICKS_TOKEN"] = "from-environment";
  await callOnce(configure({}));
  expect(environment.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer from-profile",
    "Bearer from-environment",
  ]);
  await callOnce(configure({ host: argument.host }));
  await callOnce(configure({ host: argument.host, token: "from-argument" }));
  expect(argument.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer from-environment",
    "Bearer from-argument",
  ]);
});

test("two authentication methods are rejected, each listed with its source but not its secret; auth_type selects one", async () => {
  const { host } = await startServer();
  process.env["DATABRICKS_TOKEN"] = "s3cret-token";
  const twoMethods = { host, client_id: "c", client_secret: "s3cret-value" };
  let rejection: unknown;
  try {
    configure(twoMethods);
  } catch (error) {
    rejection = error;
  }
  expect(rejection).toMatchObject({ code: "CONFLICTING_CREDENTIALS" });
  const serialized = JSON.stringify([String(rejection), rejection]);
  expect(serialized).toContain(
    "pat (token: environment DATABRICKS_TOKEN) and oauth (client_secret: given)",
  );
  expect(serialized).not.toContain("s3cret");
  expect(await callOnce(configure({ ...twoMethods, auth_type: "pat" }))).toBeUndefined();
});

test("no call is made before a resource needs it; missing settings are reported then", async () => {
  const { host, requests } = await startServer();
  const configuration = configure({ host, token: "t" });
  configuration.view();
  expect(requests).toEqual([]);
  expect(await callOnce(configure({}))).toMatchObject({ code: "NO_HOST" });
  expect(await callOnce(configure({ host }))).toMatchObject({ code: "NO_CREDENTIALS" });
  expect(await callOnce(configure({ profile: "nope", config_file: profiles }))).toMatchObject({
    code: "UNKNOWN_PROFILE",
  });
  expect(requests).toEqual([]);
});

test("the user agent contains lakeform's provider, the official provider it replaces, and Terraform", async () => {
  const { host, requests } = await startServer();
  await callOnce(configure({ host, token: "t" }));
  expect(requests[0]?.headers["user-agent"]).toMatch(
    /^lakeform-provider databricks-tf-provider\/1\.99\.0 terraform\/1\.11\.4$/,
  );
});

test.each([
  ["argument", { rate_limit: 5 }, {}],
  ["environment", {}, { DATABRICKS_RATE_LIMIT: "5" }],
])("rate_limit holds calls back: %s", async (_where, config, environment) => {
  const { host, requests } = await startServer();
  Object.assign(process.env, environment);
  const { reader } = configure({ host, token: "t", ...config }).view();
  const started = Date.now();
  await Promise.all(Array.from({ length: 10 }, () => reader.get("/api/2.0/x")));
  // Five calls are sent at once, and five more within a second.
  expect(Date.now() - started).toBeGreaterThan(800);
  expect(requests).toHaveLength(10);
});

test("http_timeout_seconds ends one attempt, retry_timeout_seconds all of them", async () => {
  const neverResponds = await startServer(() => undefined);
  let started = Date.now();
  const writes = configure({ host: neverResponds.host, token: "t", http_timeout_seconds: 1 }).view()
    .writer;
  await expect(writes.post("/api/2.0/x")).rejects.toMatchObject({ name: "LakeformError" });
  expect(Date.now() - started).toBeGreaterThan(900);
  expect(Date.now() - started).toBeLessThan(15_000);
  expect(neverResponds.requests).toHaveLength(1);
  const busy = await startServer((_seen, response) =>
    json(response, 503, { error_code: "TEMPORARILY_UNAVAILABLE", message: "busy" }),
  );
  started = Date.now();
  expect(
    await callOnce(configure({ host: busy.host, token: "t", retry_timeout_seconds: 2 })),
  ).toMatchObject({ status: 503 });
  expect(Date.now() - started).toBeLessThan(4000);
  expect(busy.requests.length).toBeGreaterThan(1);
}, 30_000);
