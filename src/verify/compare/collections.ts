/** Compares sets (elements without order) and maps (entries by key). */
import type { Attributes } from "../../resources/kind";
import {
  Sensitive,
  Unresolved,
  findMarker,
  type Desired,
  type DesiredObject,
} from "../expressions/values";
import { asList, asValue, isEqual, isNothing } from "../fields/equal";
import type { FieldNode } from "../fields/field-node";
import { shortLabel } from "../redactor";
import type { Comparison, FieldPosition, Sides } from "./comparison";
import type { Findings } from "./findings";
import { labelOf, noSides, objectOf } from "./sides";

export class Collections {
  /** @param getRemote the remote object, for the rules' functions */
  constructor(
    private readonly context: Comparison,
    private readonly findings: Findings,
    private readonly getRemote: () => Attributes,
  ) {}

  /** Compares values or blocks without order and key. Reports those that only one side has. */
  compareSet(position: FieldPosition, sides: Sides): void {
    const unresolved = findMarker(sides.desired, Unresolved);
    if (unresolved !== undefined)
      return this.findings.reportUnresolved(position, sides, unresolved);
    // An empty element is ignored.
    const [desired, deployed, remote] = [sides.desired, sides.deployed, sides.remote].map((side) =>
      asList(side).filter((item) => !isNothing(item, position.node)),
    ) as [Desired[], Desired[], Desired[]];
    const includesItem = (list: readonly Desired[], item: Desired): boolean =>
      list.some((other) => isEqual(item, other, position.node));
    const countBefore = this.findings.list.length;
    for (const item of desired)
      if (!includesItem(remote, item))
        this.findings.reportDifference(
          this.#elementPosition(position, item),
          { ...noSides, desired: item, deployed: includesItem(deployed, item) ? item : undefined },
          "removed",
        );
    for (const item of remote) {
      if (includesItem(desired, item)) continue;
      if (this.acceptsElement(position.node, item))
        this.findings.trace(
          this.#elementPosition(position, item),
          "accepted",
          position.node.backendDefault?.reason ?? "",
        );
      else
        this.findings.reportDifference(
          this.#elementPosition(position, item),
          { ...noSides, deployed: includesItem(deployed, item) ? item : undefined, remote: item },
          "added",
        );
    }
    if (this.findings.list.length === countBefore)
      this.findings.trace(position, "equal", "the same elements, in any order");
  }

  compareMap(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): void {
    if (sides.desired instanceof Sensitive || sides.remote instanceof Sensitive)
      return this.findings.compareScalar(position, sides);
    const [desired, deployed, state, remote] = [
      objectOf(sides.desired),
      objectOf(sides.deployed),
      objectOf(sides.state),
      objectOf(sides.remote),
    ];
    const keys = Object.keys(desired ?? {});
    for (const key in remote)
      if (desired === undefined || !Object.hasOwn(desired, key)) keys.push(key);
    for (const key of keys) {
      const entryPosition = { node: position.node.child(key), path: `${position.path}[${key}]` };
      const inner: Sides = {
        desired: desired?.[key],
        deployed: deployed?.[key],
        state: state?.[key],
        remote: remote?.[key],
      };
      if (inner.desired instanceof Unresolved)
        this.findings.reportUnresolved(entryPosition, inner, inner.desired);
      else if (
        desired?.[key] === undefined &&
        this.#acceptsEntry(position.node, entryPosition.node, key, inner)
      )
        this.findings.trace(entryPosition, "accepted", position.node.backendDefault?.reason ?? "");
      else if (
        desired?.[key] === undefined &&
        this.#isFromPolicy(position.node.field, key, inner.remote, parentBlock)
      )
        this.findings.trace(entryPosition, "accepted", "the cluster's policy supplies this value");
      else this.findings.compareScalar(entryPosition, inner);
    }
  }

  #elementPosition(position: FieldPosition, item: Desired): FieldPosition {
    const label = labelOf(item);
    return { node: position.node, path: `${position.path}[${shortLabel(label)}]`, label };
  }

  /** Accepts only the value that the policy defines: any other value was set manually. */
  #isFromPolicy(
    field: string,
    key: string,
    remote: Desired | undefined,
    parentBlock: DesiredObject,
  ): boolean {
    const id = parentBlock["policy_id"];
    const policyValue =
      typeof id === "string"
        ? this.context.policies?.[id]?.[`${field.slice(field.lastIndexOf(".") + 1)}.${key}`]
        : undefined;
    return policyValue !== undefined && policyValue === asValue(remote);
  }

  #acceptsEntry(map: FieldNode, entry: FieldNode, key: string, sides: Sides): boolean {
    const value = asValue(sides.remote);
    const accepted =
      entry.backendDefault?.when(value, {}, this.getRemote()) === true ||
      map.backendDefault?.when({ [key]: value }, {}, this.getRemote()) === true;
    return accepted && (isNothing(sides.state, entry) || isEqual(sides.state, sides.remote, entry));
  }

  acceptsElement(list: FieldNode, element: Desired | undefined): boolean {
    return list.backendDefault?.when([asValue(element)], {}, this.getRemote()) === true;
  }
}
