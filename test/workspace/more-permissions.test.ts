/** Access lists of queries, alerts, registered models, vector search endpoints and apps. */
import { serve } from "./http-client";

let server: Awaited<ReturnType<typeof serve>>;
const ids = new Map<string, string>();
beforeAll(async () => {
  server = await serve();
  const { api } = server;
  const create = async (path: string, body: object): Promise<Record<string, unknown>> =>
    (await api("POST", `/api/2.0${path}`, body)).body;
  ids.set(
    "sql/queries",
    (await create("/sql/queries", { query: { display_name: "q", query_text: "SELECT 1" } }))
      .id as string,
  );
  const condition = {
    op: "EQUAL",
    operand: { column: { name: "n" } },
    threshold: { value: { double_value: 1 } },
  };
  const alert = { display_name: "a", query_id: ids.get("sql/queries"), condition };
  ids.set("sql/alerts", (await create("/sql/alerts", { alert })).id as string);
  await create("/mlflow/registered-models/create", { name: "m" });
  const model = (await api("GET", "/api/2.0/mlflow/databricks/registered-models/get?name=m")).body;
  ids.set("registered-models", (model.registered_model_databricks as { id: string }).id);
  ids.set(
    "vector-search-endpoints",
    (await create("/vector-search/endpoints", { name: "v", endpoint_type: "STANDARD" }))
      .id as string,
  );
  await create("/apps", { name: "board" });
  ids.set("apps", "board");
  await create("/preview/scim/v2/Groups", { displayName: "team" });
});
afterAll(() => server.workspace.close());

test.each([
  ["sql/queries", "CAN_RUN"],
  ["sql/alerts", "CAN_EDIT"],
  ["registered-models", "CAN_MANAGE_STAGING_VERSIONS"],
  ["vector-search-endpoints", "CAN_USE"],
  ["apps", "CAN_USE"],
])(
  "permissions on %s can be set, read and changed, and reject a missing object and a level that the type lacks",
  async (type, level) => {
    const { api } = server;
    const path = `/api/2.0/permissions/${type}/${ids.get(type) ?? ""}`;
    const grant = (permission_level: string): object => ({
      access_control_list: [{ group_name: "team", permission_level }],
    });
    const levelOf = (response: { body: Record<string, unknown> }): unknown =>
      (
        response.body.access_control_list as {
          group_name?: string;
          all_permissions: { permission_level: string }[];
        }[]
      ).find(({ group_name }) => group_name === "team")?.all_permissions[0]?.permission_level;
    expect(levelOf(await api("PUT", path, grant(level)))).toBe(level);
    expect(levelOf(await api("GET", path))).toBe(level);
    expect(levelOf(await api("PATCH", path, grant("CAN_MANAGE")))).toBe("CAN_MANAGE");
    expect((await api("PUT", path, grant("CAN_RESTART"))).status).toBe(400);
    expect((await api("GET", `/api/2.0/permissions/${type}/none`)).status).toBe(404);
  },
);
