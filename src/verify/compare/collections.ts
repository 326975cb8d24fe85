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
import type { Comparison, Place, Sides } from "./comparison";
import type { Findings } from "./findings";
import { labelOf, objectOf } from "./sides";

export class Collections {
  /** @param whole the remote object, for the rules' functions */
  constructor(
    private readonly context: Comparison,
    private readonly findings: Findings,
    private readonly whole: () => Attributes,
  ) {}

  /** Values or blocks without order and key: reports elements on one side only. */
  set(at: Place, sides: Sides): void {
    const unresolved = findMarker(sides.d, Unresolved);
    if (unresolved !== undefined) return this.findings.unresolved(at, sides, unresolved);
    // An empty element is ignored.
    const [d, p, r] = [sides.d, sides.p, sides.r].map((side) =>
      asList(side).filter((item) => !isNothing(item, at.node)),
    ) as [Desired[], Desired[], Desired[]];
    const has = (list: readonly Desired[], item: Desired): boolean =>
      list.some((other) => isEqual(item, other, at.node));
    const before = this.findings.list.length;
    for (const item of d)
      if (!has(r, item))
        this.findings.differs(
          this.#element(at, item),
          { d: item, p: has(p, item) ? item : undefined, s: undefined, r: undefined },
          "removed",
        );
    for (const item of r) {
      if (has(d, item)) continue;
      if (this.acceptsElement(at.node, item))
        this.findings.trace(this.#element(at, item), "accepted", at.node.rule?.reason ?? "");
      else
        this.findings.differs(
          this.#element(at, item),
          { d: undefined, p: has(p, item) ? item : undefined, s: undefined, r: item },
          "added",
        );
    }
    if (this.findings.list.length === before)
      this.findings.trace(at, "equal", "the same elements, in any order");
  }

  map(at: Place, sides: Sides, around: DesiredObject): void {
    if (sides.d instanceof Sensitive || sides.r instanceof Sensitive)
      return this.findings.scalar(at, sides);
    const [d, p, s, r] = [
      objectOf(sides.d),
      objectOf(sides.p),
      objectOf(sides.s),
      objectOf(sides.r),
    ];
    const keys = Object.keys(d ?? {});
    for (const key in r) if (d === undefined || !Object.hasOwn(d, key)) keys.push(key);
    for (const key of keys) {
      const place = { node: at.node.child(key), path: `${at.path}[${key}]` };
      const inner: Sides = { d: d?.[key], p: p?.[key], s: s?.[key], r: r?.[key] };
      if (inner.d instanceof Unresolved) this.findings.unresolved(place, inner, inner.d);
      else if (d?.[key] === undefined && this.#acceptsEntry(at.node, place.node, key, inner))
        this.findings.trace(place, "accepted", at.node.rule?.reason ?? "");
      else if (d?.[key] === undefined && this.#fromPolicy(at.node.field, key, inner.r, around))
        this.findings.trace(place, "accepted", "the cluster's policy supplies this value");
      else this.findings.scalar(place, inner);
    }
  }

  #element(at: Place, item: Desired): Place {
    const label = labelOf(item);
    return { node: at.node, path: `${at.path}[${shortLabel(label)}]`, label };
  }

  /** Accepts only the value that the policy defines: any other value was set manually. */
  #fromPolicy(
    field: string,
    key: string,
    remote: Desired | undefined,
    around: DesiredObject,
  ): boolean {
    const id = around["policy_id"];
    const supplied =
      typeof id === "string"
        ? this.context.policies?.[id]?.[`${field.slice(field.lastIndexOf(".") + 1)}.${key}`]
        : undefined;
    return supplied !== undefined && supplied === asValue(remote);
  }

  #acceptsEntry(map: FieldNode, entry: FieldNode, key: string, sides: Sides): boolean {
    const value = asValue(sides.r);
    const accepted =
      entry.rule?.when(value, {}, this.whole()) === true ||
      map.rule?.when({ [key]: value }, {}, this.whole()) === true;
    return accepted && (isNothing(sides.s, entry) || isEqual(sides.s, sides.r, entry));
  }

  acceptsElement(list: FieldNode, element: Desired | undefined): boolean {
    return list.rule?.when([asValue(element)], {}, this.whole()) === true;
  }
}
