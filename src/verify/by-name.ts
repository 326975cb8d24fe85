/** Without a state: objects are found by their names, and references are resolved through what was found. */
import type { KindReader, Remote } from "../resources/kind";
import { asDesired } from "./check";
import type { Access } from "./access";
import { common, desiredResources, nameOf, ownedKey, resolveOptions, type Expected, type ExpectedStack, type FindReader } from "./expected";
import type { VerifyTarget } from "./input";
import type { StateEntry } from "./state-index";
import { stampOf, stampedKinds } from "./unmanaged";
import { plain } from "./values";

/** Of these the name is no id: the list tells which object has it. */
const listedKinds = new Set<string>([...stampedKinds, "databricks_cluster_policy"]);

export async function findByName(
  target: VerifyTarget,
  findReader: FindReader,
  api: Access,
  fail: (what: string, error: unknown) => void,
): Promise<ExpectedStack> {
  const found = new Map<string, StateEntry>();
  const lists = new Map<string, ReadonlyMap<string, readonly Remote[]> | undefined>();
  // Twice: names can refer to what was found in the first round (a task that runs another job).
  for (let round = 0; round < 2; round += 1) {
    for (const [address, resource] of desiredResources(target, resolveOptions(target, found))) {
      const reader = findReader(resource.type);
      const key = reader?.identity.naturalKey(plain(resource.attributes));
      if (reader === undefined || key === undefined || found.has(address)) continue;
      if (!listedKinds.has(resource.type)) {
        found.set(address, entry(address, resource.type, resource.name, key.slice(key.indexOf(":") + 1), plain(resource.attributes)));
        continue;
      }
      if (!lists.has(resource.type)) lists.set(resource.type, await listed(reader, api, fail));
      const candidates = lists.get(resource.type)?.get(key) ?? [];
      const one = candidates.find((remote) => stampOf(asDesired(resource.type, remote)) === target.metadata?.stamp) ?? candidates[0];
      if (one !== undefined) found.set(address, entry(address, resource.type, resource.name, one.id, one.attributes));
    }
  }
  const expected = [...desiredResources(target, resolveOptions(target, found))].map(([address, resource]): Expected => {
    const reader = findReader(resource.type);
    const nameless = reader !== undefined && reader.identity.naturalKey(plain(resource.attributes)) === undefined;
    return {
      ...common(target, address, resource.type, findReader),
      // What has no name cannot be found: it is shown as unverifiable, as a kind without a reader is.
      ...(nameless ? { reader: undefined } : {}),
      desired: resource.attributes,
      deployed: undefined,
      state: undefined,
      id: found.get(address)?.id,
      tainted: false,
      inModule: false,
      byName: true,
      ignoreChanges: resource.ignoreChanges,
      record: undefined,
    };
  });
  return {
    expected,
    owned: [...found.values()].map(({ type, id }) => ownedKey(type, id ?? "")),
    summary: {
      ...nameOf(target),
      basis: "names",
      weaker: ["objects were found by their names: what was deployed is not known, so every difference counts as drift"],
      resources: expected.length,
    },
  };
}

async function listed(
  reader: KindReader,
  api: Access,
  fail: (what: string, error: unknown) => void,
): Promise<ReadonlyMap<string, readonly Remote[]> | undefined> {
  const byKey = new Map<string, Remote[]>();
  if (reader.list === undefined) return undefined;
  try {
    for await (const remote of reader.list(api)) {
      const key = reader.identity.naturalKey(remote.attributes);
      if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), remote]);
    }
    return byKey;
  } catch (error) {
    fail(`the list of ${reader.title}s, so none could be found by name`, error);
    return undefined;
  }
}

function entry(address: string, type: string, name: string, id: string, attributes: Remote["attributes"]): StateEntry {
  return {
    address,
    mode: "managed",
    type,
    name,
    id,
    tainted: false,
    zeros: {},
    attributes: asDesired(type, { attributes: { ...attributes, id } }),
  };
}
