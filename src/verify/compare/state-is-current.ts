/** Whether a state is what the workspace has: then a plan that does not ask the workspace again says the same as one that does. */
import type { KindReader } from "../../resources/kind";
import { compare } from "./compare";
import type { Comparison } from "./comparison";
import type { Expected } from "../desired/expected";
import type { ResourceResult, VerifyReport } from "../model";

/** Why a resource's state may be another than the workspace's; undefined when both are known to be the same. */
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
  // The code may have changed and the record may know better than the state: what a plan starts from is the state.
  const { trace: _trace, ...rest } = comparison;
  const stale = compare({ ...rest, desired: state, deployed: state }).findings.find(({ status }) => status !== "unverifiable");
  return stale === undefined ? undefined : `${stale.path}: the state has a different value`;
}

/** What was learnt of the states while a report was made. */
export class StateKnowledge {
  readonly #known = new Map<string, string | undefined>();

  learn(one: Expected, why: string | undefined): void {
    this.#known.set(keyOf(one.target.name, one.address), why);
  }

  /** @returns why each stack's state may be stale, by stack; a stack that is not named is current */
  settle(expected: readonly Expected[], failures: VerifyReport["failures"]): ReadonlyMap<string, string> {
    const reasons = new Map<string, string[]>();
    const add = (stack: string, reason: string): void => void reasons.set(stack, [...(reasons.get(stack) ?? []), reason]);
    for (const one of expected) {
      // What is not in the state is not read by a plan either.
      if (one.state === undefined) continue;
      const key = keyOf(one.target.name, one.address);
      if (!this.#known.has(key)) add(one.target.name, `${one.path}: not compared`);
      else {
        const why = this.#known.get(key);
        if (why !== undefined) add(one.target.name, `${one.path}: ${why}`);
      }
    }
    // A failure of no stack in particular has the stack "": it concerns each of them.
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
 * Why the state of a stack may differ from the workspace, in a line without values; undefined when verify (with `compareState`) has seen that every
 * object of it is as the state has it.
 */
export function whyStale(report: VerifyReport | undefined, stack: string): string | undefined {
  const stale = report === undefined ? undefined : staleByReport.get(report);
  return stale === undefined ? "the state was not compared with the workspace" : (stale.get(stack) ?? stale.get(""));
}
