/**
 * Finds values that an element of a keyed list inherits from its neighbour. The official provider
 * plans lists by position, so a value that the code omits (`run_if`, an instance profile) passes to
 * the element that moves to this position.
 */
import { findKind } from "../../resources";
import type { InheritedValue, Json, ResourceChange } from "../model";
import type { PlanChange } from "../plan/plan";
import type { StackResource } from "../plan/stack";
import { canonical, isEmpty, isList, isObject, object } from "../plan/json";
import type { BackendDefault } from "../../resources/kind";
import type { Attributes, Value } from "../../resources/kind";
import type { KeyRules } from "./list-keys";
import type { CodeOf } from "./resolved-code";

export type Inherited = Omit<InheritedValue, "address" | "path">;

export interface InheritedRules {
  readonly keyed: KeyRules;
  readonly backendDefaults: Readonly<Record<string, BackendDefault>>;
}

/** Like {@link findInherited}, with the rules of the resource's type and its evaluated code. */
export function inheritedOf(
  entry: PlanChange,
  resource: StackResource | undefined,
  codeOf: CodeOf,
): readonly Inherited[] {
  const rules = findKind(entry.type)?.rules;
  return rules === undefined || resource === undefined
    ? []
    : findInherited(entry, codeOf(entry.address, resource), rules);
}

/** Returns the inherited values of all changes, with address and construct path. */
export const inheritedAt = (
  inheritedByAddress: ReadonlyMap<string, readonly Inherited[]>,
  changes: readonly ResourceChange[],
): InheritedValue[] =>
  changes.flatMap(({ address, path }) =>
    (inheritedByAddress.get(address) ?? []).map((inherited) => ({ address, path, ...inherited })),
  );

/**
 * Four versions of one value: the planned one, the one in the code, and the previous values of the
 * element with the same key and of the element at the same position.
 */
interface Sides {
  readonly after: unknown;
  readonly configured: unknown;
  readonly sameKey: unknown;
  readonly samePosition: unknown;
}

/**
 * Finds the inherited values of one planned update.
 * @param code the resource in the code
 */
export function findInherited(
  entry: { readonly before: unknown; readonly after: unknown },
  code: unknown,
  rules: InheritedRules,
): Inherited[] {
  const inheritedValues: Inherited[] = [];
  if (!isObject(entry.before) || !isObject(entry.after)) return inheritedValues;
  const planned = entry.after as Attributes;

  const walk = (
    path: string,
    field: string,
    sides: Sides,
    parent: unknown,
    from: string | undefined,
  ): void => {
    const { after } = sides;
    if (isList(after)) return visitList(path, field, after, sides, parent, from);
    if (isObject(after)) {
      const [configured, previous, samePosition] = [
        object(sides.configured),
        object(sides.sameKey),
        object(sides.samePosition),
      ];
      for (const name in after) {
        // Fields that the plan leaves empty are not inherited.
        if (isNothing(after[name])) continue;
        const fieldSides: Sides = {
          after: after[name],
          configured: configured[name],
          sameKey: previous[name],
          samePosition: samePosition[name],
        };
        walk(
          path === "" ? name : `${path}.${name}`,
          field === "" ? name : `${field}.${name}`,
          fieldSides,
          after,
          from,
        );
      }
      return;
    }
    if (from !== undefined) visitValue(path, field, sides, parent, from);
  };

  const visitList = (
    path: string,
    field: string,
    after: readonly unknown[],
    sides: Sides,
    parent: unknown,
    from: string | undefined,
  ): void => {
    const key = rules.keyed[field];
    const [configured, previousItems, samePosition] = [
      asItems(sides.configured),
      asItems(sides.sameKey),
      asItems(sides.samePosition),
    ];
    if (key === undefined || key === "*") {
      if (after.length === 1 && isObject(after[0]))
        walk(
          path,
          field,
          {
            after: after[0],
            configured: configured[0],
            sameKey: previousItems[0],
            samePosition: samePosition[0],
          },
          parent,
          from,
        );
      else if (from !== undefined && !after.some(isObject))
        visitValue(path, field, sides, parent, from);
      return;
    }
    const findByKey = (side: readonly unknown[], name: unknown): unknown =>
      side.find((element) => object(element)[key] === name);
    after.forEach((element, index) => {
      const name = object(element)[key];
      const code = findByKey(configured, name);
      // If the element is in an unevaluated expression, the fields that it omits are unknown.
      if (code === undefined) return;
      const atPosition = from === undefined ? previousItems[index] : samePosition[index];
      // If the previous element at this position has a different key, all its values belong to
      // another element.
      const neighbourElement =
        from === undefined && object(atPosition)[key] === name ? undefined : atPosition;
      const origin =
        from ??
        (neighbourElement === undefined
          ? undefined
          : `${path}[${String(object(neighbourElement)[key])}]`);
      walk(
        `${path}[${String(name)}]`,
        field,
        {
          after: element,
          configured: code,
          sameKey: findByKey(previousItems, name),
          samePosition: neighbourElement,
        },
        element,
        origin,
      );
    });
  };

  const visitValue = (
    path: string,
    field: string,
    { after, configured, sameKey, samePosition }: Sides,
    parent: unknown,
    from: string,
  ): void => {
    if (
      isNothing(after) ||
      !isEmpty(configured) ||
      canonical(after) !== canonical(samePosition) ||
      canonical(after) === canonical(sameKey)
    )
      return;
    const rule = rules.backendDefaults[field];
    const isPlatformDefault =
      rule?.when(after as Value, object(parent) as Attributes, planned) === true;
    // A rule that accepts this invented value accepts every value, so it does not show that the
    // planned value is the platform's default.
    const acceptsAnyValue =
      rule?.when("\u0000no such value", object(parent) as Attributes, planned) === true;
    if (isPlatformDefault && !acceptsAnyValue) return;
    inheritedValues.push({ field: path, value: after as Json, from });
  };

  walk(
    "",
    "",
    { after: entry.after, configured: code, sameKey: entry.before, samePosition: undefined },
    entry.after,
    undefined,
  );
  return inheritedValues;
}

const isNothing = (value: unknown): boolean =>
  isEmpty(value) || value === "" || value === 0 || value === false;
const asItems = (side: unknown): readonly unknown[] =>
  isList(side) ? side : isEmpty(side) ? [] : [side];
