import fs from "node:fs";
import path from "node:path";
import { serve } from "./http-client";

/**
 * The methods of the official Go SDK: service, API, method, verb, path
 * (test/fixtures/rest-endpoints.tsv).
 */
const sdkMethods = fs
  .readFileSync(path.join(__dirname, "../fixtures/rest-endpoints.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => {
    const [service = "", api = "", method = "", verb = "", expression = ""] = line.split("\t");
    return { service, api, method, verb, url: /"(\/[^"]*)"/.exec(expression)?.[1] ?? "" };
  });

/** The APIs that the workspace implements completely. */
const completeApis = [
  "catalog.catalogs",
  "catalog.grants",
  "catalog.metastores",
  "catalog.schemas",
  "catalog.volumes",
  "catalog.tables",
  "catalog.workspaceBindings",
  "compute.clusterPolicies",
  "compute.clusters",
  "compute.instancePools",
  "compute.libraries",
  "compute.policyFamilies",
  "files.dbfs",
  "files.files",
  "iam.currentUser",
  "iam.groupsV2",
  "iam.permissions",
  "iam.servicePrincipalsV2",
  "iam.usersV2",
  "jobs.jobs",
  "oauth2.servicePrincipalSecretsProxy",
  "settings.tokenManagement",
  "settings.tokens",
  "sql.dataSources",
  "sql.statementExecution",
  "sql.warehouses",
  "workspace.gitCredentials",
  "workspace.repos",
  "workspace.secrets",
  "workspace.workspace",
];
/**
 * Methods that create, read, list, change and delete objects, without actions (validate, aliases,
 * runs).
 */
const objectMethods = Object.entries({
  "catalog.connections": "Create Delete Get internalList Update",
  "catalog.externalLocations": "Create Delete Get internalList Update",
  "catalog.registeredModels": "Create Delete Get internalList Update",
  "catalog.storageCredentials": "Create Delete Get internalList Update",
  "catalog.artifactAllowlists": "Get Update",
  "catalog.onlineTables": "Create Delete Get",
  "catalog.systemSchemas": "Disable Enable internalList",
  "catalog.credentials":
    "CreateCredential DeleteCredential GetCredential internalListCredentials UpdateCredential",
  "dashboards.lakeview": "Create Get GetPublished internalList Publish Trash Unpublish Update",
  "billing.budgetPolicy": "Create Delete Get internalList Update",
  "serving.servingEndpoints":
    "Create Delete Get internalList Patch PatchTelemetryConfig Put PutAiGateway UpdateConfig UpdateNotifications",
  "sharing.providers": "Create Delete Get internalList Update",
  "sharing.shares": "Create Delete Get internalListShares Update",
  "apps.apps":
    "Create Delete Get internalList Update GetPermissionLevels GetPermissions SetPermissions UpdatePermissions",
  "catalog.qualityMonitors": "Create Delete Get Update",
  "sharing.recipients": "Create Delete Get internalList Update",
  "compute.globalInitScripts": "Create Delete Get internalList Update",
  "compute.instanceProfiles": "Add Edit internalList Remove",
  "ml.experiments":
    "CreateExperiment DeleteExperiment GetExperiment internalListExperiments UpdateExperiment GetByName",
  "ml.modelRegistry":
    "CreateModel CreateWebhook DeleteModel DeleteWebhook GetModel internalListModels internalListWebhooks UpdateModel UpdateWebhook",
  "pipelines.pipelines": "Create Delete Get internalListPipelines Update",
  "settings.automaticClusterUpdate": "Get Update",
  "settings.defaultNamespace": "Delete Get Update",
  "settings.disableLegacyDbfs": "Delete Get Update",
  "settings.restrictWorkspaceAdmins": "Delete Get Update",
  "settings.ipAccessLists": "Create Delete Get internalList Replace Update",
  "settings.notificationDestinations": "Create Delete Get internalList Update",
  "settings.workspaceConf": "GetStatus SetStatus",
  "sql.alerts": "Create Delete Get internalList Update",
  "sql.queries": "Create Delete Get internalList Update",
  "vectorsearch.vectorSearchEndpoints":
    "CreateEndpoint DeleteEndpoint GetEndpoint internalListEndpoints UpdateEndpointBudgetPolicy GetPermissionLevels GetPermissions SetPermissions UpdatePermissions",
  "vectorsearch.vectorSearchIndexes": "CreateIndex DeleteIndex GetIndex internalListIndexes",
}).flatMap(([api, methods]) => methods.split(" ").map((method) => `${api}.${method}`));
/** The supported methods of other APIs: those of objects, and those of their permissions. */
const supportedMethods = [
  ...objectMethods,
  ...[
    "ml.experiments",
    "ml.modelRegistry",
    "pipelines.pipelines",
    "serving.servingEndpoints",
  ].flatMap((api) =>
    ["GetPermissionLevels", "GetPermissions", "SetPermissions", "UpdatePermissions"].map(
      (method) => `${api}.${method}`,
    ),
  ),
];
const isSupported = ({ service, api, method }: (typeof sdkMethods)[number]): boolean =>
  completeApis.includes(`${service}.${api}`) ||
  supportedMethods.includes(`${service}.${api}.${method}`);

it("the workspace serves each SDK method of the lists above, and rejects and logs all others", async () => {
  const names = new Set(
    sdkMethods.flatMap(({ service, api, method }) => [
      `${service}.${api}`,
      `${service}.${api}.${method}`,
    ]),
  );
  expect([...completeApis, ...supportedMethods].filter((name) => !names.has(name))).toEqual([]);
  const logLines: string[] = [];
  const { workspace, api } = await serve({ log: (line) => logLines.push(line) });
  try {
    const failures: string[] = [];
    for (const row of sdkMethods) {
      if (!row.url.startsWith("/api/")) continue;
      const url = row.url
        .replace(/(fs\/\w+)%v/, "$1/Volumes/main/default/none/x")
        .replace("warehouses/v1/%v", "warehouses/v1/default-warehouse-overrides/1")
        .replaceAll("%v", "1");
      const response = await api(
        row.verb,
        url,
        row.verb === "GET" || row.verb === "HEAD" ? undefined : {},
      );
      const isRejected =
        response.status === 501 &&
        (row.verb === "HEAD" ||
          response.body.message === `the local workspace does not have ${row.verb} ${url}`);
      const isLogged = logLines.includes(`not implemented: ${row.verb} ${url}`);
      // An existing route responds to an empty call with 2xx or 4xx, never with 5xx or "no such
      // API".
      const isServed = response.status < 500 && response.body.error_code !== "ENDPOINT_NOT_FOUND";
      if (isSupported(row) ? !isServed || isLogged : !isRejected || !isLogged)
        failures.push(
          `${row.service}.${row.api}.${row.method} ${row.verb} ${url}: ${response.status} ${response.text.slice(0, 200)}`,
        );
    }
    expect(failures).toEqual([]);
    expect(sdkMethods.filter(isSupported).length).toBeGreaterThan(200);
  } finally {
    await workspace.close();
  }
});
