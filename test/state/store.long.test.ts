/** The state of a stack in the workspace: versions, parts, lock, encryption, and interruptions. */
import { randomBytes } from "node:crypto";
import { connect, type Connection } from "../../src/api";
import { chunkSize, type StateKeys } from "../../src/state/pack";
import { StateStore } from "../../src/state/store";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { removeFolders } from "../support/project";

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
const remove = (path: string): Promise<unknown> =>
  client.post("/api/2.0/workspace/delete", { path });

describe("a state in the workspace", () => {
  test("is stored in files below the platform's limit, at any size", async () => {
    const store = open(folder());
    // The data is incompressible.
    const large = state(1, {
      outputs: { a: { value: randomBytes(2 * chunkSize).toString("base64") } },
    });
    const { files } = await write(store, large);
    expect(files.length).toBe(3);
    expect((await open(store.folder.replace(/\/state$/, "")).read())?.equals(large)).toBe(true);
    await remove(`${store.folder}/versions/${files[1] ?? ""}`);
    await expect(open(store.folder.replace(/\/state$/, "")).read()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringContaining(
        `a part of it is missing: ${store.folder}/versions/${files[1] ?? ""}`,
      ) as string,
    });
  });

  test("is written and read in at most a few files with 10,000 jobs", async () => {
    const job = (number: number): object => {
      const random = randomBytes(24).toString("hex");
      const task = Array.from({ length: 5 }, (_, at) => ({
        task_key: `task_${at}`,
        notebook_task: [
          { notebook_path: `/Shared/etl/${number}/${at}`, base_parameters: { random } },
        ],
      }));
      const attributes = {
        id: `${number}`,
        name: `job-${number}-${random}`,
        tags: { lakeform: "test/s" },
        task,
      };
      return {
        mode: "managed",
        type: "databricks_job",
        name: `job_${number}`,
        instances: [{ schema_version: 2, attributes, private: random }],
      };
    };
    const large = state(1, {
      resources: Array.from({ length: 10_000 }, (_, number) => job(number)),
    });
    const store = open(folder());
    const { files, size } = await write(store, large);
    expect(size).toBeGreaterThan(10_000_000);
    expect(files.length).toBeLessThanOrEqual(3);
    expect((await open(store.folder.replace(/\/state$/, "")).read())?.equals(large)).toBe(true);
    // An update reads the current list, and writes all of it.
    expect(await write(store, state(2, { resources: [job(1)] }))).toMatchObject({ number: 2 });
  });

  test("stays readable if a write is interrupted at any of its calls, and the next write cleans up", async () => {
    const store = open(folder());
    await write(store, state(1));
    for (const nth of [2, 3]) {
      workspace.faults.add({
        method: "POST",
        path: "/api/2.0/workspace/import",
        nth,
        status: 403,
        body: { error_code: "PERMISSION_DENIED", message: "no" },
      });
      await expect(write(store, state(2))).rejects.toMatchObject({ code: "API_FORBIDDEN" });
      workspace.faults.clear();
      expect(await open(store.folder.replace(/\/state$/, "")).read()).toEqual(state(1));
    }
    expect(await filesOf(store)).toHaveLength(2);
    await write(store, state(2));
    expect(await filesOf(store)).toHaveLength(2);
  });
});
