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
   * @param isEquivalent true if a block of the code is equivalent to one of the state, which also
   * has values that the platform filled in
   */
  constructor(
    private readonly context: Comparison,
    private readonly isEquivalent: (
      place: Place,
      desired: Desired | undefined,
      deployed: Desired | undefined,
    ) => boolean,
  ) {}

  scalar(place: Place, sides: Sides): void {
    const { d, r } = sides;
    if (d instanceof Sensitive && d.reveal() === undefined)
      return this.#unknownSecret(place, sides);
    if (isEqual(d, r, place.node)) return this.trace(place, "equal", "the same on both sides");
    this.differs(place, sides);
  }

  /** The variable has no value here: the workspace is compared with the deployed value. */
  #unknownSecret(place: Place, sides: Sides): void {
    if (
      isNothing(sides.s, place.node) ||
      (sides.s instanceof Sensitive && sides.s.reveal() === undefined)
    ) {
      return this.unverifiable(
        place,
        sides,
        "the value comes from a sensitive variable that is not set here",
      );
    }
    if (isEqual(sides.s, sides.r, place.node))
      return this.trace(place, "equal", "the same as in the state; the variable is not set here");
    this.add(place, {
      ...this.valuesOf(place, { ...sides, p: sides.s }),
      status: "drift",
      reason: "the workspace differs from the state",
    });
  }

  /**
   * An unresolved expression: still drift if the workspace differs from the deployed value in the
   * state.
   */
  unresolved(place: Place, sides: Sides, marker: Unresolved): void {
    if (!isNothing(sides.s, place.node) && !isEqual(sides.s, sides.r, place.node)) {
      const reason =
        "the workspace differs from the state; the code's expression cannot be evaluated here";
      return this.add(place, {
        ...this.valuesOf(place, { ...sides, d: marker, p: sides.s }),
        status: "drift",
        reason,
      });
    }
    this.unverifiable(
      place,
      { ...sides, d: marker },
      `${marker.reason}${isNothing(sides.s, place.node) ? "" : "; the workspace matches the last deploy"}`,
    );
  }

  unverifiable(place: Place, sides: Sides, reason: string): void {
    this.add(place, { ...this.valuesOf(place, sides), status: "unverifiable", reason });
  }

  /** The workspace changed, or the code changed and was not deployed, or both. */
  differs(place: Place, sides: Sides, change?: "added" | "removed"): void {
    const values = this.valuesOf(place, sides);
    const isSame = (a: Desired | undefined, b: Desired | undefined): boolean =>
      isEqual(a, b, place.node);
    // A record has `${var.x}`, which would be resolved with today's variable: for secrets only the
    // state has the deployed value.
    const deployed =
      findMarker(sides.p, Sensitive) === undefined && !(sides.p instanceof Unresolved)
        ? sides.p
        : sides.s;
    if (this.context.deployed === undefined && this.context.state === undefined) {
      return this.add(place, {
        ...values,
        status: "drift",
        reason: changeReason(change, "the workspace differs from the code"),
      });
    }
    // A record has a block as in the code, the workspace also has values that the platform filled
    // in.
    if (
      isSame(deployed, sides.r) ||
      (change === "added" && this.isEquivalent(place, deployed, sides.r))
    ) {
      const reason =
        change === "added"
          ? "removed from the code, not deployed yet"
          : change === "removed"
            ? "new in the code, not deployed yet"
            : "the code has changed, not deployed yet";
      return this.add(place, { ...values, status: "pending", reason });
    }
    if (isSame(deployed, sides.d) || this.isEquivalent(place, sides.d, deployed))
      return this.add(place, {
        ...values,
        status: "drift",
        reason: changeReason(change, "changed in the workspace"),
      });
    this.add(place, {
      ...values,
      status: "drift",
      both: true,
      reason: "changed in the workspace and in the code",
    });
  }

  /** The three values of a finding, in clear text. */
  valuesOf(place: Place, sides: Sides): Omit<Finding, "status" | "reason"> {
    const { info } = place.node;
    const sensitive =
      info?.sensitive === true ||
      [sides.d, sides.p, sides.s, sides.r].some((sideValue) => sideValue instanceof Sensitive);
    const sideValue = (value: Desired | undefined): Desired | undefined => {
      const isEmpty = isNothing(value, place.node);
      if (value === null || (isEmpty && typeof value === "object")) return undefined;
      return sensitive && !isEmpty ? new Sensitive(value) : value;
    };
    const [desired, deployed, remote] = [
      sideValue(sides.d),
      sideValue(sides.p),
      sideValue(sides.r),
    ];
    return {
      path: place.path,
      ...defined({ label: place.label }),
      field: place.node.field,
      ...defined({ desired, deployed, remote }),
      ...(sensitive ? { sensitive: true as const } : {}),
      ...(info?.replaces === true ? { replaces: true as const } : {}),
    };
  }

  add(place: Place, finding: Finding): void {
    this.list.push(finding);
    this.trace(place, finding.status, finding.reason);
  }

  trace(place: Place, outcome: Decision["outcome"], why: Sentence): void {
    this.context.trace?.({ path: place.path, ...defined({ label: place.label }), outcome, why });
  }

  /** A block that exists on one side only is one finding, not one per field. */
  collapsed(place: Place, sides: Sides, isOneSided: boolean, compareBlock: () => void): void {
    const outerFindings = this.list;
    this.list = [];
    compareBlock();
    const blockFindings = this.list;
    this.list = outerFindings;
    const differences = blockFindings.filter(
      ({ status }) => status === "drift" || status === "pending",
    );
    if (!isOneSided || differences.length < 2) return void this.list.push(...blockFindings);
    this.list.push(...blockFindings.filter((finding) => !differences.includes(finding)));
    this.differs(place, {
      d: firstObject(sides.d),
      p: firstObject(sides.p),
      s: firstObject(sides.s),
      r: firstObject(sides.r),
    });
  }
}

function changeReason(change: "added" | "removed" | undefined, fallback: string): string {
  return change === "added"
    ? "added in the workspace"
    : change === "removed"
      ? "removed in the workspace"
      : fallback;
}
