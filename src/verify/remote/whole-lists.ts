/** Objects that lists return: those that match need no separate call. */
import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../../defined";
import { firstListed, listWith } from "../../resources/families/whole-lists";
import { timeUnitOf } from "../../resources/families/versions";
import type { Remote, Traits } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { shallow } from "../expressions/values";
import { forEachAtOnce, type Access } from "./shared-reads";
import { recordedVersion } from "./unchanged";

/** Fewer objects are read individually. */
const minObjects = 2;
/**
 * Without `deep`, up to this many objects of a kind are read although a list returns a part of
 * them, and so many further calls of a kind are made. For more, what they would show is listed as
 * not checked.
 */
export const mostReadAlone = 10;

export interface ListOptions {
  readonly concurrency: number;
  /** Only lists with versions: the objects are read anyway. */
  readonly deep: boolean;
  /** The kinds with more than {@link mostReadAlone} objects. */
  readonly many: ReadonlySet<string>;
  /** Versions are recorded: {@link readLists} returns once no listed object can keep its version. */
  readonly recording: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The objects that their lists return, by resource: a list costs at most as many calls as its
 * objects would. Those that it does not return are left out, and all of a list that cannot be read.
 */
export async function readLists(
  api: Access,
  resources: readonly Expected[],
  { concurrency, deep, many, recording, signal }: ListOptions,
): Promise<ReadonlyMap<Expected, Remote>> {
  const groups = new Map<
    string,
    { readonly listPlace: { readonly container?: string }; readonly resources: Expected[] }
  >();
  const isUsedAlone = (resource: Expected): boolean =>
    recording || recordedVersion(resource) !== undefined;
  for (const resource of resources) {
    const fields = listFor(resource, {
      deep,
      partly: many.has(resource.type),
      usesVersion: isUsedAlone(resource),
    });
    const listPlace =
      resource.reader === undefined || fields === undefined
        ? undefined
        : listWith(resource.reader, shallow(resource.desired, resource.state), fields);
    if (listPlace === undefined) continue;
    const key = `${resource.type}\0${listPlace.container ?? ""}`;
    const group = groups.get(key) ?? { listPlace, resources: [] };
    groups.set(key, group);
    group.resources.push(resource);
  }
  const remoteObjects = new Map<Expected, Remote>();
  const lists = [...groups.values()].filter(
    ({ resources }) =>
      resources.length >= minObjects ||
      resources.some((resource) => hasVersions(resource) && isUsedAlone(resource)),
  );
  await forEachAtOnce(lists, concurrency, async ({ listPlace, resources }) => {
    const [{ reader } = {}] = resources;
    if (reader === undefined || api.unreachableReason !== undefined) return;
    // The token may read the objects and not the list: reading them shows what is wrong.
    const listedById = await firstListed(api, reader, {
      ...listPlace,
      ...defined({ list: reader.versions?.bind(reader) }),
      calls: resources.length,
      partly: true,
      ...defined({ signal }),
    }).catch(() => undefined);
    for (const resource of resources) {
      const remote = listedById?.get(resource.id ?? "");
      if (remote !== undefined) remoteObjects.set(resource, remote);
    }
  });
  if (recording) await untilVersionsDiffer(remoteObjects, signal);
  return remoteObjects;
}

const hasVersions = ({ reader }: Expected): boolean => reader?.traits?.listedVersions !== undefined;

/** The container of the list to use for a resource; undefined: it is read individually. */
function listFor(
  { reader }: Expected,
  {
    deep,
    partly,
    usesVersion,
  }: { readonly deep: boolean; readonly partly: boolean; readonly usesVersion: boolean },
): Traits["listedVersions"] {
  const { readFromList, listedPartly, listedVersions } = reader?.traits ?? {};
  const withVersions = usesVersion ? listedVersions : undefined;
  if (deep) return withVersions;
  // The content is read with one call if the list of the folder has the rest.
  if (reader?.desiredContent !== undefined && listedVersions === "folder") return listedVersions;
  return readFromList ?? (partly ? listedPartly : undefined) ?? withVersions;
}

/** The kinds with more than {@link mostReadAlone} objects. */
export function kindsWithMany(resources: readonly Expected[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  return new Set([...counts].flatMap(([type, count]) => (count > mostReadAlone ? [type] : [])));
}

/**
 * Waits until any further change gives a listed object another version. Only what is read after
 * that belongs to the version.
 */
async function untilVersionsDiffer(
  listed: ReadonlyMap<Expected, Remote>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const units = [...listed].flatMap(([resource, { version }]) =>
    version === undefined || version === recordedVersion(resource) ? [] : [timeUnitOf(version)],
  );
  // Timers can fire one millisecond early.
  if (units.length > 0)
    await delay(Math.max(...units) + 1, undefined, defined({ signal })).catch(() => undefined);
}
