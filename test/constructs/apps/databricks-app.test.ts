import { DatabricksApp, Group, SecretScope, SqlWarehouse, Workflow } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("app", () => {
  test("refers to its resources by handles, and has an access list", () => {
    const { resourceOf } = synth((stack) => {
      const app = new DatabricksApp(stack, "a", {
        name: "board",
        resources: [
          { name: "job", job: { job: Workflow.fromId("7"), permission: "CAN_VIEW" } },
          {
            name: "key",
            secret: { scope: SecretScope.fromScopeName("s"), key: "k", permission: "READ" },
          },
          {
            name: "warehouse",
            sqlWarehouse: { warehouse: SqlWarehouse.fromId("1a2b"), permission: "CAN_USE" },
          },
        ],
      });
      app.permissions.allow("CAN_USE", Group.named("analysts"));
      expect(defaultChild(app)).toBe("databricks_app");
    });
    expect(resourceOf("databricks_app")).toEqual({
      name: "board",
      resources: [
        { name: "job", job: { id: "7", permission: "CAN_VIEW" } },
        { name: "key", secret: { scope: "s", key: "k", permission: "READ" } },
        { name: "warehouse", sql_warehouse: { id: "1a2b", permission: "CAN_USE" } },
      ],
    });
    expect(resourceOf("databricks_permissions")).toMatchObject({
      app_name: expect.stringMatching(/^\$\{databricks_app\..*\.name\}$/) as string,
    });
  });
  test("rejects capital letters in its name, and an empty resource", () => {
    expect(codes((stack) => new DatabricksApp(stack, "a", { name: "Board" }))).toEqual([
      "BAD_NAME",
    ]);
    expect(
      codes(
        (stack) => new DatabricksApp(stack, "a", { name: "board", resources: [{ name: "x" }] }),
      ),
    ).toEqual(["ONE_OF"]);
  });
});
