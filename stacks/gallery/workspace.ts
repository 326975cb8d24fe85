import {
  Alert,
  Content,
  Dashboard,
  DashboardTask,
  GlobalInitScript,
  BudgetPolicy,
  IpAccessList,
  NotebookTask,
  NotificationDestination,
  Pipeline,
  PipelineLibrary,
  PipelineTask,
  Query,
  SecretValue,
  Serverless,
  ServingEndpoint,
  SqlTask,
  User,
  Workflow,
  WorkspaceConf,
  type Construct,
  type SqlWarehouse,
} from "../../constructs";
import type { Access } from "./access";

/**
 * Adds workspace settings, a serving endpoint, and a query, an alert, a dashboard and a pipeline
 * with a job that runs them.
 */
export function addWorkspace(
  stack: Construct,
  warehouse: SqlWarehouse,
  { engineers, runner }: Access,
): void {
  const oncall = new NotificationDestination(stack, "oncall", {
    displayName: "gallery oncall",
    genericWebhook: { url: SecretValue.fromEnvironment("GALLERY_API_KEY") },
  });
  new WorkspaceConf(stack, "settings", { customConfig: { maxTokenLifetimeDays: 90 } });
  new BudgetPolicy(stack, "budget", { policyName: "gallery", customTags: { team: "gallery" } });
  new IpAccessList(stack, "office", {
    label: "gallery-office",
    listType: "ALLOW",
    ipAddresses: ["203.0.113.0/24", "127.0.0.1"],
  });
  new GlobalInitScript(stack, "proxy", {
    name: "gallery-proxy",
    content: Content.text("#!/bin/bash\necho proxy\n"),
    position: 0,
  });

  const orders = new Query(stack, "orders-query", {
    displayName: "gallery orders",
    warehouse,
    queryText: "SELECT 31 AS minutes WHERE :country = 'de'",
    description: "how late the orders are",
    runAsMode: "OWNER",
    tags: ["gallery"],
    parameters: [{ name: "country", title: "Country", textValue: { value: "de" } }],
  });
  const late = new Alert(stack, "late", {
    displayName: "gallery orders are late",
    query: orders,
    condition: { column: "minutes", op: "GREATER_THAN", threshold: 30, emptyResultState: "OK" },
    secondsToRetrigger: 3600,
    notifyOnOk: false,
    customSubject: "late",
    customBody: "{{ALERT_NAME}}",
  });
  const bronze = new Pipeline(stack, "bronze", {
    name: "gallery bronze",
    catalog: "gallery",
    schema: "landing",
    serverless: true,
    libraries: [
      PipelineLibrary.notebook("/Shared/gallery/bronze"),
      PipelineLibrary.glob("/Workspace/Shared/gallery/tables/**"),
    ],
    configuration: { country: "de" },
    channel: "PREVIEW",
    notifications: [{ emailRecipients: ["oncall@example.com"], alerts: ["on-update-failure"] }],
  });
  bronze.permissions.allow("CAN_RUN", engineers);

  const sales = new Dashboard(stack, "sales-dashboard", {
    displayName: "gallery sales",
    warehouse,
    content: Content.text('{ "pages": [{ "name": "one", "displayName": "Sales" }] }'),
    parentPath: "/Shared/gallery-dashboards",
    embedCredentials: false,
  });
  sales.permissions.allow("CAN_READ", engineers);
  new ServingEndpoint(stack, "serving", {
    name: "gallery-churn",
    servedEntities: [
      {
        name: "churn",
        entity: "gallery.landing.churn",
        entityVersion: "1",
        workloadSize: "Small",
        scaleToZeroEnabled: true,
      },
    ],
    traffic: { churn: 100 },
    tags: { purpose: "gallery" },
  }).permissions.allow("CAN_QUERY", engineers);

  const workflow = new Workflow(stack, "saved", { name: "gallery saved objects", runAs: runner });
  const refresh = workflow.addTask("refresh", { run: PipelineTask.of(bronze) });
  workflow.addTask("query", { run: SqlTask.query(orders, { warehouse }), after: [refresh] });
  workflow.addTask("alert", {
    run: SqlTask.alert(late, { warehouse, subscriptions: [oncall, User.named("cfo@example.com")] }),
    after: [refresh],
  });
  workflow.addTask("dashboard", { run: DashboardTask.of(sales, { warehouse }), after: [refresh] });
  workflow.addTask("report", {
    run: NotebookTask.at("/Shared/gallery/report"),
    on: Serverless.compute,
    after: [refresh],
  });
}
