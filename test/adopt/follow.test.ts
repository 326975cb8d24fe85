import type { Connection } from "../../src/api";
import { followable, type Followed } from "../../src/adopt/model";
import { selectJobs } from "../../src/adopt/workspace";
import { removeSynthesized } from "../../src/testing/synthesize";
import { verifyTargets } from "../../src/verify";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

beforeAll(async () => {
  api = clientOf(workspace);
  await api.post("/api/2.0/preview/scim/v2/Groups", { displayName: "analysts" });
  await api.post("/api/2.0/secrets/scopes/create", { scope: "etl" });
  for (const key of ["token", "password"])
    await api.post("/api/2.0/secrets/put", { scope: "etl", key, string_value: "hidden-value" });
  await api.post("/api/2.0/secrets/acls/put", {
    scope: "etl",
    principal: "analysts",
    permission: "READ",
  });
  await api.post("/api/2.1/unity-catalog/catalogs", { name: "sales", comment: "all sales" });
  await api.post("/api/2.1/unity-catalog/schemas", {
    catalog_name: "sales",
    name: "raw",
    properties: { team: "data" },
  });
  await api.post("/api/2.1/unity-catalog/volumes", {
    catalog_name: "sales",
    schema_name: "raw",
    name: "files",
    volume_type: "MANAGED",
  });
  for (const [type, name, add] of [
    ["catalog", "sales", ["USE_CATALOG"]],
    ["schema", "sales.raw", ["USE_SCHEMA", "SELECT"]],
    ["volume", "sales.raw.files", ["READ_VOLUME"]],
  ] as const)
    await api.patch(`/api/2.1/unity-catalog/permissions/${type}/${name}`, {
      changes: [{ principal: "analysts", add }],
    });
  await api.post("/api/2.0/dbfs/put", {
    path: "/libs/main.py",
    contents: base64("print(1)\n"),
    overwrite: true,
  });
  await api.post("/api/2.0/workspace/mkdirs", { path: "/Repos/team" });
  await api.post("/api/2.0/repos", {
    url: "https://github.com/acme/etl",
    provider: "gitHub",
    path: "/Repos/team/etl",
  });
  await api.post("/api/2.2/jobs/create", {
    name: "all",
    tasks: [
      {
        task_key: "dbfs",
        existing_cluster_id: "1114-221320-seed0001",
        spark_python_task: { python_file: "dbfs:/libs/main.py" },
      },
      {
        task_key: "repo",
        existing_cluster_id: "1114-221320-seed0001",
        notebook_task: {
          notebook_path: "/Repos/team/etl/load",
          base_parameters: { key: "{{secrets/etl/token}}" },
        },
        libraries: [{ whl: "/Volumes/sales/raw/files/lib-1.0-py3-none-any.whl" }],
      },
    ],
  });
});
afterAll(removeFolders);

test("a job that a bundle or another lakeform stack manages is named as such", async () => {
  for (const [name, settings] of [
    ["of a stack", { tags: { lakeform: "sales/etl-prod" } }],
    [
      "of a bundle",
      {
        deployment: {
          kind: "BUNDLE",
          metadata_file_path: "/Workspace/Users/a@b.c/.bundle/etl/prod/state/metadata.json",
        },
      },
    ],
    ["of nobody", { tags: { team: "sales" } }],
  ] as const)
    await api.post("/api/2.2/jobs/create", { name, ...settings });
  const root = smallProject("managed");
  const jobs = await selectJobs(api, { jobs: ["of a*", "of nobody"], tags: [], all: false });
  const { notes } = await adoptInto(root, api, { jobs });
  expect(notes.filter(({ text }) => text.startsWith("it is managed by"))).toEqual([
    {
      object: "job of a stack",
      text: "it is managed by the lakeform stack sales/etl-prod (tag lakeform), which also changes and destroys it: remove it there first, without destroying it",
    },
    {
      object: "job of a bundle",
      text: "it is managed by a Databricks bundle (/Workspace/Users/a@b.c/.bundle/etl/prod/state/metadata.json), which also changes and destroys it: remove it there first, without destroying it",
    },
  ]);
});

describe("an object used by a job", () => {
  test("is adopted together with the job, if its kind is followed: secret scopes with keys and ACLs, Unity Catalog objects with grants, Git folders, DBFS files", async () => {
    const root = smallProject("follow");
    const jobs = await selectJobs(api, { jobs: ["all"], tags: [], all: false });
    const follow = new Set<Followed>(followable.filter((kind) => kind !== "clusters"));
    const adoption = await adoptInto(root, api, { jobs, follow });
    const code = codeOf(root);
    expect({ ...code, "main.ts": undefined }).toMatchSnapshot();
    expect(JSON.stringify(code)).not.toContain("hidden-value");
    const stack = await synthesizeAdopted(root);
    const plan = await firstPlan(stack, api);
    expect(plan).toMatchObject({ creates: [], changes: {}, imports: adoption.imports });
    const report = await verifyTargets({
      targets: [
        {
          name: stack.name,
          directory: stack.directory,
          metadata: stack.metadata,
          desired: { stack: stack.json },
          state: () =>
            Promise.resolve({
              version: 4,
              serial: 1,
              lineage: "x",
              resources: [...plan.resources],
            }),
          variable: () => undefined,
        },
      ],
      api,
    });
    const findings = report.resources.filter(
      ({ status }) => !["match", "ignored", "unverifiable"].includes(status),
    );
    expect(findings).toEqual([]);
    removeSynthesized(stack);
  });

  test("is referenced by name or path if it is not followed", async () => {
    const root = smallProject("names");
    const jobs = await selectJobs(api, { jobs: ["all"], tags: [], all: false });
    await adoptInto(root, api, { jobs, follow: new Set() });
    const { "adopted/all.ts": code } = codeOf(root);
    expect(code).toContain('SparkPythonTask.at("dbfs:/libs/main.py")');
    expect(code).toContain('Library.whl("/Volumes/sales/raw/files/lib-1.0-py3-none-any.whl")');
    expect(code).toContain('NotebookTask.at("/Repos/team/etl/load"');
  });
});
