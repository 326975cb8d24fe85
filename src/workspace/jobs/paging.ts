import { invalid } from "../errors";
import type { Fields } from "../fields";

/** Returns a page token: a position with a prefix in base64url. Clients treat it as opaque. */
export const pageToken = (position: number): string =>
  Buffer.from(`p:${position}`).toString("base64url");

/** Decodes a page token. @throws INVALID_PARAMETER_VALUE for an unknown token */
export function positionOf(token: string | undefined): number | undefined {
  if (token === undefined || token === "") return undefined;
  const match = /^p:(\d{1,16})$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null) throw invalid(`Invalid page token: '${token.slice(0, 100)}'.`);
  return Number(match[1]);
}

/** Returns `limit`, between 1 and `most`; 0 stands for the maximum. */
export function limitOf(input: Fields, byDefault: number, most: number): number {
  const limit = input.optionalInteger("limit") ?? byDefault;
  if (limit < 0 || limit > most)
    throw invalid(`Invalid value for limit: ${limit}. It must be between 1 and ${most}.`);
  return limit === 0 ? most : limit;
}

export function offsetOf(input: Fields): number {
  const offset = input.optionalInteger("offset") ?? 0;
  if (offset < 0 || offset > 10_000)
    throw invalid(`Invalid value for offset: ${offset}. It must be between 0 and 10000.`);
  return offset;
}

/** The page size of tasks, job clusters, parameters and environments since 2.2. */
export const ARRAY_PAGE = 100;

/**
 * Reduces the named arrays to one page.
 * @returns the token of the next page if one of them has more items
 */
export function pageArrays(
  object: Record<string, unknown>,
  names: readonly string[],
  from: number,
): string | undefined {
  let more = false;
  for (const name of names) {
    const items = object[name];
    if (!Array.isArray(items) || (items.length <= ARRAY_PAGE && from === 0)) continue;
    object[name] = items.slice(from, from + ARRAY_PAGE) as unknown[];
    if (items.length > from + ARRAY_PAGE) more = true;
  }
  return more ? pageToken(from + ARRAY_PAGE) : undefined;
}
