import type { ReadClient } from "../../src/api/client";

/**
 * Returns a read-only client that changes the responses of a workspace.
 * @param change called with each field of a response, like the reviver of JSON.parse
 */
export function withChangedResponses(
  client: ReadClient,
  change: (key: string, value: unknown) => unknown,
): ReadClient {
  return {
    host: client.host,
    head: (path, options) => client.head(path, options),
    download: (path, options) => client.download(path, options),
    get: async (path, options) =>
      JSON.parse(JSON.stringify(await client.get(path, options)), change) as unknown,
  };
}
