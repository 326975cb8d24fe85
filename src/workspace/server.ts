import { randomInt } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import { Blobs } from "./blobs";
import { WorkspaceClock, type Clock } from "./clock";
import { WorkspaceError, type JsonObject, type JsonValue } from "./errors";
import { executionsOf } from "./execution/executions";
import type { ExecutionOptions } from "./execution/options";
import { Faults } from "./faults";
import { Http } from "./http";
import { hostsOf } from "./hosts";
import type { Run } from "./jobs/run-model";
import type { JobsService } from "./jobs/service";
import { Journal, type JournalEntry } from "./journal";
import { JournalFile, type JournalFileOptions } from "./journal-file";
import { LakeformError } from "../errors";
import { lockFolder } from "./lock";
import { Permissions } from "./permissions";
import { Principals } from "./principals";
import type { PrincipalOption } from "./principal-records";
import { registerFamilies } from "./families";
import type { Handler, Method, RouteOptions, WorkspaceApp } from "./routes";
import { Store } from "./store";

export interface WorkspaceOptions {
  /** @default 0: a free port */
  readonly port?: number;
  /** The address to listen on. @default 127.0.0.1, which other machines cannot reach */
  readonly listen?: string;
  /** The data folder. @default none: the data is discarded at `close` */
  readonly data?: string;
  /** The key and certificate in PEM format. @default none: the server uses HTTP */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly clock?: Clock;
  /**
   * The options for executing tasks.
   * @default only tasks that a line of `outcomes` with `execution: true` selects are executed
   */
  readonly execution?: ExecutionOptions;
  /** The script with the outcomes, durations and outputs of runs. */
  readonly outcomes?: JsonObject;
  readonly faults?: readonly JsonValue[];
  /** Principals in addition to the first admin. */
  readonly principals?: readonly PrincipalOption[];
  /** The first admin's name. @default admin@lakeform.local */
  readonly admin?: string;
  /**
   * The first admin's token.
   * @default generated, and stored in the data folder (file `token`, mode 0600)
   */
  readonly token?: string;
  /** Receives log lines. @default none are written */
  readonly log?: (line: string) => void;
  /** The journal file: every call, redacted, as a line of JSON. @default none */
  readonly journal?: string | JournalFileOptions;
  /** Additional values of the `Host` header: names from a proxy or a forwarded port. */
  readonly hosts?: readonly string[];
}

export interface RunningWorkspace {
  /** The workspace's address: `http://127.0.0.1:41234`. */
  readonly host: string;
  readonly port: number;
  /** The token of the first admin. */
  readonly token: string;
  /** The workspace id, a string of digits. */
  readonly workspaceId: string;
  readonly store: Store;
  readonly principals: Principals;
  readonly faults: Faults;
  readonly clock: Clock;
  /** Returns a run as stored by the engine. */
  run(id: number): Run | undefined;
  /** The number of tasks that are running as processes. */
  readonly executing: number;
  /** Returns the served calls, redacted. */
  journal(filter?: {
    after?: number;
    limit?: number;
    method?: string;
    path?: string;
  }): JournalEntry[];
  /** Closes all connections, also those of calls in flight, and then the store. */
  close(): Promise<void>;
}

interface Meta {
  readonly format: number;
  readonly workspaceId: string;
  readonly adminId: string;
}

/** The version of the data format. Data in another format is rejected. */
const FORMAT = 1;

/**
 * Starts a workspace and resolves once it is ready.
 * @throws LakeformError PORT_IN_USE, LISTEN_FAILED, WORKSPACE_DATA_LOCKED,
 * WORKSPACE_DATA_UNWRITABLE, WORKSPACE_DATA_VERSION, WORKSPACE_DATA_UNREADABLE, WORKSPACE_FAULTS,
 * WORKSPACE_OUTCOMES
 */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<RunningWorkspace> {
  const clock = options.clock ?? new WorkspaceClock();
  const log = options.log ?? ((): void => undefined);
  const unlock = options.data === undefined ? (): void => undefined : lockFolder(options.data);
  const store = openStore(options.data, unlock);
  const closers: (() => void | Promise<void>)[] = [];
  try {
    const principals = new Principals(store, clock);
    const { meta, token } = await loadOrCreateIdentity(store, principals, options);
    await addPrincipals(store, principals, options.principals ?? []);
    const journal = new Journal();
    if (options.journal !== undefined) {
      const file = new JournalFile(
        typeof options.journal === "string" ? { file: options.journal } : options.journal,
        log,
      );
      journal.onEntry((entry) => file.write(entry));
      closers.push(() => file.close());
    }
    const faults = parseFaults(options.faults ?? []);
    const http = new Http({
      principals,
      journal,
      faults,
      workspaceId: meta.workspaceId,
      now: () => clock.now(),
      hosts: () => hosts,
      log,
      beforeHandler: (authorization, url) => executionsOf(app)?.syncFiles(authorization, url),
      ...defined({ tls: options.tls }),
    });
    let host = "";
    let hosts: ReadonlySet<string> = new Set();
    const starters: (() => void | Promise<void>)[] = [];
    const blobs = new Blobs(store);
    const sweeper = setInterval(() => blobs.deleteUnused({ onlyReleased: true }), 10_000).unref();
    closers.push(() => clearInterval(sweeper));
    const permissions = new Permissions(store, principals);
    const readers = new Map<string, Handler>();
    const route = (
      method: Method,
      versions: readonly string[],
      suffix: string,
      handler: Handler,
      routeOptions?: RouteOptions,
    ): void => {
      const paths =
        versions.length === 0 ? [suffix] : versions.map((version) => `/api/${version}${suffix}`);
      for (const fullPath of paths) {
        http.route(method, fullPath, handler, routeOptions);
        if (method === "GET") readers.set(fullPath, handler);
      }
    };
    const app: WorkspaceApp = {
      store,
      clock,
      principals,
      permissions,
      blobs,
      workspaceId: meta.workspaceId,
      host: () => host,
      route,
      get: (...args) => route("GET", ...args),
      post: (...args) => route("POST", ...args),
      put: (...args) => route("PUT", ...args),
      patch: (...args) => route("PATCH", ...args),
      delete: (...args) => route("DELETE", ...args),
      control: (method, suffix, handler, routeOptions) =>
        http.route(method, `/_lakeform${suffix}`, handler, { admin: true, ...routeOptions }),
      onStart: (callback) => void starters.push(callback),
      onClose: (callback) => void closers.push(callback),
      readers,
      services: new Map(),
      log,
      execution: options.execution ?? {},
      outcomes: options.outcomes,
    };
    registerFamilies(app, { journal, faults });
    if (options.execution?.all === true) await executionsOf(app)?.findPython();
    for (const start of starters) await start();
    const listen = options.listen ?? "127.0.0.1";
    try {
      await http.server.listen({ port: options.port ?? 0, host: listen });
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE")
        throw new LakeformError("LISTEN_FAILED", "cannot listen on this address and port", {
          value: `${listen}, port ${options.port ?? 0}: ${code}`,
          fix: "use an address of this machine with --listen, and a port that this user may open with --port (0: any free one)",
          cause: error,
        });
      throw new LakeformError("PORT_IN_USE", "another program is using the workspace's port", {
        value: String(options.port),
        fix: "stop it, or choose another port with --port (0: any free one)",
        cause: error,
      });
    }
    const address = http.server.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const name =
      listen === "0.0.0.0" || listen === "::"
        ? "127.0.0.1"
        : listen.includes(":")
          ? `[${listen}]`
          : listen;
    host = `${options.tls === undefined ? "http" : "https"}://${name}:${port}`;
    hosts = hostsOf(listen, port, options.tls !== undefined, options.hosts ?? []);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await http.server.close();
      for (const closer of closers) await closer();
      await store.close();
      unlock();
    };
    return {
      host,
      port,
      token,
      workspaceId: meta.workspaceId,
      store,
      principals,
      faults,
      clock,
      run: (id) => (app.services.get("jobs") as JobsService).runs.find(id),
      get executing() {
        return executionsOf(app)?.size ?? 0;
      },
      journal: (filter) => journal.entries(filter),
      close: () => (closing ??= close()),
    };
  } catch (error) {
    for (const closer of closers) await closer();
    await store.close();
    unlock();
    throw error;
  }
}

function openStore(folder: string | undefined, unlock: () => void): Store {
  try {
    return Store.open(folder);
  } catch (error) {
    unlock();
    throw new LakeformError("WORKSPACE_DATA_UNREADABLE", "cannot open the data folder", {
      path: folder,
      value: error instanceof Error ? error.message : String(error),
      fix: "check its permissions, or delete the data with `lakeform workspace reset`",
      cause: error,
    });
  }
}

/**
 * Returns the workspace's identity, which is created if the store is empty, and the token of the
 * first admin: `options.token`, else the one in the file `token`, else a new one.
 * @throws LakeformError WORKSPACE_DATA_VERSION
 */
async function loadOrCreateIdentity(
  store: Store,
  principals: Principals,
  options: WorkspaceOptions,
): Promise<{ meta: Meta; token: string }> {
  const metas = store.collection<Meta>("meta");
  const storedMeta = metas.get("workspace");
  if (storedMeta !== undefined && storedMeta.format !== FORMAT)
    throw new LakeformError(
      "WORKSPACE_DATA_VERSION",
      "the data folder was written by another version of the local workspace",
      {
        path: store.folder,
        value: `format ${storedMeta.format}`,
        allowed: `format ${FORMAT}`,
        fix: "use the lakeform version that wrote it, or delete the data with `lakeform workspace reset`",
      },
    );
  const file = path.join(store.folder, "token");
  const storedToken = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
  const requestedToken = options.token ?? storedToken;
  const { meta, token } = await store.write(() => {
    let meta = storedMeta;
    if (meta === undefined) {
      const admin = principals.addUser({
        name: options.admin ?? "admin@lakeform.local",
        kind: "user",
        entitlements: ["allow-cluster-create", "workspace-access", "databricks-sql-access"],
      });
      principals.addGroup({ displayName: "admins", members: [admin.id] });
      principals.addGroup({ displayName: "users", members: [admin.id] });
      meta = {
        format: FORMAT,
        workspaceId: `${randomInt(1_000_000, 9_000_000)}${randomInt(100_000_000, 999_999_999)}`,
        adminId: admin.id,
      };
      metas.put("workspace", meta);
    }
    const token =
      requestedToken !== undefined && principals.hasToken(requestedToken)
        ? requestedToken
        : principals.issue(meta.adminId, {
            comment: "lakeform workspace",
            ...defined({ value: requestedToken }),
          }).value;
    return { meta, token };
  });
  if (token !== storedToken) fs.writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return { meta, token };
}

/** Adds principals. Those that already exist are not changed. */
async function addPrincipals(
  store: Store,
  principals: Principals,
  options: readonly PrincipalOption[],
): Promise<void> {
  await store.write(() => {
    for (const option of options) {
      if (principals.findUser(option.name) !== undefined) continue;
      const record = principals.addUser({ name: option.name, kind: option.kind ?? "user" });
      const groups = [
        "users",
        ...(option.groups ?? []),
        ...(option.admin === true ? ["admins"] : []),
      ];
      for (const name of new Set(groups)) principals.addToGroup(name, record.id);
      if (option.token !== undefined) principals.issue(record.id, { value: option.token });
      if (option.secret !== undefined) principals.addSecret(record.id, option.secret);
    }
  });
}

/** Reads the fault rules. @throws LakeformError WORKSPACE_FAULTS for an invalid one */
function parseFaults(rules: readonly JsonValue[]): Faults {
  const faults = new Faults();
  rules.forEach((rule, index) => {
    try {
      faults.add(rule);
    } catch (error) {
      if (!(error instanceof WorkspaceError)) throw error;
      throw new LakeformError("WORKSPACE_FAULTS", `invalid fault ${index + 1}`, {
        value: error.message,
        fix: "correct it: docs/workspace.md lists the fields of a fault",
        cause: error,
      });
    }
  });
  return faults;
}
