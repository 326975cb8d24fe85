/**
 * The bindings of an isolated securable (the workspaces that may use it) are compared and healed.
 * Those that are not checked are listed.
 */
import { findKind } from "../../src/resources";
import {
  check,
  checkFully,
  deployDirect,
  openLab,
  summary,
  type Deployed,
  type Lab,
} from "./harness";

const url = "/api/2.1/unity-catalog/bindings";
const role = { role_arn: "arn:aws:iam::123456789012:role/base" };
let lab: Lab;
let deployed: Deployed;
let ownWorkspaceId: number;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, {
    databricks_catalog: {
      iso: { name: "iso", isolation_mode: "ISOLATED" },
      open: { name: "open" },
      declared: { name: "Declared", isolation_mode: "ISOLATED" },
    },
    databricks_storage_credential: {
      iso: { name: "iso", aws_iam_role: [role], isolation_mode: "ISOLATION_MODE_ISOLATED" },
    },
    databricks_credential: {
      iso: {
        name: "service",
        purpose: "SERVICE",
        aws_iam_role: [role],
        isolation_mode: "ISOLATION_MODE_ISOLATED",
      },
    },
    databricks_external_location: {
      iso: {
        name: "place",
        url: "s3://bucket/a",
        credential_name: "iso",
        isolation_mode: "ISOLATION_MODE_ISOLATED",
      },
      open: { name: "open", url: "s3://bucket/b", credential_name: "iso" },
    },
  });
  const list = await listOf("catalog/iso");
  ownWorkspaceId = list[0]?.workspace_id ?? 0;
});
afterAll(() => lab.close());

const listOf = async (path: string): Promise<{ workspace_id: number; binding_type: string }[]> =>
  (
    (await lab.client.get(`${url}/${path}`)) as {
      bindings: { workspace_id: number; binding_type: string }[];
    }
  ).bindings;
const patch = (path: string, body: object): Promise<unknown> =>
  lab.client.patch(`${url}/${path}`, body);
const securables = [
  ["databricks_catalog", "catalog/iso"],
  ["databricks_storage_credential", "storage_credential/iso"],
  ["databricks_credential", "credential/service"],
  ["databricks_external_location", "external_location/place"],
] as const;

test("there are no findings immediately after a deploy", async () => {
  const report = await check(lab, deployed);
  expect(summary(report)).toEqual([]);
  expect(report.notChecked.filter(({ what }) => what.includes("bindings"))).toEqual([]);
});

const changes: readonly (readonly [string, () => object, () => string])[] = [
  ["an added binding", () => ({ add: [{ workspace_id: 42 }] }), () => "workspace_bindings[42]"],
  [
    "a removed binding",
    () => ({ remove: [{ workspace_id: ownWorkspaceId }] }),
    () => `workspace_bindings[${ownWorkspaceId}]`,
  ],
  [
    "a binding made read-only",
    () => ({ add: [{ workspace_id: ownWorkspaceId, binding_type: "BINDING_TYPE_READ_ONLY" }] }),
    () => `workspace_bindings[${ownWorkspaceId}].binding_type`,
  ],
];

test.each(
  securables.flatMap(([type, path]) => changes.map((change) => [type, path, ...change] as const)),
)("%s %s: %s is drift, and healing reverts it", async (type, path, _name, change, pathOf) => {
  await patch(path, change());
  for (const options of [{}, { deep: true }, { unmanaged: "all" as const }]) {
    const report = await check(lab, deployed, options);
    expect(summary(report).filter((line) => !line.startsWith("unmanaged"))).toEqual([
      `drift ${type}.iso ${pathOf()}`,
    ]);
    expect(report.exitCode).toBe(2);
  }
  const desired =
    (await checkFully(lab, deployed)).values("lab-local", `${type}.iso`)?.desired ?? {};
  await findKind(type)?.restore?.(lab.client, path.slice(path.indexOf("/") + 1), desired, {
    directory: "/nowhere",
  });
  expect(summary(await check(lab, deployed))).toEqual([]);
  expect(await listOf(path)).toEqual([
    { workspace_id: ownWorkspaceId, binding_type: "BINDING_TYPE_READ_WRITE" },
  ]);
});

test("bindings declared by a databricks_workspace_binding of this or another stack are expected", async () => {
  const large = "9007199254740993";
  await lab.client.exchange({
    method: "PATCH",
    path: `${url}/catalog/declared`,
    body: { add: [{ workspace_id: 7 }, { workspace_id: 8 }, { workspace_id: 9 }] },
  });
  const binding = (workspace_id: number | string): object => ({
    securable_name: "declared",
    workspace_id,
  });
  const stack = {
    ...deployed.stack,
    resource: {
      ...deployed.stack.resource,
      databricks_workspace_binding: { seven: binding(7), large: binding(large) },
    },
  };
  const bindingInState = (name: string, workspace_id: number | string): object => ({
    mode: "managed",
    type: "databricks_workspace_binding",
    name,
    instances: [
      { attributes: { ...binding(workspace_id), id: `${workspace_id}|catalog|declared` } },
    ],
  });
  const state = {
    ...deployed.state,
    resources: [
      ...deployed.state.resources,
      bindingInState("seven", 7),
      bindingInState("large", large),
    ] as typeof deployed.state.resources,
  };
  const report = await check(
    lab,
    { stack: stack as Deployed["stack"], state },
    {
      others: () =>
        Promise.resolve({
          owned: ["databricks_workspace_binding\u00008|catalog|declared"],
          failed: [],
        }),
    },
  );
  expect(summary(report).filter((line) => line.startsWith("drift"))).toEqual([
    "drift databricks_catalog.declared workspace_bindings[9]",
  ]);
  // The difference is reported once, for the binding itself.
  expect(summary(report).filter((line) => line.includes("large") || line.includes(large))).toEqual([
    "missing databricks_workspace_binding.large",
  ]);
  await lab.client.patch(`${url}/catalog/declared`, {
    add: [{ workspace_id: 7, binding_type: "BINDING_TYPE_READ_ONLY" }],
  });
  const code = {
    databricks_workspace_binding: {
      seven: { ...binding(7), binding_type: "BINDING_TYPE_READ_WRITE" },
    },
  };
  const seven = await check(lab, {
    stack: { ...stack, resource: { ...stack.resource, ...code } },
    state,
  });
  expect(summary(seven).filter((line) => line.includes("7") || line.includes("seven"))).toEqual([
    "drift databricks_workspace_binding.seven binding_type",
  ]);
});

test("bindings of a securable that is not isolated, and bindings that the caller must not read, are listed as not checked", async () => {
  await patch("catalog/open", { add: [{ workspace_id: 42 }] });
  const report = await check(lab, deployed, { deep: true });
  expect(
    report.notChecked.find(({ what }) => what === "workspace bindings of databricks_catalog"),
  ).toMatchObject({
    count: 1,
    examples: ["databricks_catalog.open"],
  });
  await patch("external_location/open", { add: [{ workspace_id: 42 }] });
  const secondReport = await check(lab, deployed, { deep: true });
  expect(
    secondReport.notChecked.find(
      ({ what }) => what === "workspace bindings of databricks_external_location",
    ),
  ).toMatchObject({ count: 1 });
  const refused = {
    method: "GET",
    path: "/api/2.1/unity-catalog/bindings/catalog/iso",
    status: 403,
  };
  await lab.client.exchange({ method: "POST", path: "/_lakeform/faults", body: refused });
  const reportWithFault = await check(lab, deployed);
  await lab.client.exchange({ method: "DELETE", path: "/_lakeform/faults" });
  expect(
    reportWithFault.notChecked.find(
      ({ what, examples }) =>
        what.startsWith("workspace bindings") && examples.join() === "databricks_catalog.iso",
    ),
  ).toMatchObject({ reason: expect.stringContaining("does not show") as string });
});
