import type { Readable } from "node:stream";
import { isConnectionError } from "../api/errors";
import type { CallOptions, ReadClient } from "../api/client";

/** Answers that many objects share: asked once in a run. Small ones only: pages of jobs are not kept. */
const shared = [
  "/api/2.0/secrets/scopes/list", "/api/2.0/secrets/list", "/api/2.0/secrets/acls/list", "/api/2.0/preview/scim/v2/Me",
  "/api/2.0/preview/sql/data_sources", "/api/2.0/token/list", "/api/2.0/workspace/list", "/api/2.1/unity-catalog/current-metastore-assignment",
]; // prettier-ignore

/** After so many calls in a row without any answer the workspace counts as gone. */
const goneAfter = 3;

/** Counts calls, asks shared lists once, and stops asking a workspace that has gone away. */
export class Access implements ReadClient {
  readonly host: string;
  calls = 0;
  #silent = 0;
  readonly #memo = new Map<string, Promise<unknown>>();

  constructor(private readonly api: ReadClient) {
    this.host = api.host;
  }

  /** Why nothing more is asked; undefined while the workspace answers. */
  gone: string | undefined;

  get(path: string, options?: CallOptions): Promise<unknown> {
    if (!shared.includes(path)) return this.#counted(() => this.api.get(path, options));
    const key = `${path} ${JSON.stringify(options?.query ?? {})}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const asked = this.#counted(() => this.api.get(path, options));
    this.#memo.set(key, asked);
    return asked;
  }

  head(path: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return this.#counted(() => this.api.head(path, options));
  }

  download(path: string, options?: CallOptions): Promise<Readable> {
    return this.#counted(() => this.api.download(path, options));
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    try {
      const answer = await work();
      this.#silent = 0;
      return answer;
    } catch (error) {
      if (isConnectionError(error)) {
        this.#silent += 1;
        if (this.#silent >= goneAfter) this.gone ??= error.message;
      } else this.#silent = 0;
      throw error;
    }
  }
}

/** Runs the work for each item, so many at a time, in order of arrival. */
export async function forEachAtOnce<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
