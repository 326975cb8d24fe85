/** The results of one verification, as they come in. */
import type { Remote } from "../../resources/kind";
import type { Owned } from "../deployed/ownership";
import type { Expected, FindReader } from "../desired/expected";
import { plain, type DesiredObject } from "../expressions/values";
import type { NotChecked, ResourceResult, ResourceValues, Status } from "../model";
import { withOwnLibraries } from "../remote/cluster-libraries";
import { messageOf } from "../remote/shared-reads";
import { withBindings, type DeclaredBindings } from "../remote/workspace-bindings";
import { check, settled, type CheckContext, type Checked } from "./check";
import { notAskedReason } from "./comparison";
import type { StateKnowledge } from "./state-is-current";
import { unreadKinds } from "./without-reading";

export interface ResultsOptions {
  readonly context: CheckContext;
  readonly states: StateKnowledge;
  readonly bindings: DeclaredBindings;
  readonly owned: Owned;
  readonly findReader: FindReader;
  /** Addresses whose desired values are kept even if they match. */
  readonly keep?: ReadonlySet<string> | undefined;
  readonly progress?: ((done: number) => void) | undefined;
}

export class Results {
  readonly all: ResourceResult[] = [];
  /** Values of mismatching resources for healing; only in memory. */
  readonly #values = new Map<
    string,
    { readonly desired: DesiredObject; readonly deployed: DesiredObject | undefined }
  >();
  readonly #notAsked = new Map<string, string[]>();

  constructor(private readonly options: ResultsOptions) {}

  done(resource: Expected, result: ResourceResult): void {
    this.all.push(result);
    const kept = result.status !== "match" || this.options.keep?.has(resource.address) === true;
    const { desired, deployed } = resource;
    if (kept && desired !== undefined) this.#values.set(keyOf(resource), { desired, deployed });
    this.options.progress?.(this.all.length);
  }

  /** A status that does not come from comparing fields. */
  settle(resource: Expected, status: Status, reason: string): void {
    this.done(resource, settled(resource, status, reason, this.options.context));
  }

  fail(resource: Expected, what: string, error: unknown): void {
    this.settle(
      resource,
      "error",
      `${what}: ${this.options.context.redactor.message(messageOf(error))}`,
    );
  }

  /** @returns false if the comparison is not `enough`, and nothing was recorded */
  async compare(
    expected: Expected,
    remote: Remote,
    enough: (found: Checked) => boolean = () => true,
  ): Promise<boolean> {
    const { context, states, bindings, owned, findReader } = this.options;
    let resource = expected;
    try {
      const bound = await withBindings(expected, remote, bindings, owned);
      resource = await withOwnLibraries(bound.expected, bound.remote, owned, findReader);
      const found = await check(resource, bound.remote, context);
      if (!enough(found)) return false;
      const { result, notAsked, leftOut, stale } = found;
      if (context.compareState === true) states.learn(resource, stale);
      for (const [field, reason] of [
        ...notAsked.map((name) => [name, notAskedReason] as const),
        ...leftOut,
        ...bound.leftOut,
      ])
        this.#leave(resource, field, reason);
      this.done(resource, result);
    } catch (error) {
      this.fail(resource, "could not be compared", error);
    }
    return true;
  }

  values(stack: string, address: string): ResourceValues | undefined {
    const found = this.#values.get(`${stack}\0${address}`);
    return (
      found && { desired: plain(found.desired), deployed: found.deployed && plain(found.deployed) }
    );
  }

  /** Sorts results in the order of the code, because resources are read in parallel. */
  sort(expected: readonly Expected[]): void {
    const order = new Map(expected.map((resource, at) => [keyOf(resource), at]));
    const place = ({ stack, address }: ResourceResult): number =>
      order.get(`${stack}\0${address}`) ?? 0;
    this.all.sort((a, b) => place(a) - place(b));
  }

  notChecked(): readonly NotChecked[] {
    const sorted = [...this.#notAsked].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...sorted.map(([key, addresses]) => {
        const [type = "", field = "", reason = ""] = key.split("\0");
        return {
          what: `${field} of ${type}`,
          reason,
          count: addresses.length,
          examples: addresses.sort().slice(0, 3),
        };
      }),
      ...unreadKinds(this.all),
    ];
  }

  #leave({ type, address }: Expected, field: string, reason: string): void {
    const key = `${type}\0${field}\0${reason}`;
    const known = this.#notAsked.get(key);
    if (known === undefined) this.#notAsked.set(key, [address]);
    else known.push(address);
  }
}

const keyOf = ({ target, address }: Expected): string => `${target.name}\0${address}`;
