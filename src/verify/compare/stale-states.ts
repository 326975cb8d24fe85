/** Derives from the compared resources which states are stale. */
import { keyOf, type Expected } from "../desired/expected";
import type { ObjectIds, ReadFailure } from "../model";
import type { Outcome } from "./outcome";

/** Maps each compared resource to the reason why its state may differ from the workspace. */
function staleReasonsByResource(
  outcomes: readonly Outcome[],
): ReadonlyMap<string, string | undefined> {
  return new Map(
    outcomes.flatMap(({ resource, state }) =>
      state === undefined ? [] : [[keyOf(resource), state.stale] as const],
    ),
  );
}

/**
 * Returns by stack the objects that are equal in the state and the workspace. If two resources of
 * the state are the same object, both must be equal.
 */
export function currentObjects(
  expected: readonly Expected[],
  outcomes: readonly Outcome[],
): ReadonlyMap<string, ObjectIds> {
  const staleReasons = staleReasonsByResource(outcomes);
  const isCurrent = (resource: Expected): boolean =>
    staleReasons.has(keyOf(resource)) && staleReasons.get(keyOf(resource)) === undefined;
  const idsByStack = new Map<string, Record<string, string[]>>();
  const staleObjects = new Set(
    expected
      .filter((resource) => !isCurrent(resource))
      .map(({ type, id }) => `${type}\0${id ?? ""}`),
  );
  for (const { target, type, id } of expected) {
    if (id === undefined || staleObjects.has(`${type}\0${id}`)) continue;
    const ids = idsByStack.get(target.name) ?? {};
    idsByStack.set(target.name, ids);
    (ids[type] ??= []).push(id);
  }
  return idsByStack;
}

/** Returns the reasons why states may be stale, by stack. A stack without a reason is current. */
export function staleStateReasons(
  expected: readonly Expected[],
  outcomes: readonly Outcome[],
  failures: readonly ReadFailure[],
): ReadonlyMap<string, string> {
  const staleReasons = staleReasonsByResource(outcomes);
  const reasons = new Map<string, string[]>();
  const add = (stack: string, reason: string): void =>
    void reasons.set(stack, [...(reasons.get(stack) ?? []), reason]);
  for (const resource of expected) {
    // A refresh reads only the resources in the state.
    if (resource.state === undefined) continue;
    const key = keyOf(resource);
    const reason = staleReasons.has(key) ? staleReasons.get(key) : "not compared";
    if (reason !== undefined) add(resource.target.name, `${resource.path}: ${reason}`);
  }
  // A failure that belongs to no stack has the stack "": it affects all of them.
  for (const { stack, what: subject } of failures) add(stack, `could not read ${subject}`);
  return new Map(
    [...reasons].map(([stack, stackReasons]) => [
      stack,
      stackReasons.length === 1
        ? (stackReasons[0] ?? "")
        : `${stackReasons[0] ?? ""}, and ${stackReasons.length - 1} more`,
    ]),
  );
}
