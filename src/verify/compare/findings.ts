/**
 * The findings of a comparison: compared scalars and, for each difference, what caused it (the
 * workspace, the code, both).
 */
import { defined } from "../../defined";
import { isEqual, isNothing } from "../fields/equal";
import { findMarker, Sensitive, Unresolved, type Desired } from "../expressions/values";
import type { Finding } from "../model";
import type { Sentence } from "../redactor";
import type { Comparison, Decision, FieldPosition, Sides } from "./comparison";
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
      position: FieldPosition,
      desired: Desired | undefined,
      deployed: Desired | undefined,
    ) => boolean,
  ) {}

  scalar(position: FieldPosition, sides: Sides): void {
    const { d, r } = sides;
    if (d instanceof Sensitive && d.reveal() === undefined)
      return this.#unknownSecret(position, sides);
    if (isEqual(d, r, position.node))
      return this.trace(position, "equal", "the same on both sides");
    this.differs(position, sides);
  }

  /** The variable has no value here: the workspace is compared with the deployed value. */
  #unknownSecret(position: FieldPosition, sides: Sides): void {
    if (
      isNothing(sides.s, position.node) ||
      (sides.s instanceof Sensitive && sides.s.reveal() === undefined)
    ) {
      return this.unverifiable(
        position,
        sides,
        "the value comes from a sensitive variable that is not set here",
      );
    }
    if (isEqual(sides.s, sides.r, position.node))
      return this.trace(
        position,
        "equal",
        "the same as in the state; the variable is not set here",
      );
    this.add(position, {
      ...this.valuesOf(position, { ...sides, p: sides.s }),
      status: "drift",
      reason: "the workspace differs from the state",
    });
  }

  /**
   * An unresolved expression: still drift if the workspace differs from the deployed value in the
   * state.
   */
  unresolved(position: FieldPosition, sides: Sides, marker: Unresolved): void {
    if (!isNothing(sides.s, position.node) && !isEqual(sides.s, sides.r, position.node)) {
      const reason =
        "the workspace differs from the state; the code's expression cannot be evaluated here";
      return this.add(position, {
        ...this.valuesOf(position, { ...sides, d: marker, p: sides.s }),
        status: "drift",
        reason,
      });
    }
    this.unverifiable(
      position,
      { ...sides, d: marker },
      `${marker.reason}${isNothing(sides.s, position.node) ? "" : "; the workspace matches the last deploy"}`,
    );
  }

  unverifiable(position: FieldPosition, sides: Sides, reason: string): void {
    this.add(position, { ...this.valuesOf(position, sides), status: "unverifiable", reason });
  }

  /** The workspace changed, or the code changed and was not deployed, or both. */
  differs(position: FieldPosition, sides: Sides, change?: "added" | "removed"): void {
    const values = this.valuesOf(position, sides);
    const isSame = (a: Desired | undefined, b: Desired | undefined): boolean =>
      isEqual(a, b, position.node);
    // A record has `${var.x}`, which would be resolved with today's variable: for secrets only the
    // state has the deployed value.
    const deployed =
      findMarker(sides.p, Sensitive) === undefined && !(sides.p instanceof Unresolved)
        ? sides.p
        : sides.s;
    if (this.context.deployed === undefined && this.context.state === undefined) {
      return this.add(position, {
        ...values,
        status: "drift",
        reason: changeReason(change, "the workspace differs from the code"),
      });
    }
    // A record has a block as in the code, the workspace also has values that the platform filled
    // in.
    if (
      isSame(deployed, sides.r) ||
      (change === "added" && this.isEquivalent(position, deployed, sides.r))
    ) {
      const reason =
        change === "added"
          ? "removed from the code, not deployed yet"
          : change === "removed"
            ? "new in the code, not deployed yet"
            : "the code has changed, not deployed yet";
      return this.add(position, { ...values, status: "pending", reason });
    }
    if (isSame(deployed, sides.d) || this.isEquivalent(position, sides.d, deployed))
      return this.add(position, {
        ...values,
        status: "drift",
        reason: changeReason(change, "changed in the workspace"),
      });
    this.add(position, {
      ...values,
      status: "drift",
      both: true,
      reason: "changed in the workspace and in the code",
    });
  }

  /** The three values of a finding, in clear text. */
  valuesOf(position: FieldPosition, sides: Sides): Omit<Finding, "status" | "reason"> {
    const { info } = position.node;
    const sensitive =
      info?.sensitive === true ||
      [sides.d, sides.p, sides.s, sides.r].some((sideValue) => sideValue instanceof Sensitive);
    const sideValue = (value: Desired | undefined): Desired | undefined => {
      const isEmpty = isNothing(value, position.node);
      if (value === null || (isEmpty && typeof value === "object")) return undefined;
      return sensitive && !isEmpty ? new Sensitive(value) : value;
    };
    const [desired, deployed, remote] = [
      sideValue(sides.d),
      sideValue(sides.p),
      sideValue(sides.r),
    ];
    return {
      path: position.path,
      ...defined({ label: position.label }),
      field: position.node.field,
      ...defined({ desired, deployed, remote }),
      ...(sensitive ? { sensitive: true as const } : {}),
      ...(info?.replaces === true ? { replaces: true as const } : {}),
    };
  }

  add(position: FieldPosition, finding: Finding): void {
    this.list.push(finding);
    this.trace(position, finding.status, finding.reason);
  }

  trace(position: FieldPosition, outcome: Decision["outcome"], why: Sentence): void {
    this.context.trace?.({
      path: position.path,
      ...defined({ label: position.label }),
      outcome,
      why,
    });
  }

  /** A block that exists on one side only is one finding, not one per field. */
  collapsed(
    position: FieldPosition,
    sides: Sides,
    isOneSided: boolean,
    compareBlock: () => void,
  ): void {
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
    this.differs(position, {
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
