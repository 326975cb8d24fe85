/** `/api/2.0/workspace-conf`: workspace settings by name. */
import { invalid } from "../errors";
import type { WorkspaceApp } from "../routes";

/** The documented settings, with their default values. */
const DEFAULTS: Readonly<Record<string, string>> = {
  enableIpAccessLists: "false",
  enableTokensConfig: "true",
  maxTokenLifetimeDays: "",
  enableDeprecatedClusterNamedInitScripts: "false",
  enableDeprecatedGlobalInitScripts: "false",
  enableDcs: "false",
  enableDbfsFileBrowser: "false",
  enableExportNotebook: "true",
  enableNotebookTableClipboard: "true",
  enableResultsDownloading: "true",
  enableUploadDataUis: "true",
  enableVerboseAuditLogs: "false",
  enableWebTerminal: "false",
  enforceUserIsolation: "false",
  storeInteractiveNotebookResultsInCustomerAccount: "false",
  mlflowRunArtifactDownloadEnabled: "true",
  "enable-X-Frame-Options": "true",
  "enable-X-Content-Type-Options": "true",
  "enable-X-XSS-Protection": "true",
};

export function workspaceConfRoutes(app: WorkspaceApp): void {
  const conf = app.store.collection<string>("workspace_conf");
  const rejectUnknown = (keys: readonly string[]): void => {
    const unknownKeys = keys.filter((key) => !Object.hasOwn(DEFAULTS, key));
    if (unknownKeys.length > 0) throw invalid(`Invalid keys: ${JSON.stringify(unknownKeys)}`);
  };
  app.get(
    ["2.0"],
    "/workspace-conf",
    ({ input }) => {
      const keys = input.string("keys").split(",");
      rejectUnknown(keys);
      return Object.fromEntries(keys.map((key) => [key, conf.get(key) ?? DEFAULTS[key]]));
    },
    { admin: true },
  );
  app.patch(
    ["2.0"],
    "/workspace-conf",
    async ({ input }) => {
      const keys = Object.keys(input.values);
      rejectUnknown(keys);
      const values = keys.map((key) => [key, input.optionalString(key) ?? ""] as const);
      await app.store.write(() => {
        for (const [key, value] of values) conf.put(key, value);
      });
      return undefined;
    },
    { admin: true },
  );
}
