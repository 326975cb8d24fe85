import { setTimeout } from "node:timers";
import { decodeBase64 } from "../base64";
import type { BlobRef, BlobWriter } from "../blobs";
import { exists, invalid, missing, WorkspaceError } from "../errors";
import { Fields } from "../fields";
import { Raw, type Call, type WorkspaceApp } from "../routes";
import { normalPath, parentOf } from "../tree";
import { DbfsTree, type DbfsNode } from "./dbfs-tree";

const MB = 1024 * 1024;
const DEFAULT_READ = 512 * 1024;
const MAX_STREAMED_BYTES = 2 * 1024 * MB;
/** An upload in blocks expires after this idle time, as on the platform. */
const HANDLE_IDLE_MS = 10 * 60_000;

/** An upload in blocks that was created and not closed yet. */
interface Upload {
  readonly path: string;
  readonly overwrite: boolean;
  readonly writer: BlobWriter;
  /** The appends so far: the blocks are appended in the order of the calls. */
  queue: Promise<void>;
  expiry: NodeJS.Timeout;
}

/** Normalizes a DBFS path: `dbfs:/x` and `/x` are equal. */
const locate = (address: string): string =>
  normalPath(address.startsWith("dbfs:/") ? address.slice("dbfs:".length) : address);

/** Routes of `/api/2.0/dbfs/…`. */
export function dbfsRoutes(app: WorkspaceApp): void {
  const dbfs = new DbfsTree(app);
  const { tree } = dbfs;
  const uploads = new Map<number, Upload>();

  const requireNode = (path: string): DbfsNode => {
    const existing = dbfs.get(path);
    if (existing === undefined) throw missing(`No file or directory exists on path ${path}.`);
    return existing;
  };
  const renderNode = (path: string, { is_dir, modification_time, blob }: DbfsNode): object => ({
    path,
    is_dir,
    file_size: blob?.size ?? 0,
    modification_time,
  });
  app.post(["2.0"], "/dbfs/put", async (call) => {
    const { path, overwrite, blob } =
      call.parts === undefined
        ? await parseJsonPut(call)
        : await parseMultipartPut(app, call.parts);
    await app.blobs.settle(
      blob,
      app.store.write(() => dbfs.store(path, blob, overwrite)),
    );
    return undefined;
  });
  const parseJsonPut = async ({
    input,
  }: Call): Promise<{ path: string; overwrite: boolean; blob: BlobRef }> => {
    const path = locate(input.string("path"));
    const bytes = decodeBase64("contents", input.optionalString("contents") ?? "");
    if (bytes.length > MB)
      throw new WorkspaceError(
        "MAX_BLOCK_SIZE_EXCEEDED",
        "The content is larger than 1 MB: use streaming upload (create, add-block, close).",
      );
    return { path, overwrite: input.boolean("overwrite", false), blob: await app.blobs.put(bytes) };
  };

  const removeUpload = (handle: number): Upload | undefined => {
    const upload = uploads.get(handle);
    if (upload !== undefined) clearTimeout(upload.expiry);
    uploads.delete(handle);
    return upload;
  };
  const expireLater = (handle: number): NodeJS.Timeout =>
    setTimeout(() => {
      const upload = removeUpload(handle);
      if (upload !== undefined) void upload.queue.finally(() => upload.writer.abandon());
    }, HANDLE_IDLE_MS).unref();
  app.onClose(async () => {
    for (const handle of [...uploads.keys()]) await removeUpload(handle)?.writer.abandon();
  });

  app.post(["2.0"], "/dbfs/create", async ({ input }) => {
    const path = locate(input.string("path"));
    const overwrite = input.boolean("overwrite", false);
    const existing = dbfs.get(path);
    if (existing !== undefined && (existing.is_dir || !overwrite))
      throw exists(`A file or directory already exists at the input path ${path}.`);
    const writer = await app.blobs.openWriter();
    const handle = await app.store.write(() => app.store.nextId("dbfs_handle"));
    uploads.set(handle, {
      path,
      overwrite,
      writer,
      queue: Promise.resolve(),
      expiry: expireLater(handle),
    });
    return { handle };
  });
  const requireUpload = (handle: number): Upload => {
    const existing = uploads.get(handle);
    if (existing === undefined) throw missing(`No stream with handle ${handle} exists.`);
    return existing;
  };
  app.post(["2.0"], "/dbfs/add-block", async ({ input }) => {
    const handle = input.integer("handle");
    const upload = requireUpload(handle);
    const bytes = decodeBase64("data", input.optionalString("data") ?? "");
    if (bytes.length > MB)
      throw new WorkspaceError("MAX_BLOCK_SIZE_EXCEEDED", "The block is larger than 1 MB.");
    clearTimeout(upload.expiry);
    upload.expiry = expireLater(handle);
    upload.queue = upload.queue.then(() => upload.writer.append(bytes));
    await upload.queue;
    return undefined;
  });
  app.post(["2.0"], "/dbfs/close", async ({ input }) => {
    const handle = input.integer("handle");
    const upload = requireUpload(handle);
    removeUpload(handle);
    await upload.queue;
    const blob = await upload.writer.finish();
    await app.blobs.settle(
      blob,
      app.store.write(() => dbfs.store(upload.path, blob, upload.overwrite)),
    );
    return undefined;
  });

  app.get(["2.0"], "/dbfs/get-status", ({ input }) => {
    const path = locate(input.string("path"));
    return renderNode(path, requireNode(path));
  });
  app.get(["2.0"], "/dbfs/list", ({ input }) => {
    const path = locate(input.string("path"));
    const existing = requireNode(path);
    const files = existing.is_dir
      ? tree.children(path).map((child) => renderNode(child.path, child.node))
      : [renderNode(path, existing)];
    return files.length === 0 ? {} : { files };
  });
  app.get(["2.0"], "/dbfs/read", async ({ input }) => {
    const path = locate(input.string("path"));
    const offset = input.optionalInteger("offset") ?? 0;
    const length = input.optionalInteger("length") ?? DEFAULT_READ;
    const { blob } = requireNode(path);
    if (blob === undefined) throw invalid(`The path ${path} is a directory.`);
    if (offset < 0 || length < 0) throw invalid("offset and length must not be negative.");
    if (length > MB)
      throw new WorkspaceError("MAX_READ_SIZE_EXCEEDED", "The read length exceeds 1 MB.");
    const bytes = await app.blobs.read(blob, offset, length);
    return { bytes_read: bytes.length, data: bytes.toString("base64") };
  });
  // Old clients such as mlflow send and read raw bytes at URLs without an API version:
  // /dbfs/<path>.
  app.post(
    [],
    "/dbfs/*",
    async (call) => {
      const path = locate(`/${call.params["*"] ?? ""}`);
      const blob =
        call.stream === undefined
          ? await app.blobs.put(Buffer.alloc(0))
          : await app.blobs.putStream(call.stream, MAX_STREAMED_BYTES);
      await app.blobs.settle(
        blob,
        app.store.write(() => dbfs.store(path, blob, true)),
      );
      return undefined;
    },
    { stream: true },
  );
  app.get([], "/dbfs/*", ({ params }) => {
    const path = locate(`/${params["*"] ?? ""}`);
    const { blob } = requireNode(path);
    if (blob === undefined) throw invalid(`The path ${path} is a directory.`);
    return new Raw(
      200,
      { "content-type": "application/octet-stream", "content-length": String(blob.size) },
      app.blobs.stream(blob),
    );
  });
  app.post(["2.0"], "/dbfs/mkdirs", async ({ input }) => {
    const path = locate(input.string("path"));
    await app.store.write(() => dbfs.mkdirs(path));
    return undefined;
  });
  app.post(["2.0"], "/dbfs/delete", async ({ input }) => {
    const path = locate(input.string("path"));
    const recursive = input.boolean("recursive", false);
    await app.store.write(() => {
      if (path === "/")
        throw new WorkspaceError("BAD_REQUEST", "The root directory cannot be deleted.");
      const existing = dbfs.get(path);
      // Deleting a missing file succeeds, as on the platform.
      if (existing === undefined) return;
      if (!recursive && tree.hasChildren(path))
        throw new WorkspaceError(
          "IO_ERROR",
          `The directory ${path} is not empty; set recursive to delete it.`,
          { status: 400 },
        );
      dbfs.remove(path, existing);
    });
    return undefined;
  });
  app.post(["2.0"], "/dbfs/move", async ({ input }) => {
    const source = locate(input.string("source_path"));
    const target = locate(input.string("destination_path"));
    await app.store.write(() => {
      const existing = requireNode(source);
      if (dbfs.get(target) !== undefined)
        throw exists(`A file or directory already exists at the destination path ${target}.`);
      if (source === "/" || target.startsWith(`${source}/`))
        throw invalid(`The directory ${source} cannot be moved into itself.`);
      if (parentOf(target) !== "/") dbfs.mkdirs(parentOf(target));
      for (const entry of [{ path: source, node: existing }, ...tree.descendants(source)]) {
        tree.remove(entry.path);
        tree.put(`${target}${entry.path.slice(source.length)}`, entry.node);
      }
    });
    return undefined;
  });
}

async function parseMultipartPut(
  app: WorkspaceApp,
  parts: NonNullable<Call["parts"]>,
): Promise<{ path: string; overwrite: boolean; blob: BlobRef }> {
  const values: Record<string, string> = {};
  let blob: BlobRef | undefined;
  for await (const part of parts) {
    if ("file" in part) blob = await app.blobs.putStream(part.file, MAX_STREAMED_BYTES);
    else if (part.name === "contents")
      blob = await app.blobs.put(decodeBase64("contents", part.value));
    else values[part.name] = part.value;
  }
  const fields = new Fields(values);
  return {
    path: locate(fields.string("path")),
    overwrite: fields.boolean("overwrite", false),
    blob: blob ?? (await app.blobs.put(Buffer.alloc(0))),
  };
}
