/** Objects that lists return completely: those that match need no separate call. */
import { defined } from "../../defined";
import { firstListed, wholeListOf } from "../../resources/families/whole-lists";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { shallow } from "../expressions/values";
import { forEachAtOnce, type Access } from "./shared-reads";

/** Fewer objects are read individually. */
const minObjects = 2;

/**
 * The objects that their lists return, by resource: a list costs at most as many calls as its
 * objects would. Those that it does not return are left out, and all of a list that cannot be read.
 */
export async function readWholeLists(
  api: Access,
  resources: readonly Expected[],
  { concurrency, signal }: { readonly concurrency: number; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<Expected, Remote>> {
  const groups = new Map<
    string,
    { readonly listPlace: { readonly within?: string }; readonly resources: Expected[] }
  >();
  for (const resource of resources) {
    const listPlace =
      resource.reader === undefined
        ? undefined
        : wholeListOf(resource.reader, shallow(resource.desired, resource.state));
    if (listPlace === undefined) continue;
    const key = `${resource.type}\0${listPlace.within ?? ""}`;
    const group = groups.get(key) ?? { listPlace, resources: [] };
    groups.set(key, group);
    group.resources.push(resource);
  }
  const remoteObjects = new Map<Expected, Remote>();
  const lists = [...groups.values()].filter(({ resources }) => resources.length >= minObjects);
  await forEachAtOnce(lists, concurrency, async ({ listPlace, resources }) => {
    const [{ reader } = {}] = resources;
    if (reader === undefined || api.unreachableReason !== undefined) return;
    // The token may read the objects and not the list: reading them shows what is wrong.
    const listedById = await firstListed(api, reader, {
      ...listPlace,
      calls: resources.length,
      ...defined({ signal }),
    }).catch(() => undefined);
    for (const resource of resources) {
      const remote = listedById?.get(resource.id ?? "");
      if (remote !== undefined) remoteObjects.set(resource, remote);
    }
  });
  return remoteObjects;
}
