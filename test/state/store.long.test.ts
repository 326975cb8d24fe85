/** The state of a stack in the workspace: versions, parts, lock, encryption, and interruptions. */
import { randomBytes } from "node:crypto";
import { connect, type Connection } from "../../src/api";
import { chunkSize, type StateKeys } from "../../src/state/pack";
import { StateStore } from "../../src/state/store";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { removeFolders } from "../support/project";

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
const newFolder = (): string => `/Workspace/Shared/.lakeform/test/s${(folderCount += 1)}`;
const openStore = (
  recordFolder: string,
  keys: StateKeys = [],
  connection: Connection = client,
): StateStore =>
  new StateStore(connection, {
    stack: "s",
    recordFolder,
    keys,
    warn: (text) => warnings.push(text),
  });

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
const deleteFile = (path: string): Promise<unknown> =>
  client.post("/api/2.0/workspace/delete", { path });

describe("a state in the workspace", () => {
  test("is stored in files below the platform's limit, at any size", async () => {
    const store = openStore(newFolder());
    // The data is incompressible.
    const large = makeState(1, {
      outputs: { a: { value: randomBytes(2 * chunkSize).toString("base64") } },
    });
    const { files } = await writeLocked(store, large);
    expect(files.length).toBe(3);
    expect((await openStore(store.folder.replace(/\/state$/, "")).read())?.equals(large)).toBe(
      true,
    );
    await deleteFile(`${store.folder}/versions/${files[1] ?? ""}`);
    await expect(openStore(store.folder.replace(/\/state$/, "")).read()).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringContaining(
        `a part of it is missing: ${store.folder}/versions/${files[1] ?? ""}`,
      ) as string,
    });
  });

  test("is written and read in at most a few files with 10,000 jobs", async () => {
    const job = (number: number): object => {
      const randomText = randomBytes(24).toString("hex");
      const tasks = Array.from({ length: 5 }, (_, index) => ({
        task_key: `task_${index}`,
        notebook_task: [
          {
            notebook_path: `/Shared/etl/${number}/${index}`,
            base_parameters: { random: randomText },
          },
        ],
      }));
      const attributes = {
        id: `${number}`,
        name: `job-${number}-${randomText}`,
        tags: { lakeform: "test/s" },
        task: tasks,
      };
      return {
        mode: "managed",
        type: "databricks_job",
        name: `job_${number}`,
        instances: [{ schema_version: 2, attributes, private: randomText }],
      };
    };
    const large = makeState(1, {
      resources: Array.from({ length: 10_000 }, (_, number) => job(number)),
    });
    const store = openStore(newFolder());
    const { files, size } = await writeLocked(store, large);
    expect(size).toBeGreaterThan(10_000_000);
    expect(files.length).toBeLessThanOrEqual(3);
    expect((await openStore(store.folder.replace(/\/state$/, "")).read())?.equals(large)).toBe(
      true,
    );
    // An update reads the current list, and writes all of it.
    expect(await writeLocked(store, makeState(2, { resources: [job(1)] }))).toMatchObject({
      number: 2,
    });
  });

  test("stays readable if a write is interrupted at any of its calls, and the next write cleans up", async () => {
    const store = openStore(newFolder());
    await writeLocked(store, makeState(1));
    for (const failingCall of [2, 3]) {
      workspace.faults.add({
        method: "POST",
        path: "/api/2.0/workspace/import",
        nth: failingCall,
        status: 403,
        body: { error_code: "PERMISSION_DENIED", message: "no" },
      });
      await expect(writeLocked(store, makeState(2))).rejects.toMatchObject({
        code: "API_FORBIDDEN",
      });
      workspace.faults.clear();
      expect(await openStore(store.folder.replace(/\/state$/, "")).read()).toEqual(makeState(1));
    }
    expect(await listVersionFiles(store)).toHaveLength(2);
    await writeLocked(store, makeState(2));
    expect(await listVersionFiles(store)).toHaveLength(2);
  });
});
