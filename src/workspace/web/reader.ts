import { WorkspaceError, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { Principal } from "../principal-records";
import { Raw, type WorkspaceApp } from "../routes";

/**
 * Returns the API's response to a GET, requested in process: with the caller's permissions, and
 * without an entry in the journal.
 */
export type Read = (
  path: string,
  query?: Readonly<Record<string, string>>,
  params?: Readonly<Record<string, string>>,
) => Promise<JsonObject>;

export function createReader(app: WorkspaceApp, caller: Principal): Read {
  return async (path, query = {}, params = {}) => {
    const handler = app.readers.get(path);
    if (handler === undefined)
      throw new WorkspaceError("NOT_IMPLEMENTED", `the local workspace does not have GET ${path}`);
    const response = await handler({
      method: "GET",
      path,
      version: /^\/api\/(\d\.\d)\//.exec(path)?.[1] ?? "",
      params,
      headers: {},
      caller,
      input: new Fields({ ...query }),
      raw: Buffer.alloc(0),
      stream: undefined,
      parts: undefined,
      reportDropped: () => undefined,
    });
    if (response instanceof Raw)
      return typeof response.body === "string" ? (JSON.parse(response.body) as JsonObject) : {};
    return (response ?? {}) as JsonObject;
  };
}
