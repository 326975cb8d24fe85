/** A client with scripted responses, which records the requests. */
import type { Client } from "../../src/api/client";
import { ApiError } from "../../src/api/transport/errors";

/** @param answers responses by `METHOD path`; a function may throw. Other calls return `{}`. */
export function stub(answers: Readonly<Record<string, unknown>>): {
  api: Client;
  asked: string[];
} {
  const asked: string[] = [];
  const answer = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    asked.push(`${method} ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`);
    const reply = answers[`${method} ${path}`];
    return Promise.resolve(
      typeof reply === "function" ? (reply as () => unknown)() : (reply ?? {}),
    );
  };
  const api = {
    host: "http://stub.local",
    get: (path: string) => answer("GET", path),
    delete: (path: string) => answer("DELETE", path),
    post: (path: string, body?: unknown) => answer("POST", path, body),
    put: (path: string, body?: unknown) => answer("PUT", path, body),
    patch: (path: string, body?: unknown) => answer("PATCH", path, body),
  };
  return { api: api as unknown as Client, asked };
}

export function refusal(status: number, workspaceMessage: string): () => never {
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
