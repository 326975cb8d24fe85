import type { CallOptions } from "../../api/client";

/** Endpoints whose responses several reads need. Pages of jobs are not cached: they are too large. */
const sharedPaths: ReadonlySet<string> = new Set([
  "/.well-known/databricks-config",
  "/api/2.0/secrets/scopes/list",
  "/api/2.0/secrets/list",
  "/api/2.0/secrets/acls/list",
  "/api/2.0/preview/scim/v2/Me",
  "/api/2.0/preview/sql/data_sources",
  "/api/2.0/token/list",
  "/api/2.0/workspace/list",
  "/api/2.0/instance-profiles/list",
  "/api/2.0/mlflow/registry-webhooks/list",
  "/api/2.1/unity-catalog/current-metastore-assignment",
  "/api/2.1/unity-catalog/metastore_summary",
  "/api/2.1/unity-catalog/schemas",
  "/api/2.1/unity-catalog/volumes",
]);
/**
 * Further such endpoints, with an id in the path: a principal's members or roles, the grants on an
 * object, its bindings, the system schemas of a metastore.
 */
const sharedPathPattern =
  /^\/api\/2\.\d\/(unity-catalog\/((permissions|bindings)\/|metastores\/[^/]+\/systemschemas$)|preview\/scim\/v2\/[^/]+\/[^/]+$)/;

/**
 * Caches the responses of these endpoints, because a refresh or a verification needs each of them
 * several times. All other calls are sent.
 */
export class SharedResponses {
  readonly #responses = new Map<string, Promise<unknown>>();

  get(
    path: string,
    options: CallOptions | undefined,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const query = options?.query ?? {};
    // The list of pinned clusters is read for each cluster. Lists of all clusters, and of tables with
    // their columns, are too large.
    const isSmallList =
      (path === "/api/2.1/clusters/list" && query["filter_by.is_pinned"] === "true") ||
      (path === "/api/2.1/unity-catalog/tables" && query["omit_columns"] === "true");
    if (!sharedPaths.has(path) && !sharedPathPattern.test(path) && !isSmallList) return send();
    const key = `${path} ${JSON.stringify(query)}`;
    const cachedResponse = this.#responses.get(key);
    if (cachedResponse !== undefined) return cachedResponse;
    const response = send();
    this.#responses.set(key, response);
    return response;
  }
}
