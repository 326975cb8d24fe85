import { lab, useDeployedStack, verifyLab } from "./deployed-stack";
import { summary } from "./harness";

useDeployedStack();

describe("unmanaged objects", () => {
  test("are those with the stack's stamp or name, in its secret scope or in its folder, and with --unmanaged all also those of other stacks", async () => {
    await lab.client.post("/api/2.2/jobs/create", {
      name: "stray",
      tags: { lakeform: "lab/lab-local" },
    });
    await lab.client.post("/api/2.2/jobs/create", {
      name: "other",
      tags: { lakeform: "lab/other-stack" },
    });
    await lab.client.post("/api/2.2/jobs/create", {
      name: "daily-etl",
      tags: { lakeform: "lab/other-stack" },
    });
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "etl",
      key: "extra",
      string_value: "x",
    });
    await lab.client.post("/api/2.0/secrets/acls/put", {
      scope: "etl",
      principal: "users",
      permission: "READ",
    });
    const content = Buffer.from("1").toString("base64");
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/etl/extra",
      language: "PYTHON",
      content,
    });
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/elsewhere",
      language: "PYTHON",
      content,
    });
    await lab.client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/etl/sub" });
    const report = await verifyLab();
    expect(summary(report)).toEqual([
      "unmanaged databricks_directory /Shared/etl/sub",
      "unmanaged databricks_job stray",
      "unmanaged databricks_notebook /Shared/etl/extra",
      "unmanaged databricks_secret etl/extra",
      "unmanaged databricks_secret_acl etl/users",
    ]);
    expect(report.unmanaged.every(({ removal }) => removal.startsWith("lakeform api POST "))).toBe(
      true,
    );
    expect(report.exitCode).toBe(2);
    expect((await verifyLab({ unmanaged: "none" })).exitCode).toBe(0);
    expect(summary(await verifyLab({ unmanaged: "all" }))).toContain(
      "unmanaged databricks_job other",
    );
  });
});

test("an access entry of a scope is unmanaged, except the creator's; a single unknown manager is assumed to be the creator", async () => {
  const put = (principal: string): Promise<unknown> =>
    lab.client.post("/api/2.0/secrets/acls/put", { scope: "etl", principal, permission: "MANAGE" });
  await put("users");
  expect(summary(await verifyLab())).toEqual(["unmanaged databricks_secret_acl etl/users"]);
  await lab.client.post("/api/2.0/secrets/acls/delete", {
    scope: "etl",
    principal: "admin@lakeform.local",
  });
  const report = await verifyLab();
  expect(summary(report)).toEqual([]);
  expect(report.notChecked.some(({ what }) => what.startsWith("MANAGE of users"))).toBe(true);
});
