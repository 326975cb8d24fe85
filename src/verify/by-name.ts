/** Without a state: objects are found by their names, and references are resolved through what was found. */
import type { KindReader, Remote } from "../resources/kind";
import { asDesired } from "./check";
import type { Access } from "./access";
import {
  common,
  desiredResources,
  modulesOf,
  moduleItself,
  nameOf,
  ownedKey,
  resolveOptions,
  type Expected,
  type ExpectedStack,
  type FindReader,
} from "./expected";
import type { VerifyTarget } from "./input";
import { plural } from "./show";
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
  const ambiguous = new Map<string, Ambiguous>();
  const lists = new Map<string, ReadonlyMap<string, readonly Remote[]> | undefined>();
  // Twice: names can refer to what was found in the first round (a task that runs another job).
  for (let round = 0; round < 2; round += 1) {
    for (const [address, resource] of desiredResources(target, resolveOptions(target, found, api.host))) {
      const reader = findReader(resource.type);
      const key = reader?.identity.naturalKey(plain(resource.attributes));
      if (reader === undefined || key === undefined || resource.elsewhere !== undefined || found.has(address)) continue;
      if (!listedKinds.has(resource.type)) {
        found.set(address, entry(address, resource.type, resource.name, key.slice(key.indexOf(":") + 1), plain(resource.attributes)));
        continue;
      }
      if (!lists.has(resource.type)) lists.set(resource.type, await listed(reader, api, fail));
      const one = ours(resource.type, lists.get(resource.type)?.get(key) ?? [], target.metadata?.stamp);
      if (one !== undefined && "why" in one) ambiguous.set(address, one);
      else if (one !== undefined) found.set(address, entry(address, resource.type, resource.name, one.id, one.attributes));
    }
  }
  const expected = [...desiredResources(target, resolveOptions(target, found, api.host))].map(([address, resource]): Expected => {
    const reader = findReader(resource.type);
    const nameless = reader !== undefined && reader.identity.naturalKey(plain(resource.attributes)) === undefined;
    const [several, unlisted] = [ambiguous.get(address), lists.has(resource.type) && lists.get(resource.type) === undefined];
    const settled: Expected["settled"] =
      several !== undefined
        ? { status: "error", why: several.why }
        : resource.elsewhere !== undefined
          ? { status: "unverifiable", why: resource.elsewhere }
          : nameless
            ? { status: "unverifiable", why: "it has no name to be found by, or one that cannot be worked out here" }
            : unlisted
              ? { status: "error", why: `not looked for: the ${plural(reader?.title ?? "")} could not be listed` }
              : undefined;
    return {
      ...common(target, address, resource.type, findReader),
      ...(settled === undefined ? {} : { settled }),
      desired: resource.attributes,
      deployed: undefined,
      state: undefined,
      id: found.get(address)?.id,
      tainted: false,
      byName: true,
      ignoreChanges: resource.ignoreChanges,
      record: undefined,
    };
  });
  for (const module of modulesOf(target)) expected.push(moduleItself(target, module, true));
  return {
    expected,
    owned: [
      ...[...found.values()].map(({ type, id }) => ownedKey(type, id ?? "")),
      ...[...ambiguous.values()].flatMap(({ owned }) => owned),
    ],
    summary: {
      ...nameOf(target),
      basis: "names",
      weaker: ["objects were found by their names: what was deployed is not known, so every difference counts as drift"],
      resources: expected.length,
    },
  };
}

interface Ambiguous {
  readonly why: string;
  /** One of them is ours: none is to be called unmanaged. */
  readonly owned: readonly string[];
}

/** Of several objects of one name the one with our stamp; without one, nothing says which is meant. */
function ours(type: string, candidates: readonly Remote[], stamp: string | undefined): Remote | Ambiguous | undefined {
  const stampIn = ({ attributes }: Remote): string | undefined => stampOf(attributes);
  const stamped = stamp === undefined ? [] : candidates.filter((remote) => stampIn(remote) === stamp);
  const unclaimed = candidates.length > 1 ? candidates.filter((remote) => stampIn(remote) === undefined) : candidates;
  const left = stamped.length > 0 ? stamped : unclaimed;
  if (left.length <= 1) return left[0];
  const which = stamped.length > 0 ? "with this stack's stamp" : "and none has this stack's stamp";
  const ids = left.map(({ id }) => id);
  return {
    why: `there are ${left.length} objects of this name ${which}: which one is meant cannot be told (${ids.slice(0, 5).join(", ")})`,
    owned: ids.map((id) => ownedKey(type, id)),
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
    fail(`the list of ${plural(reader.title)}, so none could be found by name`, error);
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
