import { listOf } from "../transport/paging";
import type { Client, ReadClient } from "../client";
import { createUnique } from "../transport/lost-answers";
import { Secret } from "../transport/secret";

export interface SecretScope {
  readonly name: string;
  readonly backend_type?: string;
}

export interface SecretMetadata {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly last_updated_timestamp?: number;
}

export interface SecretAcl {
  readonly principal: string;
  readonly permission: "READ" | "WRITE" | "MANAGE";
}

const base = "/api/2.0/secrets";

export class SecretsReader {
  constructor(private readonly reader: ReadClient) {}

  async scopes(): Promise<readonly SecretScope[]> {
    return listOf<SecretScope>(this.reader, `${base}/scopes/list`, "scopes");
  }

  /** Lists keys and times, never values. */
  async list(scope: string): Promise<readonly SecretMetadata[]> {
    return listOf<SecretMetadata>(this.reader, `${base}/list`, "secrets", { query: { scope } });
  }

  /** Returns the value, decoded as UTF-8. Needs READ on the scope. */
  async get(scope: string, key: string): Promise<Secret> {
    const { value } = (await this.reader.get(`${base}/get`, { query: { scope, key } })) as {
      value?: string;
    };
    return new Secret(Buffer.from(value ?? "", "base64").toString("utf8"));
  }

  async acls(scope: string): Promise<readonly SecretAcl[]> {
    return listOf<SecretAcl>(this.reader, `${base}/acls/list`, "items", { query: { scope } });
  }
}

export class Secrets extends SecretsReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  async createScope(
    scope: string,
    options: { readonly initial_manage_principal?: string } = {},
  ): Promise<void> {
    await createUnique(() =>
      this.client.post(
        `${base}/scopes/create`,
        { scope, scope_backend_type: "DATABRICKS", ...options },
        { idempotent: true },
      ),
    );
  }

  async deleteScope(scope: string): Promise<void> {
    await this.client.post(`${base}/scopes/delete`, { scope }, { idempotent: true, removes: true });
  }

  async put(scope: string, key: string, value: Secret): Promise<void> {
    await this.client.post(
      `${base}/put`,
      { scope, key, string_value: value },
      { idempotent: true },
    );
  }

  async delete(scope: string, key: string): Promise<void> {
    await this.client.post(`${base}/delete`, { scope, key }, { idempotent: true, removes: true });
  }

  async putAcl(scope: string, acl: SecretAcl): Promise<void> {
    await this.client.post(`${base}/acls/put`, { scope, ...acl }, { idempotent: true });
  }

  async deleteAcl(scope: string, principal: string): Promise<void> {
    await this.client.post(
      `${base}/acls/delete`,
      { scope, principal },
      { idempotent: true, removes: true },
    );
  }
}
