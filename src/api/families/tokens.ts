import { defined } from "../../defined";
import { listOf } from "../transport/paging";
import type { Client, ReadClient } from "../client";
import { Secret } from "../transport/secret";

export interface TokenInfo {
  readonly token_id: string;
  readonly comment?: string;
  /** Milliseconds since the epoch. */
  readonly creation_time?: number;
  /** Milliseconds since the epoch; -1 = never. */
  readonly expiry_time?: number;
}

export interface CreatedToken {
  readonly token: Secret;
  readonly info: TokenInfo;
  /** Tokens that a call whose response was lost may have created. */
  readonly unclear: readonly TokenInfo[];
}

const base = "/api/2.0/token";

export class TokensReader {
  constructor(private readonly reader: ReadClient) {}

  /** Lists the caller's own tokens, without their values. */
  async list(): Promise<readonly TokenInfo[]> {
    return listOf<TokenInfo>(this.reader, `${base}/list`, "token_infos");
  }
}

export class Tokens extends TokensReader {
  constructor(private readonly client: Client) {
    super(client);
  }

  /**
   * Creates a token. If a response is lost, so is the token value, and another token is created.
   * @param lifetimeSeconds absent: as long as the workspace allows
   * @returns the token, and in `unclear` the other new tokens with this comment if a response was
   * lost. They are not revoked, because another process may have created and use them.
   */
  async create(comment: string, lifetimeSeconds?: number): Promise<CreatedToken> {
    const idsBefore = new Set((await this.list()).map((token) => token.token_id));
    let unclear: readonly TokenInfo[] = [];
    const recover = async (): Promise<undefined> => {
      unclear = (await this.list()).filter(
        (token) => !idsBefore.has(token.token_id) && token.comment === comment,
      );
      return undefined;
    };
    const body = { comment, ...defined({ lifetime_seconds: lifetimeSeconds }) };
    const response = (await this.client.post(`${base}/create`, body, { recover })) as {
      token_value: string;
      token_info: TokenInfo;
    };
    return { token: new Secret(response.token_value), info: response.token_info, unclear };
  }

  async revoke(tokenId: string): Promise<void> {
    await this.client.post(
      `${base}/delete`,
      { token_id: tokenId },
      { idempotent: true, removes: true },
    );
  }
}
