import type { Client, ReadClient } from "../client";

/** One of `pypi`, `maven`, `cran`, `whl`, `jar`, `requirements`. */
export type Library = Readonly<Record<string, unknown>>;

export interface LibraryStatus {
  readonly library: Library;
  /** PENDING, RESOLVING, INSTALLING, INSTALLED, SKIPPED, FAILED, UNINSTALL_ON_RESTART, RESTORED */
  readonly status: string;
  readonly messages?: readonly string[];
}

const base = "/api/2.0/libraries";

export class LibrariesReader {
  constructor(private readonly reader: ReadClient) {}

  async status(clusterId: string): Promise<readonly LibraryStatus[]> {
    const response = (await this.reader.get(`${base}/cluster-status`, {
      query: { cluster_id: clusterId },
    })) as {
      library_statuses?: LibraryStatus[];
    };
    return response.library_statuses ?? [];
  }
}

/** Installs and uninstalls libraries. Both are declarative, so they are safe to repeat. */
export class Libraries extends LibrariesReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  async install(clusterId: string, libraries: readonly Library[]): Promise<void> {
    await this.client.post(
      `${base}/install`,
      { cluster_id: clusterId, libraries },
      { idempotent: true },
    );
  }

  async uninstall(clusterId: string, libraries: readonly Library[]): Promise<void> {
    await this.client.post(
      `${base}/uninstall`,
      { cluster_id: clusterId, libraries },
      { idempotent: true },
    );
  }
}
