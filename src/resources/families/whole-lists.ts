/** Reads objects from lists, instead of one call for each object. */
import type { ReadClient } from "../../api/client";
import type { Attributes, KindReader, Remote, Traits } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { parentOf } from "../shape/paths";

/**
 * Returns the arguments of `KindReader.list` for the list that contains an object; undefined if no
 * list returns complete objects, or if the container is unknown.
 */
export function wholeListOf(
  reader: KindReader,
  attributes: Attributes,
): { readonly container?: string } | undefined {
  return listWith(reader, attributes, reader.traits?.readFromList);
}

/**
 * Like {@link wholeListOf}, for a list that may omit fields.
 * @param fields the trait that names the container of the list
 */
export function listWith(
  reader: KindReader,
  attributes: Attributes,
  fields: Traits["listedVersions"],
): { readonly container?: string } | undefined {
  if (fields === undefined || (reader.list ?? reader.versions) === undefined) return undefined;
  if (fields === "folder")
    return textOrEmpty(attributes, "path") === ""
      ? undefined
      : { container: parentOf(textOrEmpty(attributes, "path")) };
  if (fields === "schema") {
    const parts = textOrEmpty(attributes, "name").split(".");
    return parts.length === 3 ? { container: parts.slice(0, 2).join(".") } : undefined;
  }
  const names = fields.map((field) => textOrEmpty(attributes, field));
  if (names.includes("")) return undefined;
  return names.length === 0 ? {} : { container: names.join(".") };
}

/** Thrown instead of a call beyond the limit. */
class CallLimitReached extends Error {}

/**
 * Reads the first objects of a list, with a limited number of calls: a workspace may have thousands
 * more objects than the code.
 */
export async function firstListed(
  api: ReadClient,
  reader: KindReader,
  {
    container,
    calls,
    partly = false,
    list = reader.list?.bind(reader),
    signal,
  }: {
    readonly container?: string;
    readonly calls: number;
    /** Whether the result also contains objects with fields that the list omits. */
    readonly partly?: boolean;
    readonly list?: KindReader["list"];
    readonly signal?: AbortSignal;
  },
): Promise<ReadonlyMap<string, Remote>> {
  let remainingCalls = calls;
  const limitedClient: ReadClient = {
    host: api.host,
    get: (path, options) => {
      // The metadata of the host is read only once and does not count.
      if (path.startsWith("/api/")) remainingCalls -= 1;
      return remainingCalls < 0 ? Promise.reject(new CallLimitReached()) : api.get(path, options);
    },
    head: (path, options) => api.head(path, options),
    download: (path, options) => api.download(path, options),
  };
  const remotesById = new Map<string, Remote>();
  try {
    for await (const remote of list?.(limitedClient, container, signal) ?? [])
      if (partly || remote.omitted === undefined) remotesById.set(remote.id, remote);
  } catch (error) {
    if (!(error instanceof CallLimitReached)) throw error;
  }
  return remotesById;
}
