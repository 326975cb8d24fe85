/** Objects that lists return completely: those that match need no separate call. */
import { defined } from "../../defined";
import { firstListed, wholeListOf } from "../../resources/families/whole-lists";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { shallow } from "../expressions/values";
import { forEachAtOnce, type Access } from "./shared-reads";

/** Fewer objects are read individually. */
const fewest = 2;

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
    { readonly place: { readonly within?: string }; readonly of: Expected[] }
  >();
  for (const resource of resources) {
    const place =
      resource.reader === undefined
        ? undefined
        : wholeListOf(resource.reader, shallow(resource.desired, resource.state));
    if (place === undefined) continue;
    const key = `${resource.type}\0${place.within ?? ""}`;
    const group = groups.get(key) ?? { place, of: [] };
    groups.set(key, group);
    group.of.push(resource);
  }
  const found = new Map<Expected, Remote>();
  const lists = [...groups.values()].filter(({ of }) => of.length >= fewest);
  await forEachAtOnce(lists, concurrency, async ({ place, of }) => {
    const [{ reader } = {}] = of;
    if (reader === undefined || api.gone !== undefined) return;
    // The token may read the objects and not the list: reading them shows what is wrong.
    const listed = await firstListed(api, reader, {
      ...place,
      calls: of.length,
      ...defined({ signal }),
    }).catch(() => undefined);
    for (const resource of of) {
      const remote = listed?.get(resource.id ?? "");
      if (remote !== undefined) found.set(resource, remote);
    }
  });
  return found;
}
