import { listOf } from "../api/transport/paging";
import type { CallOptions, Client, ReadClient } from "../api/client";
import { isNotFound } from "../api/transport/errors";
import { defined } from "../defined";

/**
 * The files of a workspace folder in which lakeform keeps its own data. A read-only client can read
 * them.
 */
export class WorkspaceFiles {
  constructor(
    protected readonly client: ReadClient | Client,
    readonly folder: string,
  ) {}

  async writeFile(name: string, content: Buffer): Promise<void> {
    await this.import(name, content, { overwrite: true }, { idempotent: true });
  }

  /**
   * Creates a file. Detects after a lost response whether the file was created.
   * @returns false if a file with other content already exists
   */
  async create(name: string, content: Buffer): Promise<boolean> {
    const hasContent = async (): Promise<boolean> =>
      (await this.readFile(name))?.equals(content) === true;
    try {
      await this.import(
        name,
        content,
        { overwrite: false },
        { recover: async () => ((await hasContent()) ? {} : undefined) },
      );
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return hasContent();
      throw error;
    }
  }

  private async import(
    name: string,
    content: Buffer,
    importOptions: { readonly overwrite: boolean },
    options: CallOptions,
  ): Promise<void> {
    const client = this.client as Client;
    const path = `${this.folder}/${name}`;
    const body = { path, format: "AUTO", content: content.toString("base64"), ...importOptions };
    try {
      await client.post("/api/2.0/workspace/import", body, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await client.post(
        "/api/2.0/workspace/mkdirs",
        { path: path.slice(0, path.lastIndexOf("/")) },
        { idempotent: true },
      );
      await client.post("/api/2.0/workspace/import", body, options);
    }
  }

  async readFile(name: string, timeoutMs?: number): Promise<Buffer | undefined> {
    try {
      const response = (await this.client.get("/api/2.0/workspace/export", {
        query: { path: `${this.folder}/${name}`, format: "AUTO" },
        ...defined({ timeoutMs }),
      })) as { content?: string };
      return Buffer.from(response.content ?? "", "base64");
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async remove(name: string, timeoutMs?: number): Promise<void> {
    const options = { removes: true, ...defined({ timeoutMs }) };
    try {
      await (this.client as Client).post(
        "/api/2.0/workspace/delete",
        { path: `${this.folder}/${name}` },
        options,
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Returns the names in a subfolder; empty if it does not exist. */
  async names(subfolder: string): Promise<string[]> {
    try {
      const query = { path: `${this.folder}/${subfolder}` };
      const objects = await listOf(this.client, "/api/2.0/workspace/list", "objects", { query });
      return objects
        .map(({ path }) => String(path).slice(String(path).lastIndexOf("/") + 1))
        .sort();
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }
}

function isAlreadyExists(error: unknown): boolean {
  return (
    error instanceof Error && "errorCode" in error && error.errorCode === "RESOURCE_ALREADY_EXISTS"
  );
}
