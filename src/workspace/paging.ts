import { invalid } from "./errors";
import type { Fields } from "./fields";

/**
 * Returns the page of a list that the request's page token and size select. The tokens are opaque
 * to clients.
 * @throws 400 for an invalid token or a negative size
 */
export function page<T>(
  input: Fields,
  allItems: readonly T[],
  {
    defaultSize,
    maxSize,
    sizeParameter = "max_results",
    tokenParameter = "page_token",
  }: {
    readonly defaultSize: number;
    readonly maxSize: number;
    readonly sizeParameter?: string;
    readonly tokenParameter?: string;
  },
): { readonly items: T[]; readonly next_page_token?: string; readonly prev_page_token?: string } {
  const requestedSize = input.optionalInteger(sizeParameter) ?? defaultSize;
  if (requestedSize < 0) throw invalid(`${sizeParameter} must not be negative.`);
  const limit = Math.min(requestedSize === 0 ? defaultSize : requestedSize, maxSize);
  const token = input.optionalString(tokenParameter) ?? "";
  const start =
    token === ""
      ? 0
      : Number(/^o(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString("latin1"))?.[1] ?? NaN);
  if (Number.isNaN(start)) throw invalid("Invalid page token.");
  const tokenFor = (offset: number): string => Buffer.from(`o${offset}`).toString("base64url");
  return {
    items: allItems.slice(start, start + limit),
    ...(start + limit < allItems.length ? { next_page_token: tokenFor(start + limit) } : {}),
    ...(start > 0 ? { prev_page_token: tokenFor(Math.max(0, start - limit)) } : {}),
  };
}
