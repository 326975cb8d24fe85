/**
 * Reads and changes the workspaces that may use a securable. These bindings have an effect only if
 * the securable is isolated.
 */
import { wholeNumber } from "../../exact-json";
import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import type { Attributes, Binding, Remote } from "../kind";
import { blocks } from "../shape/attributes";
import { idText, optionalText, type Json } from "../shape/json";
import { currentWorkspace, unityCatalog } from "./metastore";
import { isRefused } from "./or-missing";

export const readWrite = "BINDING_TYPE_READ_WRITE";

/**
 * Returns the URL of a securable's bindings.
 * @param type the type in the URL: `catalog`, `external_location`
 */
export const bindingsUrl = (type: string, name: string): string =>
  `${unityCatalog}/bindings/${type}/${encodeURIComponent(name)}`;

/** Whether an isolation mode makes the bindings effective. */
export const isIsolated = (mode: unknown): boolean =>
  mode === "ISOLATED" || mode === "ISOLATION_MODE_ISOLATED";

/** Reads the bindings of a securable. */
export async function bindingsOf(
  api: ReadClient,
  type: string,
  name: string,
  signal?: AbortSignal,
): Promise<readonly Binding[]> {
  const bindings: Binding[] = [];
  for await (const item of byToken<Json>(api, {
    path: bindingsUrl(type, name),
    items: "bindings",
    signal,
  }))
    bindings.push({
      workspace_id: idText(item.workspace_id, "workspace_id"),
      binding_type: optionalText(item.binding_type) ?? readWrite,
    });
  return bindings;
}

/**
 * Reads the bindings of a securable and the id of the called workspace, or returns why the workspace
 * refuses that.
 */
export async function readBindings(
  api: ReadClient,
  type: string,
  name: string,
  signal?: AbortSignal,
): Promise<NonNullable<Remote["bindings"]>> {
  try {
    return {
      type,
      found: await bindingsOf(api, type, name, signal),
      workspace: await currentWorkspace(api, signal),
    };
  } catch (error) {
    if (!isRefused(error)) throw error;
    return {
      unread: `the workspace does not show to this token which workspaces may use the ${type.replaceAll("_", " ")}`,
    };
  }
}

/** Binds an isolated securable to the workspace that creates it. */
export async function bindOwn(
  api: Client,
  type: string,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  await patchBindings(
    api,
    bindingsUrl(type, name),
    { add: [{ binding_type: readWrite, workspace_id: await currentWorkspace(api, signal) }] },
    signal,
  );
}

/**
 * Heals a securable: sets the bindings in `workspace_bindings`, and removes all others. If the code
 * defines no bindings, nothing is changed.
 */
export async function restoreBindings(
  api: Client,
  type: string,
  name: string,
  desired: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const add = blocks(desired, "workspace_bindings") as unknown as readonly Binding[];
  if (add.length === 0) return;
  const keep = new Set(add.map(({ workspace_id }) => workspace_id));
  const remove = (await bindingsOf(api, type, name, signal)).filter(
    ({ workspace_id }) => !keep.has(workspace_id),
  );
  await patchBindings(
    api,
    bindingsUrl(type, name),
    { add, ...(remove.length === 0 ? {} : { remove }) },
    signal,
  );
}

type Changes = Readonly<Record<string, readonly Binding[]>>;

async function patchBindings(
  api: Client,
  path: string,
  changes: Changes,
  signal?: AbortSignal,
): Promise<void> {
  const withNumber = ({ workspace_id, ...binding }: Binding): object => ({
    ...binding,
    workspace_id: wholeNumber(workspace_id),
  });
  const body = Object.fromEntries(
    Object.entries(changes).map(([name, bindings]) => [name, bindings.map(withNumber)]),
  );
  await api.patch(path, body, { idempotent: true, signal });
}
