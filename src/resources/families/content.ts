/** Content that a configuration provides by `source` or `content_base64`: its bytes and hashes. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { LakeformError } from "../../errors";
import type { Attributes, Kind, Problem, Remote, SuppressContext, Value, WriteContext } from "../kind";
import { refused } from "../shape/allowed-values";
import { str } from "../shape/json";

export interface Hashed {
  readonly sha256: string;
  readonly md5: string;
  readonly size: number;
}

/** The file named by `source`; undefined if the content is inline. */
export function sourceFile(attributes: Attributes, directory: string): string | undefined {
  const source = str(attributes, "source");
  return source === "" ? undefined : path.resolve(directory, source);
}

/** The bytes, in chunks. @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE */
export async function* localBytes(attributes: Attributes, directory: string): AsyncGenerator<Buffer> {
  const inline = str(attributes, "content_base64");
  if (inline !== "") {
    yield Buffer.from(inline, "base64");
    return;
  }
  const file = needSource(attributes, directory);
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(attributes, error);
  }
}

/** For content sent in one JSON body (notebooks and workspace files: 10 MB at most). @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE */
export async function readContent(attributes: Attributes, directory: string): Promise<Buffer> {
  const inline = str(attributes, "content_base64");
  if (inline !== "") return Buffer.from(inline, "base64");
  const file = needSource(attributes, directory);
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(attributes, error);
  }
}

function needSource(attributes: Attributes, directory: string): string {
  const file = sourceFile(attributes, directory);
  if (file === undefined) {
    throw new LakeformError("NO_CONTENT", "neither content_base64 nor source is set", { allowed: "one of content_base64, source" });
  }
  return file;
}

function unreadable(attributes: Attributes, cause: unknown): LakeformError {
  return new LakeformError("SOURCE_UNREADABLE", "cannot read the source file", {
    path: "source",
    value: str(attributes, "source"),
    fix: "check that the file exists where terraform runs",
    cause,
  });
}

/** One pass over the bytes, for any size. @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE */
export async function hashContent(attributes: Attributes, directory: string): Promise<Hashed> {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  let size = 0;
  for await (const bytes of localBytes(attributes, directory)) {
    sha256.update(bytes);
    md5.update(bytes);
    size += bytes.length;
  }
  return { sha256: sha256.digest("hex"), md5: md5.digest("hex"), size };
}

/** The hash of a remote stream; stops if it is longer than `limit` bytes. */
export async function remoteContent(stream: Readable, limit: number = Number.POSITIVE_INFINITY): Promise<NonNullable<Remote["content"]>> {
  const sha256 = createHash("sha256");
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > limit) {
      stream.destroy();
      return { unread: tooLong(limit) };
    }
    sha256.update(bytes);
  }
  return { sha256: sha256.digest("hex"), size };
}

/** All bytes of a stream, or undefined if there are more than `limit`. */
export async function readAtMost(stream: Readable, limit: number = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > limit) {
      stream.destroy();
      return undefined;
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

export function tooLong(limit: number): string {
  return `longer than ${limit} bytes`;
}

/** The content that the verifier compares for files: the hash of the raw bytes. */
export async function desiredBytes(attributes: Attributes, directory: string): Promise<{ sha256: string; size: number } | undefined> {
  if (!hasContent(attributes)) return undefined;
  const { sha256, size } = await hashContent(attributes, directory);
  return { sha256, size };
}

export function hasContent(attributes: Attributes): boolean {
  return str(attributes, "source") !== "" || str(attributes, "content_base64") !== "";
}

/**
 * The official provider plans `md5 = "different"` (a default) and drops the difference if the local bytes still have the hash in the state:
 * this is how it detects a changed source file.
 */
export const md5Suppress: NonNullable<Kind["suppress"]> = {
  md5: async (before: Value, _after: Value, around: SuppressContext): Promise<boolean> => {
    if (typeof before !== "string" || before === "" || !hasContent(around.config)) return false;
    return (await hashContent(around.config, around.directory)).md5 === before;
  },
};

/** A `source` that does not exist already fails the plan. */
export async function sourceExists(config: Attributes, _prior: Attributes | undefined, context: WriteContext): Promise<readonly Problem[]> {
  const file = sourceFile(config, context.directory);
  if (file === undefined) return [];
  try {
    await stat(file);
    return [];
  } catch {
    return [{ path: "source", message: `file ${str(config, "source")} does not exist` }];
  }
}

/** Paths and contents that the official provider rejects. */
export function contentProblems(config: Attributes): readonly Problem[] {
  const wrong = (value: Value): string | undefined => {
    if (typeof value !== "string") return undefined;
    if (value === "") return "must not be empty";
    if (value.startsWith("Volume")) return "must start with /Volumes";
    if (value.startsWith("dbfs:")) return "must be written without dbfs:";
    const clean = path.posix.normalize(value).replace(/(.)\/$/, "$1");
    return clean === value ? undefined : `must be written as ${clean}`;
  };
  const base64 = (value: Value): string | undefined =>
    typeof value === "string" && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
      ? "is not base64"
      : undefined;
  return refused(config, { path: wrong, content_base64: base64 });
}

/** Rules shared by all kinds with content. */
export const contentConfigOnly = {
  source: "the local file; its bytes are compared as content",
  content_base64: "the bytes are compared as content",
  md5: "Terraform's hash of the local bytes",
};
