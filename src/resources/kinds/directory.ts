import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Kind, Remote } from "../kind";
import { orMissing } from "../families/or-missing";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, exactInteger, object, optionalText } from "../shape/json";
import { sameWorkspacePath, workspacePathIdentity } from "../shape/paths";
import { noRules, objectIdRule } from "../shape/rules";
import type { Json } from "../shape/json";

/** @throws LakeformError NOT_A_DIRECTORY */
async function readStatus(
  api: ReadClient,
  path: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  const response = await orMissing(
    api.get("/api/2.0/workspace/get-status", { query: { path }, signal }),
    object,
  );
  if (response === undefined) return undefined;
  if (response.object_type !== "DIRECTORY") {
    throw new LakeformError("NOT_A_DIRECTORY", "the path is not a folder", {
      value: `${path} is a ${optionalText(response.object_type) ?? "object without a type"}`,
      fix: "choose another path, or move the existing object",
    });
  }
  return remote(path, response);
}

function remote(id: string, item: Json): Remote {
  return {
    id,
    attributes: {
      path: optionalText(item.path) ?? id,
      object_id: exactInteger(item.object_id) ?? null,
      workspace_path: `/Workspace${optionalText(item.path) ?? id}`,
    },
  };
}

export const directory: Kind = {
  type: "databricks_directory",
  traits: {
    accessList: { request: "directories", byPath: true },
    readFromList: "folder",
    treeType: "DIRECTORY",
    createAdopts: true,
  },
  title: "directory",
  identity: workspacePathIdentity,
  rules: {
    ...noRules,
    backendDefaults: objectIdRule,
    configOnly: { delete_recursive: "controls how Terraform deletes; not stored in the workspace" },
    equivalent: { path: sameWorkspacePath },
  },
  suppress: {
    path: (before, after) =>
      typeof before === "string" &&
      typeof after === "string" &&
      before.replace(/\/+$/, "") === after.replace(/\/+$/, ""),
  },
  async read(api, id, options) {
    try {
      return await readStatus(api, id, options.signal);
    } catch (error) {
      // There is a notebook or file at this path. In the provider this is an error, as in the
      // official one; for the verifier the directory is missing.
      if (
        options.deep !== false &&
        error instanceof LakeformError &&
        error.code === "NOT_A_DIRECTORY"
      )
        return undefined;
      throw error;
    }
  },
  async *list(api, container = "/", signal) {
    for (const item of await listOf(api, "/api/2.0/workspace/list", "objects", {
      query: { path: container },
      signal,
    })) {
      if (item.object_type === "DIRECTORY") yield remote(optionalText(item.path) ?? "", item);
    }
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    const path = textOrEmpty(planned, "path");
    await api.post(
      "/api/2.0/workspace/mkdirs",
      { path },
      { idempotent: true, signal: context.signal },
    );
    return { id: path };
  },
  async update(api, id, _prior, _planned, context) {
    // Only delete_recursive can change, which needs no call. The official provider reads the folder
    // here, and again after the update.
    await readStatus(api, id, context.signal);
    return { id };
  },
  async delete(api, id, prior, context) {
    const body = compact({ path: id, recursive: prior.delete_recursive });
    await api.post("/api/2.0/workspace/delete", body, { removes: true, signal: context.signal });
  },
  async restore(api, id, _desired, context) {
    await api.post(
      "/api/2.0/workspace/mkdirs",
      { path: id },
      { idempotent: true, signal: context.signal },
    );
  },
  removal: (remoteObject) =>
    apiCommand("POST", "/api/2.0/workspace/delete", { path: remoteObject.id, recursive: true }),
};
