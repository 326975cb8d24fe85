import { parseIgnoreFile, renderReport } from "../../../src/verify";
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
      path: "/Shared/etl/ingest",
      language: "PYTHON",
      content_base64: Buffer.from("# Databricks notebook source\n1").toString("base64"),
    },
  },
  databricks_cluster_policy: {
    policy: {
      name: "p",
      definition: '{"spark_version":{"type":"fixed","value":"15.4.x-scala2.12"}}',
    },
  },
  databricks_instance_pool: {
    pool: {
      instance_pool_name: "pool",
      node_type_id: "i3.xlarge",
      idle_instance_autotermination_minutes: 10,
    },
  },
  databricks_cluster: {
    cluster: {
      cluster_name: "c",
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 1,
    },
  },
  databricks_sql_endpoint: { warehouse: { name: "w", cluster_size: "Small" } },
  databricks_app: { app: { name: "board", no_compute: true } },
  databricks_catalog: { main: { name: "lab" } },
  databricks_connection: {
    pg: { name: "pg", connection_type: "POSTGRESQL", options: { host: "db.example.com" } },
  },
  databricks_job: { open: { name: "open" }, listed: { name: "listed" } },
  databricks_permissions: {
    acl: {
      job_id: "${databricks_job.listed.id}",
      access_control: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    },
  },
};

/** The URL segment before an object's id, by state address. */
const listSegments = {
  "databricks_job.open": "jobs",
  "databricks_cluster.cluster": "clusters",
  "databricks_cluster_policy.policy": "cluster-policies",
  "databricks_instance_pool.pool": "instance-pools",
  "databricks_sql_endpoint.warehouse": "sql/warehouses",
  "databricks_notebook.ingest": "notebooks",
  "databricks_directory.folder": "directories",
  "databricks_app.app": "apps",
} as const;
const lowestLevels: Readonly<Record<string, string>> = {
  jobs: "CAN_VIEW",
  clusters: "CAN_ATTACH_TO",
  "cluster-policies": "CAN_USE",
  "instance-pools": "CAN_ATTACH_TO",
  "sql/warehouses": "CAN_USE",
  notebooks: "CAN_READ",
  directories: "CAN_READ",
  apps: "CAN_USE",
};

let lab: Lab;
let deployed: Deployed;
beforeEach(async () => {
  lab = await openLab([{ name: "second@example.com" }]);
  deployed = await deployDirect(lab, resources);
});
afterEach(() => lab.close());

const attributesOf = (address: string): Readonly<Record<string, unknown>> =>
  deployed.state.resources.find(({ type, name }) => `${type}.${name}` === address)?.instances[0]
    ?.attributes ?? {};

async function objectOf(address: keyof typeof listSegments): Promise<string> {
  const { id, path, name } = attributesOf(address);
  // The URLs of an app do not contain its id.
  if (address === "databricks_app.app") return `/api/2.0/permissions/apps/${String(name)}`;
  if (typeof path !== "string" || !/notebook|directory/.test(address))
    return `/api/2.0/permissions/${listSegments[address]}/${String(id)}`;
  const status = (await lab.client.get("/api/2.0/workspace/get-status", { query: { path } })) as {
    object_id: number;
  };
  return `/api/2.0/permissions/${listSegments[address]}/${status.object_id}`;
}

const grant = async (address: keyof typeof listSegments, entry: object): Promise<unknown> =>
  lab.client.patch(await objectOf(address), { access_control_list: [entry] });

test("without --deep each access list that is not compared is listed as not checked", async () => {
  await grant("databricks_job.open", { group_name: "users", permission_level: "CAN_MANAGE" });
  const report = await check(lab, deployed);
  expect(summary(report)).toEqual([]);
  const lists = report.notChecked.filter(({ what }) => /^(access list of|grants on) /.test(what));
  expect(Object.fromEntries(lists.map(({ what, count }) => [what, count]))).toEqual({
    ...Object.fromEntries(
      Object.keys(listSegments).map((address) => [
        `access list of ${address.split(".")[0] ?? ""}`,
        1,
      ]),
    ),
    "grants on databricks_catalog": 1,
    "grants on databricks_connection": 1,
  });
  expect(lists[0]?.reason).toBe("not checked: needs one API call per object (use --deep)");
  expect(lists.find(({ what }) => what.endsWith("_job"))?.examples).toEqual([
    "databricks_job.open",
  ]);
  expect(await renderReport(report, "text")).toMatch(/; access list of [^;]*databricks_job \(1\)/);
});

test("with --deep the report is clean after the deploy, then every manual grant is found, and its command removes only that grant", async () => {
  const cleanReport = await check(lab, deployed, { deep: true });
  expect(summary(cleanReport)).toEqual([]);
  expect(cleanReport.exitCode).toBe(0);
  expect(cleanReport.notChecked.filter(({ what }) => what.startsWith("access list"))).toEqual([]);
  const listsBefore = await Promise.all(
    (Object.keys(listSegments) as (keyof typeof listSegments)[]).map(async (key) =>
      lab.client.get(await objectOf(key)),
    ),
  );
  for (const [address, request] of Object.entries(listSegments))
    await grant(address as keyof typeof listSegments, {
      group_name: "users",
      permission_level: lowestLevels[request] ?? "",
    });
  await grant("databricks_job.open", {
    user_name: "second@example.com",
    permission_level: "CAN_MANAGE",
  });
  const report = await check(lab, deployed, { deep: true });
  expect(summary(report)).toEqual(
    [
      ...Object.entries(listSegments).map(
        ([address, request]) =>
          `unmanaged databricks_permissions lab-local/${address.split(".")[1] ?? ""}: users ${lowestLevels[request] ?? ""}`,
      ),
      "unmanaged databricks_permissions lab-local/open: second@example.com CAN_MANAGE",
    ].sort(),
  );
  expect(report.exitCode).toBe(2);
  for (const { removal } of report.unmanaged) {
    const [, url = "", body = ""] = /^lakeform api PUT (\S+) --json '(.*)'$/.exec(removal) ?? [];
    await lab.client.put(url, JSON.parse(body) as object);
  }
  expect(summary(await check(lab, deployed, { deep: true }))).toEqual([]);
  const listsAfter = await Promise.all(
    (Object.keys(listSegments) as (keyof typeof listSegments)[]).map(async (key) =>
      lab.client.get(await objectOf(key)),
    ),
  );
  expect(listsAfter).toEqual(listsBefore);
});

test("entries of a databricks_permissions are not unmanaged, deployed or not", async () => {
  const id = String(attributesOf("databricks_job.listed").id);
  await lab.client.patch(`/api/2.0/permissions/jobs/${id}`, {
    access_control_list: [{ user_name: "second@example.com", permission_level: "CAN_MANAGE" }],
  });
  const report = await check(lab, deployed, { deep: true });
  expect(report.unmanaged).toEqual([]);
  expect(summary(report)).toHaveLength(1);
  expect(summary(report)[0]).toMatch(/^drift databricks_permissions\.acl access_control/);
  const stateWithoutAcl = {
    ...deployed.state,
    resources: deployed.state.resources.filter(({ type }) => type !== "databricks_permissions"),
  };
  expect(
    summary(
      await check(lab, deployed, { deep: true, state: () => Promise.resolve(stateWithoutAcl) }),
    ),
  ).toEqual([
    "pending databricks_permissions.acl",
    "unmanaged databricks_permissions lab-local/listed: second@example.com CAN_MANAGE",
  ]);
});

test("a manual grant on a connection is found by the connection's name", async () => {
  await lab.client.patch("/api/2.1/unity-catalog/permissions/connection/pg", {
    changes: [{ principal: "second@example.com", add: ["USE_CONNECTION"] }],
  });
  const report = await check(lab, deployed, { deep: true });
  expect(summary(report)).toEqual([
    "unmanaged databricks_grants lab-local/pg: second@example.com USE_CONNECTION",
  ]);
  expect(report.unmanaged[0]?.id).toBe("foreign_connection/pg/second@example.com");
});

test("a rule can allow a grant, and the command keeps it", async () => {
  await grant("databricks_job.open", { group_name: "users", permission_level: "CAN_VIEW" });
  await grant("databricks_job.open", {
    user_name: "second@example.com",
    permission_level: "CAN_MANAGE",
  });
  const ignore = parseIgnoreFile(
    `- {path: lab-local/open, kind: permissions, field: "access_control[users]", reason: the team looks, expires: "2999-12-31"}`,
    "lakeform.ignore.yaml",
  );
  const report = await check(lab, deployed, { deep: true, ignore });
  expect(summary(report)).toEqual([
    "ignored databricks_permissions lab-local/open: users CAN_VIEW",
    "unmanaged databricks_permissions lab-local/open: second@example.com CAN_MANAGE",
  ]);
  expect(report.unmanaged.find(({ status }) => status === "unmanaged")?.removal).toContain("users");
});

test("a single unknown manager of an object without an owner is taken for its creator, with a note", async () => {
  const url = await objectOf("databricks_cluster.cluster");
  await lab.client.put(url, {
    access_control_list: [{ user_name: "second@example.com", permission_level: "CAN_MANAGE" }],
  });
  const report = await check(lab, deployed, { deep: true });
  expect(summary(report)).toEqual([]);
  expect(report.notChecked.map(({ what }) => what)).toContain(
    "CAN_MANAGE of second@example.com on cluster lab-local/cluster",
  );
});

test("a list that may not be read is a failure; with --unmanaged none it is not read, with a note", async () => {
  lab.workspace.faults.add({
    method: "GET",
    path: "/api/2.0/permissions/jobs/*",
    status: 403,
    body: { error_code: "PERMISSION_DENIED", message: "no" },
  });
  const none = await check(lab, deployed, { deep: true, unmanaged: "none" });
  expect(
    none.notChecked.find(({ what }) => what === "access list of databricks_cluster")?.reason,
  ).toBe("not checked: --unmanaged none");
  const report = await check(lab, deployed, { deep: true });
  expect(report.failures.map(({ what }) => what)).toEqual([
    "the access list of job lab-local/open",
  ]);
  expect(report.exitCode).toBe(1);
});
