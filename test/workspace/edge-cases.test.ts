import { serve, type Caller, type Server } from "./http-client";

let server: Server;
let bob: Caller;
beforeAll(async () => {
  server = await serve();
  bob = await server.asUser("bob@example.com");
});
afterAll(() => server.workspace.close());

const UC = "/api/2.1/unity-catalog";

/** Makes a call as the admin that must succeed. @returns the body of the response */
async function callApi(
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await server.api(method, path, body);
  if (response.status !== 200) throw new Error(`${method} ${path}: ${response.text}`);
  return response.body;
}

describe("lists", () => {
  it("contain names that start with a character outside of Unicode's basic plane", async () => {
    await callApi("POST", "/api/2.0/workspace/mkdirs", { path: "/Shared/😀 reports" });
    await callApi("POST", "/api/2.0/dbfs/mkdirs", { path: "/😀" });
    expect(await callApi("GET", "/api/2.0/workspace/list?path=/Shared")).toMatchObject({
      objects: [{ path: "/Shared/😀 reports" }],
    });
    expect(await callApi("GET", "/api/2.0/dbfs/list?path=/")).toMatchObject({
      files: [{ path: "/😀" }],
    });
  });
});

describe("Unity Catalog", () => {
  it("keeps bindings when an object is renamed, and drops them and monitors when it is deleted", async () => {
    await callApi("POST", `${UC}/storage-credentials`, { name: "role" });
    const location = { url: "s3://data", credential_name: "role" };
    await callApi("POST", `${UC}/external-locations`, { name: "data", ...location });
    await callApi("PATCH", `${UC}/bindings/external_location/data`, { add: [{ workspace_id: 7 }] });
    await callApi("PATCH", `${UC}/external-locations/data`, { new_name: "lake" });
    expect(await callApi("GET", `${UC}/bindings/external_location/lake`)).toMatchObject({
      bindings: [{ workspace_id: 7 }],
    });
    await callApi("POST", `${UC}/external-locations`, { name: "data", ...location });
    expect(await callApi("GET", `${UC}/bindings/external_location/data`)).toEqual({ bindings: [] });

    const table = { catalog_name: "main", schema_name: "default", name: "orders" };
    const monitor = `${UC}/tables/main.default.orders/monitor`;
    await callApi("POST", `${UC}/tables`, table);
    const settings = { assets_dir: "/Shared/m", output_schema_name: "main.default" };
    await callApi("POST", monitor, settings);
    await callApi("DELETE", `${UC}/tables/main.default.orders`);
    await callApi("POST", `${UC}/tables`, table);
    expect((await server.api("GET", monitor)).status).toBe(404);
  });

  it("shows a schema to users with a privilege on a model, or on a table for all users", async () => {
    await callApi("POST", `${UC}/catalogs`, { name: "shown" });
    for (const name of ["models", "tables"])
      await callApi("POST", `${UC}/schemas`, { catalog_name: "shown", name });
    const visibleSchemas = async (): Promise<unknown> => {
      const { body } = await bob("GET", `${UC}/schemas?catalog_name=shown`);
      return (body.schemas as { name: string }[]).map(({ name }) => name);
    };
    expect(await visibleSchemas()).toEqual([]);
    const child = { catalog_name: "shown", name: "a" };
    await callApi("POST", `${UC}/models`, { ...child, schema_name: "models" });
    await callApi("POST", `${UC}/tables`, { ...child, schema_name: "tables" });
    await callApi("PATCH", `${UC}/permissions/function/shown.models.a`, {
      changes: [{ principal: "bob@example.com", add: ["EXECUTE"] }],
    });
    await callApi("PATCH", `${UC}/permissions/table/shown.tables.a`, {
      changes: [{ principal: "account users", add: ["SELECT"] }],
    });
    expect(await visibleSchemas()).toEqual(["models", "tables"]);
  });
});

describe("calls with contradictory or unknown fields", () => {
  it("reject a resize with two sizes", async () => {
    const { cluster_id } = await callApi("POST", "/api/2.1/clusters/create", {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    });
    const size = { num_workers: 2, autoscale: { min_workers: 1, max_workers: 3 } };
    expect(
      await server.api("POST", "/api/2.1/clusters/resize", { cluster_id, ...size }),
    ).toMatchObject({ status: 400, body: { error_code: "INVALID_PARAMETER_VALUE" } });
  });

  it.each([
    [{ cluster_strat_ms: 1 }, "unknown field 'cluster_strat_ms'"],
    [{ cluster_start_ms: -1 }, "must be at least 0"],
  ])("reject the timing %j", async (timing, message) => {
    const { status, body } = await server.api("PUT", "/_lakeform/timing", timing);
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  it("reject a group's new name that another group has", async () => {
    const groups = "/api/2.0/preview/scim/v2/Groups";
    const { body } = await server.api("POST", groups, { displayName: "team" });
    const change = { Operations: [{ op: "replace", path: "displayName", value: "Users" }] };
    expect((await server.api("PATCH", `${groups}/${String(body.id)}`, change)).status).toBe(409);
  });
});

describe("saved SQL objects", () => {
  it("can belong to a principal that is not known yet", async () => {
    const query = { display_name: "q", query_text: "SELECT 1", owner_user_name: "new@example.com" };
    expect(await callApi("POST", "/api/2.0/sql/queries", { query })).toMatchObject({
      owner_user_name: "new@example.com",
    });
  });

  it("can be updated in a nested field", async () => {
    const condition = { op: "GREATER_THAN", threshold: { value: { double_value: 1 } } };
    const { id } = await callApi("POST", "/api/2.0/sql/alerts", {
      alert: { display_name: "a", condition },
    });
    await callApi("PATCH", `/api/2.0/sql/alerts/${String(id)}`, {
      update_mask: "condition.op",
      alert: { condition: { op: "EQUAL" } },
    });
    expect(await callApi("GET", `/api/2.0/sql/alerts/${String(id)}`)).toMatchObject({
      condition: { ...condition, op: "EQUAL" },
    });
  });
});

it("a corrupt notebook archive can be imported, but not converted", async () => {
  const exported = async (format: string): Promise<Record<string, unknown>> =>
    (await server.api("GET", `/api/2.0/workspace/export?path=/Shared/n&format=${format}`)).body;
  await callApi("POST", "/api/2.0/workspace/import", {
    path: "/Shared/n",
    language: "PYTHON",
    content: Buffer.from("print(1)").toString("base64"),
  });
  const archive = Buffer.from((await exported("DBC")).content as string, "base64");
  archive.fill(0xff, 45, 60);
  await callApi("POST", "/api/2.0/workspace/import", {
    path: "/Shared/n",
    format: "DBC",
    overwrite: true,
    content: archive.toString("base64"),
  });
  expect(await exported("SOURCE")).toMatchObject({ error_code: "INVALID_PARAMETER_VALUE" });
});
