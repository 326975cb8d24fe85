/**
 * Implements Terraform's `http` backend, on this machine only: GET, POST, LOCK and UNLOCK for the
 * states of the given stacks.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { LakeformError } from "../errors";
import type { LockInfo, ServedLock } from "./state-lock";

export interface StateServer {
  /** The password for all requests, reading and writing. */
  readonly secret: string;
  /**
   * Environment variables for Terraform. The user name in the configuration of a backend, or of a
   * `terraform_remote_state`, selects the stack.
   */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The state of one stack, in a local file or in the workspace. */
export interface ServedState {
  readonly stack: string;
  /** The complete state; undefined if there is none. */
  read(): Promise<Buffer | undefined>;
  write(state: Buffer, options: { readonly lock: string }): Promise<unknown>;
  readonly lock: ServedLock;
}

export interface StateServerOptions {
  /** Returns the state of a stack; undefined for an unknown stack. */
  readonly storeOf: (stack: string) => ServedState | undefined;
  /**
   * Called with the cause of a failure, because Terraform shows little more than the status. Not
   * called for STATE_LOCKED, because Terraform shows the lock.
   */
  readonly onProblem: (error: LakeformError) => void;
  /** Called with each error of an attempt to take the lock, such as STATE_LOCKED. */
  readonly onLockRefused: (stack: string, error: LakeformError) => void;
}

export async function startStateServer(options: StateServerOptions): Promise<StateServer> {
  const secret = randomBytes(32).toString("base64url");
  const server = http.createServer(
    (request, response) => void serve(request, response, secret, options),
  );
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
  return {
    secret,
    environment: {
      TF_HTTP_ADDRESS: address,
      TF_HTTP_LOCK_ADDRESS: address,
      TF_HTTP_UNLOCK_ADDRESS: address,
      TF_HTTP_PASSWORD: secret,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

interface StateResponse {
  readonly status: number;
  readonly body?: Buffer | string;
}

async function serve(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  secret: string,
  { storeOf, onProblem, onLockRefused }: StateServerOptions,
): Promise<void> {
  let result: StateResponse;
  try {
    const { user, password } = credentialsOf(request);
    if (!isSame(password, secret)) result = { status: 401 };
    else {
      const store = storeOf(user);
      if (store === undefined) throw unknownStack(user);
      result = await handle(request, store, onLockRefused);
    }
  } catch (error) {
    const knownProblem = error instanceof LakeformError ? error : undefined;
    onProblem(knownProblem ?? unexpectedError(error));
    result = {
      status: knownProblem === undefined ? 500 : (statusOf[knownProblem.code] ?? 500),
      body: knownProblem?.message ?? "",
    };
  }
  response.writeHead(result.status, { "content-type": "application/json", connection: "close" });
  response.end(result.body);
}

/** Terraform retries a 5xx; other statuses are final. */
const statusOf: Readonly<Record<string, number>> = {
  UNKNOWN_STACK: 403,
  STATE_NOT_LOCKED: 409,
  OTHER_STATE: 409,
  BROKEN_STATE: 400,
  STATE_CUT_SHORT: 400,
  STATE_KEY_MISSING: 403,
  STATE_CORRUPT: 409,
  NEWER_STATE_FORMAT: 409,
  API_FORBIDDEN: 403,
  API_UNAUTHENTICATED: 403,
};

async function handle(
  request: http.IncomingMessage,
  store: ServedState,
  onLockRefused: StateServerOptions["onLockRefused"],
): Promise<StateResponse> {
  switch (request.method) {
    case "GET": {
      const state = await store.read();
      return state === undefined ? { status: 204 } : { status: 200, body: state };
    }
    case "POST": {
      const state = await bodyOf(request);
      const checksum = request.headers["content-md5"];
      if (checksum !== undefined && createHash("md5").update(state).digest("base64") !== checksum)
        throw new LakeformError(
          "STATE_CUT_SHORT",
          "the new state was truncated in transit and was not written",
          {
            path: store.stack,
            fix: "run the command again: the previous state is intact",
          },
        );
      await store.write(state, {
        lock: new URL(request.url ?? "/", "http://localhost").searchParams.get("ID") ?? "",
      });
      return { status: 200 };
    }
    case "LOCK": {
      try {
        await store.lock.take(JSON.parse((await bodyOf(request)).toString("utf8")) as LockInfo);
        return { status: 200 };
      } catch (error) {
        if (error instanceof LakeformError) onLockRefused(store.stack, error);
        if (!(error instanceof LakeformError) || error.code !== "STATE_LOCKED") throw error;
        return { status: 423, body: JSON.stringify((await store.lock.holder()) ?? {}) };
      }
    }
    case "UNLOCK": {
      const body = (await bodyOf(request)).toString("utf8");
      // `terraform force-unlock ID` does not send the id.
      if (body === "") throw forceUnlockUnsupported(store.stack);
      await store.lock.release((JSON.parse(body) as LockInfo).ID);
      return { status: 200 };
    }
    default:
      return { status: 405 };
  }
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function credentialsOf({ headers }: http.IncomingMessage): {
  readonly user: string;
  readonly password: string;
} {
  const [, encoded = ""] = /^Basic (.*)$/.exec(headers.authorization ?? "") ?? [];
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { user: text.slice(0, Math.max(0, colon)), password: text.slice(colon + 1) };
}

/** Compares two strings in a time that does not depend on where they differ. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

const unknownStack = (stack: string): LakeformError =>
  new LakeformError("UNKNOWN_STACK", "this command does not serve the state of this stack", {
    value: stack,
    fix: "serve the environment that the stack belongs to",
  });

const forceUnlockUnsupported = (stack: string): LakeformError =>
  new LakeformError(
    "STATE_NOT_LOCKED",
    "terraform force-unlock does not send the lock's id to the backend: nothing was unlocked",
    {
      path: stack,
      fix: `lakeform state unlock ${stack} ID`,
    },
  );

const unexpectedError = (error: unknown): LakeformError =>
  new LakeformError(
    "STATE_SERVER_FAILED",
    `the state could not be served: ${error instanceof Error ? error.message : String(error)}`,
    {
      fix: "run the command again with --debug",
      cause: error,
    },
  );
