import { listOf } from "../transport/paging";
import type { Id } from "../transport/ids";
import { Readable } from "node:stream";
import type { Client, Query, ReadClient } from "../client";
import { wasCreatedSince } from "../transport/clock";
import { orMissing } from "../transport/errors";

export interface WorkspaceObject {
  /** The requested path, without `/Workspace` where the platform omits it. */
  readonly path: string;
  /** NOTEBOOK, DIRECTORY, FILE, LIBRARY, REPO, DASHBOARD */
  readonly object_type: string;
  readonly object_id?: Id;
  /** PYTHON, SQL, SCALA or R; notebooks only. */
  readonly language?: string;
  /**
   * The format of a notebook's file: SOURCE (`.py`, `.sql`, …) or JUPYTER (`.ipynb`). Present only
   * if the call requests it.
   */
  readonly repos_export_format?: string;
  /** Size in bytes; files only. */
  readonly size?: number;
  /** Milliseconds since the epoch. */
  readonly created_at?: number;
  /** Milliseconds since the epoch. */
  readonly modified_at?: number;
}

export type ExportFormat = "SOURCE" | "HTML" | "JUPYTER" | "DBC" | "R_MARKDOWN" | "AUTO" | "RAW";

const base = "/api/2.0/workspace";

const statusQuery = (path: string, exportInfo: boolean): Query => ({
  path,
  ...(exportInfo && { return_export_info: true }),
});

/** Reads notebooks, files and folders. */
export class WorkspaceReader {
  constructor(private readonly reader: ReadClient) {}

  /** @param exportInfo also returns `repos_export_format` of a notebook */
  async status(path: string, exportInfo = false): Promise<WorkspaceObject> {
    return (await this.reader.get(`${base}/get-status`, {
      query: statusQuery(path, exportInfo),
    })) as WorkspaceObject;
  }

  /** @param exportInfo also returns `repos_export_format` of notebooks */
  async list(path: string, exportInfo = false): Promise<readonly WorkspaceObject[]> {
    return listOf<WorkspaceObject>(this.reader, `${base}/list`, "objects", {
      query: statusQuery(path, exportInfo),
    });
  }

  async export(path: string, format: ExportFormat = "SOURCE"): Promise<Buffer> {
    const { content } = (await this.reader.get(`${base}/export`, { query: { path, format } })) as {
      content?: string;
    };
    return Buffer.from(content ?? "", "base64");
  }

  /** Streams the bytes of an export, which `export` returns as one buffer. */
  download(path: string, format: ExportFormat = "AUTO"): Promise<Readable> {
    return this.reader.download(`${base}/export`, {
      query: { path, format, direct_download: true },
    });
  }
}

export class Workspace extends WorkspaceReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  async import(
    path: string,
    content: Buffer,
    options: {
      readonly format?: ExportFormat;
      readonly language?: string;
      readonly overwrite?: boolean;
    } = {},
  ): Promise<void> {
    const { format = "AUTO", overwrite = true, ...rest } = options;
    const started = Date.now();
    // For a call without overwrite, which fails if the path exists: an object that was created since
    // then can only be the imported one.
    const recover = async (): Promise<unknown> => {
      const isImportedObject = ({ created_at: createdAt = 0 }: WorkspaceObject): boolean =>
        wasCreatedSince(this.client.host, createdAt, started);
      return orMissing(this.status(path), (status) =>
        isImportedObject(status as WorkspaceObject) ? {} : undefined,
      );
    };
    await this.client.post(
      `${base}/import`,
      { path, format, overwrite, content: content.toString("base64"), ...rest },
      overwrite ? { idempotent: true } : { recover },
    );
  }

  /** Creates a folder and its parents; an existing folder is not an error. */
  async mkdirs(path: string): Promise<void> {
    await this.client.post(`${base}/mkdirs`, { path }, { idempotent: true });
  }

  async delete(path: string, recursive = false): Promise<void> {
    await this.client.post(
      `${base}/delete`,
      { path, recursive },
      { idempotent: true, removes: true },
    );
  }
}
