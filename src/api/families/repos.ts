import type { Id } from "../transport/ids";
import type { Client, ReadClient } from "../client";
import { createOnceByName } from "../transport/in-turn";
import { all, byToken } from "../transport/paging";

export interface Repo {
  readonly id: Id;
  readonly url?: string;
  readonly provider?: string;
  readonly path?: string;
  readonly branch?: string;
  readonly head_commit_id?: string;
}

const base = "/api/2.0/repos";

/** Reads Git folders. */
export class ReposReader {
  constructor(private readonly reader: ReadClient) {}

  async get(id: Id): Promise<Repo> {
    return (await this.reader.get(`${base}/${id}`)) as Repo;
  }

  list(pathPrefix?: string): AsyncGenerator<Repo> {
    return byToken<Repo>(this.reader, {
      path: base,
      query: { path_prefix: pathPrefix },
      items: "repos",
      token: "next_page_token",
    });
  }
}

export class Repos extends ReposReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a Git folder exactly once: after a lost response, the Git folders of this URL below the
   * path are compared with those that existed before.
   */
  async create(repo: {
    readonly url: string;
    readonly provider: string;
    readonly path?: string;
  }): Promise<Repo> {
    const reposOfUrl = async (): Promise<Repo[]> =>
      (await all(this.list(repo.path))).filter((candidate) => candidate.url === repo.url);
    return createOnceByName(
      this.client,
      `repo ${repo.path ?? repo.url}`,
      (repo) => repo.id,
      reposOfUrl,
      (recover) => this.client.post(base, repo, { recover }),
    );
  }

  /** Checks out a branch or a tag. */
  async update(id: Id, target: { readonly branch?: string; readonly tag?: string }): Promise<Repo> {
    return (await this.client.patch(`${base}/${id}`, target, { idempotent: true })) as Repo;
  }

  async delete(id: Id): Promise<void> {
    await this.client.delete(`${base}/${id}`);
  }
}
