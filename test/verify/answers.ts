/** A workspace's answers, changed on their way. */
import type { ReadClient } from "../../src/api/client";

/** @param change of each field inside an answer, as a reviver of JSON sees it */
export function readOnlyWith(client: ReadClient, change: (key: string, value: unknown) => unknown): ReadClient {
  return {
    host: client.host,
    head: (path, options) => client.head(path, options),
    download: (path, options) => client.download(path, options),
    get: async (path, options) => JSON.parse(JSON.stringify(await client.get(path, options)), change) as unknown,
  };
}
