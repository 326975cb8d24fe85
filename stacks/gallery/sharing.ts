import {
  DatabricksApp,
  OboToken,
  OnlineTable,
  QualityMonitor,
  Recipient,
  SecretValue,
  ServicePrincipalSecret,
  Share,
  SharingProvider,
  Table,
  VectorSearchIndex,
  View,
  type Construct,
  type ISchema,
  type IVectorSearchEndpoint,
  type SecretScope,
  type SqlWarehouse,
} from "../../constructs";
import type { Access } from "./access";

interface SharingInputs {
  readonly schema: ISchema;
  readonly warehouse: SqlWarehouse;
  readonly search: IVectorSearchEndpoint;
  readonly secrets: SecretScope;
}

/**
 * Adds tables, objects derived from them, the recipients they are shared with, and an app that
 * shows them.
 */
export function addSharing(
  stack: Construct,
  { schema, warehouse, search, secrets }: SharingInputs,
  { engineers, runner }: Access,
): void {
  const orders = new Table(stack, "orders-table", {
    schema,
    warehouse,
    name: "orders",
    comment: "one row for each order",
    columns: [
      { name: "id", type: "bigint", nullable: false, comment: "the number" },
      { name: "country", type: "string" },
      { name: "price", type: "decimal(10,2)", comment: "in euros" },
    ],
    clusterKeys: ["id"],
    properties: { purpose: "gallery" },
  });
  const lateOrders = new View(stack, "late-orders", {
    schema,
    warehouse,
    name: "late_orders",
    definition: "SELECT 31 AS minutes",
  });
  new QualityMonitor(stack, "orders-quality", {
    table: orders,
    assetsDir: "/Shared/gallery-monitors",
    outputSchema: schema,
    snapshot: true,
    slicingExprs: ["country"],
    schedule: { quartzCronExpression: "0 0 8 * * ?", timezoneId: "UTC" },
  });
  new OnlineTable(stack, "orders-online", {
    schema,
    name: "orders_online",
    source: orders,
    primaryKeyColumns: ["id"],
  });
  new VectorSearchIndex(stack, "orders-index", {
    schema,
    name: "orders_index",
    endpoint: search,
    primaryKey: "id",
    directAccess: {
      schema: { id: "bigint", vector: "array<float>" },
      vectorColumns: [{ name: "vector", embeddingDimension: 8 }],
    },
  });

  orders.grants.read(engineers);
  const partner = new Recipient(stack, "partner", {
    name: "gallery-partner",
    authenticationType: "TOKEN",
    allowedIpAddresses: ["203.0.113.0/24"],
  });
  new SharingProvider(stack, "weather", {
    name: "gallery-weather",
    recipientProfile: SecretValue.fromEnvironment("GALLERY_API_KEY"),
  });
  new Share(stack, "share", {
    name: "gallery-share",
    comment: "what partners read",
    objects: [
      {
        object: orders,
        historyDataSharing: true,
        partitions: [[{ name: "country", op: "EQUAL", value: "de" }]],
      },
      { object: lateOrders, type: "VIEW", comment: "how late they are" },
    ],
  }).grants.read(partner);

  new DatabricksApp(stack, "board", {
    name: "gallery-board",
    description: "shows the orders",
    resources: [
      { name: "warehouse", sqlWarehouse: { warehouse, permission: "CAN_USE" } },
      { name: "key", secret: { scope: secrets, key: "api-key", permission: "READ" } },
    ],
  }).permissions.allow("CAN_USE", engineers);
  const runnerSecret = new ServicePrincipalSecret(stack, "runner-login", {
    servicePrincipal: runner,
  });
  const runnerToken = new OboToken(stack, "runner-token", {
    servicePrincipal: runner,
    comment: "gallery",
    lifetimeDays: 30,
  });
  secrets.addSecret("runner-login", runnerSecret.value);
  secrets.addSecret("runner-token", runnerToken.value);
}
