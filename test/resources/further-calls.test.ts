/**
 * Objects that need several calls: what follows a create and an update, and what happens when such
 * a call fails, according to the official provider's published source.
 */
import { app } from "../../src/resources/kinds/app";
import { dashboard } from "../../src/resources/kinds/dashboard";
import { entitlements } from "../../src/resources/kinds/entitlements";
import { globalInitScript } from "../../src/resources/kinds/global-init-script";
import { modelServing } from "../../src/resources/kinds/model-serving";
import { pipeline } from "../../src/resources/kinds/pipeline";
import { share } from "../../src/resources/kinds/share";
import { vectorSearchEndpoint } from "../../src/resources/kinds/vector-search-endpoint";
import { PartiallyCreated } from "../../src/resources/families/partially-created";
import { vectorSearchIndex } from "../../src/resources/kinds/vector-search-index";
import { rejectWith, stubClient } from "../support/stub-client";

const context = { directory: "/tmp" };

describe("a dashboard", () => {
  const path = "/api/2.0/lakeview/dashboards";
  const planned = {
    display_name: "sales",
    parent_path: "/Shared/boards",
    warehouse_id: "w1",
    serialized_dashboard: "{}",
  };
  const publish = `POST ${path}/d1/published {"embed_credentials":true,"warehouse_id":"w1"}`;
  const calls = (requests: readonly string[]): string[] =>
    requests.map((call) => call.split(" ").slice(0, 2).join(" "));

  test("is created without creating its folder", async () => {
    const { api, requests } = stubClient({ [`POST ${path}`]: { dashboard_id: "d1" } });
    await dashboard.create(api, planned, context);
    expect(calls(requests)).toEqual([`POST ${path}`, `POST ${path}/d1/published`]);
    expect(requests[1]).toBe(publish);
  });

  test("is created again after creating the missing folder", async () => {
    let times = 0;
    const { api, requests } = stubClient({
      [`POST ${path}`]: () =>
        times++ === 0
          ? rejectWith(404, "Path (/Shared/boards) doesn't exist.")()
          : { dashboard_id: "d1" },
    });
    await dashboard.create(api, planned, context);
    expect(calls(requests)).toEqual([
      `POST ${path}`,
      "POST /api/2.0/workspace/mkdirs",
      `POST ${path}`,
      `POST ${path}/d1/published`,
    ]);
  });

  test("rejects any other error of the create without creating a folder", async () => {
    const { api, requests } = stubClient({
      [`POST ${path}`]: rejectWith(400, "no such warehouse"),
    });
    await expect(dashboard.create(api, planned, context)).rejects.toThrow("no such warehouse");
    expect(requests).toHaveLength(1);
  });

  test("is moved to the trash if it cannot be published", async () => {
    const { api, requests } = stubClient({
      [`POST ${path}`]: { dashboard_id: "d1" },
      [`POST ${path}/d1/published`]: rejectWith(400, "no such warehouse"),
    });
    await expect(dashboard.create(api, planned, context)).rejects.toThrow("no such warehouse");
    expect(requests.at(-1)).toBe(`DELETE ${path}/d1`);
  });

  test("is updated with the fields of the state, and restored without them", async () => {
    const computed = {
      create_time: "2026-01-01T00:00:00Z",
      dashboard_id: "d1",
      etag: "e1",
      lifecycle_state: "ACTIVE",
      parent_path: "/Shared/boards",
      path: "/Shared/boards/sales.lvdash.json",
      update_time: "2026-01-01T00:00:00Z",
    };
    const { api, requests } = stubClient({});
    const prior = { ...planned, ...computed, id: "d1" };
    await dashboard.update?.(api, "d1", prior, { ...prior, display_name: "sales 2" }, context);
    const body = JSON.parse(requests[0]?.replace(`PATCH ${path}/d1 `, "") ?? "") as object;
    expect(body).toEqual({
      display_name: "sales 2",
      warehouse_id: "w1",
      serialized_dashboard: "{}",
      ...computed,
    });
    expect(requests[1]).toBe(publish);
    await dashboard.restore?.(api, "d1", planned, context);
    expect(requests[2]).not.toMatch(/etag|parent_path/);
    expect(requests[3]).toBe(publish);
  });

  test("is read by the provider without its published version", async () => {
    const { api, requests } = stubClient({ [`GET ${path}/d1`]: { dashboard_id: "d1" } });
    await dashboard.read(api, "d1", { known: {}, deep: false });
    expect(requests).toEqual([`GET ${path}/d1`]);
  });
});

describe("a pipeline in state FAILED", () => {
  const path = "/api/2.0/pipelines";
  const failed = { state: "FAILED", cause: "no quota", spec: {} };

  test.each([true, false])("fails the create, and is deleted (continuous: %s)", async (value) => {
    let reads = 0;
    const { api, requests } = stubClient({
      [`POST ${path}`]: { pipeline_id: "p1" },
      [`GET ${path}/p1`]: () => (reads++ === 0 ? failed : rejectWith(404, "gone")()),
    });
    const created = pipeline.create(api, { name: "etl", continuous: value }, context);
    await expect(created).rejects.toThrow("the pipeline failed: no quota");
    expect(requests.slice(1)).toEqual([`GET ${path}/p1`, `DELETE ${path}/p1`, `GET ${path}/p1`]);
  });

  test("fails the update, and stays", async () => {
    const { api, requests } = stubClient({ [`GET ${path}/p1`]: failed });
    const updated = pipeline.update?.(api, "p1", { id: "p1" }, { id: "p1", name: "b" }, context);
    await expect(updated).rejects.toThrow("the pipeline failed: no quota");
    expect(requests.some((call) => call.startsWith("DELETE"))).toBe(false);
  });

  test("stays in the state if it cannot be deleted", async () => {
    const { api } = stubClient({
      [`POST ${path}`]: { pipeline_id: "p1" },
      [`GET ${path}/p1`]: failed,
      [`DELETE ${path}/p1`]: rejectWith(403, "not yours"),
    });
    const created = pipeline.create(api, { name: "etl" }, context);
    await expect(created).rejects.toBeInstanceOf(PartiallyCreated);
  });
});

test("a serving endpoint whose configuration fails is deleted after a create", async () => {
  const path = "/api/2.0/serving-endpoints";
  const { api, requests } = stubClient({
    [`GET ${path}/churn`]: { state: { config_update: "UPDATE_FAILED" } },
  });
  const created = modelServing.create(api, { name: "churn" }, context);
  await expect(created).rejects.toMatchObject({ code: "SERVING_UPDATE_FAILED" });
  expect(requests.at(-1)).toBe(`DELETE ${path}/churn`);
});

test("no change of tags is sent for a serving endpoint that has them already", async () => {
  const path = "/api/2.0/serving-endpoints/churn";
  const [team, cost] = [
    { key: "team", value: "a" },
    { key: "cost", value: "1" },
  ];
  const { api, requests } = stubClient({ [`GET ${path}`]: { tags: [team, cost] } });
  const prior = { name: "churn", tags: [team, cost] };
  await modelServing.update?.(api, "churn", prior, { name: "churn", tags: [cost, team] }, context);
  expect(requests).toEqual([`GET ${path}`]);
  await modelServing.update?.(api, "churn", prior, { name: "churn", tags: [cost] }, context);
  expect(requests.at(-1)).toBe(`PATCH ${path}/tags {"delete_tags":["team"]}`);
});

test("a vector search endpoint that is offline is deleted after a create", async () => {
  const path = "/api/2.0/vector-search/endpoints";
  const { api, requests } = stubClient({
    [`GET ${path}/vs`]: { endpoint_status: { state: "OFFLINE", message: "no capacity" } },
  });
  const created = vectorSearchEndpoint.create(api, { name: "vs" }, context);
  await expect(created).rejects.toThrow("no capacity");
  expect(requests.at(-1)).toBe(`DELETE ${path}/vs`);
});

test("a share whose objects are rejected is deleted after a create", async () => {
  const path = "/api/2.1/unity-catalog/shares";
  const { api, requests } = stubClient({ [`PATCH ${path}/s`]: rejectWith(400, "no such table") });
  const object = [{ name: "a.b.c", data_object_type: "TABLE" }];
  await expect(share.create(api, { name: "s", object }, context)).rejects.toThrow("no such table");
  expect(requests.at(-1)).toBe(`DELETE ${path}/s`);
});

describe("a vector search index that cannot be read after a create", () => {
  const path = "/api/2.0/vector-search/indexes";
  const planned = {
    name: "a.b.c",
    endpoint_name: "vs",
    primary_key: "id",
    index_type: "DIRECT_ACCESS",
  };

  test("is deleted, and the create waits until it is gone", async () => {
    let reads = 0;
    const { api, requests } = stubClient({
      [`GET ${path}/a.b.c`]: () => rejectWith(reads++ === 0 ? 403 : 404, "not yours")(),
    });
    const created = vectorSearchIndex.create(api, planned, context);
    await expect(created).rejects.toThrow("not yours");
    expect(requests.slice(1)).toEqual([
      `GET ${path}/a.b.c`,
      `DELETE ${path}/a.b.c`,
      `GET ${path}/a.b.c`,
    ]);
  });

  test("stays in the state if it cannot be deleted", async () => {
    const { api } = stubClient({
      [`GET ${path}/a.b.c`]: rejectWith(403, "not yours"),
      [`DELETE ${path}/a.b.c`]: rejectWith(403, "not yours"),
    });
    const created = vectorSearchIndex.create(api, planned, context);
    await expect(created).rejects.toBeInstanceOf(PartiallyCreated);
  });
});

test("an app whose compute fails stays in the state after a create", async () => {
  const { api, requests } = stubClient({
    "GET /api/2.0/apps/board": { compute_status: { state: "ERROR", message: "no capacity" } },
  });
  const created = app.create(api, { name: "board" }, context);
  await expect(created).rejects.toBeInstanceOf(PartiallyCreated);
  await expect(created).rejects.toThrow("the app board failed: no capacity");
  expect(requests.some((call) => call.startsWith("DELETE"))).toBe(false);
});

test("a global init script that is too large is rejected before any call", async () => {
  const { api, requests } = stubClient({});
  const content_base64 = Buffer.alloc(64 * 1024 + 1).toString("base64");
  await expect(
    globalInitScript.create(api, { name: "s", content_base64 }, context),
  ).rejects.toMatchObject({ code: "FILE_TOO_LARGE", details: { allowed: "up to 65536 bytes" } });
  expect(requests).toEqual([]);
});

describe("entitlements", () => {
  test("are not imported by an id of another form", async () => {
    const { api } = stubClient({});
    const call = async () => entitlements.read(api, "team/1", { known: {} });
    await expect(call()).rejects.toMatchObject({ code: "BAD_ID", details: { value: "team/1" } });
  });

  test("have a removal command with the SCIM schema", () => {
    const command = entitlements.removal({ id: "group/1", attributes: { workspace_access: true } });
    expect(command).toContain('"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]');
    expect(command).toContain('"value":[{"value":"workspace-access"}]');
  });
});
