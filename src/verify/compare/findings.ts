/**
 * The findings of a comparison: compared scalars and, for each difference, what caused it (the
 * workspace, the code, both).
 */
import { defined } from "../../defined";
import { isEqual, isNothing } from "../fields/equal";
import { findMarker, Sensitive, Unresolved, type Desired } from "../expressions/values";
import type { Finding } from "../model";
import type { Sentence } from "../redactor";
import type { Comparison, Decision, Place, Sides } from "./comparison";
import { firstObject } from "./sides";

export class Findings {
  list: Finding[] = [];

  /**
   * @param meansTheSame true if a block of the code is equivalent to one of the state, which also
   * has values that the platform filled in
   */
  constructor(
    private readonly context: Comparison,
    private readonly meansTheSame: (
      at: Place,
      desired: Desired | undefined,
      deployed: Desired | undefined,
    ) => boolean,
  ) {}

  scalar(at: Place, sides: Sides): void {
    const { d, r } = sides;
    if (d instanceof Sensitive && d.reveal() === undefined) return this.#unknownSecret(at, sides);
    if (isEqual(d, r, at.node)) return this.trace(at, "equal", "the same on both sides");
    this.differs(at, sides);
  }

  /** The variable has no value here: the workspace is compared with the deployed value. */
  #unknownSecret(at: Place, sides: Sides): void {
    if (
      isNothing(sides.s, at.node) ||
      (sides.s instanceof Sensitive && sides.s.reveal() === undefined)
    ) {
      return this.unverifiable(
        at,
        sides,
        "the value comes from a sensitive variable that is not set here",
      );
    }
    if (isEqual(sides.s, sides.r, at.node))
      return this.trace(at, "equal", "the same as in the state; the variable is not set here");
    this.add(at, {
      ...this.valuesOf(at, { ...sides, p: sides.s }),
      status: "drift",
      reason: "the workspace differs from the state",
    });
  }

  /**
   * An unresolved expression: still drift if the workspace differs from the deployed value in the
   * state.
   */
  unresolved(at: Place, sides: Sides, marker: Unresolved): void {
    if (!isNothing(sides.s, at.node) && !isEqual(sides.s, sides.r, at.node)) {
      const reason =
        "the workspace differs from the state; the code's expression cannot be evaluated here";
      return this.add(at, {
        ...this.valuesOf(at, { ...sides, d: marker, p: sides.s }),
        status: "drift",
        reason,
      });
    }
    this.unverifiable(
      at,
      { ...sides, d: marker },
      `${marker.reason}${isNothing(sides.s, at.node) ? "" : "; the workspace matches the last deploy"}`,
    );
  }

  unverifiable(at: Place, sides: Sides, reason: string): void {
    this.add(at, { ...this.valuesOf(at, sides), status: "unverifiable", reason });
  }

  /** The workspace changed, or the code changed and was not deployed, or both. */
  differs(at: Place, sides: Sides, how?: "added" | "removed"): void {
    const values = this.valuesOf(at, sides);
    const isSame = (a: Desired | undefined, b: Desired | undefined): boolean =>
      isEqual(a, b, at.node);
    // A record has `${var.x}`, which would be resolved with today's variable: for secrets only the
    // state has the deployed value.
    const deployed =
      findMarker(sides.p, Sensitive) === undefined && !(sides.p instanceof Unresolved)
        ? sides.p
        : sides.s;
    if (this.context.deployed === undefined && this.context.state === undefined) {
      return this.add(at, {
        ...values,
        status: "drift",
        reason: wording(how, "the workspace differs from the code"),
      });
    }
    // A record has a block as in the code, the workspace also has values that the platform filled
    // in.
    if (
      isSame(deployed, sides.r) ||
      (how === "added" && this.meansTheSame(at, deployed, sides.r))
    ) {
      const reason =
        how === "added"
          ? "removed from the code, not deployed yet"
          : how === "removed"
            ? "new in the code, not deployed yet"
            : "the code has changed, not deployed yet";
      return this.add(at, { ...values, status: "pending", reason });
    }
    if (isSame(deployed, sides.d) || this.meansTheSame(at, sides.d, deployed))
      return this.add(at, {
        ...values,
        status: "drift",
        reason: wording(how, "changed in the workspace"),
      });
    this.add(at, {
      ...values,
      status: "drift",
      both: true,
      reason: "changed in the workspace and in the code",
    });
  }

  /** The three values of a finding, in clear text. */
  valuesOf(at: Place, sides: Sides): Omit<Finding, "status" | "reason"> {
    const { info } = at.node;
    const sensitive =
      info?.sensitive === true ||
      [sides.d, sides.p, sides.s, sides.r].some((side) => side instanceof Sensitive);
    const side = (value: Desired | undefined): Desired | undefined => {
      const nothing = isNothing(value, at.node);
      if (value === null || (nothing && typeof value === "object")) return undefined;
      return sensitive && !nothing ? new Sensitive(value) : value;
    };
    const [desired, deployed, remote] = [side(sides.d), side(sides.p), side(sides.r)];
    return {
      path: at.path,
      ...defined({ label: at.label }),
      field: at.node.field,
      ...defined({ desired, deployed, remote }),
      ...(sensitive ? { sensitive: true as const } : {}),
      ...(info?.replaces === true ? { replaces: true as const } : {}),
    };
  }

  add(at: Place, finding: Finding): void {
    this.list.push(finding);
    this.trace(at, finding.status, finding.reason);
  }

  trace(at: Place, outcome: Decision["outcome"], why: Sentence): void {
    this.context.trace?.({ path: at.path, ...defined({ label: at.label }), outcome, why });
  }

  /** A block that exists on one side only is one finding, not one per field. */
  collapsed(at: Place, sides: Sides, oneSided: boolean, work: () => void): void {
    const before = this.list;
    this.list = [];
    work();
    const found = this.list;
    this.list = before;
    const differing = found.filter(({ status }) => status === "drift" || status === "pending");
    if (!oneSided || differing.length < 2) return void this.list.push(...found);
    this.list.push(...found.filter((finding) => !differing.includes(finding)));
    this.differs(at, {
      d: firstObject(sides.d),
      p: firstObject(sides.p),
      s: firstObject(sides.s),
      r: firstObject(sides.r),
    });
  }
}

function wording(how: "added" | "removed" | undefined, otherwise: string): string {
  return how === "added"
    ? "added in the workspace"
    : how === "removed"
      ? "removed in the workspace"
      : otherwise;
}
