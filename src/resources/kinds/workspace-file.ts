import { listOf } from "../../api/transport/paging";
import { createHash } from "node:crypto";
import type { Client, ReadClient } from "../../api/client";
import {
  contentConfigOnly,
  contentProblems,
  desiredBytes,
  md5Suppress,
  readContent,
  remoteContent,
  missingSourceProblems,
} from "../families/content";
import type { Attributes, Kind, ReadOptions, Remote, WriteContext, Written } from "../kind";
import { orMissing } from "../families/or-missing";
import { versionOf } from "../families/versions";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { exactInteger, object, objects, optionalText, type Json } from "../shape/json";
import { sameWorkspacePath, workspacePathIdentity } from "../shape/paths";
import { noRules, objectIdRule } from "../shape/rules";
import { importObject } from "../families/workspace-import";

function remote(id: string, item: Json, host: string): Remote {
  const path = optionalText(item.path) ?? id;
  const attributes = {
    path,
    object_id: exactInteger(item.object_id) ?? null,
    url: `${host}/#workspace${id}`,
    workspace_path: `/Workspace${id}`,
  };
  return { id, attributes, ...versionOf(item.modified_at, item.object_id, item.size) };
}

async function importFile(
  api: Client,
  planned: Attributes,
  context: WriteContext,
): Promise<Written> {
  const id = textOrEmpty(planned, "path");
  const bytes = await readContent(planned, context.directory);
  await importObject(
    api,
    { content: bytes.toString("base64"), format: "RAW", overwrite: true, path: id },
    context.signal,
  );
  return { id, attributes: { md5: createHash("md5").update(bytes).digest("hex") } };
}

async function readContentOf(
  api: ReadClient,
  path: string,
  { maxContentBytes, signal }: ReadOptions,
): Promise<Remote["content"]> {
  const query = { path, format: "AUTO", direct_download: true };
  return remoteContent(
    await api.download("/api/2.0/workspace/export", { query, signal }),
    maxContentBytes,
  );
}

export const workspaceFile: Kind = {
  type: "databricks_workspace_file",
  traits: {
    content: { exported: "AUTO" },
    accessList: { request: "files", byPath: true },
    readFromList: "folder",
    listedVersions: "folder",
    treeType: "FILE",
  },
  title: "workspace file",
  identity: workspacePathIdentity,
  rules: {
    ...noRules,
    backendDefaults: objectIdRule,
    configOnly: contentConfigOnly,
    equivalent: { path: sameWorkspacePath },
  },
  suppress: md5Suppress,
  validate: contentProblems,
  validatePlan: missingSourceProblems,
  async read(api, id, options) {
    const { signal, listed } = options;
    if (listed !== undefined) return { ...listed, content: await readContentOf(api, id, options) };
    const response = await orMissing(
      api.get("/api/2.0/workspace/get-status", { query: { path: id }, signal }),
      object,
    );
    if (response === undefined) return undefined;
    const withoutContent = remote(id, response, api.host);
    if (options.deep === false) return withoutContent;
    // An object of another type counts as missing. (The official provider does not check the type.)
    if (response.object_type !== "FILE") return undefined;
    return { ...withoutContent, content: await readContentOf(api, id, options) };
  },
  /** Lists the files of a folder, but not its subfolders. */
  async *list(api, folder = "/", signal) {
    const response = await orMissing(
      listOf(api, "/api/2.0/workspace/list", "objects", { query: { path: folder }, signal }),
      objects,
    );
    for (const item of response ?? [])
      if (item.object_type === "FILE") yield remote(optionalText(item.path) ?? "", item, api.host);
  },
  desiredContent: desiredBytes,
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  create: importFile,
  update: (api, _id, _prior, planned, context) => importFile(api, planned, context),
  async delete(api, id, _prior, context) {
    await api.post(
      "/api/2.0/workspace/delete",
      { path: id },
      { removes: true, signal: context.signal },
    );
  },
  async restore(api, _id, desired, context) {
    await importFile(api, desired, context);
  },
  removal: (remoteObject) =>
    apiCommand("POST", "/api/2.0/workspace/delete", { path: remoteObject.id }),
};
