import http from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type ConnectOptions, type Connection } from "../../src/api";

/** A request that the server received. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Script = (
  seen: ReceivedRequest,
  response: http.ServerResponse,
  request: http.IncomingMessage,
  index: number,
) => void;

export interface ScriptedServer {
  readonly host: string;
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

/** Starts a real HTTP server on a free port with scripted responses. */
export async function startScripted(script: Script): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const received = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(parts).toString("utf8"),
      };
      requests.push(received);
      script(received, response, request, requests.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/**
 * Runs a test against a scripted server with a client that hardly waits between attempts, and
 * closes both at the end.
 */
export async function withServer(
  script: Script,
  work: (client: Connection, server: ScriptedServer) => Promise<void>,
  options: ConnectOptions = {},
): Promise<void> {
  const server = await startScripted(script);
  const client = connect({
    host: server.host,
    token: "dapi-test-token",
    env: {},
    retry: { baseMs: 1, capMs: 2 },
    ...options,
  });
  try {
    await work(client, server);
  } finally {
    await client.close();
    await server.close();
  }
}

/** Returns the error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
