/** The state of a stack in the workspace: versions, parts, lock, encryption, and interruptions. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect, type Connection } from "../../src/api";
import { States } from "../../src/state/open";
import { stateKeys, type StateKeys } from "../../src/state/pack";
import { startStateServer, type StateServer } from "../../src/state/server";
import { maxVersions, StateStore } from "../../src/state/store";
import { terraformEnvironment } from "../../src/terraform/run";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";

let workspace: RunningWorkspace;
let client: Connection;
let count = 0;
beforeAll(async () => {
  workspace = await startWorkspace();
  client = connect({
    host: workspace.host,
    token: workspace.token,
    env: {},
    retry: { baseMs: 1, capMs: 5 },
  });
});
afterEach(() => workspace.faults.clear());
afterAll(async () => {
  await client.close();
  await workspace.close();
  removeFolders();
});

const warnings: string[] = [];
const folder = (): string => `/Workspace/Shared/.lakeform/test/s${(count += 1)}`;
const open = (recordFolder: string, keys: StateKeys = [], by: Connection = client): StateStore =>
  new StateStore(by, { stack: "s", recordFolder, keys, warn: (text) => warnings.push(text) });

const state = (serial: number, more: object = {}): Buffer =>
  Buffer.from(
    `${JSON.stringify({ version: 4, terraform_version: "1.11.4", serial, lineage: "l", resources: [], ...more }, undefined, 2)}\n`,
  );

const write = (
  store: StateStore,
  content: Buffer,
  force = false,
): ReturnType<StateStore["write"]> =>
  store.withLock("test", (lock) => store.write(content, { lock, force }));

const filesOf = async (store: StateStore): Promise<string[]> => {
  const answer = await client.get("/api/2.0/workspace/list", {
    query: { path: `${store.folder}/versions` },
  });
  return ((answer as { objects?: { path: string }[] }).objects ?? []).map(({ path }) => path);
};
const put = (path: string, content: Buffer): Promise<unknown> =>
  client.post("/api/2.0/workspace/import", {
    path,
    format: "AUTO",
    overwrite: true,
    content: content.toString("base64"),
  });

describe("a state in the workspace", () => {
  test("can be read from another machine, and the last 20 versions are kept", async () => {
    const at = folder();
    const store = open(at);
    expect(await store.read()).toBeUndefined();
    for (let serial = 1; serial <= maxVersions + 2; serial += 1) await write(store, state(serial));
    const other = open(at);
    expect(await other.read()).toEqual(state(maxVersions + 2));
    expect((await other.versions()).map(({ number }) => number)).toEqual(
      Array.from({ length: maxVersions }, (_, index) => 22 - index),
    );
    expect(await other.read(3)).toEqual(state(3));
    await expect(other.read(2)).rejects.toMatchObject({ code: "NO_SUCH_STATE_VERSION" });
    expect(await filesOf(store)).toHaveLength(maxVersions);
    expect(await store.withLock("test", (lock) => store.rollback(5, lock))).toMatchObject({
      serial: 23,
      note: "rolled back to 5",
    });
    expect(await other.read()).toEqual(state(23));
    expect(warnings).toEqual([]);
  });

  test("keeps ids beyond 2^53 when it is rolled back", async () => {
    const store = open(folder());
    const large = Buffer.from(
      state(1).toString().replace('"l"', '"l",\n  "object_id": 9007199254740993'),
    );
    await write(store, large);
    await write(store, state(2));
    await store.withLock("test", (lock) => store.rollback(1, lock));
    expect((await store.read())?.toString()).toBe(
      large.toString().replace('"serial": 1', '"serial": 3'),
    );
  });

  test("is not replaced by a state with another lineage, an older serial, or the same serial and other content", async () => {
    const store = open(folder());
    await write(store, state(7));
    await expect(write(store, state(8, { lineage: "other" }))).rejects.toMatchObject({
      code: "OTHER_STATE",
      details: { value: "lineage other" },
    });
    await expect(write(store, state(6))).rejects.toMatchObject({
      code: "OTHER_STATE",
      details: { allowed: "serial 7 or newer" },
    });
    await expect(write(store, state(7, { outputs: {} }))).rejects.toMatchObject({
      code: "OTHER_STATE",
    });
    await expect(write(store, state(8).subarray(0, 60))).rejects.toMatchObject({
      code: "BROKEN_STATE",
    });
    await expect(write(store, state(8, { version: 5 }))).rejects.toMatchObject({
      code: "NEWER_STATE",
    });
    expect(await store.read()).toEqual(state(7));
    // The response was lost.
    expect(await write(store, state(7))).toMatchObject({ number: 1 });
    expect(await write(store, state(3, { lineage: "other" }), true)).toMatchObject({
      number: 2,
      lineage: "other",
    });
  });

  test("stays unchanged if the workspace rejects a file of that size, or the folder is not writable", async () => {
    const store = open(folder());
    await write(store, state(1));
    for (const [status, error_code, code] of [
      [400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "API_INVALID"],
      [403, "PERMISSION_DENIED", "API_FORBIDDEN"],
    ] as const) {
      workspace.faults.add({
        method: "POST",
        path: "/api/2.0/workspace/import",
        nth: 2,
        status,
        body: { error_code, message: "no" },
      });
      await expect(write(store, state(2))).rejects.toMatchObject({ code });
      workspace.faults.clear();
      expect(await store.read()).toEqual(state(1));
      expect(await store.holder()).toBeUndefined();
    }
  });

  test("is rejected if it was edited, is truncated or has a newer format", async () => {
    const store = open(folder());
    const { files } = await write(store, state(1));
    const readWithNewStore = (): Promise<unknown> =>
      open(store.folder.replace(/\/state$/, "")).read();
    await put(`${store.folder}/versions/${files[0] ?? ""}`, Buffer.from("no"));
    await expect(readWithNewStore()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringContaining("checksum") as string,
    });
    await put(`${store.folder}/index.json`, Buffer.from('{"format": 2}'));
    await expect(readWithNewStore()).rejects.toMatchObject({ code: "NEWER_STATE_FORMAT" });
    await put(`${store.folder}/index.json`, Buffer.from('{"format": 1, "ver'));
    await expect(readWithNewStore()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      details: { fix: expect.stringContaining("do not delete it") as string },
    });
  });
});

describe("the folder of a state", () => {
  const grants = async (store: StateStore): Promise<unknown> => {
    const { object_id } = (await client.get("/api/2.0/workspace/get-status", {
      query: { path: store.folder },
    })) as { object_id: number };
    return client.get(`/api/2.0/permissions/directories/${object_id}`);
  };
  const directory = async (path: string): Promise<number> => {
    await client.post("/api/2.0/workspace/mkdirs", { path });
    return (
      (await client.get("/api/2.0/workspace/get-status", { query: { path } })) as {
        object_id: number;
      }
    ).object_id;
  };

  test("is accessible only to its deployer and admins when created, and keeps later grants", async () => {
    await directory("/Private");
    const store = open("/Workspace/Private/etl-dev");
    await write(store, state(1));
    expect(await store.readers()).toEqual([]);
    const before = await grants(store);
    expect(JSON.stringify(before)).not.toContain('"users"');
    const id = await directory(store.folder);
    await client.patch(`/api/2.0/permissions/directories/${id}`, {
      access_control_list: [{ group_name: "users", permission_level: "CAN_READ" }],
    });
    await write(store, state(2));
    expect(await store.readers()).toEqual(["group users"]);
    expect(
      await open(
        "/Workspace/Private/etl-dev",
        stateKeys({ LAKEFORM_STATE_KEY: randomBytes(32).toString("hex") }),
      ).readers(),
    ).toEqual([]);
  });

  test("is accessible to principals with access to a parent folder", async () => {
    const above = await directory("/Open");
    await client.patch(`/api/2.0/permissions/directories/${above}`, {
      access_control_list: [{ group_name: "users", permission_level: "CAN_MANAGE" }],
    });
    const store = open("/Workspace/Open/etl-dev");
    expect(await store.readers()).toBeUndefined();
    await write(store, state(1));
    expect(await store.readers()).toEqual(["group users"]);
  });

  test("keeps its state with a warning if its access cannot be restricted", async () => {
    workspace.faults.add({
      method: "PUT",
      path: "/api/2.0/permissions/*",
      times: 9,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    const store = open(folder());
    await write(store, state(1));
    expect(warnings.splice(0)).toEqual([
      expect.stringMatching(/^the access list of .* could not be narrowed: /),
    ]);
    expect(await store.read()).toEqual(state(1));
  });
});

describe("a state that Terraform could not write", () => {
  const left = async (
    serial: number,
    more: object = {},
  ): Promise<{ directory: string; note: string | undefined; store: StateStore }> => {
    const directory = makeFolder("errored");
    const states = new States({}, (text) => warnings.push(text));
    const stack = {
      name: "s",
      directory,
      metadata: { recordFolder: folder() },
    } as SynthesizedStack;
    const store = states.add(stack, client);
    await write(store, state(4));
    fs.writeFileSync(path.join(directory, "errored.tfstate"), state(serial, more));
    return { directory, note: await states.takeOver(stack), store };
  };

  test("is stored by the next command, and removed from this machine", async () => {
    const { directory, note, store } = await left(6);
    expect(note).toBe(
      "the state of s that Terraform could not write has now been written (serial 6)",
    );
    expect(await store.read()).toEqual(state(6));
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test.each([
    ["an older serial", 4, {}],
    ["another lineage", 9, { lineage: "other" }],
  ])("of %s is kept aside", async (_what, serial, more) => {
    const { directory, note, store } = await left(serial, more);
    expect(note).toContain("is not newer than the one in the workspace (serial 4)");
    expect(await store.read()).toEqual(state(4));
    expect(fs.readdirSync(directory)).toEqual([`errored-${serial}.tfstate`]);
  });
});

describe("the lock of a state", () => {
  const info = (ID: string): Parameters<StateStore["lock"]>[0] => ({
    ID,
    Operation: "OperationTypeApply",
    Who: "ann@there",
    Created: "2026-01-01T00:00:00Z",
  });
  const elsewhere = (id: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        id,
        by: "ann",
        since: "2026-01-01T00:00:00Z",
        host: "another-machine",
        pid: 1,
        terraform: info(id),
      }),
    );

  test("blocks other holders from writing, too; it can be broken by its id, after which its holder can no longer write", async () => {
    const at = folder();
    const [one, two] = [open(at), open(at)];
    await one.lock(info("a"));
    await one.lock(info("a"));
    await expect(two.lock(info("b"))).rejects.toMatchObject({
      code: "STATE_LOCKED",
      details: { fix: expect.stringContaining("lakeform state unlock s a") as string },
    });
    await expect(two.write(state(1), { lock: "b" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
    });
    await expect(two.write(state(1), { lock: "" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
    });
    await expect(two.unlock("b")).rejects.toMatchObject({ code: "STATE_NOT_LOCKED" });
    await two.unlock("a");
    await two.lock(info("b"));
    await expect(one.write(state(1), { lock: "a" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
    });
    await two.write(state(1), { lock: "b" });
    await two.unlock("b");
  });

  test("is taken over from an ended process on this machine, but not from another machine", async () => {
    const store = open(folder());
    await write(store, state(1));
    await put(
      `${store.folder}/lock.json`,
      Buffer.from(
        JSON.stringify({ id: "dead", by: "ann", since: "", host: os.hostname(), pid: 2 ** 22 + 1 }),
      ),
    );
    await write(store, state(2));
    expect(warnings.splice(0)).toEqual([
      "took over the state lock of a process that has ended (ann)",
    ]);
    await put(`${store.folder}/lock.json`, elsewhere("far"));
    await expect(write(store, state(3))).rejects.toMatchObject({
      code: "STATE_LOCKED",
      details: { value: expect.stringContaining("another-machine") as string },
    });
  });

  test("is not needed for a plan by a user with read access, and is needed for an apply", async () => {
    const store = open(folder());
    await write(store, state(1));
    workspace.faults.add({
      method: "POST",
      path: "/api/2.0/workspace/import",
      times: 9,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    await store.lock({ ...info("p"), Operation: "OperationTypePlan" });
    await store.unlock("p");
    await expect(store.lock(info("q"))).rejects.toMatchObject({ code: "API_FORBIDDEN" });
  });
});

describe("an encrypted state", () => {
  const env = (key: string, old?: string): StateKeys =>
    stateKeys({ LAKEFORM_STATE_KEY: key, LAKEFORM_STATE_KEY_OLD: old });
  const [first, second] = [randomBytes(32).toString("base64"), randomBytes(32).toString("hex")];

  test("is read only with its key and never written in clear text again; the key can be changed", async () => {
    const at = folder();
    const canary = randomBytes(8).toString("hex");
    const secret = (serial: number): Buffer => state(serial, { outputs: { a: { value: canary } } });
    const { files, key } = await write(open(at, env(first)), secret(1));
    expect(key).toMatch(/^[0-9a-f]{12}$/);
    expect(await open(at, env(first)).read()).toEqual(secret(1));
    await expect(open(at).read()).rejects.toMatchObject({
      code: "STATE_KEY_MISSING",
      message: "the state is encrypted, and there is no key",
    });
    await expect(open(at, env(second)).read()).rejects.toMatchObject({
      code: "STATE_KEY_MISSING",
      message: "the state is encrypted with another key",
    });
    await expect(write(open(at), secret(2))).rejects.toMatchObject({ code: "STATE_KEY_MISSING" });
    await write(open(at, env(second, first)), secret(2));
    expect(await open(at, env(second)).read()).toEqual(secret(2));
    // The previous version is not mistaken for the newest one.
    const old = await client.get("/api/2.0/workspace/export", {
      query: { path: `${at}/state/versions/${files[0] ?? ""}`, format: "AUTO" },
    });
    const bytes = Buffer.from((old as { content: string }).content, "base64");
    expect(bytes.includes(canary)).toBe(false);
    const index = JSON.parse(
      Buffer.from(
        (
          (await client.get("/api/2.0/workspace/export", {
            query: { path: `${at}/state/index.json`, format: "AUTO" },
          })) as {
            content: string;
          }
        ).content,
        "base64",
      ).toString(),
    ) as { versions: Record<string, unknown>[] };
    const [newest, before] = index.versions;
    await put(
      `${at}/state/index.json`,
      Buffer.from(
        JSON.stringify({ format: 1, versions: [{ ...before, number: newest?.["number"] }] }),
      ),
    );
    await expect(open(at, env(first)).read()).rejects.toMatchObject({ code: "STATE_CORRUPT" });
  });

  test("has a key that is not passed to child processes", () => {
    const engine = { name: "terraform", binary: "/nowhere", version: "1.11.4" } as const;
    const given = { PATH: "/bin", LAKEFORM_STATE_KEY: first, LAKEFORM_STATE_KEY_OLD: second };
    const context = {
      engine,
      directory: "/nowhere",
      env: given,
      credentials: {},
      variables: {},
      mirror: undefined,
    };
    const seen = terraformEnvironment(context);
    expect(seen.PATH).toBe("/bin");
    expect(Object.values(seen).filter((value) => value === first || value === second)).toEqual([]);
  });

  test.each(["short", randomBytes(31).toString("base64"), "z".repeat(64)])(
    "rejects the key %s without printing it",
    (text) => {
      expect(() => env(text)).toThrow(expect.objectContaining({ code: "BAD_STATE_KEY" }) as Error);
      expect(() => env(text)).not.toThrow(text);
    },
  );
});

describe("the server for Terraform", () => {
  let server: StateServer;
  const problems: string[] = [];
  beforeAll(async () => {
    const store = open(folder());
    server = await startStateServer({
      storeOf: (stack) => (stack === "s" ? store : undefined),
      onProblem: ({ code }) => problems.push(code),
      onLocked: (stack, { code }) => problems.push(`${stack} ${code}`),
    });
  });
  afterAll(() => server.close());

  const ask = async (
    method: string,
    {
      user = "s",
      password = server.secret,
      query = "",
      body,
    }: { user?: string; password?: string; query?: string; body?: string },
  ): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const answer = await fetch(`${server.environment.TF_HTTP_ADDRESS ?? ""}${query}`, {
      method,
      headers: { authorization },
      ...(body !== undefined && { body }),
    });
    await answer.text();
    return answer.status;
  };

  test("listens on loopback, and rejects requests without its secret", async () => {
    expect(server.environment.TF_HTTP_ADDRESS).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/state$/);
    for (const method of ["GET", "POST", "LOCK", "UNLOCK", "DELETE"])
      expect(await ask(method, { password: "guess" })).toBe(401);
    expect((await fetch(server.environment.TF_HTTP_ADDRESS ?? "")).status).toBe(401);
    expect(await ask("GET", {})).toBe(204);
    expect(await ask("GET", { user: "other" })).toBe(403);
    expect(await ask("DELETE", {})).toBe(405);
  });

  test("writes only with the lock that was acquired, and not with force", async () => {
    const lock = JSON.stringify({ ID: "x", Operation: "OperationTypeApply" });
    expect(await ask("POST", { body: state(1).toString() })).toBe(409);
    expect(await ask("LOCK", { body: lock })).toBe(200);
    expect(await ask("LOCK", { body: JSON.stringify({ ID: "y" }) })).toBe(423);
    expect(await ask("POST", { query: "?ID=y", body: state(1).toString() })).toBe(409);
    expect(await ask("POST", { query: "?ID=x", body: state(1).toString() })).toBe(200);
    expect(await ask("UNLOCK", { body: "" })).toBe(409);
    expect(await ask("UNLOCK", { body: lock })).toBe(200);
    expect(await ask("GET", {})).toBe(200);
    expect(problems.splice(0)).toEqual([
      "UNKNOWN_STACK",
      "STATE_NOT_LOCKED",
      "s STATE_LOCKED",
      "STATE_NOT_LOCKED",
      "STATE_NOT_LOCKED",
    ]);
  });
});
