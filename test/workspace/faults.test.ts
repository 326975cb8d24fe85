import { serve } from "./http-client";
import { ME, rules, triggerFaults } from "./faults-lab";

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
    const { api, asUser, workspace } = await serve();
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

    const bob = await asUser("bob@example.com");
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
