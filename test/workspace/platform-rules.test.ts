/** Rules of the platform that a request would otherwise break without an error. */
import { serve, type Caller, type Server } from "./http-client";

let server: Server;
let bob: Caller;
beforeAll(async () => {
  server = await serve();
  bob = await server.asUser("bob@example.com");
});
afterAll(() => server.workspace.close());

const catalog = "/api/2.1/unity-catalog";

test("ALL_PRIVILEGES does not include MANAGE", async () => {
  const { api } = server;
  await api("POST", `${catalog}/catalogs`, { name: "sales" });
  const grant = (...add: string[]): Promise<unknown> =>
    api("PATCH", `${catalog}/permissions/catalog/sales`, {
      changes: [{ principal: "bob@example.com", add }],
    });
  const change = async (): Promise<number> =>
    (await bob("PATCH", `${catalog}/catalogs/sales`, { comment: "mine" })).status;
  await grant("ALL_PRIVILEGES");
  expect(
    (await bob("POST", `${catalog}/schemas`, { catalog_name: "sales", name: "raw" })).status,
  ).toBe(200);
  expect(await change()).toBe(403);
  await grant("MANAGE");
  expect(await change()).toBe(200);
});

test("overrides of a cluster policy are rejected without a policy family", async () => {
  const policy = {
    name: "p",
    policy_family_definition_overrides: '{"num_workers":{"type":"fixed","value":1}}',
  };
  expect(await server.api("POST", "/api/2.0/policies/clusters/create", policy)).toMatchObject({
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE" },
  });
  const empty = { ...policy, policy_family_definition_overrides: "" };
  expect((await server.api("POST", "/api/2.0/policies/clusters/create", empty)).status).toBe(200);
});

test("the list of MLflow webhooks has the webhooks of one model or of some events", async () => {
  const create = (model_name: string | undefined, ...events: string[]): Promise<unknown> =>
    server.api("POST", "/api/2.0/mlflow/registry-webhooks/create", {
      model_name,
      events,
      description: `${model_name ?? "all"} ${events.join(" ")}`,
      http_url_spec: { url: "https://example.com" },
    });
  await create("a", "COMMENT_CREATED");
  await create("b", "COMMENT_CREATED", "MODEL_VERSION_CREATED");
  await create(undefined, "REGISTERED_MODEL_CREATED");
  const list = async (query: string): Promise<unknown[]> => {
    const { body } = await server.api("GET", `/api/2.0/mlflow/registry-webhooks/list${query}`);
    return (body.webhooks as { description: string }[])
      .map(({ description }) => description)
      .sort();
  };
  const [a, b, all] = [
    "a COMMENT_CREATED",
    "b COMMENT_CREATED MODEL_VERSION_CREATED",
    "all REGISTERED_MODEL_CREATED",
  ];
  expect(await list("")).toEqual([a, all, b]);
  expect(await list("?model_name=b")).toEqual([b]);
  expect(await list("?events=COMMENT_CREATED")).toEqual([a, b]);
  expect(await list("?events=MODEL_VERSION_CREATED&events=REGISTERED_MODEL_CREATED")).toEqual([
    all,
    b,
  ]);
  expect(await list("?model_name=a&events=MODEL_VERSION_CREATED")).toEqual([]);
});
