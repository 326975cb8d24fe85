/** Which workspaces may use an isolated catalog: compared, healed, and never silently passed over. */
import { catalog } from "../../src/resources/kinds/catalog";
import { desiredOf } from "../../src/verify/verify";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

const bindings = "/api/2.1/unity-catalog/bindings/catalog";
let lab: Lab;
let deployed: Deployed;
let own: number;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, {
    databricks_catalog: {
      iso: { name: "iso", isolation_mode: "ISOLATED" },
      open: { name: "open" },
      said: { name: "Said", isolation_mode: "ISOLATED" },
    },
  });
  const list = await listOf("iso");
  own = list[0]?.workspace_id ?? 0;
});
afterAll(() => lab.close());

const listOf = async (name: string): Promise<{ workspace_id: number; binding_type: string }[]> =>
  ((await lab.client.get(`${bindings}/${name}`)) as { bindings: { workspace_id: number; binding_type: string }[] }).bindings;
const patch = (name: string, body: object): Promise<unknown> => lab.client.patch(`${bindings}/${name}`, body);

test("right after a deploy there is nothing to say", async () => {
  const report = await check(lab, deployed);
  expect(summary(report)).toEqual([]);
  expect(report.notChecked.filter(({ what }) => what.includes("bindings"))).toEqual([]);
});

test.each([
  ["another workspace", { add: [{ workspace_id: 42 }] }, "drift databricks_catalog.iso workspace_bindings[42]"],
  ["one taken away", () => ({ remove: [{ workspace_id: own }] }), () => `drift databricks_catalog.iso workspace_bindings[${own}]`],
  [
    "one that may only read",
    () => ({ add: [{ workspace_id: own, binding_type: "BINDING_TYPE_READ_ONLY" }] }),
    () => `drift databricks_catalog.iso workspace_bindings[${own}].binding_type`,
  ],
])("%s is drift, and healing puts it back", async (_name, change, found) => {
  await patch("iso", typeof change === "function" ? change() : change);
  for (const options of [{}, { deep: true }, { unmanaged: "all" as const }]) {
    const report = await check(lab, deployed, options);
    expect(summary(report).filter((line) => !line.startsWith("unmanaged"))).toEqual([typeof found === "function" ? found() : found]);
    expect(report.exitCode).toBe(2);
  }
  const report = await check(lab, deployed);
  const desired = desiredOf(report, "lab-local", "databricks_catalog.iso") ?? {};
  await catalog.restore?.(lab.client, "iso", desired, { directory: "/nowhere" });
  expect(summary(await check(lab, deployed))).toEqual([]);
  expect(await listOf("iso")).toEqual([{ workspace_id: own, binding_type: "BINDING_TYPE_READ_WRITE" }]);
});

test("what a databricks_workspace_binding of this or another stack names is expected", async () => {
  const large = "9007199254740993";
  await lab.client.exchange({
    method: "PATCH",
    path: `${bindings}/said`,
    body: { add: [{ workspace_id: 7 }, { workspace_id: 8 }, { workspace_id: 9 }] },
  });
  const binding = (workspace_id: number | string): object => ({ securable_name: "said", workspace_id });
  const stack = {
    ...deployed.stack,
    resource: { ...deployed.stack.resource, databricks_workspace_binding: { seven: binding(7), large: binding(large) } },
  };
  const named = (name: string, workspace_id: number | string): object => ({
    mode: "managed",
    type: "databricks_workspace_binding",
    name,
    instances: [{ attributes: { ...binding(workspace_id), id: `${workspace_id}|catalog|said` } }],
  });
  const state = {
    ...deployed.state,
    resources: [...deployed.state.resources, named("seven", 7), named("large", large)] as typeof deployed.state.resources,
  };
  const report = await check(
    lab,
    { stack: stack as Deployed["stack"], state },
    {
      others: () => Promise.resolve({ owned: ["databricks_workspace_binding\u00008|catalog|said"], failed: [] }),
    },
  );
  expect(summary(report).filter((line) => line.startsWith("drift"))).toEqual([
    "drift databricks_catalog.said workspace_bindings[9007199254740993]",
    "drift databricks_catalog.said workspace_bindings[9]",
  ]);
  expect(summary(report)).toContain("missing databricks_workspace_binding.large");
});

test("bindings without effect, and those that are not shown, are listed", async () => {
  await patch("open", { add: [{ workspace_id: 42 }] });
  const report = await check(lab, deployed);
  expect(report.notChecked.find(({ what }) => what === "workspace bindings of databricks_catalog")).toMatchObject({
    count: 1,
    examples: ["databricks_catalog.open"],
  });
  const refused = { method: "GET", path: "/api/2.1/unity-catalog/bindings/catalog/iso", status: 403 };
  const { body } = await lab.client.exchange({ method: "POST", path: "/_lakeform/faults", body: refused });
  const silent = await check(lab, deployed);
  await lab.client.exchange({ method: "DELETE", path: "/_lakeform/faults" });
  expect({
    body,
    list: silent.notChecked.find(
      ({ what, examples }) => what.startsWith("workspace bindings") && examples.includes("databricks_catalog.iso"),
    ),
  }).toMatchObject({
    list: { reason: expect.stringContaining("does not show") as string },
  });
});
