import type { CallOptions } from "../../api/client";

/** Endpoints with small responses that contain many objects. Pages of jobs would be too large. */
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
 * Endpoints that several resources share: a principal's members or roles, the grants on an object,
 * its bindings, the system schemas of a metastore.
 */
const sharedPathPattern =
  /^\/api\/2\.\d\/(unity-catalog\/((permissions|bindings)\/|metastores\/[^/]+\/systemschemas$)|preview\/scim\/v2\/[^/]+\/[^/]+$)/;

/**
 * Caches the responses that contain many objects, because a refresh or a verification reads each of
 * them several times.
 */
export class SharedResponses {
  readonly #responses = new Map<string, Promise<unknown>>();

  get(
    path: string,
    options: CallOptions | undefined,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const query = options?.query ?? {};
    // The list of clusters is shared only if it has the pinned ones, because it is read for every
    // cluster. The list of tables is shared only without columns.
    const isSmall =
      (path === "/api/2.1/clusters/list" && query["filter_by.is_pinned"] === "true") ||
      (path === "/api/2.1/unity-catalog/tables" && query["omit_columns"] === "true");
    if (!sharedPaths.has(path) && !sharedPathPattern.test(path) && !isSmall) return send();
    const key = `${path} ${JSON.stringify(query)}`;
    const cachedResponse = this.#responses.get(key);
    if (cachedResponse !== undefined) return cachedResponse;
    const response = send();
    this.#responses.set(key, response);
    return response;
  }
}
