import type { JsonObject } from "../../src/workspace/errors";
import { serve, type Caller } from "./http-client";

const ME = "/api/2.0/preview/scim/v2/Me";

/** One rule of each kind, on different paths. */
const rules: readonly JsonObject[] = [
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
async function triggerFaults(api: Caller, name: string): Promise<number[]> {
  const statuses = async (count: number, route: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (let index = 0; index < count; index++) statuses.push((await api("GET", route)).status);
    return statuses;
  };
  const replaced = await api("GET", "/api/2.1/clusters/list-node-types");
  expect(replaced).toMatchObject({ status: 409, body: { error_code: "ODD" } });
  expect(replaced.headers.get("x-odd")).toBe("yes");
  expect((await api("GET", "/api/2.1/clusters/list-node-types")).status).toBe(200);

  const started = performance.now();
  expect((await api("GET", "/api/2.1/clusters/list")).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(290);

  await expect(api("GET", "/api/2.0/secrets/scopes/list")).rejects.toThrow("fetch failed");
  // The status and the headers arrive, but the body is incomplete.
  await expect(api("GET", "/api/2.1/clusters/list-zones")).rejects.toThrow("terminated");
  expect((await api("GET", "/api/2.1/clusters/list-zones")).status).toBe(200);

  expect((await api("GET", ME)).status).toBe(200);
  const limited = await api("GET", ME);
  expect(limited).toMatchObject({ status: 429, body: { error_code: "REQUEST_LIMIT_EXCEEDED" } });
  expect(limited.headers.get("retry-after")).toBe("7");
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

describe("faults", () => {
  it("apply as configured, set by the control route or at startup, and are removed", async () => {
    const setByRoute = await serve();
    for (const rule of rules)
      expect((await setByRoute.api("POST", "/_lakeform/faults", rule)).body).toMatchObject(rule);
    const statuses = await triggerFaults(setByRoute.api, "by-route");
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
    const { faults } = (await setByRoute.api("GET", "/_lakeform/faults")).body as {
      faults: { id: string; fired: number; seen: number }[];
    };
    expect(faults.map(({ fired }) => fired)).toEqual([
      1,
      1,
      1,
      1,
      1,
      2,
      1,
      1,
      1,
      1,
      statuses.filter((status) => status === 500).length,
    ]);
    expect(faults.at(-1)?.seen).toBe(30);
    expect(
      (await setByRoute.api("DELETE", `/_lakeform/faults/${faults.at(-1)?.id ?? ""}`)).body,
    ).toEqual({ removed: true });
    expect((await setByRoute.api("GET", "/api/2.0/token/list")).status).toBe(200);
    await setByRoute.api("DELETE", "/_lakeform/faults");
    expect((await setByRoute.api("GET", "/_lakeform/faults")).body).toEqual({ faults: [] });
    await setByRoute.workspace.close();

    const setAtStart = await serve({ faults: rules });
    // The same seed affects the same calls.
    expect(await triggerFaults(setAtStart.api, "at-start")).toEqual(statuses);
    await setAtStart.workspace.close();
  });

  it("truncate streams and configured responses, and return stale reads only of the caller's own responses", async () => {
    const { api, asUser: as, workspace } = await serve();
    await api("POST", "/api/2.1/unity-catalog/catalogs", { name: "c" });
    await api("POST", "/api/2.1/unity-catalog/schemas", { name: "s", catalog_name: "c" });
    await api("POST", "/api/2.1/unity-catalog/volumes", {
      name: "v",
      schema_name: "s",
      catalog_name: "c",
      volume_type: "MANAGED",
    });
    const file = "/api/2.0/fs/files/Volumes/c/s/v/large.bin";
    expect((await api("PUT", `${file}?overwrite=true`, Buffer.alloc(200_000, 7))).status).toBe(204);
    await api("POST", "/_lakeform/faults", { path: file, truncate: true, times: 1 });
    await expect(api("GET", file)).rejects.toThrow("terminated");
    expect((await api("GET", file)).text).toHaveLength(200_000);
    await api("POST", "/_lakeform/faults", { path: ME, status: 503, truncate: true, times: 1 });
    await expect(api("GET", ME)).rejects.toThrow("terminated");

    const bob = await as("bob@example.com");
    await api("POST", "/_lakeform/faults", { path: "/api/2.0/token/list", stale: true });
    expect((await api("GET", "/api/2.0/token/list")).text).toContain("token_id");
    expect((await bob("GET", "/api/2.0/token/list")).text).not.toBe(
      (await api("GET", "/api/2.0/token/list")).text,
    );
    await workspace.close();
  });

  it("are rejected if they are invalid", async () => {
    const { api, workspace } = await serve();
    for (const [rule, message] of [
      [{ path: "/x" }, "a fault needs one of"],
      [{ path: "/x", status: 500, probabilty: 0.1 }, "'probabilty'"],
      [{ status: 500 }, "path"],
      [{ path: "/x", status: 20 }, "status"],
      [{ path: "/x", status: 500, nth: 1.5 }, "nth"],
      [{ path: "/x", drop: true, body: {} }, "needs a status"],
      [{ path: "/x", status: 500, headers: { "a b": "c" } }, "a b"],
      [{ path: "/x", method: "post", stale: true }, "GET"],
    ] as const) {
      const { status, body } = await api("POST", "/_lakeform/faults", rule);
      expect({ status, code: body.error_code, message: body.message }).toEqual({
        status: 400,
        code: "INVALID_PARAMETER_VALUE",
        message: expect.stringContaining(message) as string,
      });
    }
    expect((await api("GET", "/_lakeform/faults")).body).toEqual({ faults: [] });
    await workspace.close();
  });
});
