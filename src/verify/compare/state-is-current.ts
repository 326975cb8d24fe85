/**
 * Checks whether a state matches the workspace: then a plan without refresh equals one with
 * refresh.
 */
import type { KindReader } from "../../resources/kind";
import { compare } from "./compare";
import type { Comparison } from "./comparison";
import type { Expected } from "../desired/expected";
import type { ObjectIds, ResourceResult, VerifyReport } from "../model";

/**
 * Why a resource's state may differ from the workspace; undefined if both are known to be equal.
 */
export function whyNotCurrent(
  result: ResourceResult,
  notAsked: readonly string[],
  comparison: Omit<Comparison, "desired" | "deployed"> & { readonly rules: KindReader["rules"] },
): string | undefined {
  const other = result.findings.find(({ status }) => status !== "pending");
  if (other !== undefined) return `${other.path}: ${other.status}`;
  if (notAsked.length > 0) return `${notAsked.join(", ")}: not asked`;
  const { state } = comparison;
  if (state === undefined) return "it is not in the state";
  // A plan starts from the state, even if the code changed or the record is more accurate.
  const { trace: _trace, ...rest } = comparison;
  const difference = compare({ ...rest, desired: state, deployed: state }).findings.find(
    ({ status }) => status !== "unverifiable",
  );
  return difference === undefined
    ? undefined
    : `${difference.path}: the state has a different value`;
}

/** Comparisons of states with the workspace, collected while a report is made. */
export class StateKnowledge {
  readonly #known = new Map<string, string | undefined>();

  learn(resource: Expected, why: string | undefined): void {
    this.#known.set(keyOf(resource.target.name, resource.address), why);
  }

  /**
   * @returns by stack, the objects whose state is current; a state with two resources for one
   * object has to be current in both
   */
  current(expected: readonly Expected[]): ReadonlyMap<string, ObjectIds> {
    const found = new Map<string, Record<string, string[]>>();
    const known = (resource: Expected): boolean => {
      const key = keyOf(resource.target.name, resource.address);
      return this.#known.has(key) && this.#known.get(key) === undefined;
    };
    const notCurrent = new Set(
      expected.filter((resource) => !known(resource)).map(({ type, id }) => `${type}\0${id ?? ""}`),
    );
    for (const { target, type, id } of expected) {
      if (id === undefined || notCurrent.has(`${type}\0${id}`)) continue;
      const ids = found.get(target.name) ?? {};
      found.set(target.name, ids);
      (ids[type] ??= []).push(id);
    }
    return found;
  }

  /**
   * @returns why each stack's state may be stale, by stack; a stack that is not listed is current
   */
  settle(
    expected: readonly Expected[],
    failures: VerifyReport["failures"],
  ): ReadonlyMap<string, string> {
    const reasons = new Map<string, string[]>();
    const add = (stack: string, reason: string): void =>
      void reasons.set(stack, [...(reasons.get(stack) ?? []), reason]);
    for (const resource of expected) {
      // A plan does not read it either if it is not in the state.
      if (resource.state === undefined) continue;
      const key = keyOf(resource.target.name, resource.address);
      if (!this.#known.has(key)) add(resource.target.name, `${resource.path}: not compared`);
      else {
        const why = this.#known.get(key);
        if (why !== undefined) add(resource.target.name, `${resource.path}: ${why}`);
      }
    }
    // A failure that belongs to no stack has the stack "": it affects all of them.
    for (const { stack, what } of failures) add(stack, `could not read ${what}`);
    return new Map(
      [...reasons].map(([stack, found]) => [
        stack,
        found.length === 1 ? (found[0] ?? "") : `${found[0] ?? ""}, and ${found.length - 1} more`,
      ]),
    );
  }
}

const keyOf = (stack: string, address: string): string => `${stack}\0${address}`;
