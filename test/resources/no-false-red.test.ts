/** Compares created and manually changed objects with the rules of their kinds, over REST. */
import type { Attributes, Kind } from "../../src/resources/kind";
import { findKind } from "../../src/resources";
import { compare } from "../../src/verify/compare/compare";
import { fieldsOf } from "../../src/verify/fields/field-rules";
import { fromJson, type DesiredObject } from "../../src/verify/expressions/values";
import { openKindLab, type KindLab } from "./kind-lab";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

let lab: KindLab;
beforeAll(async () => {
  lab = await openKindLab();
  for (const displayName of ["data-team", "analysts"])
    await lab.api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  await lab.api.post("/api/2.0/secrets/scopes/create", { scope: "vault" });
  await lab.api.post("/api/2.1/unity-catalog/catalogs", { name: "lake" });
  await lab.api.post("/api/2.1/unity-catalog/schemas", { catalog_name: "lake", name: "raw" });
  await lab.api.post("/api/2.1/unity-catalog/volumes", {
    catalog_name: "lake",
    schema_name: "raw",
    name: "in",
    volume_type: "MANAGED",
  });
  await lab.api.post("/api/2.0/workspace/mkdirs", { path: "/Shared/box" });
});
afterAll(() => lab.close());

interface Case {
  readonly type: string;
  readonly planned: Attributes;
  /** A manual change of the object, and the field that must be reported. */
  readonly change?: {
    readonly method: "POST" | "PATCH" | "PUT";
    readonly path: string;
    readonly body: unknown;
    readonly reportedField: RegExp;
  };
}

const cases: readonly Case[] = [
  {
    type: "databricks_notebook",
    planned: {
      path: "/Workspace/Shared/box/nb",
      language: "SQL",
      content_base64: base64("select 1"),
    },
    change: {
      method: "POST",
      path: "/api/2.0/workspace/import",
      body: {
        path: "/Shared/box/nb",
        language: "PYTHON",
        format: "SOURCE",
        overwrite: true,
        content: base64("print(1)"),
      },
      reportedField: /language/,
    },
  },
  { type: "databricks_directory", planned: { path: "/Shared/box/folder/" } },
  {
    type: "databricks_workspace_file",
    planned: { path: "/Shared/box/a.txt", content_base64: base64("x") },
  },
  { type: "databricks_dbfs_file", planned: { path: "/tmp/a.txt", content_base64: base64("x") } },
  { type: "databricks_secret_scope", planned: { name: "mine" } },
  {
    type: "databricks_secret",
    planned: { scope: "vault", key: "k", string_value: "v" },
    change: {
      method: "POST",
      path: "/api/2.0/secrets/put",
      body: { scope: "vault", key: "k", string_value: "w" },
      reportedField: /string_value/,
    },
  },
  {
    type: "databricks_secret_acl",
    planned: { scope: "vault", principal: "data-team", permission: "READ" },
    change: {
      method: "POST",
      path: "/api/2.0/secrets/acls/put",
      body: { scope: "vault", principal: "data-team", permission: "WRITE" },
      reportedField: /permission/,
    },
  },
  {
    // Fields that the workspace accepts and never returns.
    type: "databricks_job",
    planned: {
      name: "on-update",
      trigger: [
        { table_update: [{ table_names: ["main.default.orders"], condition: "ALL_UPDATED" }] },
      ],
      task: [
        {
          task_key: "t",
          notebook_task: [{ notebook_path: "/Shared/x" }],
          new_cluster: [
            {
              spark_version: "15.4.x-scala2.12",
              node_type_id: "i3.xlarge",
              num_workers: 1,
              apply_policy_default_values: true,
              __apply_policy_default_values_allow_list: ["num_workers"],
            },
          ],
        },
      ],
    },
  },
  { type: "databricks_token", planned: { comment: "ci", lifetime_seconds: 600 } },
  { type: "databricks_catalog", planned: { name: "Sales", properties: { a: "b" } } },
  {
    type: "databricks_schema",
    planned: { catalog_name: "lake", name: "silver", comment: "c" },
    change: {
      method: "PATCH",
      path: "/api/2.1/unity-catalog/schemas/lake.silver",
      body: { comment: "d" },
      reportedField: /comment/,
    },
  },
  {
    type: "databricks_volume",
    planned: { catalog_name: "lake", schema_name: "raw", name: "out", volume_type: "MANAGED" },
    change: {
      method: "PATCH",
      path: "/api/2.1/unity-catalog/volumes/lake.raw.out",
      body: { comment: "d" },
      reportedField: /comment/,
    },
  },
  {
    type: "databricks_file",
    planned: { path: "/Volumes/lake/raw/in/a.csv", content_base64: base64("a,b") },
  },
  {
    type: "databricks_grants",
    planned: {
      schema: "lake.raw",
      grant: [{ principal: "data-team", privileges: ["use schema", "SELECT"] }],
    },
    change: {
      method: "PATCH",
      path: "/api/2.1/unity-catalog/permissions/schema/lake.raw",
      body: { changes: [{ principal: "analysts", add: ["SELECT"] }] },
      reportedField: /grant\[analysts\]/,
    },
  },
  {
    type: "databricks_grant",
    planned: { catalog: "lake", principal: "data-team", privileges: ["USE_CATALOG"] },
    change: {
      method: "PATCH",
      path: "/api/2.1/unity-catalog/permissions/catalog/lake",
      body: { changes: [{ principal: "data-team", add: ["SELECT"] }] },
      reportedField: /privileges/,
    },
  },
  {
    type: "databricks_permissions",
    planned: {
      directory_path: "/Shared/box",
      access_control: [{ group_name: "data-team", permission_level: "CAN_READ" }],
    },
  },
];

function kindOf(type: string): Kind {
  const kind = findKind(type);
  if (kind === undefined) throw new Error(`${type} is not registered`);
  return kind;
}

async function differences(
  kind: Kind,
  id: string,
  planned: Attributes,
  state: Attributes,
): Promise<readonly string[]> {
  const remote = await kind.read(lab.reader, id, { known: { ...planned, ...state } });
  if (remote === undefined) throw new Error(`${kind.type} ${id} is missing`);
  const desired = fromJson(planned) as DesiredObject;
  const { findings } = compare({
    fields: fieldsOf(kind.type),
    rules: kind.rules,
    desired,
    deployed: desired,
    state: fromJson(state) as DesiredObject,
    remote: fromJson(remote.attributes) as DesiredObject,
  });
  const desiredContent = await kind.desiredContent?.(planned, lab.context.directory);
  const content =
    JSON.stringify(desiredContent) === JSON.stringify(remote.content) ? [] : ["content"];
  return [
    ...findings
      .filter((finding) => finding.status !== "unverifiable")
      .map((finding) => finding.path),
    ...content,
  ];
}

const titleOf = ({ type, change }: Case): string =>
  `a new ${type} has no drift${change === undefined ? "" : ", and its manual change is reported"}`;
test.each(cases.map((testCase) => [titleOf(testCase), testCase] as const))(
  "%s",
  async (_title, { type, planned, change }) => {
    const kind = kindOf(type);
    const { id, attributes } = await kind.create(lab.api, planned, lab.context);
    const read = await kind.read(lab.reader, id, { known: planned, deep: false });
    if (read === undefined) throw new Error(`${type} ${id} was created, but is missing`);
    const before = { ...planned, ...attributes, id };
    const state = kind.toState?.(read, before, "write", true) ?? { ...before, ...read.attributes };
    expect(await differences(kind, id, planned, state)).toEqual([]);
    if (change === undefined) return;
    const { method, path, body, reportedField } = change;
    await lab.api.exchange({ method, path, body });
    expect((await differences(kind, id, planned, state)).join(" ")).toMatch(reportedField);
  },
);
