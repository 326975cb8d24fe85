/**
 * Objects whose list still returns the version that was recorded after the deploy are not read; any
 * change gives them another version, and is found.
 */
import { kinds } from "../../src/resources";
import type { ReadClient } from "../../src/api/client";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import { callerOf, prepareLab, recordFor, stackName, verifiedRecord } from "./all-kinds";
import { check, checkFully, deployDirect, openLab, summary, type Lab, type Resources } from "./harness"; // prettier-ignore

const base64 = (words: string): string => Buffer.from(words).toString("base64");
const online = (source: string): object => ({
  name: "base.one.online",
  spec: { source_table_full_name: source, run_triggered: {}, primary_key_columns: ["id"] },
});
const index = (source_table: string): object => ({
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
/** The wire form with a block for each object, as Terraform has it. */
const blocks = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((item: unknown) => (typeof item === "object" ? fields(item as object) : item))
    : typeof value === "object" && value !== null
      ? [fields(value)]
      : value;
const fields = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, blocks(inner)]));

const resources: Resources = {
  databricks_notebook: {
    a: { path: "/Shared/a", language: "PYTHON", content_base64: base64("1") },
  },
  databricks_workspace_file: { a: { path: "/Shared/a.txt", content_base64: base64("1") } },
  databricks_dbfs_file: { a: { path: "/tmp/a.txt", content_base64: base64("1") } },
  databricks_file: { a: { path: "/Volumes/base/one/files/a.txt", content_base64: base64("1") } },
  databricks_secret: { a: { scope: "base", key: "a", string_value: "1" } },
  databricks_global_init_script: { a: { name: "a", content_base64: base64("1") } },
  databricks_share: { a: { name: "a", object: [{ name: "base.one.t", data_object_type: "TABLE" }] } }, // prettier-ignore
  databricks_model_serving: {
    a: { name: "a", config: [{ served_entities: [{ name: "m", entity_name: "base.one.m", entity_version: "1", workload_size: "Small", scale_to_zero_enabled: true }] }] }, // prettier-ignore
  },
  databricks_online_table: { a: fields(online("base.one.t")) as Record<string, unknown> },
  databricks_vector_search_index: { a: fields(index("base.one.t")) as Record<string, unknown> },
};
const types = Object.keys(resources);
const again = "base.one.another";

type Call = readonly [method: string, path: string, body?: unknown];
/** Changes each object in a field that its list does not return. */
const changes: Readonly<Record<string, (id: string) => readonly Call[]>> = {
  databricks_notebook: () => [["POST", "/api/2.0/workspace/import", { path: "/Shared/a", language: "PYTHON", content: base64("2"), overwrite: true }]], // prettier-ignore
  databricks_workspace_file: () => [["POST", "/api/2.0/workspace/import", { path: "/Shared/a.txt", format: "RAW", content: base64("2"), overwrite: true }]], // prettier-ignore
  databricks_dbfs_file: () => [["POST", "/api/2.0/dbfs/put", { path: "/tmp/a.txt", contents: base64("2"), overwrite: true }]], // prettier-ignore
  databricks_file: () => [],
  databricks_secret: () => [["POST", "/api/2.0/secrets/put", { scope: "base", key: "a", string_value: "2" }]], // prettier-ignore
  databricks_global_init_script: (id) => [["PATCH", `/api/2.0/global-init-scripts/${id}`, { name: "a", script: base64("2") }]], // prettier-ignore
  databricks_share: () => [["PATCH", "/api/2.1/unity-catalog/shares/a", { updates: [{ action: "UPDATE", data_object: { name: "base.one.t", data_object_type: "TABLE", comment: "2" } }] }]], // prettier-ignore
  databricks_model_serving: () => [["PUT", "/api/2.0/serving-endpoints/a/config", { served_entities: [{ name: "m", entity_name: "base.one.m", entity_version: "2", workload_size: "Small", scale_to_zero_enabled: true }] }]], // prettier-ignore
  databricks_online_table: () => [
    ["DELETE", "/api/2.0/online-tables/base.one.online"],
    ["POST", "/api/2.0/online-tables", online(again)],
  ],
  databricks_vector_search_index: () => [
    ["DELETE", "/api/2.0/vector-search/indexes/base.one.index"],
    ["POST", "/api/2.0/vector-search/indexes", index(again)],
  ],
};

let lab: Lab;
let deployed: Awaited<ReturnType<typeof deployDirect>>;
let record: DeploymentRecord;
beforeAll(async () => {
  lab = await openLab();
  await prepareLab(lab, 1);
  await clock({ mode: "manual" });
  await callerOf(lab).call("POST", "/api/2.0/vector-search/endpoints", {
    name: "vectors",
    endpoint_type: "STANDARD",
  });
  deployed = await deployDirect(lab, resources);
  record = await verifiedRecord(lab, deployed);
});
afterAll(() => lab.close());

const clock = (body: object): Promise<unknown> =>
  callerOf(lab).call("POST", "/_lakeform/clock", body);

async function change(type: string): Promise<void> {
  const id = String((deployed.state.resources.find((one) => one.type === type)?.instances[0]?.attributes as { id: unknown }).id); // prettier-ignore
  if (type === "databricks_file")
    await lab.client.upload("/api/2.0/fs/files/Volumes/base/one/files/a.txt", () =>
      Buffer.from("2"),
    );
  for (const [method, path, body] of changes[type]?.(id) ?? [])
    await callerOf(lab).call(method, path, body);
}

/** A client that lists the paths that are called. */
function watched(): { readonly client: ReadClient; readonly paths: string[] } {
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
const reads =
  /export|dbfs\/read|fs\/files|secrets\/get|scripts\/.|shares\/.|endpoints\/a|online-tables\/.|indexes\/./;

test("the table contains each kind whose list returns versions", () => {
  const versioned = kinds.filter(({ traits }) => traits?.listedVersions !== undefined);
  expect(versioned.map(({ type }) => type).sort()).toEqual([...types].sort());
});

test("every object is recorded, and none is read while it has not changed", async () => {
  expect(Object.keys(record.verified ?? {}).sort()).toEqual(
    types.map((type) => `${type}.a`).sort(),
  );
  const { client, paths } = watched();
  const report = await check({ client }, deployed, { record, unmanaged: "none" });
  expect(summary(report)).toEqual([]);
  expect(report.counts.match).toBe(types.length);
  expect(paths.filter((path) => reads.test(path))).toEqual([]);
});

test("with --deep, and without recorded versions, every object is read", async () => {
  const { verified: _versions, ...old } = record;
  for (const options of [{ record, deep: true }, { record: old }]) {
    const { client, paths } = watched();
    const report = await check({ client }, deployed, { ...options, unmanaged: "none" });
    expect(summary(report)).toEqual([]);
    expect(paths.filter((path) => reads.test(path)).length).toBeGreaterThanOrEqual(types.length);
  }
});

test("a change in the code since the deploy is pending", async () => {
  const notebook = { path: "/Shared/a", language: "PYTHON", content_base64: base64("new") };
  const stack = { resource: { ...resources, databricks_notebook: { a: notebook } } };
  expect(summary(await check(lab, deployed, { record, stack, unmanaged: "none" }))).toEqual([
    "pending databricks_notebook.a content",
  ]);
});

test("a state that the record does not belong to is compared in full", async () => {
  const state = { ...deployed.state, serial: 2 };
  const { client, paths } = watched();
  await check({ client }, { ...deployed, state }, { record, unmanaged: "none" });
  expect(paths.filter((path) => reads.test(path)).length).toBeGreaterThanOrEqual(types.length);
});

test("an object that differs from the code is not recorded", async () => {
  const stack = { resource: { ...resources, databricks_secret: { a: { scope: "base", key: "a", string_value: "other" } } } }; // prettier-ignore
  const found = await checkFully(lab, deployed, { record, stack, recordVersions: true });
  expect(found.versions(stackName)).not.toHaveProperty("databricks_secret.a");
});

test("what is read for a version is read after the unit of its time has passed", async () => {
  const { host } = lab.client;
  const times: [string, number][] = [];
  const note = (path: string): void => void times.push([path, performance.now()]);
  const client: ReadClient = {
    host,
    get: async (path, options) => {
      const answer = await lab.client.get(path, options);
      // A clock without milliseconds.
      if (path !== "/api/2.0/workspace/list") return answer;
      note(path);
      const { objects } = answer as { objects: { path: string; modified_at: number }[] };
      return {
        objects: objects.map((one) => ({ ...one, modified_at: Math.floor(one.modified_at / 1000) * 1000 })), // prettier-ignore
      };
    },
    head: (path, options) => lab.client.head(path, options),
    download: (path, options) => (note(path), lab.client.download(path, options)),
  };
  const recorded = await checkFully({ client }, deployed, {
    record: await recordFor(deployed),
    recordVersions: true,
    unmanaged: "none",
  });
  expect(recorded.versions(stackName)["databricks_notebook.a"]).toMatch(/000\|/);
  const [listed, read] = [/list$/, /export$/].map((path) => times.find(([one]) => path.test(one)));
  expect((read?.[1] ?? 0) - (listed?.[1] ?? 0)).toBeGreaterThanOrEqual(1000);
});

test.each(types)("a change of a %s is found, also if the clock has not moved", async (type) => {
  // A new object is not created in the same millisecond as the one that was deleted.
  if (/online|index/.test(type)) await clock({ advance: 1 });
  await change(type);
  const report = await check(lab, deployed, { record, unmanaged: "none" });
  expect(report.exitCode).toBe(2);
  const drifted = report.resources.filter(({ status }) => status === "drift");
  expect(drifted.map(({ kind }) => kind)).toContain(type);
});
