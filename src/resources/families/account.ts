/**
 * Objects of the account. Their URLs contain the account's id, which comes from the metadata of the
 * host.
 */
import type { Client, ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { Kind } from "../kind";
import { object, optionalText } from "../shape/json";

/** The placeholder for the account's id in the URLs of a kind. */
const placeholder = "{account}";
export const accountPath = `/api/2.1/accounts/${placeholder}`;

const accounts = new WeakMap<ReadClient, string>();

/** @throws LakeformError NO_ACCOUNT */
async function accountOf(api: ReadClient, signal?: AbortSignal): Promise<string> {
  const cachedAccount = accounts.get(api);
  if (cachedAccount !== undefined) return cachedAccount;
  const account = optionalText(
    object(await api.get("/.well-known/databricks-config", { signal })).account_id,
  );
  if (account !== undefined && account !== "") {
    accounts.set(api, account);
    return account;
  }
  throw new LakeformError("NO_ACCOUNT", "could not determine the account of the host", {
    value: api.host,
    fix: "check that the host is a workspace (https://adb-….azuredatabricks.net) or an account console, and that the credentials are valid there",
  });
}

const readers = new WeakMap<ReadClient, ReadClient>();
const clients = new WeakMap<Client, Client>();

/** Returns a reader that replaces {@link accountPath} in the URLs; always the same for one `api`. */
function readerOf(api: ReadClient): ReadClient {
  const toAccountPath = accountPathResolver(api);
  const result = readers.get(api) ?? {
    host: api.host,
    get: async (path, options) => api.get(await toAccountPath(path, options?.signal), options),
    head: async (path, options) => api.head(await toAccountPath(path, options?.signal), options),
    download: async (path, options) =>
      api.download(await toAccountPath(path, options?.signal), options),
  };
  readers.set(api, result);
  return result;
}

/**
 * Returns a client that replaces {@link accountPath} in the URLs. It is always the same for one
 * `api`, because `createById` keys the ids that it created by the client.
 */
function clientOf(api: Client): Client {
  const toAccountPath = accountPathResolver(api);
  const result = clients.get(api) ?? {
    ...readerOf(api),
    post: async (path, body, options) =>
      api.post(await toAccountPath(path, options?.signal), body, options),
    put: async (path, body, options) =>
      api.put(await toAccountPath(path, options?.signal), body, options),
    patch: async (path, body, options) =>
      api.patch(await toAccountPath(path, options?.signal), body, options),
    delete: async (path, options) =>
      api.delete(await toAccountPath(path, options?.signal), options),
    upload: async (path, body, options) =>
      api.upload(await toAccountPath(path, options?.signal), body, options),
  };
  clients.set(api, result);
  return result;
}

const accountPathResolver =
  (api: ReadClient) =>
  async (path: string, signal?: AbortSignal): Promise<string> =>
    path.includes(placeholder)
      ? path.replace(placeholder, encodeURIComponent(await accountOf(api, signal)))
      : path;

/** Makes a kind with {@link accountPath} in its URLs use the account's id. */
export function inAccount(kind: Kind): Kind {
  const list = kind.list?.bind(kind);
  const update = kind.update?.bind(kind);
  const restore = kind.restore?.bind(kind);
  return {
    ...kind,
    read: (api, id, options) => kind.read(readerOf(api), id, options),
    create: (api, planned, context) => kind.create(clientOf(api), planned, context),
    delete: (api, id, prior, context) => kind.delete(clientOf(api), id, prior, context),
    ...defined({
      list:
        list &&
        ((api: ReadClient, container?: string, signal?: AbortSignal) =>
          list(readerOf(api), container, signal)),
      update: update && ((api: Client, ...rest: Rest<"update">) => update(clientOf(api), ...rest)),
      restore:
        restore && ((api: Client, ...rest: Rest<"restore">) => restore(clientOf(api), ...rest)),
    }),
    removal: (remote) => kind.removal(remote).replace(placeholder, "<account id>"),
  };
}

type Rest<Method extends "update" | "restore"> =
  NonNullable<Kind[Method]> extends (api: Client, ...rest: infer More) => unknown ? More : never;
