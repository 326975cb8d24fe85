/** Finds the remaining objects of stacks that are deployed but no longer in the code. */
import { defined } from "../../defined";
import { firstListed, wholeListOf } from "../../resources/families/whole-lists";
import type { Remote } from "../../resources/kind";
import { displayName, resultWithStatus, type CheckContext } from "../compare/check";
import { ownedKeyOf, type Owned } from "../deployed/ownership";
import {
  commonFields,
  expectedOf,
  noObject,
  type Expected,
  type ExpectedStack,
} from "../desired/expected";
import type { FindReader } from "../desired/expected";
import { plain, shallow } from "../expressions/values";
import type {
  ExistingObject,
  NotChecked,
  ReadFailure,
  ResourceResult,
  StackSummary,
} from "../model";
import { Quote, type Sentence } from "../redactor";
import { forEachConcurrently, messageOf, type Access } from "../remote/shared-reads";
import type { VerifyTarget } from "../target";
import { findByName } from "./find-by-name";
import { stampOf } from "./unmanaged";

export interface RemovedStack {
  /** The deployed code, from the record. It has no state if none can be used. */
  readonly target: VerifyTarget;
  /** The user, time and commit of the deploy. */
  readonly origin: string;
  /** The reason why the state is not used. The objects are then found by their recorded names. */
  readonly withoutState?: string;
}

/** A removed stack with its objects, before any of them is read. */
export interface OpenedStack {
  readonly removed: RemovedStack;
  readonly stack: ExpectedStack;
}

/** Determines the objects of removed stacks. */
export async function openRemovedStacks(
  removedStacks: readonly RemovedStack[],
  findReader: FindReader,
  api: Access,
  fail: (failure: ReadFailure) => void,
): Promise<readonly OpenedStack[]> {
  const opened: OpenedStack[] = [];
  for (const removed of removedStacks) {
    const { target } = removed;
    const onError = (what: string, error: unknown): void =>
      fail({ stack: target.name, what, reason: [new Quote(messageOf(error))] });
    const stack =
      target.state === undefined
        ? await findByName(target, findReader, api, onError)
        : await expectedOf(target, findReader, api.host);
    opened.push({ removed, stack });
  }
  return opened;
}

export interface RemovedStackResults {
  readonly results: readonly ResourceResult[];
  readonly summaries: readonly StackSummary[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * Checks which objects of removed stacks still exist.
 * @param options.owned the objects of the verified stacks. A renamed stack may have taken over
 * objects of the removed one.
 */
export async function checkRemovedStacks(
  stacks: readonly OpenedStack[],
  options: {
    readonly api: Access;
    readonly context: CheckContext;
    readonly owned: Pick<Owned, "has">;
    readonly concurrency: number;
    readonly fail: (failure: ReadFailure) => void;
  },
): Promise<RemovedStackResults> {
  const results: ResourceResult[] = [];
  const summaries: StackSummary[] = [];
  const notChecked: NotChecked[] = [];
  for (const { removed, stack } of stacks) {
    const { target, origin, withoutState } = removed;
    let failures = 0;
    const fail = (failure: ReadFailure): void => {
      failures += 1;
      options.fail(failure);
    };
    const objects = await findExisting(stack.expected, target, { ...options, fail });
    const remaining: readonly Expected[] = objects.filter(
      (resource) => !options.owned.has(keyOf(resource)),
    );
    if (remaining.length === 0 && failures > 0) continue;
    if (remaining.length === 0) {
      const noneLeft = objects.length === 0 ? "exists" : "is left: other stacks have them now";
      notChecked.push({
        what: `stack ${target.name}`,
        reason: [
          `not in the code, and none of its objects ${noneLeft}; its record remains (`,
          new Quote(origin),
          `): remove it with lakeform destroy ${target.name}`,
        ],
        count: 1,
        examples: [],
      });
      continue;
    }
    const remainingObjects = remaining.map((resource) =>
      toExistingObject(resource, options.context.host),
    );
    const stackFields = {
      ...commonFields(target, target.name, "stack", () => undefined),
      path: target.name,
    };
    results.push({
      ...resultWithStatus(
        { ...noObject, ...stackFields },
        "pending",
        removedReason(target.name, remainingObjects, origin),
        options.context,
      ),
      objects: remainingObjects,
    });
    const weaker =
      withoutState === undefined ? [] : [`${withoutState}; its objects were found by their names`];
    summaries.push({ ...stack.summary, weaker, resources: stack.expected.length });
  }
  return { results, summaries, notChecked };
}

function removedReason(name: string, objects: readonly ExistingObject[], origin: string): Sentence {
  const count = objects.length;
  const names = objects
    .slice(0, 3)
    .map(({ title, name: objectName, id }) => `${title} ${objectName ?? id}`);
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  return [
    `not in the code, but ${count} of its objects still ${count === 1 ? "exists" : "exist"} (${names.join(", ")}${more}); `,
    new Quote(origin),
    `; to remove its objects: lakeform destroy ${name}; if the stack was renamed, keep the objects before you deploy the new one: lakeform state migrate NEW_STACK --from-stack ${name}`,
  ];
}

function toExistingObject(
  { type, reader, address, id = "", state, desired }: Expected,
  host: string,
): ExistingObject {
  const attributes = shallow(state, desired);
  const key = reader?.identity.naturalKey(attributes);
  return {
    kind: type,
    title: reader?.title ?? type,
    address,
    id,
    ...defined({
      name: key === undefined ? undefined : displayName(key),
      link: reader?.identity.link?.(host, id, attributes),
    }),
  };
}

const keyOf = ({ type, id = "", state, desired }: Expected): string =>
  ownedKeyOf(type, id, { ...desired, ...state });

/**
 * Returns the resources whose objects exist, in order. Reports each object that cannot be read to
 * `fail`.
 */
export async function findExisting(
  expected: readonly Expected[],
  target: VerifyTarget,
  {
    api,
    concurrency,
    fail,
  }: {
    readonly api: Access;
    readonly concurrency: number;
    readonly fail: (failure: ReadFailure) => void;
  },
): Promise<readonly Expected[]> {
  const deployed = expected.filter(({ id, settled }) => id !== undefined && settled === undefined);
  const existing = new Set<Expected>();
  const unread = new Set(deployed);
  const record = (resource: Expected, remote: Remote | undefined): void => {
    unread.delete(resource);
    const stamp = remote === undefined ? undefined : stampOf(remote.attributes);
    // An object that was found by its name may have the stamp of another stack, which owns it.
    const belongsToOther =
      resource.byName && stamp !== undefined && stamp !== target.metadata?.stamp;
    if (remote !== undefined && !belongsToOther) existing.add(resource);
  };
  for (const group of groupByList(deployed)) {
    const [first] = group;
    if (first?.reader === undefined || api.unreachableReason !== undefined) continue;
    const listScope = wholeListOf(first.reader, shallow(first.desired, first.state)) ?? {};
    const options = { ...listScope, calls: group.length, partly: true };
    // If the list fails, the objects are read one by one, and their errors are reported.
    const listedObjects = await firstListed(api, first.reader, options).catch(() => undefined);
    for (const resource of group) {
      const remote = listedObjects?.get(resource.id ?? "");
      if (remote !== undefined) record(resource, remote);
    }
  }
  await forEachConcurrently([...unread], concurrency, async (resource) => {
    const { reader, id = "", state, desired } = resource;
    // Objects of a kind without a reader are assumed to exist.
    if (reader === undefined) return void existing.add(resource);
    const what = `${reader.title} ${id} of the removed stack ${target.name}`;
    try {
      record(
        resource,
        await reader.read(api, id, { known: plain({ ...state, ...desired }), deep: false }),
      );
    } catch (error) {
      fail({ stack: target.name, what, reason: [new Quote(messageOf(error))] });
    }
  });
  return deployed.filter((resource) => existing.has(resource));
}

/** Groups resources that one list contains. Leaves out groups of one resource. */
function groupByList(resources: readonly Expected[]): readonly (readonly Expected[])[] {
  const groups = new Map<string, Expected[]>();
  for (const resource of resources) {
    const { reader, type, desired, state } = resource;
    if (reader?.list === undefined) continue;
    const listScope = wholeListOf(reader, shallow(desired, state));
    if (listScope === undefined && reader.traits?.comparedInList !== true) continue;
    const key = `${type}\0${listScope?.container ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return [...groups.values()].filter(({ length }) => length >= 2);
}
