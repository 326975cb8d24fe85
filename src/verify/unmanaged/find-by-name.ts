/** Verifies without a state: finds objects by name, and resolves references through them. */
import { listExamples } from "../../list-examples";
import { defined } from "../../defined";
import type { Attributes, KindReader, Remote } from "../../resources/kind";
import { wrapSecrets } from "../compare/check";
import { messageOf, type Access } from "../remote/shared-reads";
import {
  commonFields,
  desiredResources,
  modulesOf,
  moduleEntry,
  nameOf,
  resolveOptions,
  type Expected,
  type ExpectedStack,
  type FindReader,
} from "../desired/expected";
import type { VerifyTarget } from "../target";
import { ownedKeyOf } from "../deployed/ownership";
import { plural } from "../plural";
import { Quote, type Sentence } from "../redactor";
import { ObjectsByName } from "./named-objects";
import type { StateEntry } from "../deployed/state-index";
import { stampOf } from "./unmanaged";
import { plain } from "../expressions/values";

/** Determines the expected resources of a stack without its state. */
export async function findByName(
  target: VerifyTarget,
  findReader: FindReader,
  api: Access,
  fail: (subject: string, error: unknown) => void,
): Promise<ExpectedStack> {
  const entriesByAddress = new Map<string, StateEntry>();
  const unidentified = new Map<string, Unidentified>();
  const objectsByName = new ObjectsByName(api, (reader, error) =>
    fail(`the list of ${plural(reader.title)}, so none could be found by name`, error),
  );
  // Two rounds, because a name can refer to an object found in the first round.
  for (let round = 0; round < 2; round += 1) {
    for (const [address, resource] of desiredResources(
      target,
      resolveOptions(target, entriesByAddress, api.host),
    )) {
      const reader = findReader(resource.type);
      const attributes = plain(resource.attributes);
      const key = reader?.identity.naturalKey(attributes);
      if (
        reader === undefined ||
        key === undefined ||
        resource.elsewhere !== undefined ||
        entriesByAddress.has(address)
      )
        continue;
      const match = await findOne(objectsByName, reader, key, attributes, target.metadata?.stamp);
      if (match !== undefined && "reason" in match) unidentified.set(address, match);
      else if (match !== undefined)
        entriesByAddress.set(
          address,
          toStateEntry(address, resource.type, resource.name, match.id, match.attributes),
        );
    }
  }
  const expected = [
    ...desiredResources(target, resolveOptions(target, entriesByAddress, api.host)),
  ].map(([address, resource]): Expected => {
    const reader = findReader(resource.type);
    const isNameless =
      reader !== undefined && reader.identity.naturalKey(plain(resource.attributes)) === undefined;
    const unidentifiedObject = unidentified.get(address);
    const settled: Expected["settled"] =
      unidentifiedObject !== undefined
        ? { status: "error", reason: unidentifiedObject.reason }
        : resource.elsewhere !== undefined
          ? { status: "unverifiable", reason: resource.elsewhere }
          : isNameless
            ? {
                status: "unverifiable",
                reason: "it has no name to search by, or one that cannot be evaluated here",
              }
            : undefined;
    return {
      ...commonFields(target, address, resource.type, findReader),
      ...defined({ settled }),
      desired: resource.attributes,
      deployed: undefined,
      state: undefined,
      id: entriesByAddress.get(address)?.id,
      tainted: false,
      byName: true,
      ignoreChanges: resource.ignoreChanges,
      record: undefined,
    };
  });
  for (const module of modulesOf(target)) expected.push(moduleEntry(target, module, true));
  return {
    expected,
    owned: [
      ...[...entriesByAddress.values()].map(({ type, id, attributes }) =>
        ownedKeyOf(type, id ?? "", plain(attributes)),
      ),
      ...[...unidentified.values()].flatMap(({ owned }) => owned),
    ],
    summary: {
      ...nameOf(target),
      basis: "names",
      weaker: [
        "objects were found by name: the deployed values are unknown, so every difference counts as drift",
      ],
      resources: expected.length,
    },
  };
}

/** Why the object cannot be identified. */
interface Unidentified {
  readonly reason: Sentence;
  /** The keys of the candidates. One of them belongs to the stack, so none is unmanaged. */
  readonly owned: readonly string[];
}

/**
 * Finds the object of a resource. An object of a kind without a list is assumed to exist until it
 * is read.
 * @returns undefined if there is no such object
 */
async function findOne(
  objectsByName: ObjectsByName,
  reader: KindReader,
  key: string,
  attributes: Attributes,
  stamp: string | undefined,
): Promise<Pick<Remote, "id" | "attributes"> | Unidentified | undefined> {
  if (objectsByName.isListed(reader.type)) {
    const candidates = await objectsByName.findListed(reader, key, attributes);
    if (candidates !== undefined) return chooseByStamp(reader.type, candidates, stamp);
    return { reason: `not searched: the ${plural(reader.title)} could not be listed`, owned: [] };
  }
  try {
    const id = await objectsByName.idOf(reader, key, attributes);
    return id === undefined ? undefined : { id, attributes };
  } catch (error) {
    return { reason: ["search failed: ", new Quote(messageOf(error))], owned: [] };
  }
}

/**
 * Chooses among objects with the same name: the one with the stack's stamp, or else the only one
 * without a stamp. A single object is chosen with any stamp. If several remain, the name is
 * ambiguous.
 * @returns undefined if no object remains
 */
function chooseByStamp(
  type: string,
  candidates: readonly Remote[],
  stamp: string | undefined,
): Remote | Unidentified | undefined {
  const stampIn = ({ attributes }: Remote): string | undefined => stampOf(attributes);
  const stamped =
    stamp === undefined ? [] : candidates.filter((remote) => stampIn(remote) === stamp);
  const withoutStamp =
    candidates.length > 1
      ? candidates.filter((remote) => stampIn(remote) === undefined)
      : candidates;
  const remaining = stamped.length > 0 ? stamped : withoutStamp;
  if (remaining.length <= 1) return remaining[0];
  const description =
    stamped.length > 0 ? "and this stack's stamp" : "and none has this stack's stamp";
  const ids = remaining.map(({ id }) => id);
  return {
    reason: `${remaining.length} objects have this name ${description}, so it is ambiguous (${listExamples(ids, 5)})`,
    owned: remaining.map((remote) => ownedKeyOf(type, remote.id, remote.attributes)),
  };
}

function toStateEntry(
  address: string,
  type: string,
  name: string,
  id: string,
  attributes: Remote["attributes"],
): StateEntry {
  return {
    address,
    mode: "managed",
    type,
    name,
    id,
    tainted: false,
    zeros: {},
    attributes: wrapSecrets(type, { attributes: { ...attributes, id } }),
  };
}
