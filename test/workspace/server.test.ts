import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Agent, request } from "undici";
import { LakeformError } from "../../src/errors";
import { Journal } from "../../src/workspace/journal";
import { startWorkspace } from "../../src/workspace/server";
import { ensureCertificates } from "../../src/workspace/tls";
import { WorkspaceClock } from "../../src/workspace/clock";
import { base64, caller, serve, type Server } from "./http-client";

const createFolder = (): string =>
  fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-test-workspace-"));
const ME = "/api/2.0/preview/scim/v2/Me";

async function rejectionOf(action: Promise<unknown>): Promise<LakeformError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LakeformError);
  return error as LakeformError;
}

describe("auth and errors", () => {
  let server: Server;
  beforeAll(async () => (server = await serve()));
  afterAll(() => server.workspace.close());

  it("authenticates its callers, and rejects others with the platform's error", async () => {
    const { api, workspace } = server;
    const me = await api("GET", ME);
    expect(me.body).toMatchObject({ userName: "admin@lakeform.local", active: true });
    expect(me.headers.get("content-type")).toBe("application/scim+json; charset=utf-8");
    expect(me.headers.get("x-databricks-org-id")).toBe(workspace.workspaceId);
    expect(Number(workspace.workspaceId)).toBeLessThan(2 ** 53);
    for (const authorization of ["", "Bearer wrong", "Basic eDp5", "Bearer"]) {
      const response = await caller(workspace.host, "")(
        "GET",
        ME,
        undefined,
        authorization === "" ? {} : { authorization },
      );
      expect(response).toMatchObject({
        status: 401,
        body: { error_code: "UNAUTHENTICATED", details: [] },
      });
    }
    const basicAuth = { authorization: `Basic ${base64(`token:${workspace.token}`)}` };
    expect((await caller(workspace.host, "")("GET", ME, undefined, basicAuth)).status).toBe(200);
  });

  it("rejects a token as soon as its revocation is acknowledged, even while it is in use", async () => {
    const { api, asUser, workspace } = server;
    await asUser("bob@example.com");
    for (let round = 0; round < 15; round++) {
      const { body } = await api("POST", "/_lakeform/tokens", { user: "bob@example.com" });
      const bob = caller(workspace.host, String(body.token_value));
      let calling = true;
      const calls = Array.from({ length: 4 }, async () => {
        while (calling) await bob("GET", ME);
      });
      await bob("GET", ME);
      await api("DELETE", `/api/2.0/token-management/tokens/${String(body.token_id)}`);
      expect(await bob("GET", ME)).toMatchObject({
        status: 401,
        body: { error_code: "UNAUTHENTICATED", message: "Invalid access token." },
      });
      calling = false;
      await Promise.all(calls);
    }
  });

  it("returns 501 with the route's name for an unsupported call", async () => {
    expect(await server.api("GET", "/api/2.0/marketplace-consumer/listings")).toMatchObject({
      status: 501,
      body: {
        error_code: "NOT_IMPLEMENTED",
        message: "the local workspace does not have GET /api/2.0/marketplace-consumer/listings",
      },
    });
    expect((await server.api("GET", "/nothing/here")).status).toBe(404);
  });

  it("rejects bodies that are not JSON, too deeply nested or too large", async () => {
    const { api } = server;
    expect((await api("POST", "/api/2.0/dbfs/mkdirs", "{")).body).toMatchObject({
      error_code: "MALFORMED_REQUEST",
    });
    expect((await api("POST", "/api/2.0/dbfs/mkdirs", '{"path":'.repeat(5000))).body).toMatchObject(
      { error_code: "MALFORMED_REQUEST" },
    );
    expect((await api("POST", "/api/2.0/dbfs/mkdirs", { path: { a: 1 } })).body).toMatchObject({
      error_code: "MALFORMED_REQUEST",
    });
    const cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
      workload_type: "CPU",
    };
    expect((await api("POST", "/api/2.1/clusters/create", cluster)).body).toMatchObject({
      error_code: "MALFORMED_REQUEST",
    });
    expect((await api("POST", "/api/2.0/dbfs/mkdirs", {})).body).toMatchObject({
      error_code: "INVALID_PARAMETER_VALUE",
    });
    expect(
      (await api("POST", "/api/2.0/dbfs/put", Buffer.alloc(17 * 1024 * 1024, 0x20))).status,
    ).toBe(413);
  });

  it("authenticates service principals by client id and secret, with tokens that expire", async () => {
    const { api, workspace } = server;
    const created = await api("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {
      displayName: "ci",
    });
    const secret = await api(
      "POST",
      `/api/2.0/accounts/servicePrincipals/${String(created.body.id)}/credentials/secrets`,
      {},
    );
    await api("PUT", "/_lakeform/timing", { oauth_token_seconds: 1 });
    const discovery = await caller(workspace.host, "")(
      "GET",
      "/oidc/.well-known/oauth-authorization-server",
    );
    const endpoint = new URL(String(discovery.body.token_endpoint)).pathname;
    const login = (password: string): Promise<{ status: number; body: Record<string, unknown> }> =>
      caller(workspace.host, "")("POST", endpoint, "grant_type=client_credentials&scope=all-apis", {
        authorization: `Basic ${base64(`${String(created.body.applicationId)}:${password}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      });
    expect(await login("wrong")).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    const token = await login(String(secret.body.secret));
    expect(token.body).toMatchObject({ token_type: "Bearer", expires_in: 1 });
    const callAsPrincipal = caller(workspace.host, String(token.body.access_token));
    expect((await callAsPrincipal("GET", ME)).body).toMatchObject({
      userName: created.body.applicationId,
    });
    expect((await callAsPrincipal("GET", "/_lakeform/journal")).status).toBe(403);
    await new Promise((resolve) => setTimeout(resolve, 1010));
    expect((await callAsPrincipal("GET", ME)).status).toBe(401);
    const secretPath = `/api/2.0/accounts/servicePrincipals/${String(created.body.id)}/credentials/secrets/${String(secret.body.id)}`;
    expect((await api("DELETE", secretPath)).status).toBe(200);
    expect(await login(String(secret.body.secret))).toMatchObject({ status: 401 });
    const config = await caller(workspace.host, "")("GET", "/.well-known/databricks-config");
    expect(config.body).toMatchObject({
      workspace_id: workspace.workspaceId,
      oidc_endpoint: `${workspace.host}/oidc`,
    });
    expect(JSON.stringify(workspace.journal({ limit: 10_000 }))).not.toContain(
      String(secret.body.secret),
    );
  });
});

describe("the journal", () => {
  it("contains every call with redacted secrets, over REST, as JSON lines, and on disk if configured", async () => {
    const folder = createFolder();
    const file = path.join(folder, "calls.jsonl");
    const { api, workspace } = await serve({ journal: file });
    await api("GET", `${ME}?attributes=id`);
    await api("POST", "/api/2.0/token/create", { comment: "x" });
    const { body } = await api("GET", `/_lakeform/journal?path=${encodeURIComponent(ME)}`);
    expect(body.entries).toMatchObject([
      {
        method: "GET",
        path: ME,
        query: { attributes: "id" },
        status: 200,
        caller: "admin@lakeform.local",
        headers: { authorization: "**REDACTED**" },
      },
    ]);
    const lines = (await api("GET", "/_lakeform/journal?format=jsonl")).text.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toContain(
      "/api/2.0/token/create",
    );
    await workspace.close();
    const fileText = fs.readFileSync(file, "utf8");
    expect(fileText).toContain('"token_value":"**REDACTED**"');
    expect(fileText).not.toContain(workspace.token);
    fs.rmSync(folder, { recursive: true });
  });
});

describe("the journal's entries", () => {
  it("contain the route of a call whose body is too large", async () => {
    const { api, workspace } = await serve();
    const path = "/api/2.0/secrets/put";
    expect((await api("POST", path, "x".repeat(17 * 1024 * 1024))).status).toBe(413);
    expect(workspace.journal({ path })).toMatchObject([{ method: "POST", route: path }]);
    await workspace.close();
  });
});

describe("the journal's file", () => {
  it("is rotated at its maximum size, up to the maximum number of files, with a log message", async () => {
    const folder = createFolder();
    const file = path.join(folder, "calls.jsonl");
    fs.writeFileSync(file, `${"x".repeat(1990)}\n`);
    const log: string[] = [];
    const { api, workspace } = await serve({
      journal: { file, maxBytes: 2000, keep: 2 },
      log: (line) => log.push(line),
    });
    for (let index = 0; index < 12; index++) await api("GET", `${ME}?attributes=a${index}`);
    await workspace.close();
    expect(fs.readdirSync(folder).sort()).toEqual([
      "calls.jsonl",
      "calls.jsonl.1",
      "calls.jsonl.2",
    ]);
    const numbers = [2, 1, 0].flatMap((number) =>
      fs
        .readFileSync(number === 0 ? file : `${file}.${number}`, "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { sequence: number }).sequence),
    );
    // The remaining entries are contiguous, and end with the last call.
    expect(numbers).toEqual(numbers.map((_, index) => 12 - numbers.length + index));
    for (const name of fs.readdirSync(folder))
      expect(fs.statSync(path.join(folder, name)).size).toBeLessThanOrEqual(2000);
    const rotations = log.filter((line) => line.startsWith("journal: "));
    expect(rotations[0]).toBe(`journal: ${file} had 1991 bytes and was moved to ${file}.1`);
    expect(rotations.at(-1)).toContain(`; the calls in ${file}.2 were deleted`);
    fs.rmSync(folder, { recursive: true });
  });

  it("reports the first call that is still in memory", async () => {
    const journal = new Journal(3);
    for (let index = 0; index < 5; index++)
      journal.add({
        method: "GET",
        url: "/",
        route: "/",
        headers: {},
        caller: undefined,
        droppedFields: [],
        body: undefined,
        status: 200,
        response: "",
        started: 0,
      });
    expect([
      journal.oldest,
      journal.nextSequence,
      journal.entries().map(({ sequence }) => sequence),
    ]).toEqual([2, 5, [2, 3, 4]]);
    const { api, workspace } = await serve();
    expect((await api("GET", "/_lakeform/journal")).body).toMatchObject({ oldest: 0, next: 0 });
    await workspace.close();
  });
});

describe("the data folder", () => {
  it("keeps everything from one process to the next, including the token and the ids", async () => {
    const data = createFolder();
    const firstServer = await serve({ data });
    await firstServer.api("POST", "/api/2.0/dbfs/put", {
      path: "/kept",
      contents: base64("still here"),
    });
    const large = new FormData();
    large.set("path", "/large");
    large.set("contents", new Blob([Buffer.alloc(300_000, 3)]), "large");
    await firstServer.api("POST", "/api/2.0/dbfs/put", large);
    const { body } = await firstServer.api("POST", "/api/2.1/clusters/create", {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    });
    await firstServer.workspace.close();
    const secondServer = await serve({ data });
    expect(secondServer.workspace).toMatchObject({
      token: firstServer.workspace.token,
      workspaceId: firstServer.workspace.workspaceId,
    });
    expect((await secondServer.api("GET", "/api/2.0/dbfs/read?path=/kept")).body.data).toBe(
      base64("still here"),
    );
    expect(
      (await secondServer.api("GET", "/api/2.0/dbfs/read?path=/large&offset=299999")).body.data,
    ).toBe(Buffer.alloc(1, 3).toString("base64"));
    expect(
      (await secondServer.api("GET", `/api/2.1/clusters/get?cluster_id=${String(body.cluster_id)}`))
        .body,
    ).toMatchObject({
      state: expect.stringMatching(/PENDING|RUNNING/) as string,
    });
    expect(fs.statSync(path.join(data, "data.mdb")).mode & 0o77).toBe(0);
    expect(fs.statSync(path.join(data, "token")).mode & 0o77).toBe(0);
    await secondServer.workspace.close();
    fs.rmSync(data, { recursive: true });
  });

  it("rejects a second server, data of another version, a port in use and a foreign address", async () => {
    const data = createFolder();
    const firstServer = await startWorkspace({ data });
    expect(await rejectionOf(startWorkspace({ data }))).toMatchObject({
      code: "WORKSPACE_DATA_LOCKED",
    });
    const file = path.join(data, "token");
    expect(await rejectionOf(startWorkspace({ data: file }))).toMatchObject({
      code: "WORKSPACE_DATA_UNWRITABLE",
      details: { path: file },
    });
    expect(await rejectionOf(startWorkspace({ port: firstServer.port }))).toMatchObject({
      code: "PORT_IN_USE",
    });
    // The address is reserved for documentation, so no machine has it.
    expect(await rejectionOf(startWorkspace({ listen: "192.0.2.1" }))).toMatchObject({
      code: "LISTEN_FAILED",
      details: { value: "192.0.2.1, port 0: EADDRNOTAVAIL" },
    });
    await firstServer.store.write(() =>
      firstServer.store
        .collection("meta")
        .put("workspace", { format: 99, workspaceId: "1", adminId: "1" }),
    );
    await firstServer.close();
    const error = await rejectionOf(startWorkspace({ data }));
    expect(error).toMatchObject({
      code: "WORKSPACE_DATA_VERSION",
      details: { fix: expect.stringContaining("reset") as string },
    });
    fs.writeFileSync(path.join(data, "lock"), JSON.stringify({ pid: 2 ** 22 - 1 }));
    expect(await rejectionOf(startWorkspace({ data }))).toMatchObject({
      code: "WORKSPACE_DATA_VERSION",
    });
    fs.rmSync(data, { recursive: true });
  });

  it("is rolled back when a write fails", async () => {
    const { workspace } = await serve();
    const numbers = workspace.store.collection<number>("things");
    await workspace.store.write(() => numbers.put("a", 1));
    await expect(
      workspace.store.write(() => {
        numbers.put("a", 2);
        numbers.put("b", 3);
        throw new Error("in the middle");
      }),
    ).rejects.toThrow("in the middle");
    expect([numbers.get("a"), numbers.get("b")]).toEqual([1, undefined]);
    await workspace.close();
  });
});

describe("a workspace with TLS or its own clock", () => {
  it("serves HTTPS that clients trust only with its certificate authority", async () => {
    const folder = createFolder();
    const tls = await ensureCertificates(folder);
    const workspace = await startWorkspace({ tls });
    const headers = { authorization: `Bearer ${workspace.token}` };
    const agent = new Agent({ connect: { ca: fs.readFileSync(tls.caFile, "utf8") } });
    expect(workspace.host).toMatch(/^https:/);
    expect(
      (await request(`${workspace.host}${ME}`, { headers, dispatcher: agent })).statusCode,
    ).toBe(200);
    await expect(request(`${workspace.host}${ME}`, { headers })).rejects.toThrow();
    await agent.close();
    await workspace.close();
    expect((await ensureCertificates(folder)).cert).toBe(tls.cert);
    fs.rmSync(folder, { recursive: true });
  });

  it("replaces its certificate if a file is damaged or the key belongs to another one", async () => {
    const [folder, otherFolder] = [createFolder(), createFolder()];
    await ensureCertificates(otherFolder);
    let { cert } = await ensureCertificates(folder);
    const damages: readonly [string, string | Buffer][] = [
      ["cert.pem", "-----BEGIN"],
      ["ca.pem", ""],
      ["key.pem", fs.readFileSync(path.join(otherFolder, "key.pem"))],
    ];
    for (const [name, content] of damages) {
      fs.writeFileSync(path.join(folder, name), content);
      const replacement = await ensureCertificates(folder);
      expect([name, replacement.cert === cert]).toEqual([name, false]);
      ({ cert } = replacement);
    }
    for (const usedFolder of [folder, otherFolder]) fs.rmSync(usedFolder, { recursive: true });
  });

  it("changes cluster states by its clock", async () => {
    const clock = WorkspaceClock.stopped(1_700_000_000_000);
    const { api, workspace } = await serve({ clock });
    const { body } = await api("POST", "/api/2.1/clusters/create", {
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
      autotermination_minutes: 10,
    });
    const state = async (): Promise<unknown> =>
      (await api("GET", `/api/2.1/clusters/get?cluster_id=${String(body.cluster_id)}`)).body.state;
    expect(await state()).toBe("PENDING");
    clock.advance(250);
    expect(await state()).toBe("RUNNING");
    clock.advance(10 * 60_000);
    expect(await state()).toBe("TERMINATED");
    await workspace.close();
  });
});

it("the compiled package starts a workspace", () => {
  const output = execFileSync(
    process.execPath,
    [
      "-e",
      `require("./dist/src/workspace/server.js").startWorkspace().then((w) => { console.log(w.host); return w.close(); })`,
    ],
    { cwd: path.join(__dirname, "..", "..") },
  );
  expect(output.toString()).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
});
