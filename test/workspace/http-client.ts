import {
  startWorkspace,
  type RunningWorkspace,
  type WorkspaceOptions,
} from "../../src/workspace/server";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON body; `{}` for none. */
  readonly body: Record<string, unknown>;
}

export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Reply>;

/** Sends HTTP requests with a token: objects as JSON, strings and bytes unchanged. */
export function caller(host: string, token: string): Caller {
  return async (method, path, body, headers = {}) => {
    const isRaw = typeof body === "string" || Buffer.isBuffer(body) || body instanceof FormData;
    const response = await fetch(`${host}${path}`, {
      method,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(isRaw || body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: Record<string, unknown> = {};
    try {
      parsed = JSON.parse(text) as Record<string, unknown>;
    } catch {
      // The body is not JSON: the test reads `text`.
    }
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
}

export interface Server {
  readonly workspace: RunningWorkspace;
  /** Calls as the first admin. */
  readonly api: Caller;
  /** Returns a caller for a new user without permissions. */
  readonly asUser: (name: string, options?: { admin?: boolean }) => Promise<Caller>;
}

/** Starts a workspace, and returns callers for its users. */
export async function serve(options: WorkspaceOptions = {}): Promise<Server> {
  const workspace = await startWorkspace(options);
  const api = caller(workspace.host, workspace.token);
  return {
    workspace,
    api,
    asUser: async (name, { admin = false } = {}) => {
      const { body } = await api("POST", "/_lakeform/tokens", { user: name, admin });
      return caller(workspace.host, String(body.token_value));
    },
  };
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
