import type { Client } from "../../api/client";
import type { Attributes, Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { object } from "../shape/json";
import { noRules } from "../shape/rules";

const path = "/api/2.0/workspace-conf";
const settingsOf = (attributes: Attributes): Readonly<Record<string, unknown>> =>
  object(attributes.custom_config);
const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
/** Returns the value that disables a setting. */
const disabledValue = (value: unknown): string =>
  /^(true|false)$/i.test(textOf(value)) ? "false" : "";

/** Sends the planned settings, and disables those that are only in `prior`. */
async function writeSettings(
  api: Client,
  prior: Attributes,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const settings: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(settingsOf(planned)).map(([key, value]) => [key, textOf(value)]),
  );
  const removed = Object.fromEntries(
    Object.entries(settingsOf(prior)).flatMap(([key, value]) =>
      settings[key] === undefined ? [[key, disabledValue(value)] as const] : [],
    ),
  );
  const body = { ...removed, ...settings };
  if (Object.keys(body).length > 0) await api.patch(path, body, { idempotent: true, signal });
}

/** Settings of the workspace, by name. */
export const workspaceConf: Kind = {
  type: "databricks_workspace_conf",
  title: "workspace configuration",
  traits: { grantsPermissions: true, createAdopts: true },
  identity: { naturalKey: () => "conf:_" },
  rules: noRules,
  async read(api, id, { known, signal }) {
    const keys = Object.keys(settingsOf(known)).sort();
    const response =
      keys.length === 0
        ? {}
        : object(await api.get(path, { query: { keys: keys.join(",") }, signal }));
    return {
      id,
      attributes: {
        id,
        custom_config: { ...(settingsOf(known) as Attributes), ...(response as Attributes) },
      },
    };
  },
  async create(api, planned, { signal }) {
    await writeSettings(api, {}, planned, signal);
    return { id: "_" };
  },
  async update(api, id, prior, planned, { signal }) {
    await writeSettings(api, prior, planned, signal);
    return { id };
  },
  async restore(api, _id, desired, { signal }) {
    await writeSettings(api, {}, desired, signal);
  },
  async delete(api, _id, prior, { signal }) {
    for (const [key, value] of Object.entries(settingsOf(prior)).sort())
      await api.patch(path, { [key]: disabledValue(value) }, { idempotent: true, signal });
  },
  toState: ({ attributes }, before) => ({ ...before, ...attributes }),
  removal: ({ attributes }) =>
    apiCommand(
      "PATCH",
      path,
      Object.fromEntries(
        Object.entries(settingsOf(attributes)).map(([key, value]) => [key, disabledValue(value)]),
      ),
    ),
};
