import fs from "node:fs";
import path from "node:path";
import type { Connection } from "../../src/api";
import { readTerraformProject, type TerraformProject } from "../../src/adopt/terraform/project";
import { renderStateRemoval, stateOfFolder } from "../../src/adopt/terraform/state";
import { formatError, type LakeformError } from "../../src/errors";
import { removeSynthesized } from "../../src/testing/synthesize";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { makeFolder, removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;
let job: string;
let cluster: string;

interface StateRow {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly key?: string | number;
  readonly module?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly sensitive?: readonly string[];
  readonly version?: number;
}
const stateOf = (rows: readonly StateRow[]): string =>
  JSON.stringify({
    version: 4,
    terraform_version: "1.11.0",
    serial: 3,
    lineage: "b7",
    outputs: {},
    resources: rows.map(
      ({ type, name, id, key, module, attributes, sensitive = [], version = 0 }) => ({
        ...(module && { module }),
        mode: "managed",
        type,
        name,
        provider: 'provider["registry.terraform.io/databricks/databricks"]',
        instances: [
          {
            ...(key !== undefined && { index_key: key }),
            schema_version: version,
            attributes: { id, ...attributes },
            sensitive_attributes: sensitive.map((value) => [{ type: "get_attr", value }]),
          },
        ],
      }),
    ),
  });
const folderOf = (rows: readonly StateRow[], configuration = ""): string => {
  const folder = makeFolder("terraform");
  fs.writeFileSync(path.join(folder, "terraform.tfstate"), stateOf(rows));
  fs.writeFileSync(path.join(folder, "main.tf"), configuration);
  return folder;
};
const readProject = async (folder: string): Promise<TerraformProject> =>
  readTerraformProject(api, folder, await stateOfFolder(folder, {}));
const noteLines = (notes: TerraformProject["notes"]): string[] =>
  notes.map(({ object, text }) => `${object}: ${text}`);

beforeAll(async () => {
  api = clientOf(workspace);
  const textField = (response: unknown, field: string): string =>
    String((response as Record<string, string | number>)[field]);
  await api.post("/api/2.0/preview/scim/v2/Groups", { displayName: "analysts" });
  await api.post("/api/2.0/workspace/import", {
    path: "/Shared/load",
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from("# Databricks notebook source\nprint(1)\n").toString("base64"),
  });
  await api.post("/api/2.0/secrets/scopes/create", { scope: "etl" });
  await api.post("/api/2.0/secrets/put", {
    scope: "etl",
    key: "password",
    string_value: "hidden-value",
  });
  const created = {
    cluster_name: "shared",
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  };
  cluster = textField(
    await api.post("/api/2.1/clusters/create", { ...created, autotermination_minutes: 60 }),
    "cluster_id",
  );
  job = textField(
    await api.post("/api/2.2/jobs/create", {
      name: "Daily load (prod)",
      queue: { enabled: false },
      tasks: [
        {
          task_key: "load",
          existing_cluster_id: cluster,
          notebook_task: { notebook_path: "/Shared/load" },
        },
      ],
    }),
    "job_id",
  );
  await api.patch(`/api/2.0/permissions/jobs/${job}`, {
    access_control_list: [{ group_name: "analysts", permission_level: "CAN_VIEW" }],
  });
});
afterAll(removeFolders);

const rows = (): readonly StateRow[] => [
  { type: "databricks_job", name: "daily", id: job },
  { type: "databricks_cluster", name: "shared", key: "eu", id: cluster, module: "module.compute" },
  {
    type: "databricks_notebook",
    name: "load",
    id: "/Shared/load",
    attributes: { path: "/Shared/load" },
  },
  {
    type: "databricks_permissions",
    name: "daily",
    id: `/jobs/${job}`,
    attributes: {
      job_id: job,
      access_control: [{ group_name: "analysts", permission_level: "CAN_VIEW", user_name: "" }],
    },
  },
  { type: "databricks_secret_scope", name: "etl", id: "etl", attributes: { name: "etl" } },
  {
    type: "databricks_secret",
    name: "password",
    id: "etl|||password",
    attributes: { scope: "etl", key: "password", string_value: "hidden-value" },
    sensitive: ["string_value"],
  },
  { type: "aws_s3_bucket", name: "raw", id: "raw" },
];
const configuration = 'resource "databricks_job" "daily" {}\nresource "databricks_job" "next" {}\n';

describe("a Terraform project", () => {
  test("becomes constructs named like its resources, with a plan of imports only", async () => {
    const folder = folderOf(rows(), configuration);
    const stateBefore = fs.readFileSync(path.join(folder, "terraform.tfstate"), "utf8");
    const project = await readProject(folder);
    const root = smallProject("from-terraform");
    const adoption = await adoptInto(root, api, { stack: "platform", ...project });
    const { "main.ts": _main, ...code } = codeOf(root);
    expect(Object.keys(code)).toEqual([
      "platform/daily.ts",
      "platform/etl-scope.ts",
      "platform/index.ts",
      "platform/notebooks/Shared/load.py",
      "platform/shared-eu-cluster.ts",
    ]);
    expect(code["platform/daily.ts"]).toMatchSnapshot();
    expect(code["platform/etl-scope.ts"]).toContain('scope.keepSecrets("password");');
    expect(JSON.stringify(code)).not.toContain("hidden-value");
    expect(noteLines(adoption.notes)).toEqual([
      "aws_s3_bucket.raw: it belongs to another provider: it stays in the old state",
      "databricks_job.next: it is in the configuration but not in the state: apply it first, or write new code for it",
      expect.stringMatching(/^databricks_secret\.password: its value is not adopted/),
    ]);
    const stack = await synthesizeAdopted(root, "platform");
    expect(await firstPlan(stack, api)).toMatchObject({ creates: [], changes: {}, imports: 5 });
    removeSynthesized(stack);
    expect(fs.readFileSync(path.join(folder, "terraform.tfstate"), "utf8")).toBe(stateBefore);
  });

  test("gets the commands or removed blocks that release its objects", async () => {
    const { addresses } = await readProject(folderOf(rows()));
    const text = renderStateRemoval("../infra", addresses);
    expect(text).toContain(
      "terraform -chdir=../infra state rm \\\n    'databricks_job.daily' \\\n    'module.compute.databricks_cluster.shared[\"eu\"]' \\\n",
    );
    expect(text).toContain(
      "  removed {\n    from = module.compute.databricks_cluster.shared\n    lifecycle { destroy = false }\n  }\n",
    );
    expect(text).not.toContain("aws_s3_bucket");
  });

  test("becomes the provider's own classes for kinds without a construct, with secrets from the environment", async () => {
    const folder = folderOf([
      {
        type: "databricks_pipeline",
        name: "events",
        id: "p1",
        attributes: {
          name: "events",
          continuous: true,
          configuration: { a: "${b}" },
          library: [{ notebook: [{ path: "/Shared/load" }], jar: "" }],
          url: "x",
          unknown_field: "y",
        },
      },
      {
        type: "databricks_git_credential",
        name: "git",
        id: "7",
        attributes: {
          git_provider: "gitHub",
          git_username: "ada",
          personal_access_token: "hidden-value",
        },
      },
      {
        type: "databricks_notification_destination",
        name: "oncall",
        id: "8",
        attributes: {
          display_name: "On call",
          config: [{ slack: [{ url: "hidden-value", url_set: true, channel_id_set: false }] }],
        },
        sensitive: ["config"],
      },
      {
        type: "databricks_library",
        name: "lib",
        id: "c/pypi:x",
        attributes: { cluster_id: "c", pypi: [{ package: "x" }] },
      },
    ]);
    const root = smallProject("raw");
    const project = await readProject(folder);
    await adoptInto(root, api, { ...project });
    const code = codeOf(root);
    expect(code["adopted/events-pipeline.ts"]).toMatchSnapshot();
    expect(code["adopted/git-credential.ts"]).toMatchSnapshot();
    expect(code["adopted/oncall-destination.ts"] ?? Object.keys(code)).toMatchSnapshot();
    expect(JSON.stringify(code)).not.toContain("hidden-value");
    expect(noteLines(project.notes)).toEqual([
      "databricks_library.lib: objects of this type cannot be imported: it stays in the old state",
    ]);
    const stack = await synthesizeAdopted(root);
    expect(stack.json.resource?.["databricks_pipeline"]).toMatchObject({
      "events-pipeline": { continuous: true, configuration: { a: "$${b}" } },
    });
    expect(stack.json["import"]).toEqual([
      { to: "databricks_pipeline.events-pipeline", id: "p1" },
      { to: "databricks_git_credential.git-credential", id: "7" },
      { to: "databricks_notification_destination.oncall-destination", id: "8" },
    ]);
    removeSynthesized(stack);
  });

  test("gets a report of objects that are missing in the workspace or were written by a newer provider", async () => {
    const project = await readProject(
      folderOf([
        { type: "databricks_job", name: "gone", id: "123" },
        { ...(rows()[0] as StateRow), version: 99 },
      ]),
    );
    expect(noteLines(project.notes)).toEqual([
      expect.stringMatching(
        /^databricks_job\.daily: its state was written by a newer provider \(schema version 99, supported: \d+\)/,
      ),
      "databricks_job.gone: it does not exist in the workspace, only in the old state",
    ]);
    expect(project.jobs).toHaveLength(1);
  });

  test.each([
    ["a missing folder", () => "/nowhere", "NO_SUCH_FOLDER"],
    ["a state without objects", () => folderOf([]), "NO_TERRAFORM_STATE"],
  ])("is rejected for %s", async (_case, folder, code) => {
    const error = await readProject(folder()).then(
      () => undefined,
      (error: unknown) => error as LakeformError,
    );
    expect(error?.code).toBe(code);
    expect(formatError(error as LakeformError)).toContain("fix:");
  });

  test("is rejected with a truncated state file", async () => {
    const folder = folderOf([]);
    fs.writeFileSync(path.join(folder, "terraform.tfstate"), '{"version": 4, "resou');
    await expect(readProject(folder)).rejects.toMatchObject({ code: "BROKEN_STATE" });
  });
});
