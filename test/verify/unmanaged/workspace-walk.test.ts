import type { Connection } from "../../../src/api";
import {
  check,
  deployDirect,
  openLab,
  summary,
  type Deployed,
  type Lab,
  type Resources,
} from "../harness";

const resources: Resources = {
  databricks_directory: { folder: { path: "/Shared/etl" } },
  databricks_notebook: {
    ingest: {
      path: "/Shared/ours/ingest",
      content_base64: Buffer.from("1").toString("base64"),
      language: "PYTHON",
    },
  },
  databricks_dbfs_file: { sample: { path: "/tmp/ours.json", content_base64: "e30=" } },
  databricks_secret_scope: { scope: { name: "etl" } },
};
const content = Buffer.from("1").toString("base64");
let lab: Lab;
let deployed: Deployed;

beforeEach(async () => {
  lab = await openLab();
  const { client } = lab;
  await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/ours" });
  deployed = await deployDirect(lab, resources);
});
afterEach(() => lab.close());

/** Adds objects that are not in the stack. */
async function addObjects(): Promise<void> {
  const { client } = lab;
  await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/hand/deep" });
  await client.post("/api/2.0/workspace/import", {
    path: "/Shared/hand/deep/n",
    language: "PYTHON",
    content,
  });
  await client.post("/api/2.0/workspace/import", {
    path: "/Shared/ours/theirs",
    language: "PYTHON",
    content,
  });
  await client.post("/api/2.0/dbfs/put", { path: "/tmp/a/theirs.json", contents: content });
  await client.post("/api/2.0/secrets/scopes/create", { scope: "theirs" });
  await client.post("/api/2.1/unity-catalog/catalogs", { name: "hand" });
  await client.post("/api/2.1/unity-catalog/schemas", { name: "s", catalog_name: "hand" });
  await client.post("/api/2.1/unity-catalog/volumes", {
    name: "v",
    catalog_name: "hand",
    schema_name: "s",
    volume_type: "MANAGED",
  });
}

describe("--unmanaged all", () => {
  test("finds objects in the workspace tree, DBFS, Unity Catalog and secret scopes, but not those of the stack", async () => {
    const before = new Set(summary(await check(lab, deployed, { unmanaged: "all" })));
    await addObjects();
    const report = await check(lab, deployed, { unmanaged: "all" });
    expect(summary(report).filter((line) => !before.has(line))).toEqual(
      expect.arrayContaining([
        "unmanaged databricks_catalog hand",
        "unmanaged databricks_dbfs_file /tmp/a/theirs.json",
        "unmanaged databricks_directory /Shared/hand",
        "unmanaged databricks_directory /Shared/hand/deep",
        "unmanaged databricks_notebook /Shared/hand/deep/n",
        "unmanaged databricks_notebook /Shared/ours/theirs",
        "unmanaged databricks_schema hand.s",
        "unmanaged databricks_secret_scope theirs",
        "unmanaged databricks_volume hand.s.v",
      ]),
    );
    const names = report.unmanaged.map(({ name }) => name);
    for (const ownName of [
      "/Shared/etl",
      "/Shared/ours",
      "/Shared/ours/ingest",
      "/tmp/ours.json",
      "etl",
      "/Shared",
    ])
      expect(names).not.toContain(ownName);
    expect(report.unmanaged.every(({ removal }) => removal.startsWith("lakeform api "))).toBe(true);
    expect(report.notChecked.map(({ what }) => what)).toContain(
      "tables, views and functions of Unity Catalog",
    );
    expect(report.exitCode).toBe(2);
  });

  test("lists folders beyond the limit as not checked", async () => {
    await addObjects();
    const report = await check(lab, deployed, { unmanaged: "all", maxFolders: 1 });
    expect(report.unmanaged.map(({ name }) => name)).not.toContain("/Shared/hand/deep/n");
    expect(report.notChecked.map(({ what }) => what)).toContain(
      "folders of the workspace tree, and their contents",
    );
    expect(report.notChecked.map(({ what }) => what)).toContain(
      "folders of DBFS, and their contents",
    );
  });

  test("gives exit code 1 for a folder that may not be listed, and lists the others", async () => {
    await addObjects();
    const { client } = lab;
    const refusingClient = {
      host: client.host,
      get: (...[path, options]: Parameters<Connection["get"]>) =>
        path === "/api/2.0/dbfs/list"
          ? Promise.reject(new Error("403 PERMISSION_DENIED"))
          : client.get(path, options),
      head: (...args: Parameters<Connection["head"]>) => client.head(...args),
      download: (...args: Parameters<Connection["download"]>) => client.download(...args),
    };
    const report = await check({ ...lab, client: refusingClient }, deployed, {
      unmanaged: "all",
    });
    expect(report.failures).toEqual([
      expect.objectContaining({ what: "DBFS", reason: "403 PERMISSION_DENIED" }),
    ]);
    expect(report.exitCode).toBe(1);
    expect(summary(report)).toContain("unmanaged databricks_catalog hand");
  });
});
