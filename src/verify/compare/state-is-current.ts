/** Whether a state matches the workspace: then a plan without refresh equals one with refresh. */
import type { KindReader } from "../../resources/kind";
import { compare } from "./compare";
import type { Comparison } from "./comparison";
import type { Expected } from "../desired/expected";
import type { ResourceResult, VerifyReport } from "../model";

/** Why a resource's state may differ from the workspace; undefined if both are known to be equal. */
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
  const stale = compare({ ...rest, desired: state, deployed: state }).findings.find(({ status }) => status !== "unverifiable");
  return stale === undefined ? undefined : `${stale.path}: the state has a different value`;
}

/** What was learnt about the states while a report was made. */
export class StateKnowledge {
  readonly #known = new Map<string, string | undefined>();

  learn(resource: Expected, why: string | undefined): void {
    this.#known.set(keyOf(resource.target.name, resource.address), why);
  }

  /** @returns why each stack's state may be stale, by stack; a stack that is not listed is current */
  settle(expected: readonly Expected[], failures: VerifyReport["failures"]): ReadonlyMap<string, string> {
    const reasons = new Map<string, string[]>();
    const add = (stack: string, reason: string): void => void reasons.set(stack, [...(reasons.get(stack) ?? []), reason]);
    for (const one of expected) {
      // A plan does not read it either if it is not in the state.
      if (one.state === undefined) continue;
      const key = keyOf(one.target.name, one.address);
      if (!this.#known.has(key)) add(one.target.name, `${one.path}: not compared`);
      else {
        const why = this.#known.get(key);
        if (why !== undefined) add(one.target.name, `${one.path}: ${why}`);
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

const staleByReport = new WeakMap<VerifyReport, ReadonlyMap<string, string>>();

export function keepStale(report: VerifyReport, stale: ReadonlyMap<string, string>): void {
  staleByReport.set(report, stale);
}

/**
 * Why the state of a stack may differ from the workspace, in one line without values; undefined if verify (with `compareState`) has
 * confirmed every object in it.
 */
export function whyStale(report: VerifyReport | undefined, stack: string): string | undefined {
  const stale = report === undefined ? undefined : staleByReport.get(report);
  return stale === undefined ? "the state was not compared with the workspace" : (stale.get(stack) ?? stale.get(""));
}
