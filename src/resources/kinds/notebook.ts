import { listOf } from "../../api/transport/paging";
import { createHash } from "node:crypto";
import path from "node:path";
import type { Client, ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { valueProblems } from "../shape/allowed-values";
import {
  contentConfigOnly,
  contentProblems,
  hasContent,
  md5Suppress,
  readAtMost,
  readContent,
  missingSourceProblems,
  tooLong,
} from "../families/content";
import type { Attributes, Kind, ReadOptions, Remote, WriteContext, Written } from "../kind";
import { orMissing } from "../families/or-missing";
import { versionOf } from "../families/versions";
import { hashNotebook } from "../families/notebook-source";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, exactInteger, object, objects, optionalText } from "../shape/json";
import { sameWorkspacePath, workspacePathIdentity } from "../shape/paths";
import { noRules, objectIdRule } from "../shape/rules";
import type { Json } from "../shape/json";
import { importObject } from "../families/workspace-import";

interface UploadFormat {
  readonly language?: string;
  readonly format: string;
}

const byExtension: Readonly<Record<string, UploadFormat>> = {
  ".scala": { language: "SCALA", format: "SOURCE" },
  ".py": { language: "PYTHON", format: "SOURCE" },
  ".sql": { language: "SQL", format: "SOURCE" },
  ".r": { language: "R", format: "SOURCE" },
  ".dbc": { format: "DBC" },
  ".ipynb": { format: "JUPYTER" },
  ".html": { format: "HTML" },
};

/**
 * Returns the format to send: the configured one, else that of the file's extension, else SOURCE. If
 * a language is configured, the extension is ignored.
 */
function uploadFormatOf(attributes: Attributes): UploadFormat {
  const formatOfExtension =
    byExtension[path.extname(textOrEmpty(attributes, "source")).toLowerCase()];
  const configured = textOrEmpty(attributes, "language");
  const format =
    textOrEmpty(attributes, "format") ||
    (configured === "" ? formatOfExtension?.format : undefined) ||
    "SOURCE";
  const language = configured || (format === "SOURCE" ? formatOfExtension?.language : undefined);
  return language === undefined ? { format } : { language, format };
}

function remote(id: string, item: Json, host: string): Remote {
  const objectPath = optionalText(item.path) ?? id;
  return {
    id,
    attributes: {
      path: objectPath,
      object_id: exactInteger(item.object_id) ?? null,
      object_type: optionalText(item.object_type) ?? null,
      language: optionalText(item.language) ?? null,
      url: `${host}/#workspace${id}`,
      workspace_path: `/Workspace${id}`,
    },
    ...versionOf(item.modified_at, item.object_id),
  };
}

async function readContentOf(
  api: ReadClient,
  id: string,
  options: ReadOptions,
): Promise<Remote["content"]> {
  const format = uploadFormatOf(options.known).format;
  if (format !== "SOURCE" && format !== "JUPYTER")
    return { unread: `${format} exports differ each time` };
  const query = { path: id, format, direct_download: true };
  const bytes = await readAtMost(
    await api.download("/api/2.0/workspace/export", { query, signal: options.signal }),
    options.maxContentBytes,
  );
  if (bytes === undefined) return { unread: tooLong(options.maxContentBytes ?? 0) };
  return hashNotebook(bytes, format) ?? { unread: `the export is no ${format} notebook` };
}

async function importNotebook(
  api: Client,
  planned: Attributes,
  context: WriteContext,
): Promise<Written> {
  const id = textOrEmpty(planned, "path");
  const bytes = await readContent(planned, context.directory);
  const { language, format } = uploadFormatOf(planned);
  const overwrite = format === "DBC" ? undefined : true;
  const body = {
    content: bytes.toString("base64"),
    path: id,
    ...defined({ language }),
    format,
    ...(overwrite ? { overwrite } : {}),
  };
  const objectId = await importObject(api, body, context.signal);
  const md5 = createHash("md5").update(bytes).digest("hex");
  // The official provider uses the response to a SOURCE import without a read; after an import in
  // another format it reads the language.
  const usesResponse = format === "SOURCE" && objectId !== undefined;
  const known = {
    format,
    md5,
    url: `${api.host}/#workspace${id}`,
    workspace_path: `/Workspace${id}`,
  };
  if (!usesResponse) return { id, attributes: known };
  return {
    id,
    readAfter: false,
    attributes: {
      ...known,
      language: language ?? "",
      object_id: objectId,
      object_type: "NOTEBOOK",
    },
  };
}

export const notebook: Kind = {
  type: "databricks_notebook",
  traits: {
    content: { exported: "SOURCE" },
    accessList: { request: "notebooks", byPath: true },
    readFromList: "folder",
    listedVersions: "folder",
    treeType: "NOTEBOOK",
  },
  title: "notebook",
  identity: workspacePathIdentity,
  rules: {
    ...noRules,
    backendDefaults: {
      ...objectIdRule,
      language: {
        reason: "the workspace derives the language from the file name or the notebook",
        when: () => true,
      },
    },
    configOnly: {
      ...contentConfigOnly,
      format: "the upload format; the workspace stores a notebook independent of it",
    },
    equivalent: { path: sameWorkspacePath },
  },
  suppress: md5Suppress,
  validate: (config) => [
    ...contentProblems(config),
    ...valueProblems(config, {
      language: ["SCALA", "PYTHON", "R", "SQL"],
      format: ["SOURCE", "DBC", "JUPYTER"],
    }),
  ],
  validatePlan: missingSourceProblems,
  async read(api, id, options) {
    if (options.listed !== undefined)
      return { ...options.listed, content: await readContentOf(api, id, options) };
    const response = await orMissing(
      api.get("/api/2.0/workspace/get-status", { query: { path: id }, signal: options.signal }),
      object,
    );
    if (response === undefined) return undefined;
    const withoutContent = remote(id, response, api.host);
    if (options.deep === false) return withoutContent;
    // An object of another type counts as missing. (The official provider does not check the type.)
    if (response.object_type !== "NOTEBOOK") return undefined;
    return { ...withoutContent, content: await readContentOf(api, id, options) };
  },
  /** Lists the notebooks of a folder, but not its subfolders. */
  async *list(api, folder = "/", signal) {
    const response = await orMissing(
      listOf(api, "/api/2.0/workspace/list", "objects", { query: { path: folder }, signal }),
      objects,
    );
    for (const item of response ?? []) {
      if (item.object_type === "NOTEBOOK")
        yield remote(optionalText(item.path) ?? "", item, api.host);
    }
  },
  async desiredContent(attributes, directory) {
    if (!hasContent(attributes)) return undefined;
    return hashNotebook(
      await readContent(attributes, directory),
      uploadFormatOf(attributes).format,
    );
  },
  toState: (remoteObject, before) => ({
    ...before,
    ...remoteObject.attributes,
    format: textOrEmpty(before, "format") || "SOURCE",
  }),
  create: importNotebook,
  async update(api, id, _prior, planned, context) {
    // The import of a DBC archive cannot overwrite an object.
    const isArchive = uploadFormatOf(planned).format === "DBC";
    if (isArchive)
      await api.post(
        "/api/2.0/workspace/delete",
        { path: id, recursive: true },
        { removes: true, signal: context.signal },
      );
    return importNotebook(api, isArchive ? { ...planned, language: null } : planned, context);
  },
  delete: remove,
  async restore(api, _id, desired, context) {
    await importNotebook(api, desired, context);
  },
  removal: (remoteObject) =>
    apiCommand("POST", "/api/2.0/workspace/delete", { path: remoteObject.id }),
};

async function remove(
  api: Client,
  id: string,
  prior: Attributes,
  context: WriteContext,
): Promise<void> {
  // The import of an archive may have created a folder.
  const recursive = !["NOTEBOOK", "FILE", ""].includes(textOrEmpty(prior, "object_type"));
  await api.post("/api/2.0/workspace/delete", compact({ path: id, recursive }), {
    removes: true,
    signal: context.signal,
  });
}
