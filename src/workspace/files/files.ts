import { Readable } from "node:stream";
import { volumeTree, isRoot, type VolumePath, type VolumeNode } from "../catalog/volume-files";
import { invalid, WorkspaceError } from "../errors";
import { page } from "../paging";
import { Raw, type Call, type WorkspaceApp } from "../routes";
import { nameOf } from "../tree";

/** The platform's limit for one upload. */
const MAX_UPLOAD = 5 * 1024 * 1024 * 1024;

/** Routes of `/api/2.0/fs/files/Volumes/…` and `/api/2.0/fs/directories/Volumes/…`. */
export function filesRoutes(app: WorkspaceApp): void {
  const files = volumeTree(app);
  const locate = (call: Call): VolumePath => files.locate(call.params["*"] ?? "");
  const requireFile = (
    volumePath: VolumePath,
  ): VolumeNode & { readonly blob: NonNullable<VolumeNode["blob"]> } => {
    const node = files.get(volumePath);
    if (node?.blob === undefined)
      throw new WorkspaceError("NOT_FOUND", `The file ${volumePath.spelledPath} does not exist.`);
    return { ...node, blob: node.blob };
  };
  const headersOf = ({
    blob,
    content_type,
    last_modified,
  }: VolumeNode): Record<string, string> => ({
    "content-length": String(blob?.size ?? 0),
    "content-type": content_type ?? "application/octet-stream",
    "last-modified": new Date(last_modified).toUTCString(),
    "accept-ranges": "bytes",
  });

  app.put(
    ["2.0"],
    "/fs/files/*",
    async (call) => {
      const volumePath = locate(call);
      const overwrite = call.input.boolean("overwrite", true);
      files.requirePrivilege(call.caller, volumePath.volume, "WRITE_VOLUME");
      if (isRoot(volumePath)) throw invalid("A volume itself cannot be overwritten.");
      const type = call.headers["content-type"];
      const blob = await app.blobs.putStream(call.stream ?? Readable.from([]), MAX_UPLOAD);
      const write = app.store.write(() =>
        files.put(
          locate(call),
          blob,
          typeof type === "string" && !type.startsWith("multipart/")
            ? type.slice(0, 200)
            : "application/octet-stream",
          overwrite,
        ),
      );
      await app.blobs.settle(blob, write);
      return new Raw(204, {});
    },
    { stream: true },
  );
  app.get(["2.0"], "/fs/files/*", async (call) => {
    const volumePath = locate(call);
    files.requirePrivilege(call.caller, volumePath.volume, "READ_VOLUME");
    const file = requireFile(volumePath);
    const range = parseRange(call.headers.range, file.blob.size);
    if (range === undefined) return new Raw(200, headersOf(file), app.blobs.stream(file.blob));
    const bytes = await app.blobs.read(file.blob, range.from, range.to - range.from + 1);
    return new Raw(
      206,
      {
        ...headersOf(file),
        "content-length": String(bytes.length),
        "content-range": `bytes ${range.from}-${range.to}/${file.blob.size}`,
      },
      bytes,
    );
  });
  app.route("HEAD", ["2.0"], "/fs/files/*", (call) => {
    const volumePath = locate(call);
    files.requirePrivilege(call.caller, volumePath.volume, "READ_VOLUME");
    return new Raw(200, headersOf(requireFile(volumePath)));
  });
  app.delete(["2.0"], "/fs/files/*", async (call) => {
    await app.store.write(() => {
      const volumePath = locate(call);
      files.requirePrivilege(call.caller, volumePath.volume, "WRITE_VOLUME");
      files.remove(volumePath.key, requireFile(volumePath));
    });
    return new Raw(204, {});
  });

  const requireDirectory = (volumePath: VolumePath): void => {
    if (files.get(volumePath)?.is_directory !== true)
      throw new WorkspaceError(
        "NOT_FOUND",
        `The directory ${volumePath.spelledPath} does not exist.`,
      );
  };
  app.put(["2.0"], "/fs/directories/*", async (call) => {
    await app.store.write(() => {
      const volumePath = locate(call);
      files.requirePrivilege(call.caller, volumePath.volume, "WRITE_VOLUME");
      files.mkdirs(volumePath);
    });
    return new Raw(204, {});
  });
  app.get(["2.0"], "/fs/directories/*", (call) => {
    const volumePath = locate(call);
    files.requirePrivilege(call.caller, volumePath.volume, "READ_VOLUME");
    requireDirectory(volumePath);
    const { items, next_page_token } = page(call.input, files.tree.children(volumePath.key), {
      defaultSize: 1000,
      maxSize: 1000,
      sizeParameter: "page_size",
    });
    const contents = items.map(({ path, node }) => ({
      path: `${volumePath.spelledPath}/${nameOf(path)}`,
      is_directory: node.is_directory,
      name: nameOf(path),
      last_modified: node.last_modified,
      ...(node.is_directory ? {} : { file_size: node.blob?.size ?? 0 }),
    }));
    return { ...(contents.length === 0 ? {} : { contents }), next_page_token };
  });
  app.route("HEAD", ["2.0"], "/fs/directories/*", (call) => {
    const volumePath = locate(call);
    files.requirePrivilege(call.caller, volumePath.volume, "READ_VOLUME");
    requireDirectory(volumePath);
    return new Raw(200, {});
  });
  app.delete(["2.0"], "/fs/directories/*", async (call) => {
    await app.store.write(() => {
      const volumePath = locate(call);
      files.requirePrivilege(call.caller, volumePath.volume, "WRITE_VOLUME");
      requireDirectory(volumePath);
      if (files.tree.hasChildren(volumePath.key))
        throw new WorkspaceError(
          "DIRECTORY_NOT_EMPTY",
          `The directory ${volumePath.spelledPath} is not empty.`,
        );
      if (isRoot(volumePath))
        throw invalid("The files API cannot delete a volume. Use the volumes API.");
      files.tree.remove(volumePath.key);
    });
    return new Raw(204, {});
  });

  // Presigned URLs for large transfers are not supported. After this response, the official SDKs
  // use the plain routes.
  const rejectPresignedUrls = (): never => {
    throw new WorkspaceError("PERMISSION_DENIED", "Presigned URLs API is not enabled", {
      reason: "FILES_API_API_IS_NOT_ENABLED",
      metadata: { api_name: "Presigned URLs API" },
    });
  };
  for (const path of [
    "/fs/files/*",
    "/fs/create-upload-part-urls",
    "/fs/create-resumable-upload-url",
    "/fs/create-abort-upload-url",
    "/fs/create-download-url",
  ])
    app.post(["2.0"], path, rejectPresignedUrls);
}

/**
 * Returns the requested range of bytes; undefined without a supported range header: the response is
 * then the complete file.
 * @throws 416 for a range that is empty or beyond the end of the file
 */
function parseRange(
  header: string | string[] | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(typeof header === "string" ? header : "");
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = Math.min(match[2] === "" ? size - 1 : Number(match[2]), size - 1);
  if (from >= size || to < from)
    throw new WorkspaceError("BAD_REQUEST", "The range is empty or beyond the end of the file.", {
      status: 416,
    });
  return { from, to };
}
