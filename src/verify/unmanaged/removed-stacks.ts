/** Stacks that are deployed, but that the code no longer has: which of their objects exist. */
import { defined } from "../../defined";
import { firstListed, wholeListOf } from "../../resources/families/whole-lists";
import type { Remote } from "../../resources/kind";
import { displayName, resultWithStatus, type CheckContext } from "../compare/check";
import { ownedKeyOf, type Owned } from "../deployed/ownership";
import { commonFields, expectedOf, type Expected, type ExpectedStack } from "../desired/expected";
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
import { forEachAtOnce, messageOf, type Access } from "../remote/shared-reads";
import type { VerifyTarget } from "../target";
import { findByName } from "./find-by-name";
import { stampOf } from "./unmanaged";

export interface RemovedStack {
  /** The deployed code, from the record; without a state if that is unknown. */
  readonly target: VerifyTarget;
  /** Who deployed it, when and from which commit. */
  readonly origin: string;
  /** Why its state is not used: the objects are found by their names in the record. */
  readonly withoutState?: string;
}

/** A removed stack with its objects: none of them has been read. */
export interface OpenedStack {
  readonly removed: RemovedStack;
  readonly stack: ExpectedStack;
}

export async function openRemoved(
  removed: readonly RemovedStack[],
  findReader: FindReader,
  api: Access,
  fail: (failure: ReadFailure) => void,
): Promise<readonly OpenedStack[]> {
  const opened: OpenedStack[] = [];
  for (const one of removed) {
    const { target } = one;
    const failed = (what: string, error: unknown): void =>
      fail({ stack: target.name, what, reason: [new Quote(messageOf(error))] });
    const stack =
      target.state === undefined
        ? await findByName(target, findReader, api, failed)
        : await expectedOf(target, findReader, api.host);
    opened.push({ removed: one, stack });
  }
  return opened;
}

export interface FoundStacks {
  readonly results: readonly ResourceResult[];
  readonly summaries: readonly StackSummary[];
  readonly notChecked: readonly NotChecked[];
}

/** @param owned the objects of the verified stacks: a renamed stack may have taken some over */
export async function checkRemoved(
  stacks: readonly OpenedStack[],
  options: {
    readonly api: Access;
    readonly context: CheckContext;
    readonly owned: Pick<Owned, "has">;
    readonly concurrency: number;
    readonly fail: (failure: ReadFailure) => void;
  },
): Promise<FoundStacks> {
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
    const objects = await existingObjects(stack.expected, target, { ...options, fail });
    const found: readonly Expected[] = objects.filter(
      (resource) => !options.owned.has(keyOf(resource)),
    );
    if (found.length === 0 && failures > 0) continue;
    if (found.length === 0) {
      const moved = objects.length === 0 ? "exists" : "is left: other stacks have them now";
      notChecked.push({
        what: `stack ${target.name}`,
        reason: [
          `not in the code, and none of its objects ${moved}; its record remains (`,
          new Quote(origin),
          `): remove it with lakeform destroy ${target.name}`,
        ],
        count: 1,
        examples: [],
      });
      continue;
    }
    const shown = found.map((resource) => objectOf(resource, options.context.host));
    const itself = {
      ...commonFields(target, target.name, "stack", () => undefined),
      path: target.name,
    };
    results.push({
      ...resultWithStatus(
        { ...none, ...itself },
        "pending",
        reasonOf(target.name, shown, origin),
        options.context,
      ),
      objects: shown,
    });
    const weaker = withoutState === undefined ? [] : [`${withoutState}: found by name`];
    summaries.push({ ...stack.summary, weaker, resources: stack.expected.length });
  }
  return { results, summaries, notChecked };
}

const none = {
  desired: undefined,
  deployed: undefined,
  state: undefined,
  id: undefined,
  tainted: false,
  byName: false,
  ignoreChanges: [],
  record: undefined,
} as const;

function reasonOf(name: string, objects: readonly ExistingObject[], origin: string): Sentence {
  const count = objects.length;
  const named = objects
    .slice(0, 3)
    .map(({ title, name: called, id }) => `${title} ${called ?? id}`);
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  return [
    `not in the code, but ${count} of its objects still ${count === 1 ? "exists" : "exist"} (${named.join(", ")}${more}); `,
    new Quote(origin),
    `; remove them: lakeform destroy ${name}; if the stack was renamed, keep them before you deploy the new one: lakeform state migrate NEW_STACK --from-stack ${name}`,
  ];
}

function objectOf(
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

/** The resources whose object exists, in their order. An object that cannot be read is a failure. */
export async function existingObjects(
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
  const deployed = expected.filter(({ id, settled: why }) => id !== undefined && why === undefined);
  const existing = new Set<Expected>();
  const unread = new Set(deployed);
  const record = (resource: Expected, remote: Remote | undefined): void => {
    unread.delete(resource);
    const stamp = remote === undefined ? undefined : stampOf(remote.attributes);
    // Found by name only: the object of a stack with another stamp belongs to that stack.
    const isOther = resource.byName && stamp !== undefined && stamp !== target.metadata?.stamp;
    if (remote !== undefined && !isOther) existing.add(resource);
  };
  for (const group of byList(deployed)) {
    const [first] = group;
    if (first?.reader === undefined || api.unreachableReason !== undefined) continue;
    const place = wholeListOf(first.reader, shallow(first.desired, first.state)) ?? {};
    const options = { ...place, calls: group.length, partly: true };
    // The objects of a list that fails are read one by one, and their errors are reported.
    const listed = await firstListed(api, first.reader, options).catch(() => undefined);
    for (const resource of group) {
      const remote = listed?.get(resource.id ?? "");
      if (remote !== undefined) record(resource, remote);
    }
  }
  await forEachAtOnce([...unread], concurrency, async (resource) => {
    const { reader, id = "", state, desired } = resource;
    // A kind without a reader is assumed to exist, as the state says.
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

/** Groups of two or more resources of one list. */
function byList(resources: readonly Expected[]): readonly (readonly Expected[])[] {
  const groups = new Map<string, Expected[]>();
  for (const resource of resources) {
    const { reader, type, desired, state } = resource;
    if (reader?.list === undefined) continue;
    const place = wholeListOf(reader, shallow(desired, state));
    if (place === undefined && reader.traits?.comparedInList !== true) continue;
    const key = `${type}\0${place?.container ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return [...groups.values()].filter(({ length }) => length >= 2);
}
