import http from "node:http";
import type https from "node:https";
import { WorkspaceClient } from "@databricks/sdk-experimental";

/**
 * Returns the official JavaScript SDK for a workspace on plain HTTP. Works around two bugs in the
 * transport of version 0.14.2: it changes every host to https without a port, and omits the query
 * of calls without a body.
 */
export async function sdkClient({
  host,
  token,
}: {
  readonly host: string;
  readonly token: string;
}): Promise<WorkspaceClient> {
  const agent = new http.Agent({ keepAlive: true }) as https.Agent;
  const client = new WorkspaceClient({ host, token, authType: "pat" }, { agent });
  await client.config.ensureResolved();
  client.config.host = host;
  const send = client.apiClient.request.bind(client.apiClient);
  client.apiClient.request = (options, context) =>
    send({ ...options, payload: (options.payload as unknown) ?? {} }, context);
  return client;
}
