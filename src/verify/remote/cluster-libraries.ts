/**
 * Handles cluster libraries that are separate `databricks_library` resources: they are not a change
 * of their cluster.
 */
import type { Remote } from "../../resources/kind";
import { asList } from "../fields/equal";
import type { Expected, FindReader } from "../desired/expected";
import { ownedKey, type Owned } from "../deployed/ownership";
import { isDesiredObject, plain, type Desired, type DesiredObject } from "../expressions/values";

/**
 * Adds the libraries that belong to a `databricks_library` to the desired, deployed and
 * state values of the cluster. They compare as equal, and healing the cluster keeps them.
 */
export async function withSeparatelyManagedLibraries(
  resource: Expected,
  remote: Remote,
  owned: Owned,
  findReader: FindReader,
): Promise<Expected> {
  const entries = resource.reader?.traits?.separateEntries;
  if (entries === undefined || resource.desired === undefined) return resource;
  const { field, type, container: clusterField } = entries;
  const remoteLibraries = asList(remote.attributes[field]).filter(isDesiredObject);
  if (remoteLibraries.length === 0) return resource;
  const reader = findReader(type);
  const keyOf = (library: Desired): string | undefined => {
    if (!isDesiredObject(library)) return undefined;
    const key = reader?.identity.naturalKey(plain({ ...library, [clusterField]: remote.id }));
    return key?.slice(key.indexOf(":") + 1);
  };
  const declared = new Set(asList(resource.desired[field]).map(keyOf));
  const undeclared = remoteLibraries.filter((library) => !declared.has(keyOf(library)));
  if (undeclared.length === 0) return resource;
  const isOwned = (library: DesiredObject): boolean =>
    owned.has(ownedKey(type, keyOf(library) ?? ""));
  if (!undeclared.every(isOwned)) await owned.addOtherStacks();
  const separatelyManaged = undeclared.filter(isOwned);
  if (separatelyManaged.length === 0) return resource;
  const withSeparateLibraries = (side: DesiredObject): DesiredObject => {
    const knownKeys = new Set(asList(side[field]).map(keyOf));
    return {
      ...side,
      [field]: [
        ...asList(side[field]),
        ...separatelyManaged.filter((library) => !knownKeys.has(keyOf(library))),
      ],
    };
  };
  return {
    ...resource,
    desired: withSeparateLibraries(resource.desired),
    deployed: resource.deployed && withSeparateLibraries(resource.deployed),
    state: resource.state && withSeparateLibraries(resource.state),
  };
}
