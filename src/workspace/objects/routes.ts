import { invalid, WorkspaceError } from "../errors";
import { decodeBase64 } from "../base64";
import { Fields } from "../fields";
import { collect } from "../http-call";
import { json, Raw, type Call, type WorkspaceApp } from "../routes";
import { classify, exportNotebook, EXPORT_FORMATS, type Format } from "./formats";
import { LANGUAGES, nameOf, renderStatus, workspaceTree } from "./tree";

/** The platform's limit for workspace/import. */
const MAX_IMPORT = 10 * 1024 * 1024;
/** Max size of a workspace file that is uploaded with import-file. */
const MAX_FILE = 500 * 1024 * 1024;

interface ImportRequest {
  readonly path: string;
  readonly format: Format;
  readonly language: (typeof LANGUAGES)[number] | undefined;
  readonly overwrite: boolean;
  readonly content: Buffer;
}

/** Routes of `/api/2.0/workspace/…`, and the upload route that `databricks bundle deploy` uses. */
export function workspaceRoutes(app: WorkspaceApp): void {
  const tree = workspaceTree(app);
  app.onStart(() => tree.createStandardFolders());
  app.principals.onNewUser((record) => tree.ensureHome(record));

  app.post(["2.0"], "/workspace/import", async (call) => {
    const request =
      call.parts === undefined ? parseJsonImport(call) : await parseMultipartImport(call.parts);
    if (request.content.length > MAX_IMPORT)
      throw new WorkspaceError(
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        `The content is larger than the limit of ${MAX_IMPORT} bytes`,
      );
    const { path: requestedPath } = tree.locate(request.path);
    const { path, ...content } = classify(
      requestedPath,
      request.format,
      request.language,
      request.content,
    );
    const blob = await app.blobs.put(request.content);
    const object = await app.blobs.settle(
      blob,
      app.store.write(() => tree.write(call.caller, path, { ...content, blob }, request.overwrite)),
    );
    return { object_id: object.object_id };
  });

  app.post(
    ["2.0"],
    "/workspace-files/import-file/*",
    async (call) => {
      const address = call.params["*"] ?? "";
      const { path: requestedPath } = tree.locate(
        address.startsWith("/") ? address : `/${address}`,
      );
      const overwrite = call.input.boolean("overwrite", false);
      const bytes =
        call.stream === undefined ? Buffer.alloc(0) : await collect(call.stream, MAX_FILE);
      const { path, ...content } = classify(requestedPath, "AUTO", undefined, bytes);
      const blob = await app.blobs.put(bytes);
      const write = app.store.write(() => {
        if (!overwrite && tree.get(path) !== undefined)
          throw new WorkspaceError(
            "ALREADY_EXISTS",
            `Node with name ${path} already exists. Please pass overwrite=true.`,
          );
        return tree.write(call.caller, path, { ...content, blob }, overwrite);
      });
      await app.blobs.settle(blob, write);
      return undefined;
    },
    { stream: true },
  );

  app.get(["2.0"], "/workspace/export", async ({ input, caller }) => {
    const { path } = tree.locate(input.string("path"));
    const object = tree.mustFind(path);
    tree.requirePermission(caller, path, "CAN_READ");
    if (object.blob === undefined)
      throw invalid(
        `Path (${path}) is a folder: only notebooks and files can be exported by the local workspace.`,
      );
    const format = input.optionalEnum("format", EXPORT_FORMATS) ?? "SOURCE";
    const { bytes, fileType } = exportNotebook(
      object,
      nameOf(path),
      await app.blobs.read(object.blob),
      format,
    );
    if (input.boolean("direct_download", false)) {
      const extension = object.object_type === "NOTEBOOK" ? `.${fileType}` : "";
      return new Raw(
        200,
        {
          "content-type": "application/octet-stream",
          "content-disposition": `attachment; filename="${toHeaderValue(nameOf(path))}${extension}"`,
        },
        bytes,
      );
    }
    if (bytes.length > MAX_IMPORT)
      throw new WorkspaceError(
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        `The content is larger than the limit of ${MAX_IMPORT} bytes`,
      );
    return { content: bytes.toString("base64"), file_type: fileType };
  });

  app.get(["2.0"], "/workspace/get-status", ({ input, caller }) => {
    const requestedPath = input.string("path");
    const { path, prefix } = tree.locate(requestedPath);
    const object = tree.mustFind(path, requestedPath);
    tree.requirePermission(caller, path, "CAN_READ");
    return renderStatus(`${prefix}${path}`, object, input.boolean("return_export_info", false));
  });

  app.get(["2.0"], "/workspace/list", ({ input, caller }) => {
    const requestedPath = input.string("path");
    const { path, prefix } = tree.locate(requestedPath);
    const modifiedAfter = input.optionalInteger("notebooks_modified_after") ?? 0;
    const object = tree.mustFind(path, requestedPath);
    tree.requirePermission(caller, path, "CAN_READ");
    const exportInfo = input.boolean("return_export_info", false);
    const isFolder = object.object_type === "DIRECTORY" || object.object_type === "REPO";
    const objects = (isFolder ? tree.tree.children(path) : [{ path, node: object }])
      .filter(({ node }) => node.object_type !== "NOTEBOOK" || node.modified_at > modifiedAfter)
      .map((item) => renderStatus(`${prefix}${item.path}`, item.node, exportInfo));
    return objects.length === 0 ? {} : { objects };
  });

  app.post(["2.0"], "/workspace/mkdirs", async ({ input, caller }) => {
    const { path } = tree.locate(input.string("path"));
    await app.store.write(() => tree.mkdirs(caller, path));
    return undefined;
  });

  app.post(["2.0"], "/workspace/delete", async ({ input, caller }) => {
    const { path } = tree.locate(input.string("path"));
    const recursive = input.boolean("recursive", false);
    await app.store.write(() => tree.delete(caller, path, recursive));
    return undefined;
  });

  // The official CLI sends telemetry, which is accepted and discarded.
  app.post([], "/telemetry-ext", ({ input }) =>
    json(200, { errors: [], numProtoSuccess: (input.optionalArray("protoLogs") ?? []).length }),
  );
}

const toHeaderValue = (name: string): string => name.replaceAll(/[^\x20-\x7e]|["\\]/g, "_");

const parseImportFields = (input: Fields): Omit<ImportRequest, "content"> => ({
  path: input.string("path"),
  format: input.optionalEnum("format", EXPORT_FORMATS) ?? "SOURCE",
  language: input.optionalEnum("language", LANGUAGES),
  overwrite: input.boolean("overwrite", false),
});

const parseJsonImport = ({ input }: Call): ImportRequest => ({
  ...parseImportFields(input),
  content: decodeBase64("content", input.optionalString("content") ?? ""),
});

async function parseMultipartImport(parts: NonNullable<Call["parts"]>): Promise<ImportRequest> {
  const values: Record<string, string> = {};
  let content: Buffer | undefined;
  for await (const part of parts) {
    if ("file" in part) {
      const bytes = await collect(part.file, MAX_FILE);
      if (part.name === "content") content = bytes;
    } else if (part.name === "content") content = Buffer.from(part.value);
    else values[part.name] = part.value;
  }
  return { ...parseImportFields(new Fields(values)), content: content ?? Buffer.alloc(0) };
}
