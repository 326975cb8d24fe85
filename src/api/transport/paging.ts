import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import type { Query, ReadClient } from "../client";

export interface PageOptions {
  readonly signal?: AbortSignal;
  /** The number of items at the beginning that are not returned. */
  readonly skip?: number;
}

interface Pages extends PageOptions {
  readonly path: string;
  readonly query?: Query;
  /** The response field with the items: `jobs`, `runs`. */
  readonly items: string;
  /** The request parameter for the next page's token. @default "page_token" */
  readonly token?: string;
}

/** Yields every item of a list with `next_page_token`. Pages are fetched on demand. */
export async function* byToken<T>(client: ReadClient, pages: Pages): AsyncGenerator<T> {
  let token: string | undefined;
  const seenTokens = new Set<string>();
  let skip = pages.skip ?? 0;
  do {
    const page = await getPage(
      client,
      pages,
      token === undefined ? {} : { [pages.token ?? "page_token"]: token },
    );
    const items = itemsOf<T>(page, pages.items);
    const from = Math.min(skip, items.length);
    skip -= from;
    for (let index = from; index < items.length; index += 1) yield items[index] as T;
    const next = nextToken(page);
    if (next !== undefined && seenTokens.has(next)) throw repeatedPage(pages.path);
    if (next !== undefined) seenTokens.add(next);
    token = next;
  } while (token !== undefined);
}

/**
 * Returns all items of a list. Also for lists that have only one page today, because the platform
 * may add `next_page_token` later.
 */
export function listOf<T = Record<string, unknown>>(
  client: ReadClient,
  path: string,
  items: string,
  options: { readonly query?: Query; readonly signal?: AbortSignal | undefined } = {},
): Promise<T[]> {
  const { signal, ...rest } = options;
  return all(byToken<T>(client, { path, items, ...rest, ...defined({ signal }) }));
}

/** The max offset that the platform accepts. */
const maxOffset = 1000;

/**
 * Yields every item of a list that is paged by `offset` and `limit` (API 2.0).
 * @param pages `onLimit` returns the query that continues after the last item if the next offset
 * would be too large
 * @throws LakeformError `OFFSET_TOO_LARGE` if the list is longer and there is no `onLimit`
 */
export async function* byOffset<T>(
  client: ReadClient,
  pages: Pages & { readonly limit: number; readonly onLimit?: (last: T) => Query },
): AsyncGenerator<T> {
  let offset = pages.skip ?? 0;
  let window: Query = {};
  for (;;) {
    if (offset > maxOffset) throw offsetTooLarge(pages.path);
    const page = await getPage(client, pages, { ...window, limit: pages.limit, offset });
    const items = itemsOf<T>(page, pages.items);
    for (const item of items) yield item;
    offset += items.length;
    const last = items.at(-1);
    if (page["has_more"] !== true || last === undefined) return;
    if (offset + pages.limit > maxOffset) {
      if (pages.onLimit === undefined) throw offsetTooLarge(pages.path);
      window = pages.onLimit(last);
      offset = 0;
    }
  }
}

function repeatedPage(path: string): LakeformError {
  return new LakeformError(
    "PAGING_STUCK",
    `${path}: the workspace returns the same page repeatedly`,
    {
      fix: "report it to the vendor with the path above",
    },
  );
}

function offsetTooLarge(path: string): LakeformError {
  return new LakeformError(
    "OFFSET_TOO_LARGE",
    `${path}: pages beyond offset ${maxOffset} are not available in this API version`,
    {
      fix: "use the 2.1 or 2.2 API, whose pages are chained by token",
    },
  );
}

/**
 * Returns one object whose arrays come in pages: the arrays of all pages are concatenated, the other
 * fields are those of the first page.
 * @param arrays the names of the arrays, each with the field that identifies an element
 * @param container the field with the arrays; undefined if they are fields of the object itself
 */
export async function mergedPages<T>(
  client: ReadClient,
  pages: Omit<Pages, "items">,
  arrays: Readonly<Record<string, string | undefined>>,
  container?: string,
): Promise<T> {
  const first = await getPage(client, { ...pages, items: "" }, {});
  let token = nextToken(first);
  if (token === undefined) return first as T;
  const merged: Record<string, unknown> = { ...first };
  if (container !== undefined)
    merged[container] = { ...(first[container] as Record<string, unknown> | undefined) };
  const target = container === undefined ? merged : (merged[container] as Record<string, unknown>);
  delete merged["next_page_token"];
  delete merged["has_more"];
  while (token !== undefined) {
    const page = await getPage(client, { ...pages, items: "" }, { page_token: token });
    const source = (container === undefined ? page : page[container]) as
      Record<string, unknown> | undefined;
    for (const [name, key] of Object.entries(arrays)) {
      const items = source?.[name];
      if (!Array.isArray(items) || items.length === 0) continue;
      target[name] = withoutDuplicates(
        (target[name] as unknown[] | undefined) ?? [],
        items as unknown[],
        key,
      );
    }
    const next = nextToken(page);
    if (next === token) throw repeatedPage(pages.path);
    token = next;
  }
  return merged as T;
}

/** Concatenates items, without those whose key is known: some versions repeat items in later pages. */
function withoutDuplicates(
  items: unknown[],
  newItems: unknown[],
  key: string | undefined,
): unknown[] {
  if (key === undefined) return [...items, ...newItems];
  const keyOf = (item: unknown): unknown =>
    typeof item === "object" && item !== null ? (item as Record<string, unknown>)[key] : undefined;
  const knownKeys = new Set(items.map(keyOf));
  return [
    ...items,
    ...newItems.filter((item) => keyOf(item) === undefined || !knownKeys.has(keyOf(item))),
  ];
}

async function getPage(
  client: ReadClient,
  pages: Pages,
  extra: Query,
): Promise<Record<string, unknown>> {
  const response = await client.get(pages.path, {
    query: { ...pages.query, ...extra },
    ...defined({ signal: pages.signal }),
  });
  return typeof response === "object" && response !== null
    ? (response as Record<string, unknown>)
    : {};
}

function itemsOf<T>(page: Record<string, unknown>, name: string): T[] {
  const items = page[name];
  return Array.isArray(items) ? (items as T[]) : [];
}

function nextToken(page: Record<string, unknown>): string | undefined {
  const token = page["next_page_token"];
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** Returns the first `count` items. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const firstItems: T[] = [];
  if (count <= 0) return firstItems;
  for await (const item of items) {
    firstItems.push(item);
    if (firstItems.length >= count) break;
  }
  return firstItems;
}

/** Returns all items. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  return take(items, Infinity);
}
