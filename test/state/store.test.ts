/** The state of a stack in the workspace: versions, parts, lock, encryption, and interruptions. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect, type Connection } from "../../src/api";
import { States } from "../../src/state/open";
import { stateKeys, type StateKeys } from "../../src/state/pack";
import { maxVersions, StateStore } from "../../src/state/store";
import { terraformEnvironment } from "../../src/terraform/run";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { makeFolder, removeFolders } from "../support/project";

let workspace: RunningWorkspace;
let client: Connection;
let folderCount = 0;
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
const warn = (text: string): void => void warnings.push(text);
const newFolder = (): string => `/Workspace/Shared/.lakeform/test/s${(folderCount += 1)}`;
const openStore = (
  recordFolder: string,
  keys: StateKeys = [],
  connection: Connection = client,
): StateStore => new StateStore(connection, { stack: "s", recordFolder, keys, warn });

const makeState = (serial: number, fields: object = {}): Buffer =>
  Buffer.from(
    `${JSON.stringify({ version: 4, terraform_version: "1.11.4", serial, lineage: "l", resources: [], ...fields }, undefined, 2)}\n`,
  );

const writeLocked = (
  store: StateStore,
  content: Buffer,
  force = false,
): ReturnType<StateStore["write"]> =>
  store.lock.during("test", (lock) => store.write(content, { lock, force }));

const listVersionFiles = async (store: StateStore): Promise<string[]> => {
  const response = await client.get("/api/2.0/workspace/list", {
    query: { path: `${store.folder}/versions` },
  });
  return ((response as { objects?: { path: string }[] }).objects ?? []).map(({ path }) => path);
};
const writeFile = (path: string, content: Buffer): Promise<unknown> =>
  client.post("/api/2.0/workspace/import", {
    path,
    format: "AUTO",
    overwrite: true,
    content: content.toString("base64"),
  });

describe("a state in the workspace", () => {
  test("can be read from another machine, and the last 20 versions are kept", async () => {
    const recordFolder = newFolder();
    const store = openStore(recordFolder);
    expect(await store.read()).toBeUndefined();
    for (let serial = 1; serial <= maxVersions + 2; serial += 1)
      await writeLocked(store, makeState(serial));
    const otherStore = openStore(recordFolder);
    expect(await otherStore.read()).toEqual(makeState(maxVersions + 2));
    expect((await otherStore.versions()).map(({ number }) => number)).toEqual(
      Array.from({ length: maxVersions }, (_, index) => 22 - index),
    );
    expect(await otherStore.read(3)).toEqual(makeState(3));
    await expect(otherStore.read(2)).rejects.toMatchObject({ code: "NO_SUCH_STATE_VERSION" });
    expect(await listVersionFiles(store)).toHaveLength(maxVersions);
    expect(await store.lock.during("test", (lock) => store.rollback(5, lock))).toMatchObject({
      serial: 23,
      note: "rolled back to 5",
    });
    expect(await otherStore.read()).toEqual(makeState(23));
    expect(warnings).toEqual([]);
  });

  test("keeps ids beyond 2^53 when it is rolled back", async () => {
    const store = openStore(newFolder());
    const large = Buffer.from(
      makeState(1).toString().replace('"l"', '"l",\n  "object_id": 9007199254740993'),
    );
    await writeLocked(store, large);
    await writeLocked(store, makeState(2));
    await store.lock.during("test", (lock) => store.rollback(1, lock));
    expect((await store.read())?.toString()).toBe(
      large.toString().replace('"serial": 1', '"serial": 3'),
    );
  });

  test("is not replaced by a state with another lineage, an older serial, or other content of the same serial", async () => {
    const store = openStore(newFolder());
    await writeLocked(store, makeState(7));
    await expect(writeLocked(store, makeState(8, { lineage: "other" }))).rejects.toMatchObject({
      code: "OTHER_STATE",
      details: { value: "lineage other" },
    });
    await expect(writeLocked(store, makeState(6))).rejects.toMatchObject({
      code: "OTHER_STATE",
      details: { allowed: "serial 7 or newer" },
    });
    await expect(writeLocked(store, makeState(7, { outputs: {} }))).rejects.toMatchObject({
      code: "OTHER_STATE",
    });
    await expect(writeLocked(store, makeState(8).subarray(0, 60))).rejects.toMatchObject({
      code: "BROKEN_STATE",
    });
    await expect(writeLocked(store, makeState(8, { version: 5 }))).rejects.toMatchObject({
      code: "NEWER_STATE",
    });
    expect(await store.read()).toEqual(makeState(7));
    // The response was lost.
    expect(await writeLocked(store, makeState(7))).toMatchObject({ number: 1 });
    // `terraform state pull` adds a line end to the state of another backend.
    const pulledState = Buffer.concat([makeState(7), Buffer.from("\n")]);
    expect(await writeLocked(store, pulledState)).toMatchObject({ number: 1 });
    expect(await writeLocked(store, makeState(3, { lineage: "other" }), true)).toMatchObject({
      number: 2,
      lineage: "other",
    });
  });

  test("stays unchanged if the workspace rejects a file of that size, or the folder is not writable", async () => {
    const store = openStore(newFolder());
    await writeLocked(store, makeState(1));
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
      await expect(writeLocked(store, makeState(2))).rejects.toMatchObject({ code });
      workspace.faults.clear();
      expect(await store.read()).toEqual(makeState(1));
      expect(await store.lock.holder()).toBeUndefined();
    }
  });

  test("is rejected if it was edited, is truncated or has a newer format", async () => {
    const store = openStore(newFolder());
    const { files } = await writeLocked(store, makeState(1));
    const readWithNewStore = (): Promise<unknown> =>
      openStore(store.folder.replace(/\/state$/, "")).read();
    await writeFile(`${store.folder}/versions/${files[0] ?? ""}`, Buffer.from("no"));
    await expect(readWithNewStore()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringContaining("checksum") as string,
    });
    await writeFile(`${store.folder}/index.json`, Buffer.from('{"format": 2}'));
    await expect(readWithNewStore()).rejects.toMatchObject({ code: "NEWER_STATE_FORMAT" });
    await writeFile(`${store.folder}/index.json`, Buffer.from('{"format": 1, "ver'));
    await expect(readWithNewStore()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      details: { fix: expect.stringContaining("do not delete it") as string },
    });
  });
});

describe("the folder of a state", () => {
  const readGrants = async (store: StateStore): Promise<unknown> => {
    const { object_id } = (await client.get("/api/2.0/workspace/get-status", {
      query: { path: store.folder },
    })) as { object_id: number };
    return client.get(`/api/2.0/permissions/directories/${object_id}`);
  };
  const makeDirectory = async (path: string): Promise<number> => {
    await client.post("/api/2.0/workspace/mkdirs", { path });
    return (
      (await client.get("/api/2.0/workspace/get-status", { query: { path } })) as {
        object_id: number;
      }
    ).object_id;
  };

  test("is accessible only to its deployer and admins when created, and keeps later grants", async () => {
    await makeDirectory("/Private");
    const store = openStore("/Workspace/Private/etl-dev");
    await writeLocked(store, makeState(1));
    expect(await store.readers()).toEqual([]);
    const grantsBefore = await readGrants(store);
    expect(JSON.stringify(grantsBefore)).not.toContain('"users"');
    const id = await makeDirectory(store.folder);
    await client.patch(`/api/2.0/permissions/directories/${id}`, {
      access_control_list: [{ group_name: "users", permission_level: "CAN_READ" }],
    });
    await writeLocked(store, makeState(2));
    expect(await store.readers()).toEqual(["group users"]);
    expect(
      await openStore(
        "/Workspace/Private/etl-dev",
        stateKeys({ LAKEFORM_STATE_KEY: randomBytes(32).toString("hex") }),
      ).readers(),
    ).toEqual([]);
  });

  test("is accessible to principals with access to a parent folder", async () => {
    const parentId = await makeDirectory("/Open");
    await client.patch(`/api/2.0/permissions/directories/${parentId}`, {
      access_control_list: [{ group_name: "users", permission_level: "CAN_MANAGE" }],
    });
    const store = openStore("/Workspace/Open/etl-dev");
    expect(await store.readers()).toBeUndefined();
    await writeLocked(store, makeState(1));
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
    const store = openStore(newFolder());
    await writeLocked(store, makeState(1));
    expect(warnings.splice(0)).toEqual([
      expect.stringMatching(/^the access list of .* could not be restricted: /),
    ]);
    expect(await store.read()).toEqual(makeState(1));
  });
});

describe("a state that Terraform could not write", () => {
  const leaveErroredState = async (
    serial: number,
    fields: object = {},
  ): Promise<{ directory: string; note: string | undefined; store: StateStore }> => {
    const directory = makeFolder("errored");
    const states = new States({}, (text) => warnings.push(text));
    const stack = {
      name: "s",
      directory,
      metadata: { recordFolder: newFolder() },
    } as SynthesizedStack;
    const store = states.add(stack, client);
    await writeLocked(store, makeState(4));
    fs.writeFileSync(path.join(directory, "errored.tfstate"), makeState(serial, fields));
    return { directory, note: await states.takeOver(stack), store };
  };

  test("is stored by the next command, and removed from this machine", async () => {
    const { directory, note, store } = await leaveErroredState(6);
    expect(note).toBe(
      "the state of s that Terraform could not write has now been written (serial 6)",
    );
    expect(await store.read()).toEqual(makeState(6));
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test.each([
    ["the same serial", 4, {}, "is not newer than the one in the workspace (serial 4)"],
    ["another lineage", 9, { lineage: "other" }, "has another lineage than the one in the work"],
  ])("of %s is renamed and kept", async (_what, serial, fields, reason) => {
    const { directory, note, store } = await leaveErroredState(serial, fields);
    expect(note).toContain(reason);
    expect(await store.read()).toEqual(makeState(4));
    expect(fs.readdirSync(directory)).toEqual([`errored-${serial}.tfstate`]);
  });
});

describe("the lock of a state", () => {
  const lockInfo = (ID: string): Parameters<StateStore["lock"]["take"]>[0] => ({
    ID,
    Operation: "OperationTypeApply",
    Who: "ann@there",
    Created: "2026-01-01T00:00:00Z",
  });
  const lockOfOtherMachine = (id: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        id,
        by: "ann",
        since: "2026-01-01T00:00:00Z",
        host: "another-machine",
        pid: 1,
        terraform: lockInfo(id),
      }),
    );

  test("excludes other writers, and can be broken by its id; its holder can then no longer write", async () => {
    const recordFolder = newFolder();
    const [firstStore, secondStore] = [openStore(recordFolder), openStore(recordFolder)];
    await firstStore.lock.take(lockInfo("a"));
    await firstStore.lock.take(lockInfo("a"));
    await expect(secondStore.lock.take(lockInfo("b"))).rejects.toMatchObject({
      code: "STATE_LOCKED",
      details: { fix: expect.stringContaining("lakeform state unlock s a") as string },
    });
    await expect(secondStore.write(makeState(1), { lock: "b" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
      message: "the state of s is locked by another process",
    });
    await expect(secondStore.write(makeState(1), { lock: "" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
    });
    await expect(secondStore.lock.release("b")).rejects.toMatchObject({ code: "STATE_NOT_LOCKED" });
    await secondStore.lock.release("a");
    await expect(secondStore.write(makeState(1), { lock: "b" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
      message: "the state of s is not locked",
    });
    await secondStore.lock.take(lockInfo("b"));
    await expect(firstStore.write(makeState(1), { lock: "a" })).rejects.toMatchObject({
      code: "STATE_NOT_LOCKED",
    });
    await secondStore.write(makeState(1), { lock: "b" });
    await secondStore.lock.release("b");
  });

  test("is taken over from an ended process on this machine, but not from another machine", async () => {
    const store = openStore(newFolder());
    await writeLocked(store, makeState(1));
    await writeFile(
      `${store.folder}/lock.json`,
      Buffer.from(
        JSON.stringify({ id: "dead", by: "ann", since: "", host: os.hostname(), pid: 2 ** 22 + 1 }),
      ),
    );
    await writeLocked(store, makeState(2));
    expect(warnings.splice(0)).toEqual([
      "took over the state lock of a process that has ended (ann)",
    ]);
    await writeFile(`${store.folder}/lock.json`, lockOfOtherMachine("far"));
    await expect(writeLocked(store, makeState(3))).rejects.toMatchObject({
      code: "STATE_LOCKED",
      details: { value: expect.stringContaining("another-machine") as string },
    });
  });

  test("is not needed for a plan by a user with read access, and is needed for an apply", async () => {
    const store = openStore(newFolder());
    await writeLocked(store, makeState(1));
    workspace.faults.add({
      method: "POST",
      path: "/api/2.0/workspace/import",
      times: 9,
      status: 403,
      body: { error_code: "PERMISSION_DENIED", message: "no" },
    });
    await store.lock.take({ ...lockInfo("p"), Operation: "OperationTypePlan" });
    await store.lock.release("p");
    await expect(store.lock.take(lockInfo("q"))).rejects.toMatchObject({ code: "API_FORBIDDEN" });
  });
});

describe("an encrypted state", () => {
  const keysOf = (key: string, oldKey?: string): StateKeys =>
    stateKeys({ LAKEFORM_STATE_KEY: key, LAKEFORM_STATE_KEY_OLD: oldKey });
  const [firstKey, secondKey] = [
    randomBytes(32).toString("base64"),
    randomBytes(32).toString("hex"),
  ];

  test("is read and written only with its key, which can be changed", async () => {
    const recordFolder = newFolder();
    const canary = randomBytes(8).toString("hex");
    const secretState = (serial: number): Buffer =>
      makeState(serial, { outputs: { a: { value: canary } } });
    const { files, key } = await writeLocked(
      openStore(recordFolder, keysOf(firstKey)),
      secretState(1),
    );
    expect(key).toMatch(/^[0-9a-f]{12}$/);
    expect(await openStore(recordFolder, keysOf(firstKey)).read()).toEqual(secretState(1));
    await expect(openStore(recordFolder).read()).rejects.toMatchObject({
      code: "STATE_KEY_MISSING",
      message: "the state is encrypted, and there is no key",
    });
    await expect(openStore(recordFolder, keysOf(secondKey)).read()).rejects.toMatchObject({
      code: "STATE_KEY_MISSING",
      message: "the state is encrypted with another key",
    });
    await expect(writeLocked(openStore(recordFolder), secretState(2))).rejects.toMatchObject({
      code: "STATE_KEY_MISSING",
    });
    await writeLocked(openStore(recordFolder, keysOf(secondKey, firstKey)), secretState(2));
    expect(await openStore(recordFolder, keysOf(secondKey)).read()).toEqual(secretState(2));
    // The previous version is not mistaken for the newest one.
    const oldVersion = await client.get("/api/2.0/workspace/export", {
      query: { path: `${recordFolder}/state/versions/${files[0] ?? ""}`, format: "AUTO" },
    });
    const bytes = Buffer.from((oldVersion as { content: string }).content, "base64");
    expect(bytes.includes(canary)).toBe(false);
    const index = JSON.parse(
      Buffer.from(
        (
          (await client.get("/api/2.0/workspace/export", {
            query: { path: `${recordFolder}/state/index.json`, format: "AUTO" },
          })) as {
            content: string;
          }
        ).content,
        "base64",
      ).toString(),
    ) as { versions: Record<string, unknown>[] };
    const [newest, previous] = index.versions;
    await writeFile(
      `${recordFolder}/state/index.json`,
      Buffer.from(
        JSON.stringify({ format: 1, versions: [{ ...previous, number: newest?.["number"] }] }),
      ),
    );
    await expect(openStore(recordFolder, keysOf(firstKey)).read()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
    });
  });

  test("has a key that is not passed to child processes", () => {
    const engine = { name: "terraform", binary: "/nowhere", version: "1.11.4" } as const;
    const env = { PATH: "/bin", LAKEFORM_STATE_KEY: firstKey, LAKEFORM_STATE_KEY_OLD: secondKey };
    const context = {
      engine,
      directory: "/nowhere",
      env,
      credentials: {},
      variables: {},
      mirror: undefined,
    };
    const childEnvironment = terraformEnvironment(context);
    expect(childEnvironment.PATH).toBe("/bin");
    expect(
      Object.values(childEnvironment).filter((value) => value === firstKey || value === secondKey),
    ).toEqual([]);
  });

  test.each(["short", randomBytes(31).toString("base64"), "z".repeat(64)])(
    "rejects the key %s without printing it",
    (text) => {
      expect(() => keysOf(text)).toThrow(
        expect.objectContaining({ code: "BAD_STATE_KEY" }) as Error,
      );
      expect(() => keysOf(text)).not.toThrow(text);
    },
  );
});
