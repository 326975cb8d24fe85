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

  compareScalar(position: FieldPosition, sides: Sides): void {
    const { desired, remote } = sides;
    if (desired instanceof Sensitive && desired.reveal() === undefined)
      return this.#compareUnknownSecret(position, sides);
    if (isEqual(desired, remote, position.node))
      return this.trace(position, "equal", "the same on both sides");
    this.reportDifference(position, sides);
  }

  /** The variable has no value here: the workspace is compared with the deployed value. */
  #compareUnknownSecret(position: FieldPosition, sides: Sides): void {
    if (
      isNothing(sides.state, position.node) ||
      (sides.state instanceof Sensitive && sides.state.reveal() === undefined)
    ) {
      return this.reportUnverifiable(
        position,
        sides,
        "the value comes from a sensitive variable that is not set here",
      );
    }
    if (isEqual(sides.state, sides.remote, position.node))
      return this.trace(
        position,
        "equal",
        "the same as in the state; the variable is not set here",
      );
    this.add(position, {
      ...this.valuesOf(position, { ...sides, deployed: sides.state }),
      status: "drift",
      reason: "the workspace differs from the state",
    });
  }

  /**
   * Reports a field with an unresolved expression: as drift if the workspace differs from the value
   * in the state, and otherwise as unverifiable.
   */
  reportUnresolved(position: FieldPosition, sides: Sides, marker: Unresolved): void {
    if (
      !isNothing(sides.state, position.node) &&
      !isEqual(sides.state, sides.remote, position.node)
    ) {
      const reason =
        "the workspace differs from the state; the code's expression cannot be evaluated here";
      return this.add(position, {
        ...this.valuesOf(position, { ...sides, desired: marker, deployed: sides.state }),
        status: "drift",
        reason,
      });
    }
    this.reportUnverifiable(
      position,
      { ...sides, desired: marker },
      `${marker.reason}${isNothing(sides.state, position.node) ? "" : "; the workspace matches the last deploy"}`,
    );
  }

  reportUnverifiable(position: FieldPosition, sides: Sides, reason: string): void {
    this.add(position, { ...this.valuesOf(position, sides), status: "unverifiable", reason });
  }

  /** Reports a difference: the workspace changed, the code changed and is not deployed, or both. */
  reportDifference(position: FieldPosition, sides: Sides, change?: "added" | "removed"): void {
    const values = this.valuesOf(position, sides);
    const isSame = (a: Desired | undefined, b: Desired | undefined): boolean =>
      isEqual(a, b, position.node);
    // A record has `${var.x}`, which would be resolved with today's variable: for secrets only the
    // state has the deployed value.
    const deployed =
      findMarker(sides.deployed, Sensitive) === undefined && !(sides.deployed instanceof Unresolved)
        ? sides.deployed
        : sides.state;
    if (this.context.deployed === undefined && this.context.state === undefined) {
      return this.add(position, {
        ...values,
        status: "drift",
        reason: changeReason(change, "the workspace differs from the code"),
      });
    }
    // A record has a block as it is in the code; the workspace also has values that the platform
    // filled in.
    if (
      isSame(deployed, sides.remote) ||
      (change === "added" && this.isEquivalent(position, deployed, sides.remote))
    ) {
      const reason =
        change === "added"
          ? "removed from the code, but not deployed yet"
          : change === "removed"
            ? "new in the code, but not deployed yet"
            : "the code has changed and is not deployed yet";
      return this.add(position, { ...values, status: "pending", reason });
    }
    if (isSame(deployed, sides.desired) || this.isEquivalent(position, sides.desired, deployed))
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

  /** Returns a finding without status and reason. Values of a sensitive field are wrapped. */
  valuesOf(position: FieldPosition, sides: Sides): Omit<Finding, "status" | "reason"> {
    const { info } = position.node;
    const sensitive =
      info?.sensitive === true ||
      [sides.desired, sides.deployed, sides.state, sides.remote].some(
        (sideValue) => sideValue instanceof Sensitive,
      );
    const sideValue = (value: Desired | undefined): Desired | undefined => {
      const isEmpty = isNothing(value, position.node);
      if (value === null || (isEmpty && typeof value === "object")) return undefined;
      return sensitive && !isEmpty ? new Sensitive(value) : value;
    };
    const [desired, deployed, remote] = [
      sideValue(sides.desired),
      sideValue(sides.deployed),
      sideValue(sides.remote),
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

  /** Reports a block that exists on one side only as one finding, not one per field. */
  reportWholeOrCompare(
    position: FieldPosition,
    sides: Sides,
    {
      isOneSided,
      compareBlock,
    }: { readonly isOneSided: boolean; readonly compareBlock: () => void },
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
    this.reportDifference(position, {
      desired: firstObject(sides.desired),
      deployed: firstObject(sides.deployed),
      state: firstObject(sides.state),
      remote: firstObject(sides.remote),
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
