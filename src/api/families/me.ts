import type { ReadClient } from "../client";

export interface Me {
  readonly id: string;
  readonly userName: string;
  readonly displayName?: string;
  readonly active?: boolean;
  readonly groups?: readonly { readonly display?: string; readonly value?: string }[];
}

/** Returns the identity of the caller in the workspace. */
export async function whoAmI(
  client: ReadClient,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Me> {
  return (await client.get("/api/2.0/preview/scim/v2/Me", options)) as Me;
}
