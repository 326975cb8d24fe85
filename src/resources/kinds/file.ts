import { createReadStream } from "node:fs";
import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import {
  contentConfigOnly,
  contentProblems,
  desiredBytes,
  md5OfContent,
  md5Suppress,
  remoteContent,
  sourceFile,
  missingSourceProblems,
} from "../families/content";
import type { Attributes, Kind, Remote, WriteContext, Written } from "../kind";
import { orMissing } from "../families/or-missing";
import { versionOf } from "../families/versions";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { number, optionalText, type Json } from "../shape/json";
import { encodePath, linkPath } from "../shape/paths";
import { noRules } from "../shape/rules";

/** Returns the URL of a file on a Unity Catalog volume. */
const url = (id: string): string => `/api/2.0/fs/files${encodePath(id)}`;

/** Reads the size and the time of a file; undefined if it does not exist. */
async function readStatus(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Remote | undefined> {
  const headers = await orMissing(
    api.head(url(id), { signal }),
    (response) => response as Readonly<Record<string, string>>,
  );
  if (headers === undefined) return undefined;
  return {
    id,
    attributes: {
      path: id,
      file_size: Number(headers["content-length"] ?? 0),
      modification_time: headers["last-modified"] ?? "",
    },
  };
}

async function upload(api: Client, planned: Attributes, context: WriteContext): Promise<Written> {
  const { signal, directory } = context;
  const id = textOrEmpty(planned, "path");
  const md5 = await md5OfContent(planned, directory);
  const source = sourceFile(planned, directory);
  const body =
    source === undefined
      ? () => Buffer.from(textOrEmpty(planned, "content_base64"), "base64")
      : () => createReadStream(source);
  await api.upload(url(id), body, { idempotent: true, signal });
  // Like the official provider, read the file immediately, and again in the read that follows.
  const remote = await readStatus(api, id, signal);
  return { id, attributes: { ...remote?.attributes, md5, remote_file_modified: false } };
}

/**
 * Builds the state as the official provider does: only after a write, it stores size and time. A
 * refresh or import compares the time with the stored one, and sets `remote_file_modified` if they
 * differ.
 */
function toState(
  remote: Remote,
  before: Attributes,
  why: "refresh" | "write" | "import",
): Attributes {
  if (why === "write") return { ...before, ...remote.attributes, path: before.path ?? remote.id };
  const isUnchanged = before.modification_time === remote.attributes.modification_time;
  return {
    ...before,
    id: remote.id,
    remote_file_modified: isUnchanged ? (before.remote_file_modified ?? null) : true,
  };
}

export const file: Kind = {
  type: "databricks_file",
  traits: { content: {}, listedVersions: "folder" },
  title: "file",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "path") === ""
        ? undefined
        : `path:${textOrEmpty(attributes, "path")}`,
    link: (host, id) => `${host}/explore/data${linkPath(id)}`,
  },
  rules: {
    ...noRules,
    configOnly: {
      ...contentConfigOnly,
      remote_file_modified: "set by Terraform if the file has changed",
    },
  },
  validate: contentProblems,
  validatePlan: missingSourceProblems,
  suppress: md5Suppress,
  async read(api, id, options) {
    const remote = options.listed ?? (await readStatus(api, id, options.signal));
    if (remote === undefined || options.deep === false) return remote;
    const bytes = await api.download(url(id), { signal: options.signal });
    return { ...remote, content: await remoteContent(bytes, options.maxContentBytes) };
  },
  /** Lists the files of a folder on a volume, but not its subfolders. */
  async *list(api, folder, signal) {
    if (folder === undefined) return;
    const pages = {
      path: `/api/2.0/fs/directories${encodePath(folder)}`,
      items: "contents",
      signal,
    };
    for await (const item of byToken<Json>(api, pages)) {
      if (item.is_directory === true) continue;
      const path = optionalText(item.path) ?? "";
      const [file_size, modified] = [number(item.file_size) ?? 0, number(item.last_modified) ?? 0];
      // A read returns the time in this form, too.
      const modification_time = new Date(modified).toUTCString();
      yield {
        id: path,
        attributes: { path, file_size, modification_time },
        ...versionOf(modified, file_size),
      };
    }
  },
  desiredContent: desiredBytes,
  toState,
  create: upload,
  update: (api, _id, _prior, planned, context) => upload(api, planned, context),
  async delete(api, id, _prior, context) {
    await api.delete(url(id), { signal: context.signal });
  },
  async restore(api, _id, desired, context) {
    await upload(api, desired, context);
  },
  removal: (remote) => apiCommand("DELETE", url(remote.id)),
};
