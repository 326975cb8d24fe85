/** Sets and maps: elements without order, entries by key. */
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
import { labelOf, objectOf } from "./sides";

export class Collections {
  /** @param getRemote the remote object, for the rules' functions */
  constructor(
    private readonly context: Comparison,
    private readonly findings: Findings,
    private readonly getRemote: () => Attributes,
  ) {}

  /** Values or blocks without order and key: reports elements on one side only. */
  set(position: FieldPosition, sides: Sides): void {
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.findings.unresolved(position, sides, unresolved);
    // An empty element is ignored.
    const [d, p, r] = [sides.d, sides.p, sides.r].map((side) =>
      asList(side).filter((item) => !isNothing(item, position.node)),
    ) as [Desired[], Desired[], Desired[]];
    const includesItem = (list: readonly Desired[], item: Desired): boolean =>
      list.some((other) => isEqual(item, other, position.node));
    const countBefore = this.findings.list.length;
    for (const item of d)
      if (!includesItem(r, item))
        this.findings.differs(
          this.#elementPosition(position, item),
          { d: item, p: includesItem(p, item) ? item : undefined, s: undefined, r: undefined },
          "removed",
        );
    for (const item of r) {
      if (includesItem(d, item)) continue;
      if (this.acceptsElement(position.node, item))
        this.findings.trace(
          this.#elementPosition(position, item),
          "accepted",
          position.node.rule?.reason ?? "",
        );
      else
        this.findings.differs(
          this.#elementPosition(position, item),
          { d: undefined, p: includesItem(p, item) ? item : undefined, s: undefined, r: item },
          "added",
        );
    }
    if (this.findings.list.length === countBefore)
      this.findings.trace(position, "equal", "the same elements, in any order");
  }

  map(position: FieldPosition, sides: Sides, parentBlock: DesiredObject): void {
    if (sides.d instanceof Sensitive || sides.r instanceof Sensitive)
      return this.findings.scalar(position, sides);
    const [d, p, s, r] = [
      objectOf(sides.d),
      objectOf(sides.p),
      objectOf(sides.s),
      objectOf(sides.r),
    ];
    const keys = Object.keys(d ?? {});
    for (const key in r) if (d === undefined || !Object.hasOwn(d, key)) keys.push(key);
    for (const key of keys) {
      const entryPlace = { node: position.node.child(key), path: `${position.path}[${key}]` };
      const inner: Sides = { d: d?.[key], p: p?.[key], s: s?.[key], r: r?.[key] };
      if (inner.d instanceof Unresolved) this.findings.unresolved(entryPlace, inner, inner.d);
      else if (
        d?.[key] === undefined &&
        this.#acceptsEntry(position.node, entryPlace.node, key, inner)
      )
        this.findings.trace(entryPlace, "accepted", position.node.rule?.reason ?? "");
      else if (
        d?.[key] === undefined &&
        this.#isFromPolicy(position.node.field, key, inner.r, parentBlock)
      )
        this.findings.trace(entryPlace, "accepted", "the cluster's policy supplies this value");
      else this.findings.scalar(entryPlace, inner);
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
    const value = asValue(sides.r);
    const accepted =
      entry.rule?.when(value, {}, this.getRemote()) === true ||
      map.rule?.when({ [key]: value }, {}, this.getRemote()) === true;
    return accepted && (isNothing(sides.s, entry) || isEqual(sides.s, sides.r, entry));
  }

  acceptsElement(list: FieldNode, element: Desired | undefined): boolean {
    return list.rule?.when([asValue(element)], {}, this.getRemote()) === true;
  }
}
