/**
 * Changes that verify once ignored, found by tamper.long.test.ts: each is a finding, or listed as
 * not checked.
 */
import type { VerifyReport } from "../../src/verify";
import type { JsonObject } from "../support/replay-format";
import { check, deployDirect, openLab, summary, type Deployed, type Lab, idIn } from "./harness";

const scim = "/api/2.0/preview/scim/v2";
let lab: Lab;
let deployed: Deployed;
const idOf = (type: string): string => idIn(deployed, type);
const call = async (method: string, path: string, body?: unknown): Promise<JsonObject> =>
  (
    await lab.client.exchange({
      method: method as "GET",
      path,
      ...(body === undefined ? {} : { body: body }),
    })
  ).body as JsonObject;
const verify = (): Promise<VerifyReport> => check(lab, deployed, { deep: true });

beforeAll(async () => {
  lab = await openLab();
  const servicePrincipal = (
    await call("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", { displayName: "holder" })
  ).id as string;
  deployed = await deployDirect(lab, {
    databricks_alert: {
      a: {
        display_name: "alert",
        query_id: "q",
        parent_path: "/Shared",
        condition: [
          {
            op: "EQUAL",
            operand: [{ column: [{ name: "x" }] }],
            threshold: [{ value: [{ string_value: "x" }] }],
          },
        ],
      },
    },
    databricks_connection: {
      a: {
        name: "db",
        connection_type: "POSTGRESQL",
        options: { host: "h", port: "5432", user: "u", password: "canary-password" },
      },
    },
    databricks_group: { a: { display_name: "group" } },
    databricks_entitlements: {
      a: { service_principal_id: servicePrincipal, workspace_access: true },
    },
  });
});
afterAll(() => lab.close());

test("a platform default that is disabled in the workspace is drift", async () => {
  const path = `/api/2.0/sql/alerts/${idOf("databricks_alert")}`;
  await call("PATCH", path, { alert: { notify_on_ok: true }, update_mask: "notify_on_ok" });
  const enabled = await call("GET", path);
  expect(enabled["notify_on_ok"]).toBe(true);
  await call("PATCH", path, { alert: { notify_on_ok: false }, update_mask: "notify_on_ok" });
  // The state contains the values that the platform filled in.
  const state = structuredClone(deployed.state);
  Object.assign(
    state.resources.find(({ type }) => type === "databricks_alert")?.instances[0]
      ?.attributes as object,
    {
      notify_on_ok: true,
    },
  );
  const report = await check(lab, deployed, { deep: true, state: () => Promise.resolve(state) });
  expect(summary(report).filter((line) => line.includes("alert"))).toEqual([
    "drift databricks_alert.a notify_on_ok",
  ]);
  await call("PATCH", path, { alert: { notify_on_ok: true }, update_mask: "notify_on_ok" });
});

test("options of a connection that the platform does not return are unverifiable", async () => {
  const report = await verify();
  expect(summary(report).filter((line) => line.includes("connection"))).toEqual([
    "unverifiable databricks_connection.a options[password]",
    "unverifiable databricks_connection.a options[user]",
  ]);
  expect(JSON.stringify(report)).not.toContain("canary-password");
});

test("an entitlement without a field in the provider is listed as not checked", async () => {
  const add = {
    Operations: [{ op: "add", path: "entitlements", value: [{ value: "of-tomorrow" }] }],
  };
  await call("PATCH", `${scim}/Groups/${idOf("databricks_group")}`, add);
  await call(
    "PATCH",
    `${scim}/ServicePrincipals/${idOf("databricks_entitlements").slice("spn/".length)}`,
    add,
  );
  const notChecked = (await verify()).notChecked.map(({ what }) => what);
  expect(notChecked).toEqual(
    expect.arrayContaining([
      "entitlements of databricks_group",
      "entitlements of databricks_entitlements",
    ]),
  );
});
