import type { JsonObject } from "../../src/workspace/errors";
import type { Caller } from "./http-client";

export const ME = "/api/2.0/preview/scim/v2/Me";

/** One rule of each kind, on different paths. */
export const rules: readonly JsonObject[] = [
  {
    path: "/api/2.1/clusters/list-node-types",
    status: 409,
    body: { error_code: "ODD" },
    headers: { "x-odd": "yes" },
    times: 1,
  },
  { path: "/api/2.1/clusters/list", delay_ms: 300, times: 1 },
  { path: "/api/2.0/secrets/scopes/list", drop: true, times: 1 },
  { path: "/api/2.1/clusters/list-zones", truncate: true, times: 1 },
  { method: "GET", path: ME, nth: 2, retry_after: 7 },
  { path: "/api/2.0/sql/warehouses", nth: 2, times: 2, status: 500 },
  { path: "/api/2.0/dbfs/list", stale: true, times: 1 },
  { path: "/api/2.0/dbfs/mkdirs", status: 503, when: "after", times: 1 },
  { path: "/api/2.0/workspace/mkdirs", drop: true, when: "after", times: 1 },
  { path: "/api/2.0/secrets/scopes/*", method: "POST", status: 503, times: 1 },
  { path: "/api/2.0/token/list", status: 500, probability: 0.4, seed: 11 },
];

/**
 * Triggers every rule; `name` is unique to this round.
 * @returns the results of the calls with a probability
 */
export async function triggerFaults(api: Caller, name: string): Promise<number[]> {
  const statuses = async (count: number, route: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let index = 0; index < count; index++) statuses.push((await api("GET", route)).status);
    return statuses;
  };
  const replacedResponse = await api("GET", "/api/2.1/clusters/list-node-types");
  expect(replacedResponse).toMatchObject({ status: 409, body: { error_code: "ODD" } });
  expect(replacedResponse.headers.get("x-odd")).toBe("yes");
  expect((await api("GET", "/api/2.1/clusters/list-node-types")).status).toBe(200);

  const started = performance.now();
  expect((await api("GET", "/api/2.1/clusters/list")).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(290);

  await expect(api("GET", "/api/2.0/secrets/scopes/list")).rejects.toThrow("fetch failed");
  // The status and the headers arrive, but the body is incomplete.
  await expect(api("GET", "/api/2.1/clusters/list-zones")).rejects.toThrow("terminated");
  expect((await api("GET", "/api/2.1/clusters/list-zones")).status).toBe(200);

  expect((await api("GET", ME)).status).toBe(200);
  const limitedResponse = await api("GET", ME);
  expect(limitedResponse).toMatchObject({
    status: 429,
    body: { error_code: "REQUEST_LIMIT_EXCEEDED" },
  });
  expect(limitedResponse.headers.get("retry-after")).toBe("7");
  expect((await api("GET", ME)).status).toBe(200);
  expect(await statuses(4, "/api/2.0/sql/warehouses")).toEqual([200, 500, 500, 200]);

  // A repeated read without a change in between is not stale, and does not count towards the rule.
  const listRoot = (): Promise<string> =>
    api("GET", "/api/2.0/dbfs/list?path=/").then(({ text }) => text);
  const before = await listRoot();
  expect(await listRoot()).toBe(before);
  expect((await api("POST", "/api/2.0/dbfs/mkdirs", { path: `/${name}` })).status).toBe(503);
  expect(await listRoot()).toBe(before);
  expect(await listRoot()).toContain(`/${name}`);

  await expect(
    api("POST", "/api/2.0/workspace/mkdirs", { path: `/Shared/${name}` }),
  ).rejects.toThrow("fetch failed");
  expect((await api("GET", `/api/2.0/workspace/get-status?path=/Shared/${name}`)).status).toBe(200);

  expect((await api("POST", "/api/2.0/secrets/scopes/create", { scope: name })).status).toBe(503);
  expect((await api("GET", "/api/2.0/secrets/scopes/list")).text).not.toContain(name);
  expect((await api("POST", "/api/2.0/secrets/scopes/create", { scope: name })).status).toBe(200);

  return statuses(30, "/api/2.0/token/list");
}
