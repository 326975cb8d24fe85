import { listOf } from "../../api/transport/paging";
import { createHash } from "node:crypto";
import type { Client, ReadClient } from "../../api/client";
import { mayHaveTakenEffect } from "../../api/transport/errors";
import { LakeformError } from "../../errors";
import {
  ContentHash,
  contentConfigOnly,
  contentProblems,
  desiredBytes,
  md5Suppress,
  localBytes,
  tooLong,
  missingSourceProblems,
} from "../families/content";
import type { Attributes, Kind, ReadOptions, Remote, WriteContext } from "../kind";
import { orMissing } from "../families/or-missing";
import { PartiallyCreated } from "../families/partially-created";
import { versionOf } from "../families/versions";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { number, object, objects, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";
import type { Json } from "../shape/json";

/** Size of an uploaded block, as in the official provider. add-block accepts at most 1 MB. */
const blockSize = 1_000_000;
/** Max size of a response of dbfs/read. */
const readSize = 1_000_000;

function remote(id: string, item: Json): Remote {
  return {
    id,
    attributes: { path: id, dbfs_path: `dbfs:${id}`, file_size: number(item.file_size) ?? 0 },
    ...versionOf(item.modification_time, item.file_size),
  };
}

async function readContentOf(
  api: ReadClient,
  id: string,
  size: number,
  options: ReadOptions,
): Promise<Remote["content"]> {
  const limit = options.maxContentBytes ?? Number.POSITIVE_INFINITY;
  if (size > limit) return { unread: tooLong(limit) };
  const hash = new ContentHash();
  while (hash.size < size) {
    const query = { path: id, offset: hash.size, length: readSize };
    const response = object(await api.get("/api/2.0/dbfs/read", { query, signal: options.signal }));
    const bytes = Buffer.from(optionalText(response.data) ?? "", "base64");
    if (bytes.length === 0) break; // The file has become shorter.
    hash.update(bytes);
  }
  return hash.digest();
}

/**
 * Divides a stream into blocks of exactly `blockSize` bytes, except for the last one, so that
 * memory use does not depend on the file's size.
 */
async function* inBlocks(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pendingChunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    pendingChunks.push(chunk);
    length += chunk.length;
    if (length < blockSize) continue;
    let buffered = Buffer.concat(pendingChunks);
    for (; buffered.length >= blockSize; buffered = buffered.subarray(blockSize))
      yield buffered.subarray(0, blockSize);
    pendingChunks = [buffered];
    length = buffered.length;
  }
  if (length > 0) yield Buffer.concat(pendingChunks);
}

const maxAttempts = 3;

/**
 * Uploads a file in blocks. After a lost response, the upload starts again: the block may have
 * arrived, and must not be in the file twice.
 * @returns the MD5 of the sent bytes
 */
async function upload(api: Client, attributes: Attributes, context: WriteContext): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await uploadOnce(api, attributes, context);
    } catch (error) {
      if (!mayHaveTakenEffect(error) || attempt >= maxAttempts || context.signal?.aborted === true)
        throw error;
    }
  }
}

async function uploadOnce(
  api: Client,
  attributes: Attributes,
  context: WriteContext,
): Promise<string> {
  const blocks = inBlocks(localBytes(attributes, context.directory));
  // Read the first block before any call, so that a missing source does not leave an empty file.
  let block = await blocks.next();
  const path = textOrEmpty(attributes, "path");
  const { signal } = context;
  const handle = object(
    await api.post("/api/2.0/dbfs/create", { path, overwrite: true }, { idempotent: true, signal }),
  ).handle;
  const md5 = createHash("md5");
  for (let first = true; block.done !== true; block = await blocks.next(), first = false) {
    // After an interrupt, the other blocks of a large file would take too long. The first one is sent
    // in any case, so that a file of one block is complete.
    if (!first && signal?.aborted === true)
      throw new LakeformError("INTERRUPTED", "stopped before the file was sent completely", {
        value: path,
        fix: "deploy again",
      });
    md5.update(block.value);
    await api.post(
      "/api/2.0/dbfs/add-block",
      { data: block.value.toString("base64"), handle },
      { signal },
    );
  }
  // Closing removes the handle: if a repeated call does not find it, the first one has succeeded.
  await api.post("/api/2.0/dbfs/close", { handle }, { removes: true, signal });
  return md5.digest("hex");
}

export const dbfsFile: Kind = {
  type: "databricks_dbfs_file",
  traits: { content: {}, listedVersions: "folder" },
  title: "DBFS file",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "path") === ""
        ? undefined
        : `path:${textOrEmpty(attributes, "path").replace(/^dbfs:/, "")}`,
  },
  rules: { ...noRules, configOnly: contentConfigOnly },
  validate: contentProblems,
  validatePlan: missingSourceProblems,
  suppress: md5Suppress,
  async read(api, id, options) {
    const { listed } = options;
    if (listed !== undefined) {
      const size = Number(listed.attributes.file_size);
      return { ...listed, content: await readContentOf(api, id, size, options) };
    }
    const response = await orMissing(
      api.get("/api/2.0/dbfs/get-status", { query: { path: id }, signal: options.signal }),
      object,
    );
    if (response === undefined) return undefined;
    const withoutContent = remote(id, response);
    if (options.deep === false) return withoutContent;
    // A folder counts as missing in a deep read. (The official provider does not check the type.)
    if (response.is_dir === true) return undefined;
    return {
      ...withoutContent,
      content: await readContentOf(api, id, number(response.file_size) ?? 0, options),
    };
  },
  /** Lists the files of a folder, but not its subfolders. */
  async *list(api, folder = "/", signal) {
    const response = await orMissing(
      listOf(api, "/api/2.0/dbfs/list", "files", { query: { path: folder }, signal }),
      objects,
    );
    for (const item of response ?? [])
      if (item.is_dir !== true) yield remote(optionalText(item.path) ?? "", item);
  },
  desiredContent: desiredBytes,
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    const id = textOrEmpty(planned, "path");
    try {
      return { id, attributes: { md5: await upload(api, planned, context) } };
    } catch (error) {
      if (error instanceof LakeformError && error.code === "INTERRUPTED")
        throw new PartiallyCreated(id, error);
      throw error;
    }
  },
  async delete(api, id, _prior, context) {
    await api.post("/api/2.0/dbfs/delete", { path: id }, { removes: true, signal: context.signal });
  },
  async restore(api, _id, desired, context) {
    await upload(api, desired, context);
  },
  removal: (remoteObject) => apiCommand("POST", "/api/2.0/dbfs/delete", { path: remoteObject.id }),
};
