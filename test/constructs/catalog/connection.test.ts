import {
  Catalog,
  Connection,
  ConnectionGrants,
  Group,
  SecretValue,
  type ConnectionType,
} from "../../../constructs";
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
  test("can have every type of the platform", () => {
    // The enum ConnectionType of databricks-sdk 0.162 for Python. The compiler compares the lists.
    const types = [
      "AWS_SECRETS_MANAGER",
      "AZURE_KEY_VAULT",
      "BIGQUERY",
      "CONFLUENCE",
      "DATABRICKS",
      "DYNAMICS365",
      "GA4_RAW_DATA",
      "GITHUB",
      "GLUE",
      "HIVE_METASTORE",
      "HTTP",
      "HUBSPOT",
      "JDBC",
      "META_MARKETING",
      "MYSQL",
      "NETSUITE",
      "ORACLE",
      "OUTLOOK",
      "POSTGRESQL",
      "POWER_BI",
      "REDSHIFT",
      "SALESFORCE",
      "SALESFORCE_DATA_CLOUD",
      "SERVICENOW",
      "SMARTSHEET",
      "SNOWFLAKE",
      "SQLDW",
      "SQLSERVER",
      "TERADATA",
      "TIKTOK_ADS",
      "UNKNOWN_CONNECTION_TYPE",
      "WORKDAY_RAAS",
      "ZENDESK",
    ] as const;
    const { resourcesOf } = synth((stack) => {
      for (const type of types satisfies readonly ConnectionType[])
        new Connection(stack, type, { name: type, connectionType: type, options: {} });
    });
    expect(resourcesOf("databricks_connection").map(({ connection_type: type }) => type)).toEqual(
      expect.arrayContaining([...types]) as unknown,
    );
  });
});
