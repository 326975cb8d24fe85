/** A client with fixed responses, which records the requests. */
import type { Client } from "../../src/api/client";
import { ApiError } from "../../src/api/transport/errors";

/**
 * @param responses responses by `METHOD path`; a function may throw. Other calls return `{}`.
 * @returns the client, and the list of its requests as `METHOD path body`
 */
export function stubClient(responses: Readonly<Record<string, unknown>>): {
  api: Client;
  requests: string[];
} {
  const requests: string[] = [];
  const respond = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    requests.push(`${method} ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`);
    const response = responses[`${method} ${path}`];
    return Promise.resolve(
      typeof response === "function" ? (response as () => unknown)() : (response ?? {}),
    );
  };
  const api = {
    host: "http://stub.local",
    get: (path: string) => respond("GET", path),
    delete: (path: string) => respond("DELETE", path),
    post: (path: string, body?: unknown) => respond("POST", path, body),
    put: (path: string, body?: unknown) => respond("PUT", path, body),
    patch: (path: string, body?: unknown) => respond("PATCH", path, body),
  };
  return { api: api as unknown as Client, requests };
}

/** Returns a response for {@link stubClient} that throws this error. */
export function rejectWith(status: number, workspaceMessage: string): () => never {
  return () => {
    throw new ApiError(
      { method: "PUT", path: "/", host: "", history: [] },
      {
        status,
        errorCode: "INVALID_PARAMETER_VALUE",
        workspaceMessage,
        maybeDone: false,
        kind: status === 404 ? "not-found" : "invalid",
      },
    );
  };
}
