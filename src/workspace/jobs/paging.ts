import { invalid } from "../errors";
import type { Fields } from "../fields";

/** Returns a page token: a position with a prefix in base64url. Clients treat it as opaque. */
export const pageToken = (position: number): string =>
  Buffer.from(`p:${position}`).toString("base64url");

/** Decodes a page token. @throws INVALID_PARAMETER_VALUE for an unknown token */
export function decodePosition(token: string | undefined): number | undefined {
  if (token === undefined || token === "") return undefined;
  const match = /^p:(\d{1,16})$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null) throw invalid(`Invalid page token: '${token.slice(0, 100)}'.`);
  return Number(match[1]);
}

/** Returns the page size: the parameter `limit`, the default if absent, or `maxLimit` if it is 0. */
export function parseLimit(input: Fields, defaultLimit: number, maxLimit: number): number {
  const limit = input.optionalInteger("limit") ?? defaultLimit;
  if (limit < 0 || limit > maxLimit)
    throw invalid(`Invalid value for limit: ${limit}. It must be between 0 and ${maxLimit}.`);
  return limit === 0 ? maxLimit : limit;
}

export function parseOffset(input: Fields): number {
  const offset = input.optionalInteger("offset") ?? 0;
  if (offset < 0 || offset > 10_000)
    throw invalid(`Invalid value for offset: ${offset}. It must be between 0 and 10000.`);
  return offset;
}

/** The page size of tasks, job clusters, parameters and environments in API version 2.2. */
const ARRAY_PAGE_SIZE = 100;

/**
 * Replaces each of the named arrays by its items from the index `start`, at most one page.
 * @returns the token of the next page if one of them has more items
 */
export function pageArrays(
  object: Record<string, unknown>,
  names: readonly string[],
  start: number,
): string | undefined {
  let hasMore = false;
  for (const name of names) {
    const items = object[name];
    if (!Array.isArray(items) || (items.length <= ARRAY_PAGE_SIZE && start === 0)) continue;
    object[name] = items.slice(start, start + ARRAY_PAGE_SIZE) as unknown[];
    if (items.length > start + ARRAY_PAGE_SIZE) hasMore = true;
  }
  return hasMore ? pageToken(start + ARRAY_PAGE_SIZE) : undefined;
}
