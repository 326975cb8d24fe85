/** Reads objects from lists. Objects that match need no separate call. */
import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../../defined";
import { firstListed, listWith } from "../../resources/families/whole-lists";
import { timeUnitOf } from "../../resources/families/versions";
import type { Remote, Traits } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import { shallow } from "../expressions/values";
import { forEachConcurrently, type Access } from "./shared-reads";
import { recordedVersion } from "./unchanged";

/** The minimum number of objects for which a list is read. */
const minObjects = 2;
/**
 * Without `deep`, the maximum number of objects of a kind that are read individually to complete
 * the fields of a list. For more objects, these fields are reported as not checked.
 */
export const maxReadIndividually = 10;

export interface ListOptions {
  readonly concurrency: number;
  /** True to use lists for versions only, because all objects are read individually. */
  readonly deep: boolean;
  /** The kinds with more than {@link maxReadIndividually} objects. */
  readonly frequentTypes: ReadonlySet<string>;
  /**
   * True to record versions: {@link readLists} then waits until any later change gets a new
   * version.
   */
  readonly recording: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads the resources' objects from lists. A list is used only if it needs at most as many calls as
 * its objects would. Objects that no list returns are missing from the result.
 */
export async function readLists(
  api: Access,
  resources: readonly Expected[],
  { concurrency, deep, frequentTypes, recording, signal }: ListOptions,
): Promise<ReadonlyMap<Expected, Remote>> {
  const groups = new Map<
    string,
    { readonly listPlace: { readonly container?: string }; readonly resources: Expected[] }
  >();
  const usesVersion = (resource: Expected): boolean =>
    recording || recordedVersion(resource) !== undefined;
  for (const resource of resources) {
    const fields = listFor(resource, {
      deep,
      partly: frequentTypes.has(resource.type),
      usesVersion: usesVersion(resource),
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
      resources.some((resource) => hasVersions(resource) && usesVersion(resource)),
  );
  await forEachConcurrently(lists, concurrency, async ({ listPlace, resources }) => {
    const [{ reader } = {}] = resources;
    if (reader === undefined || api.unreachableReason !== undefined) return;
    // If the list cannot be read, the objects are read individually, and their errors are reported.
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

/**
 * Returns the fields that identify the list of a resource; undefined if it is read individually.
 */
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
  // With the list of the folder, a file needs only one call: that for its content.
  if (reader?.desiredContent !== undefined && listedVersions === "folder") return listedVersions;
  return readFromList ?? (partly ? listedPartly : undefined) ?? withVersions;
}

/** The kinds with more than {@link maxReadIndividually} objects. */
export function kindsWithMany(resources: readonly Expected[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  return new Set(
    [...counts].flatMap(([type, count]) => (count > maxReadIndividually ? [type] : [])),
  );
}

/**
 * Waits until any further change gives a listed object another version. Without the wait, a change
 * between the list and the read of an object could keep the listed version.
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
