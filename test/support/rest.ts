import { defined } from "../../src/defined";

/**
 * Calls a workspace's REST API.
 * @returns the JSON response, {} for an empty one
 * @throws Error with the response if the call fails
 */
export async function callRest(
  workspace: { readonly host: string; readonly token: string },
  method: string,
  route: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${workspace.host}${route}`, {
    method,
    headers: { authorization: `Bearer ${workspace.token}` },
    ...defined({
      body: body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
