import { Catalog, Connection, ConnectionGrants, Group, SecretValue } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("connection", () => {
  test("keeps passwords out of the output, and can be used by catalogs", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const sales = new Connection(stack, "s", {
        name: "sales",
        connectionType: "MYSQL",
        options: { host: "h", password: SecretValue.fromEnvironment("SALES_PASSWORD") },
      });
      new Catalog(stack, "c", {
        name: "c",
        connection: { name: sales.renderName(), options: { database: "d" } },
      });
      sales.grants.use(Group.named("analysts"));
      ConnectionGrants.on(stack, "on", Connection.fromName("old")).give(
        Group.named("analysts"),
        "CREATE_FOREIGN_CATALOG",
      );
      expect(defaultChild(sales)).toBe("databricks_connection");
    });
    expect(resourceOf("databricks_connection").options).toEqual({
      host: "h",
      password: "${var.SALES_PASSWORD}",
    });
    expect(resourceOf("databricks_catalog").connection_name).toMatch(
      /^\$\{databricks_connection\..*\.name\}$/,
    );
    expect(
      resourcesOf("databricks_grant").map(({ foreign_connection }) => foreign_connection),
    ).toContain("old");
  });
  test("rejects a name with a dot", () => {
    expect(
      codes(
        (stack) =>
          new Connection(stack, "s", { name: "a.b", connectionType: "MYSQL", options: {} }),
      ),
    ).toEqual(["BAD_NAME"]);
  });
});
