/** Libraries that a `databricks_library` puts on a cluster are that resource's matter, and no change of the cluster. */
import type { Remote } from "../../resources/kind";
import { asList } from "../fields/equal";
import type { Expected, FindReader } from "../desired/expected";
import { ownedKey, type Owned } from "../deployed/ownership";
import { isDesiredObject, type Desired, type DesiredObject } from "../expressions/values";

/**
 * The cluster with those of its libraries that belong to a `databricks_library` counted as its own: compared they are equal, and healing the cluster
 * leaves them where they are.
 */
export async function withOwnLibraries(one: Expected, remote: Remote, owned: Owned, findReader: FindReader): Promise<Expected> {
  const there = asList(remote.attributes.library).filter(isDesiredObject);
  if (one.type !== "databricks_cluster" || there.length === 0 || one.desired === undefined) return one;
  const reader = findReader("databricks_library");
  const keyOf = (library: Desired): string | undefined => {
    if (!isDesiredObject(library)) return undefined;
    const key = reader?.identity.naturalKey({ ...library, cluster_id: remote.id });
    return key?.slice(key.indexOf(":") + 1);
  };
  const said = new Set(asList(one.desired.library).map(keyOf));
  const extra = there.filter((library) => !said.has(keyOf(library)));
  if (extra.length === 0) return one;
  const isOwned = (library: DesiredObject): boolean => owned.has(ownedKey("databricks_library", keyOf(library) ?? ""));
  if (!extra.every(isOwned)) await owned.withOthers();
  const own = extra.filter(isOwned);
  if (own.length === 0) return one;
  const and = (side: DesiredObject): DesiredObject => {
    const has = new Set(asList(side.library).map(keyOf));
    return { ...side, library: [...asList(side.library), ...own.filter((library) => !has.has(keyOf(library)))] };
  };
  return {
    ...one,
    desired: and(one.desired),
    deployed: one.deployed && and(one.deployed),
    state: one.state && and(one.state),
  };
}
