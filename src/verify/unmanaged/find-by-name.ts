/** Verifies without a state: finds objects by name, and resolves references through them. */
import { defined } from "../../defined";
import type { Attributes, KindReader, Remote } from "../../resources/kind";
import { asDesired } from "../compare/check";
import { messageOf, type Access } from "../remote/shared-reads";
import {
  common,
  desiredResources,
  modulesOf,
  moduleItself,
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
import { Named } from "./named-objects";
import type { StateEntry } from "../deployed/state-index";
import { stampOf } from "./unmanaged";
import { plain } from "../expressions/values";

export async function findByName(
  target: VerifyTarget,
  findReader: FindReader,
  api: Access,
  fail: (subject: string, error: unknown) => void,
): Promise<ExpectedStack> {
  const found = new Map<string, StateEntry>();
  const unknown = new Map<string, Unknown>();
  const named = new Named(api, (reader, error) =>
    fail(`the list of ${plural(reader.title)}, so none could be found by name`, error),
  );
  // Twice: names can refer to objects found in the first round (a task that runs another job).
  for (let round = 0; round < 2; round += 1) {
    for (const [address, resource] of desiredResources(
      target,
      resolveOptions(target, found, api.host),
    )) {
      const reader = findReader(resource.type);
      const attributes = plain(resource.attributes);
      const key = reader?.identity.naturalKey(attributes);
      if (
        reader === undefined ||
        key === undefined ||
        resource.elsewhere !== undefined ||
        found.has(address)
      )
        continue;
      const match = await findOne(named, reader, key, attributes, target.metadata?.stamp);
      if (match !== undefined && "why" in match) unknown.set(address, match);
      else if (match !== undefined)
        found.set(
          address,
          entry(address, resource.type, resource.name, match.id, match.attributes),
        );
    }
  }
  const expected = [...desiredResources(target, resolveOptions(target, found, api.host))].map(
    ([address, resource]): Expected => {
      const reader = findReader(resource.type);
      const nameless =
        reader !== undefined &&
        reader.identity.naturalKey(plain(resource.attributes)) === undefined;
      const reason = unknown.get(address);
      const settled: Expected["settled"] =
        reason !== undefined
          ? { status: "error", why: reason.why }
          : resource.elsewhere !== undefined
            ? { status: "unverifiable", why: resource.elsewhere }
            : nameless
              ? {
                  status: "unverifiable",
                  why: "it has no name to search by, or one that cannot be evaluated here",
                }
              : undefined;
      return {
        ...common(target, address, resource.type, findReader),
        ...defined({ settled }),
        desired: resource.attributes,
        deployed: undefined,
        state: undefined,
        id: found.get(address)?.id,
        tainted: false,
        byName: true,
        ignoreChanges: resource.ignoreChanges,
        record: undefined,
      };
    },
  );
  for (const module of modulesOf(target)) expected.push(moduleItself(target, module, true));
  return {
    expected,
    owned: [
      ...[...found.values()].map(({ type, id, attributes }) =>
        ownedKeyOf(type, id ?? "", plain(attributes)),
      ),
      ...[...unknown.values()].flatMap(({ owned }) => owned),
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
interface Unknown {
  readonly why: Sentence;
  /** One of several candidates is ours, so none may be reported as unmanaged. */
  readonly owned: readonly string[];
}

/** Undefined: there is none. A kind without a list is assumed to exist; reading it shows. */
async function findOne(
  named: Named,
  reader: KindReader,
  key: string,
  attributes: Attributes,
  stamp: string | undefined,
): Promise<Pick<Remote, "id" | "attributes"> | Unknown | undefined> {
  if (named.isListed(reader.type)) {
    const candidates = await named.listed(reader, key, attributes);
    if (candidates !== undefined) return ours(reader.type, candidates, stamp);
    return { why: `not searched: the ${plural(reader.title)} could not be listed`, owned: [] };
  }
  try {
    const id = await named.idOf(reader, key, attributes);
    return id === undefined ? undefined : { id, attributes };
  } catch (error) {
    return { why: ["search failed: ", new Quote(messageOf(error))], owned: [] };
  }
}

/**
 * Of several objects with the same name the one with our stamp; without a stamp it is ambiguous.
 */
function ours(
  type: string,
  candidates: readonly Remote[],
  stamp: string | undefined,
): Remote | Unknown | undefined {
  const stampIn = ({ attributes }: Remote): string | undefined => stampOf(attributes);
  const stamped =
    stamp === undefined ? [] : candidates.filter((remote) => stampIn(remote) === stamp);
  const unclaimed =
    candidates.length > 1
      ? candidates.filter((remote) => stampIn(remote) === undefined)
      : candidates;
  const left = stamped.length > 0 ? stamped : unclaimed;
  if (left.length <= 1) return left[0];
  const which = stamped.length > 0 ? "with this stack's stamp" : "and none has this stack's stamp";
  const ids = left.map(({ id }) => id);
  return {
    why: `${left.length} objects of this name ${which}: ambiguous (${ids.slice(0, 5).join(", ")})`,
    owned: left.map((remote) => ownedKeyOf(type, remote.id, remote.attributes)),
  };
}

function entry(
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
    attributes: asDesired(type, { attributes: { ...attributes, id } }),
  };
}
