import { check, deployDirect, openLab, summary, type Deployed, type Lab, idIn } from "./harness";

let lab: Lab;
let deployed: Deployed;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, {
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
    databricks_catalog: { main: { name: "lab" } },
    databricks_schema: { raw: { catalog_name: "${databricks_catalog.main.name}", name: "raw" } },
    databricks_volume: {
      files: {
        catalog_name: "lab",
        schema_name: "${databricks_schema.raw.name}",
        name: "files",
        volume_type: "MANAGED",
      },
    },
    databricks_grants: {
      grants: { schema: "lab.raw", grant: [{ principal: "users", privileges: ["USE_SCHEMA"] }] },
    },
    databricks_workspace_file: {
      conf: { path: "/Shared/conf.yml", content_base64: Buffer.from("a: 1").toString("base64") },
    },
    databricks_permissions: {
      acl: {
        cluster_policy_id: "${databricks_cluster_policy.policy.id}",
        access_control: [{ group_name: "users", permission_level: "CAN_USE" }],
      },
    },
  });
}, 60_000);
afterAll(() => lab.close());

const idOf = (type: string): string => idIn(deployed, type);

test("ten kinds have no findings after the deploy, and one finding for each of four changes", async () => {
  expect(summary(await check(lab, deployed))).toEqual([]);
  await lab.client.post("/api/2.0/policies/clusters/edit", {
    policy_id: idOf("databricks_cluster_policy"),
    name: "p",
    definition: '{"spark_version":{"type":"fixed","value":"16.4.x-scala2.12"}}',
  });
  await lab.client.patch("/api/2.1/unity-catalog/schemas/lab.raw", { comment: "by hand" });
  await lab.client.patch("/api/2.1/unity-catalog/permissions/schema/lab.raw", {
    changes: [{ principal: "users", add: ["SELECT"] }],
  });
  await lab.client.post("/api/2.0/workspace/import", {
    path: "/Shared/conf.yml",
    format: "AUTO",
    overwrite: true,
    content: Buffer.from("a: 2").toString("base64"),
  });
  expect(summary(await check(lab, deployed))).toEqual([
    "drift databricks_cluster_policy.policy definition",
    "drift databricks_grants.grants grant[users].privileges[SELECT]",
    "drift databricks_schema.raw comment",
    "drift databricks_workspace_file.conf content",
  ]);
});
