/** Reads and hashes content that a configuration provides by `source` or `content_base64`. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type {
  Attributes,
  Content,
  Kind,
  Problem,
  Remote,
  SuppressContext,
  Value,
  WriteContext,
} from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { textOrEmpty } from "../shape/attributes";

/** Max length in bytes of a text that is shown as a line diff. */
export const maxTextLength = 256 * 1024;

/**
 * Computes hash, size and text of content that arrives in chunks. The text is dropped if it is
 * longer than {@link maxTextLength}.
 */
export class ContentHash {
  readonly #hash = createHash("sha256");
  #chunks: Uint8Array[] = [];
  #size = 0;

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    if (this.#size > maxTextLength) this.#chunks = [];
    else this.#chunks.push(bytes);
  }

  get size(): number {
    return this.#size;
  }

  digest(): Content {
    const text = this.#size > maxTextLength ? undefined : textOf(Buffer.concat(this.#chunks));
    return { sha256: this.#hash.digest("hex"), size: this.#size, ...defined({ text }) };
  }
}

export function contentOfBytes(bytes: Uint8Array): Content {
  const hash = new ContentHash();
  hash.update(bytes);
  return hash.digest();
}

/** Decodes text; undefined if the bytes are not text. */
function textOf(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : undefined;
}

/** Returns the path of the file in `source`; undefined if the content is inline. */
export function sourceFile(attributes: Attributes, directory: string): string | undefined {
  const source = textOrEmpty(attributes, "source");
  return source === "" ? undefined : path.resolve(directory, source);
}

/** Reads the configured content in chunks. @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE */
export async function* localBytes(
  attributes: Attributes,
  directory: string,
): AsyncGenerator<Buffer> {
  const inline = textOrEmpty(attributes, "content_base64");
  if (inline !== "") {
    yield Buffer.from(inline, "base64");
    return;
  }
  const file = requireSource(attributes, directory);
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(attributes, error);
  }
}

/**
 * Reads content that is sent in one JSON body (notebooks and workspace files, max 10 MB).
 * @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE
 */
export async function readContent(attributes: Attributes, directory: string): Promise<Buffer> {
  const inline = textOrEmpty(attributes, "content_base64");
  if (inline !== "") return Buffer.from(inline, "base64");
  const file = requireSource(attributes, directory);
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(attributes, error);
  }
}

function requireSource(attributes: Attributes, directory: string): string {
  const file = sourceFile(attributes, directory);
  if (file === undefined) {
    throw new LakeformError("NO_CONTENT", "neither content_base64 nor source is set", {
      allowed: "one of content_base64, source",
      fix: "set one of them",
    });
  }
  return file;
}

function unreadable(attributes: Attributes, cause: unknown): LakeformError {
  return new LakeformError("SOURCE_UNREADABLE", "cannot read the source file", {
    path: "source",
    value: textOrEmpty(attributes, "source"),
    fix: "check that the file exists where terraform runs",
    cause,
  });
}

/**
 * Computes the MD5 of content of any size in one pass.
 * @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE
 */
export async function md5OfContent(attributes: Attributes, directory: string): Promise<string> {
  const md5 = createHash("md5");
  for await (const bytes of localBytes(attributes, directory)) md5.update(bytes);
  return md5.digest("hex");
}

/** Hashes a remote stream; returns why it was not read if it is longer than `limit` bytes. */
export async function remoteContent(
  stream: Readable,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<NonNullable<Remote["content"]>> {
  const hash = new ContentHash();
  for await (const chunk of stream) {
    hash.update(chunk as Uint8Array);
    if (hash.size > limit) {
      stream.destroy();
      return { unread: tooLong(limit) };
    }
  }
  return hash.digest();
}

/** Reads all bytes of a stream; undefined if there are more than `limit`. */
export async function readAtMost(
  stream: Readable,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Buffer | undefined> {
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

/** Hashes the local bytes, for the comparison with a file in the workspace. */
export async function desiredBytes(
  attributes: Attributes,
  directory: string,
): Promise<Content | undefined> {
  if (!hasContent(attributes)) return undefined;
  const hash = new ContentHash();
  for await (const bytes of localBytes(attributes, directory)) hash.update(bytes);
  return hash.digest();
}

export function hasContent(attributes: Attributes): boolean {
  return (
    textOrEmpty(attributes, "source") !== "" || textOrEmpty(attributes, "content_base64") !== ""
  );
}

/**
 * The official provider plans `md5 = "different"` (a default) and drops the difference if the local
 * bytes still have the hash in the state: this is how it detects a changed source file.
 */
export const md5Suppress: NonNullable<Kind["suppress"]> = {
  md5: async (before: Value, _after: Value, context: SuppressContext): Promise<boolean> => {
    if (typeof before !== "string" || before === "" || !hasContent(context.config)) return false;
    return (await md5OfContent(context.config, context.directory)) === before;
  },
};

/** Reports a `source` that does not exist, for the plan. */
export async function missingSourceProblems(
  config: Attributes,
  _prior: Attributes | undefined,
  context: WriteContext,
): Promise<readonly Problem[]> {
  const file = sourceFile(config, context.directory);
  if (file === undefined) return [];
  try {
    await stat(file);
    return [];
  } catch {
    return [{ path: "source", message: `file ${textOrEmpty(config, "source")} does not exist` }];
  }
}

/** Reports paths and contents that the official provider rejects. */
export function contentProblems(config: Attributes): readonly Problem[] {
  const problemOf = (value: Value): string | undefined => {
    if (typeof value !== "string") return undefined;
    if (value === "") return "must not be empty";
    if (value.startsWith("Volume")) return "must start with /Volumes";
    if (value.startsWith("dbfs:")) return "must be written without dbfs:";
    const normalizedPath = path.posix.normalize(value).replace(/(.)\/$/, "$1");
    return normalizedPath === value ? undefined : `must be written as ${normalizedPath}`;
  };
  const base64 = (value: Value): string | undefined =>
    typeof value === "string" &&
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
      ? "is not base64"
      : undefined;
  return valueProblems(config, { path: problemOf, content_base64: base64 });
}

/** The fields that only the configuration has, for all kinds with content. */
export const contentConfigOnly = {
  source: "the local file; its bytes are compared as content",
  content_base64: "the bytes are compared as content",
  md5: "Terraform's hash of the local bytes",
};
