/**
 * Lists all objects of a kind, to find unmanaged objects and to compare the deployed ones without a
 * call for each.
 */
import { setTimeout as delay } from "node:timers/promises";
import { typesWith } from "../../resources";
import { compareWith, type Outcome } from "../compare/outcome";
import type { Reading } from "../compare/read-and-compare";
import { plural } from "../plural";
import { isListedObjectComparable } from "../compare/without-reading";
import type { Expected } from "../desired/expected";
import type { UnmanagedFinder } from "./unmanaged";

export interface ListedComparison {
  readonly outcomes: readonly Outcome[];
  /** The resources that have to be read individually. */
  readonly toRead: readonly Expected[];
}

export interface ListOptions {
  /** The types in the code. */
  readonly kinds: ReadonlySet<string>;
  /** Receives the listed objects; undefined if unmanaged objects are not looked for. */
  readonly finder: UnmanagedFinder | undefined;
  /** List all kinds, also those that no stack uses. */
  readonly all: boolean;
  /** True if a stack marks its objects with a stamp. */
  readonly isStamped: boolean;
  /** Called for each compared resource. */
  readonly onResourceDone: () => void;
}

/**
 * Compares the objects of types that are listed completely, and passes the others to the finder.
 */
export async function compareListed(
  resources: readonly Expected[],
  reading: Reading,
  { kinds, finder, all, isStamped, onResourceDone }: ListOptions,
): Promise<ListedComparison> {
  const { api, options, findReader } = reading;
  // With `deep`, objects are read individually, so lists are only needed for unmanaged objects.
  if (options.deep === true && finder === undefined) return { outcomes: [], toRead: resources };
  const outcomes: Outcome[] = [];
  const toRead = new Set(resources);
  for (const type of typesWith("comparedInList")) {
    const reader = findReader(type);
    const ofType = resources.filter((resource) => resource.type === type);
    const byId = new Map(ofType.map((resource) => [resource.id, resource]));
    const isListNeeded =
      all ||
      (finder !== undefined && isStamped && reader?.traits?.hasStamp === true) ||
      (finder === undefined ? byId.size > 0 : kinds.has(type));
    if (reader?.list === undefined || !isListNeeded) continue;
    try {
      let objectCount = 0;
      // With `deep`, the stacks' own objects are read individually.
      const skip = options.deep === true ? (id: string): boolean => byId.has(id) : undefined;
      for await (const remote of reader.list(api, undefined, options.signal, skip)) {
        const resource = byId.get(remote.id);
        // The finder skips objects that belong to a state.
        if (resource === undefined) finder?.checkListed(reader, remote);
        else if (
          options.deep !== true &&
          isListedObjectComparable(resource, remote) &&
          toRead.delete(resource)
        ) {
          outcomes.push(await compareWith(resource, remote, reading));
          onResourceDone();
        }
        // A long synchronous loop would delay timers (and Ctrl-C).
        if (++objectCount % 500 === 0) await delay(0);
      }
    } catch (error) {
      // Resources that are not compared yet are read individually, so without a finder nothing is
      // missed.
      const subject = `the list of ${plural(reader.title)}, so unmanaged ones may be missed`;
      finder?.fail(undefined, subject, error);
    }
  }
  return { outcomes, toRead: [...toRead] };
}
