/**
 * Objects that were added in the workspace: with the stamp of the stack, and inside objects of the
 * stack. added.long.test.ts adds an object of each kind.
 */
import { findKind } from "../../src/resources";
import {
  check,
  deployDirect,
  summary,
  type CheckOptions,
  type Deployed,
  type Lab,
  type Resources,
  idIn,
} from "./harness";
import { openMatrixLab } from "./matrix/run";

let lab: Lab;
beforeAll(async () => {
  lab = await openMatrixLab();
});
afterAll(() => lab.close());

const sized = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 1 };
const stamped: Resources = {
  databricks_job: { d: { name: "stray", tags: { lakeform: "lab/lab-local" } } },
  databricks_cluster: {
    d: { cluster_name: "stray", ...sized, custom_tags: { lakeform: "lab/lab-local" } },
  },
  databricks_instance_pool: {
    d: {
      instance_pool_name: "stray",
      node_type_id: "i3.xlarge",
      idle_instance_autotermination_minutes: 10,
      custom_tags: { lakeform: "lab/lab-local" },
    },
  },
  databricks_sql_endpoint: {
    d: {
      name: "stray",
      cluster_size: "Small",
      tags: [{ custom_tags: [{ key: "lakeform", value: "lab/lab-local" }] }],
    },
  },
};

test.each(Object.entries(stamped))(
  "an added %s with the stamp of the stack is unmanaged",
  async (type, named) => {
    const { state } = await deployDirect(lab, { [type]: named });
    const ours = await deployDirect(lab, {
      databricks_token: { d: { comment: `beside ${type}` } },
    });
    expect(summary(await check(lab, ours))).toEqual([`unmanaged ${type} stray`]);
    const attributes = state.resources[0]?.instances[0]?.attributes as { id: string };
    await findKind(type)?.delete(lab.client, attributes.id, attributes, { directory: "/nowhere" });
  },
);

describe("objects inside an object of the stack", () => {
  const text = (words: string): string => Buffer.from(words).toString("base64");
  const resources: Resources = {
    databricks_directory: { folder: { path: "/Shared/folder" } },
    databricks_notebook: {
      ours: {
        path: "/Shared/folder/on/the/way/ours",
        language: "PYTHON",
        content_base64: text("1"),
      },
    },
    databricks_secret_scope: { scope: { name: "folder" } },
    databricks_cluster: {
      plain: { cluster_name: "plain", ...sized },
      listed: { cluster_name: "listed", ...sized, library: [{ pypi: [{ package: "a" }] }] },
    },
    databricks_library: {
      ours: { cluster_id: "${databricks_cluster.plain.id}", pypi: [{ package: "pandas" }] },
    },
    databricks_catalog: { c: { name: "folder" } },
    databricks_schema: { s: { catalog_name: "${databricks_catalog.c.name}", name: "s" } },
    databricks_volume: {
      v: {
        catalog_name: "folder",
        schema_name: "${databricks_schema.s.name}",
        name: "v",
        volume_type: "MANAGED",
      },
    },
    databricks_file: {
      f: { path: "/Volumes/folder/s/v/conf/ours.txt", content_base64: text("1") },
    },
    databricks_grant: {
      g: { schema: "folder.s", principal: "analysts", privileges: ["USE_SCHEMA"] },
    },
    databricks_job: { j: { name: "folder" } },
  };
  let deployed: Deployed;
  beforeAll(async () => {
    deployed = await deployDirect(lab, resources);
  });
  const idOf = (address: string): string => idIn(deployed, address);
  const findingsWith = async (options: CheckOptions = {}): Promise<string[]> =>
    summary(await check(lab, deployed, options));

  test("are not reported if the deploy created them, such as a library and parent folders", async () => {
    expect(await findingsWith()).toEqual([]);
    expect(await findingsWith({ deep: true })).toEqual([]);
    expect(await findingsWith({ byName: true })).toEqual([]);
  });

  test("are unmanaged if they were added, with and without a state", async () => {
    const { client } = lab;
    const put = (path: string): Promise<unknown> =>
      client.post("/api/2.0/workspace/import", { path, language: "PYTHON", content: text("1") });
    await put("/Shared/folder/notebook");
    await put("/Shared/folder/on/the/way/theirs");
    await client.post("/api/2.0/workspace/import", {
      path: "/Shared/folder/file.txt",
      format: "RAW",
      content: text("1"),
    });
    await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/folder/sub/sub" });
    await client.post("/api/2.0/repos", {
      url: "https://github.com/a/b",
      provider: "gitHub",
      path: "/Shared/folder/repo",
    });
    await client.post("/api/2.0/secrets/put", { scope: "folder", key: "extra", string_value: "x" });
    await client.post("/api/2.0/secrets/acls/put", {
      scope: "folder",
      principal: "users",
      permission: "READ",
    });
    await client.post("/api/2.1/unity-catalog/schemas", { catalog_name: "folder", name: "theirs" });
    // The platform creates this schema with a catalog, and Terraform's provider removes it.
    await client.post("/api/2.1/unity-catalog/schemas", {
      catalog_name: "folder",
      name: "default",
    });
    for (const schema_name of ["s", "default"])
      await client.post("/api/2.1/unity-catalog/volumes", {
        catalog_name: "folder",
        schema_name,
        name: "theirs",
        volume_type: "MANAGED",
      });
    for (const path of ["conf/theirs.txt", "data/theirs.txt"])
      await client.exchange({
        method: "PUT",
        path: `/api/2.0/fs/files/Volumes/folder/s/v/${path}`,
        body: "x",
      });
    const added = [
      "unmanaged databricks_directory /Shared/folder/sub",
      "unmanaged databricks_file /Volumes/folder/s/v/conf/theirs.txt",
      "unmanaged databricks_notebook /Shared/folder/notebook",
      "unmanaged databricks_notebook /Shared/folder/on/the/way/theirs",
      "unmanaged databricks_repo /Shared/folder/repo",
      "unmanaged databricks_schema folder.theirs",
      "unmanaged databricks_secret folder/extra",
      "unmanaged databricks_secret_acl folder/users",
      "unmanaged databricks_volume folder.default.theirs",
      "unmanaged databricks_volume folder.s.theirs",
      "unmanaged databricks_workspace_file /Shared/folder/file.txt",
    ];
    expect(await findingsWith()).toEqual(added);
    expect(await findingsWith({ byName: true })).toEqual(added);
    const report = await check(lab, deployed);
    expect(report.exitCode).toBe(2);
    expect(report.unmanaged.every(({ removal }) => removal.startsWith("lakeform api "))).toBe(true);
    expect(report.notChecked.map(({ what }) => what)).toContain(
      "other files in the volumes created by the stack",
    );
    expect(await findingsWith({ unmanaged: "none" })).toEqual([]);
  });

  test("are drift if they are libraries, and unmanaged if they are grants, which the printed command revokes", async () => {
    const { client } = lab;
    for (const name of ["plain", "listed"])
      await client.post("/api/2.0/libraries/install", {
        cluster_id: idOf(`databricks_cluster.${name}`),
        libraries: [{ pypi: { package: "by-hand" } }],
      });
    expect(await findingsWith({ unmanaged: "none" })).toEqual([
      "drift databricks_cluster.listed library[by-hand]",
      "drift databricks_cluster.plain library[by-hand]",
    ]);
    const changes = [{ principal: "engineers", add: ["USE_SCHEMA"] }];
    await client.patch("/api/2.1/unity-catalog/permissions/schema/folder.s", { changes });
    await client.patch("/api/2.1/unity-catalog/permissions/catalog/folder", {
      changes: [{ principal: "engineers", add: ["USE_CATALOG"] }],
    });
    const entry = { group_name: "users", permission_level: "CAN_VIEW" };
    await client.patch(`/api/2.0/permissions/jobs/${idOf("databricks_job.j")}`, {
      access_control_list: [entry],
    });
    const report = await check(lab, deployed, { deep: true });
    const added = summary(report).filter((line) => /grant|permissions/.test(line));
    expect(added).toEqual([
      "unmanaged databricks_grants lab-local/c: engineers USE_CATALOG",
      "unmanaged databricks_grants lab-local/s: engineers USE_SCHEMA",
      "unmanaged databricks_permissions lab-local/j: users CAN_VIEW",
    ]);
    for (const { kind, removal } of report.unmanaged.filter(
      (object) => object.kind === "databricks_grants",
    )) {
      const [, url = "", body = ""] =
        /^lakeform api PATCH (\S+) --json '(.*)'$/.exec(removal) ?? [];
      expect([kind, url]).not.toContain("");
      await client.patch(url, JSON.parse(body) as object);
    }
    expect(
      (await findingsWith({ deep: true })).filter((line) => line.includes("databricks_grants")),
    ).toEqual([]);
  });

  test("are not unmanaged if they belong to another stack of the environment; a stack with an unreadable state is listed", async () => {
    const before = await findingsWith();
    expect(before).toContain("unmanaged databricks_notebook /Shared/folder/notebook");
    const otherStacks = {
      owned: [
        "databricks_notebook\0/Shared/folder/notebook",
        "databricks_schema\0folder.theirs",
        "databricks_workspace_file\0/Workspace/Shared/folder/file.txt",
        "databricks_notebook\0/Shared/folder/sub/sub/n",
      ],
      failed: [{ stack: "other-local", reason: "no access" }],
    };
    const report = await check(lab, deployed, { others: () => Promise.resolve(otherStacks) });
    const ownedByOthers = before.filter((line) => !summary(report).includes(line));
    expect(ownedByOthers).toEqual([
      "unmanaged databricks_directory /Shared/folder/sub",
      "unmanaged databricks_notebook /Shared/folder/notebook",
      "unmanaged databricks_schema folder.theirs",
      "unmanaged databricks_workspace_file /Shared/folder/file.txt",
    ]);
    expect(report.notChecked.map(({ what }) => what)).toContain("stack other-local");
  });
});
