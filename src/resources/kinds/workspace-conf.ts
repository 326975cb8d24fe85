import type { Client } from "../../api/client";
import type { Attributes, Kind } from "../kind";
import { apiCommand, noRules, object } from "../shape/json";

const path = "/api/2.0/workspace-conf";
const conf = (attributes: Attributes): Readonly<Record<string, unknown>> =>
  object(attributes.custom_config);
const word = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
/** Returns the value that disables a setting. */
const disabledValue = (value: unknown): string =>
  /^(true|false)$/i.test(word(value)) ? "false" : "";

async function set(
  api: Client,
  prior: Attributes,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const wanted: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(conf(planned)).map(([key, value]) => [key, word(value)]),
  );
  const removed = Object.fromEntries(
    Object.entries(conf(prior)).flatMap(([key, value]) =>
      wanted[key] === undefined ? [[key, disabledValue(value)] as const] : [],
    ),
  );
  const body = { ...removed, ...wanted };
  if (Object.keys(body).length > 0) await api.patch(path, body, { idempotent: true, signal });
}

/** Settings of the workspace, by name. */
export const workspaceConf: Kind = {
  type: "databricks_workspace_conf",
  title: "workspace configuration",
  traits: { rights: true, takenOver: true },
  identity: { naturalKey: () => "conf:_" },
  rules: noRules,
  async read(api, id, { known, signal }) {
    const keys = Object.keys(conf(known)).sort();
    const found =
      keys.length === 0
        ? {}
        : object(await api.get(path, { query: { keys: keys.join(",") }, signal }));
    return {
      id,
      attributes: {
        id,
        custom_config: { ...(conf(known) as Attributes), ...(found as Attributes) },
      },
    };
  },
  async create(api, planned, { signal }) {
    await set(api, {}, planned, signal);
    return { id: "_" };
  },
  async update(api, id, prior, planned, { signal }) {
    await set(api, prior, planned, signal);
    return { id };
  },
  async restore(api, _id, desired, { signal }) {
    await set(api, {}, desired, signal);
  },
  async delete(api, _id, prior, { signal }) {
    for (const [key, value] of Object.entries(conf(prior)).sort())
      await api.patch(path, { [key]: disabledValue(value) }, { idempotent: true, signal });
  },
  toState: ({ attributes }, before) => ({ ...before, ...attributes }),
  removal: ({ attributes }) =>
    apiCommand(
      "PATCH",
      path,
      Object.fromEntries(
        Object.entries(conf(attributes)).map(([key, value]) => [key, disabledValue(value)]),
      ),
    ),
};
