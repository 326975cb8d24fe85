import { invalid } from "./errors";
import type { Fields } from "./fields";

/**
 * Returns one page of a list by its page_token, which is opaque to clients.
 * @throws 400 for an unknown token
 */
export function page<T>(
  input: Fields,
  all: readonly T[],
  {
    byDefault,
    most,
    size = "max_results",
    token: parameter = "page_token",
  }: {
    readonly byDefault: number;
    readonly most: number;
    readonly size?: string;
    readonly token?: string;
  },
): { readonly items: T[]; readonly next_page_token?: string; readonly prev_page_token?: string } {
  const requestedSize = input.optionalInteger(size) ?? byDefault;
  if (requestedSize < 0) throw invalid(`${size} must not be negative.`);
  const limit = Math.min(requestedSize === 0 ? byDefault : requestedSize, most);
  const token = input.optionalString(parameter) ?? "";
  const start =
    token === ""
      ? 0
      : Number(/^o(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString("latin1"))?.[1] ?? NaN);
  if (Number.isNaN(start)) throw invalid("Invalid page token.");
  const tokenFor = (offset: number): string => Buffer.from(`o${offset}`).toString("base64url");
  return {
    items: all.slice(start, start + limit),
    ...(start + limit < all.length ? { next_page_token: tokenFor(start + limit) } : {}),
    ...(start > 0 ? { prev_page_token: tokenFor(Math.max(0, start - limit)) } : {}),
  };
}
