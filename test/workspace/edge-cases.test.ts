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

  it("does not delete a schema with only a model without force", async () => {
    await callApi("POST", `${UC}/schemas`, { catalog_name: "main", name: "models" });
    await callApi("POST", `${UC}/models`, {
      catalog_name: "main",
      schema_name: "models",
      name: "churn",
    });
    const { status, body } = await server.api("DELETE", `${UC}/schemas/main.models`);
    expect([status, body.message]).toEqual([
      400,
      "Schema 'main.models' is not empty. The schema has 0 table(s), 1 function(s), 0 volume(s).",
    ]);
    await callApi("DELETE", `${UC}/schemas/main.models?force=true`);
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

describe("objects that are addressed by name", () => {
  it.each(["recipients", "providers"])("%s are found by their name in any case", async (family) => {
    const name = `Partner-${family}`;
    await callApi("POST", `${UC}/${family}`, { name, authentication_type: "TOKEN" });
    const path = `${UC}/${family}/${name}`;
    expect(await callApi("GET", path)).toMatchObject({ name });
    expect(await callApi("PATCH", path, { comment: "c" })).toMatchObject({ comment: "c" });
    await callApi("DELETE", path);
    expect((await server.api("GET", path)).status).toBe(404);
  });

  it("include experiments, by their name with /Workspace", async () => {
    const name = "/Workspace/Shared/experiment";
    const { experiment_id } = await callApi("POST", "/api/2.0/mlflow/experiments/create", { name });
    expect(
      await callApi("GET", `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${name}`),
    ).toMatchObject({ experiment: { experiment_id } });
  });
});

describe("a changed object", () => {
  it("names the user who changed it last", async () => {
    const admin = await server.asUser("second-admin@example.com", { admin: true });
    const list = { label: "office", list_type: "ALLOW", ip_addresses: ["203.0.113.7"] };
    const created = (await callApi("POST", "/api/2.0/ip-access-lists", list))
      .ip_access_list as Record<string, unknown>;
    expect(created).toMatchObject({ updated_by: "admin@lakeform.local" });
    const { body } = await admin("PATCH", `/api/2.0/ip-access-lists/${String(created.list_id)}`, {
      enabled: false,
    });
    expect(body.ip_access_list).toMatchObject({
      created_by: "admin@lakeform.local",
      updated_by: "second-admin@example.com",
    });
  });
});

describe("a dashboard", () => {
  it("can be published only by users who may edit it", async () => {
    const path = "/api/2.0/lakeview/dashboards";
    const { dashboard_id } = await callApi("POST", path, { display_name: "sales" });
    const published = `${path}/${String(dashboard_id)}/published`;
    expect((await bob("POST", published, {})).status).toBe(403);
    await callApi("POST", published, {});
    expect((await bob("GET", published)).status).toBe(403);
    expect((await bob("DELETE", published)).status).toBe(403);
    await callApi("PUT", `/api/2.0/permissions/dashboards/${String(dashboard_id)}`, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_READ" }],
    });
    expect((await bob("GET", published)).status).toBe(200);
    expect((await bob("DELETE", published)).status).toBe(403);
  });
});

describe("the permissions on a folder", () => {
  it("are visible only to users who may read the folder", async () => {
    const path = "/Users/admin@lakeform.local";
    const { object_id } = await callApi("GET", `/api/2.0/workspace/get-status?path=${path}`);
    const permissions = `/api/2.0/permissions/directories/${String(object_id)}`;
    expect((await bob("GET", permissions)).status).toBe(403);
    await callApi("PATCH", permissions, {
      access_control_list: [{ user_name: "bob@example.com", permission_level: "CAN_READ" }],
    });
    expect((await bob("GET", permissions)).status).toBe(200);
  });
});

describe("calls with contradictory or unknown fields", () => {
  it("reject an invalid URL of a repository with the platform's error", async () => {
    for (const url of ["https://:", "http://[", "git@github.com:a/b"])
      expect(await server.api("POST", "/api/2.0/repos", { url })).toMatchObject({
        status: 400,
        body: { error_code: "INVALID_PARAMETER_VALUE" },
      });
  });

  it("reject the path of permissions without an id", async () => {
    const { status, body } = await server.api("GET", "/api/2.0/permissions/jobs/");
    expect([status, body.message]).toEqual([
      400,
      "The path names no object: expected /permissions/jobs/<id>.",
    ]);
  });

  it("do not reject a second budget policy without a name", async () => {
    const { account_id } = await callApi("GET", "/.well-known/databricks-config");
    const path = `/api/2.1/accounts/${String(account_id)}/budget-policies`;
    for (const key of ["a", "b"])
      await callApi("POST", path, { policy: { custom_tags: [{ key, value: "1" }] } });
  });
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

  it("list a user's direct and indirect groups", async () => {
    const scim = "/api/2.0/preview/scim/v2";
    const { id: user } = (await server.api("POST", `${scim}/Users`, { userName: "m@example.com" }))
      .body;
    const { id: inner } = (
      await server.api("POST", `${scim}/Groups`, {
        displayName: "inner",
        members: [{ value: user }],
      })
    ).body;
    await server.api("POST", `${scim}/Groups`, {
      displayName: "outer",
      members: [{ value: inner }],
    });
    const { groups } = (await server.api("GET", `${scim}/Users/${String(user)}`)).body;
    expect(groups).toEqual([
      expect.objectContaining({ display: "users", type: "direct" }),
      expect.objectContaining({ display: "inner", type: "direct" }),
      expect.objectContaining({ display: "outer", type: "indirect" }),
    ]);
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
