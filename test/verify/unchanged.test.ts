/**
 * Verify does not read objects whose list returns the recorded version. A changed object has a
 * different version.
 */
import { kinds } from "../../src/resources";
import type { ReadClient } from "../../src/api/client";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { callerOf, prepareLab, recordFor, stackName, verifiedRecord } from "./all-kinds";
import {
  check,
  checkFully,
  deployDirect,
  idIn,
  openLab,
  summary,
  type Lab,
  type Resources,
} from "./harness";

const servedModel = (version: string): Record<string, unknown> => ({
  name: "m",
  entity_name: "base.one.m",
  entity_version: version,
  workload_size: "Small",
  scale_to_zero_enabled: true,
});
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const onlineTable = (source: string): object => ({
  name: "base.one.online",
  spec: { source_table_full_name: source, run_triggered: {}, primary_key_columns: ["id"] },
});
const vectorIndex = (source_table: string): object => ({
  name: "base.one.index",
  endpoint_name: "vectors",
  primary_key: "id",
  index_type: "DELTA_SYNC",
  delta_sync_index_spec: {
    source_table,
    pipeline_type: "TRIGGERED",
    embedding_source_columns: [{ name: "text", embedding_model_endpoint_name: "e5" }],
  },
});
/** Converts objects of the API to blocks of Terraform, which are lists of one object. */
const asBlocks = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((item: unknown) => (typeof item === "object" ? withBlocks(item as object) : item))
    : typeof value === "object" && value !== null
      ? [withBlocks(value)]
      : value;
const withBlocks = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asBlocks(inner)]));

const resources: Resources = {
  databricks_notebook: {
    a: { path: "/Shared/a", language: "PYTHON", content_base64: base64("1") },
  },
  databricks_workspace_file: { a: { path: "/Shared/a.txt", content_base64: base64("1") } },
  databricks_dbfs_file: { a: { path: "/tmp/a.txt", content_base64: base64("1") } },
  databricks_file: { a: { path: "/Volumes/base/one/files/a.txt", content_base64: base64("1") } },
  databricks_secret: { a: { scope: "base", key: "a", string_value: "1" } },
  databricks_global_init_script: { a: { name: "a", content_base64: base64("1") } },
  databricks_share: {
    a: { name: "a", object: [{ name: "base.one.t", data_object_type: "TABLE" }] },
  },
  databricks_model_serving: {
    a: {
      name: "a",
      config: [{ served_entities: [servedModel("1")] }],
    },
  },
  databricks_online_table: { a: withBlocks(onlineTable("base.one.t")) as Record<string, unknown> },
  databricks_vector_search_index: {
    a: withBlocks(vectorIndex("base.one.t")) as Record<string, unknown>,
  },
};
const types = Object.keys(resources);
const otherTable = "base.one.another";

type Call = readonly [method: string, path: string, body?: unknown];
/** Changes each object in a field that its list does not return. */
const callsToChange: Readonly<Record<string, (id: string) => readonly Call[]>> = {
  databricks_notebook: () => [
    [
      "POST",
      "/api/2.0/workspace/import",
      { path: "/Shared/a", language: "PYTHON", content: base64("2"), overwrite: true },
    ],
  ],
  databricks_workspace_file: () => [
    [
      "POST",
      "/api/2.0/workspace/import",
      { path: "/Shared/a.txt", format: "RAW", content: base64("2"), overwrite: true },
    ],
  ],
  databricks_dbfs_file: () => [
    ["POST", "/api/2.0/dbfs/put", { path: "/tmp/a.txt", contents: base64("2"), overwrite: true }],
  ],
  databricks_file: () => [],
  databricks_secret: () => [
    ["POST", "/api/2.0/secrets/put", { scope: "base", key: "a", string_value: "2" }],
  ],
  databricks_global_init_script: (id) => [
    ["PATCH", `/api/2.0/global-init-scripts/${id}`, { name: "a", script: base64("2") }],
  ],
  databricks_share: () => [
    [
      "PATCH",
      "/api/2.1/unity-catalog/shares/a",
      {
        updates: [
          {
            action: "UPDATE",
            data_object: { name: "base.one.t", data_object_type: "TABLE", comment: "2" },
          },
        ],
      },
    ],
  ],
  databricks_model_serving: () => [
    ["PUT", "/api/2.0/serving-endpoints/a/config", { served_entities: [servedModel("2")] }],
  ],
  databricks_online_table: () => [
    ["DELETE", "/api/2.0/online-tables/base.one.online"],
    ["POST", "/api/2.0/online-tables", onlineTable(otherTable)],
  ],
  databricks_vector_search_index: () => [
    ["DELETE", "/api/2.0/vector-search/indexes/base.one.index"],
    ["POST", "/api/2.0/vector-search/indexes", vectorIndex(otherTable)],
  ],
};

let lab: Lab;
let deployed: Awaited<ReturnType<typeof deployDirect>>;
let record: DeploymentRecord;
beforeAll(async () => {
  lab = await openLab();
  await prepareLab(lab, 1);
  await setClock({ mode: "manual" });
  await callerOf(lab).call("POST", "/api/2.0/vector-search/endpoints", {
    name: "vectors",
    endpoint_type: "STANDARD",
  });
  deployed = await deployDirect(lab, resources);
  record = await verifiedRecord(lab, deployed);
});
afterAll(() => lab.close());

const setClock = (body: object): Promise<unknown> =>
  callerOf(lab).call("POST", "/_lakeform/clock", body);

async function changeObject(type: string): Promise<void> {
  if (type === "databricks_file")
    await lab.client.upload("/api/2.0/fs/files/Volumes/base/one/files/a.txt", () =>
      Buffer.from("2"),
    );
  for (const [method, path, body] of callsToChange[type]?.(idIn(deployed, type)) ?? [])
    await callerOf(lab).call(method, path, body);
}

/** Returns a client that records the paths of its calls. */
function watchClient(): { readonly client: ReadClient; readonly paths: string[] } {
  const paths: string[] = [];
  const { client } = lab;
  return {
    paths,
    client: {
      host: client.host,
      get: (path, options) => (paths.push(path), client.get(path, options)),
      head: (path, options) => (paths.push(path), client.head(path, options)),
      download: (path, options) => (paths.push(path), client.download(path, options)),
    },
  };
}
const readPaths =
  /export|dbfs\/read|fs\/files|secrets\/get|scripts\/.|shares\/.|endpoints\/a|online-tables\/.|indexes\/./;

test("the samples contain each kind whose list returns versions", () => {
  const versioned = kinds.filter(({ traits }) => traits?.listedVersions !== undefined);
  expect(versioned.map(({ type }) => type).sort()).toEqual([...types].sort());
});

test("the version of every object is recorded, and unchanged objects are not read", async () => {
  expect(Object.keys(record.verified ?? {}).sort()).toEqual(
    types.map((type) => `${type}.a`).sort(),
  );
  const { client, paths } = watchClient();
  const report = await check({ client }, deployed, { record, unmanaged: "none" });
  expect(summary(report)).toEqual([]);
  expect(report.counts.match).toBe(types.length);
  expect(paths.filter((path) => readPaths.test(path))).toEqual([]);
});

test("every object is read with --deep, and without recorded versions", async () => {
  const { verified: _versions, ...old } = record;
  for (const options of [{ record, deep: true }, { record: old }]) {
    const { client, paths } = watchClient();
    const report = await check({ client }, deployed, { ...options, unmanaged: "none" });
    expect(summary(report)).toEqual([]);
    expect(paths.filter((path) => readPaths.test(path)).length).toBeGreaterThanOrEqual(
      types.length,
    );
  }
});

test("a change of the code since the deploy is reported as pending", async () => {
  const notebook = { path: "/Shared/a", language: "PYTHON", content_base64: base64("new") };
  const stack = { resource: { ...resources, databricks_notebook: { a: notebook } } };
  expect(summary(await check(lab, deployed, { record, stack, unmanaged: "none" }))).toEqual([
    "pending databricks_notebook.a content",
  ]);
});

test("every object is read if the record belongs to another state", async () => {
  const state = { ...deployed.state, serial: 2 };
  const { client, paths } = watchClient();
  await check({ client }, { ...deployed, state }, { record, unmanaged: "none" });
  expect(paths.filter((path) => readPaths.test(path)).length).toBeGreaterThanOrEqual(types.length);
});

test("no version is recorded for an object that differs from the code", async () => {
  const stack = {
    resource: {
      ...resources,
      databricks_secret: { a: { scope: "base", key: "a", string_value: "other" } },
    },
  };
  const verification = await checkFully(lab, deployed, { record, stack, recordVersions: true });
  expect(verification.versions(stackName)).not.toHaveProperty("databricks_secret.a");
});

test("content is read only after the time unit of its version has passed", async () => {
  const { host } = lab.client;
  const times: [string, number][] = [];
  const noteTime = (path: string): void => void times.push([path, performance.now()]);
  const client: ReadClient = {
    host,
    get: async (path, options) => {
      const response = await lab.client.get(path, options);
      // Rounds the times, as a clock that counts seconds.
      if (path !== "/api/2.0/workspace/list") return response;
      noteTime(path);
      const { objects } = response as { objects: { path: string; modified_at: number }[] };
      return {
        objects: objects.map((object) => ({
          ...object,
          modified_at: Math.floor(object.modified_at / 1000) * 1000,
        })),
      };
    },
    head: (path, options) => lab.client.head(path, options),
    download: (path, options) => (noteTime(path), lab.client.download(path, options)),
  };
  const verification = await checkFully({ client }, deployed, {
    record: await recordFor(deployed),
    recordVersions: true,
    unmanaged: "none",
  });
  expect(verification.versions(stackName)["databricks_notebook.a"]).toMatch(/000\|/);
  const [listTime, readTime] = [/list$/, /export$/].map((path) =>
    times.find(([object]) => path.test(object)),
  );
  expect((readTime?.[1] ?? 0) - (listTime?.[1] ?? 0)).toBeGreaterThanOrEqual(1000);
});

test.each(types)("a change of a %s is found even if the clock has not advanced", async (type) => {
  // A new object is not created in the same millisecond as the one that was deleted.
  if (/online|index/.test(type)) await setClock({ advance: 1 });
  await changeObject(type);
  const report = await check(lab, deployed, { record, unmanaged: "none" });
  expect(report.exitCode).toBe(2);
  const drifted = report.resources.filter(({ status }) => status === "drift");
  expect(drifted.map(({ kind }) => kind)).toContain(type);
});
