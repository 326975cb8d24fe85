import { LakeformError } from "../../errors";
import type { DataKind } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { number, exactInteger, object, optionalText } from "../shape/json";
import { normalWorkspacePath } from "../shape/paths";

/**
 * Max size of a file with `limit_file_size`, as in the official provider: Terraform stores the
 * content in its state.
 */
const maxBytes = 4_000_000;
const readSize = 1_000_000;

export const dbfsFileData: DataKind = {
  type: "databricks_dbfs_file",
  title: "DBFS file",
  async read(api, config, context) {
    const { signal } = context;
    const path = textOrEmpty(config, "path");
    const status = object(await api.get("/api/2.0/dbfs/get-status", { query: { path }, signal }));
    const size = number(status.file_size) ?? 0;
    const actualPath = optionalText(status.path) ?? path;
    if (config.limit_file_size === true && size > maxBytes) {
      throw new LakeformError("FILE_TOO_LARGE", "the file is too large for Terraform's state", {
        value: `${path}: ${size} bytes`,
        allowed: `up to ${maxBytes} bytes`,
        fix: "set limit_file_size = false, or do not read it through Terraform",
      });
    }
    const parts: Buffer[] = [];
    for (let offset = 0, last = false; !last;) {
      const query = { path: actualPath, length: readSize, ...(offset === 0 ? {} : { offset }) };
      const bytes = Buffer.from(
        optionalText(object(await api.get("/api/2.0/dbfs/read", { query, signal })).data) ?? "",
        "base64",
      );
      parts.push(bytes);
      offset += bytes.length;
      last = bytes.length < readSize;
    }
    return {
      ...config,
      id: actualPath,
      path: actualPath,
      file_size: size,
      content: Buffer.concat(parts).toString("base64"),
    };
  },
};

export const notebookData: DataKind = {
  type: "databricks_notebook",
  title: "notebook",
  async read(api, config, context) {
    const { signal } = context;
    const path = textOrEmpty(config, "path");
    const exported = object(
      await api.get("/api/2.0/workspace/export", {
        query: { path, format: textOrEmpty(config, "format") },
        signal,
      }),
    );
    const status = object(
      await api.get("/api/2.0/workspace/get-status", { query: { path }, signal }),
    );
    return {
      ...config,
      id: path,
      content: optionalText(exported.content) ?? "",
      language: optionalText(status.language) ?? "",
      object_id: exactInteger(status.object_id) ?? 0,
      object_type: optionalText(status.object_type) ?? "",
      workspace_path: `/Workspace${normalWorkspacePath(path)}`,
    };
  },
};
