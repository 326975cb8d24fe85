import { withoutKeys } from "../../terraform/references";
import { defined } from "../../defined";
import type { PlannedProject } from "../target";
import { unsetValuesOf, type CodeOfBlock } from "./unset-values";
import {
  fieldsOf,
  markSensitive,
  namesWithNonZeroDefault,
  type Fields,
} from "../fields/field-rules";
import type { PlanConfiguration, PlanJson, PlanModule } from "../input";
import {
  Sensitive,
  Unresolved,
  isDesiredObject,
  isObject,
  prunedJson,
  type Desired,
  type DesiredObject,
} from "../expressions/values";
import type { DesiredResource } from "./desired";
import { elsewhereInPlan } from "./provider-host";

/** Returns the managed resources of a plan, by address, for projects in HCL. */
export function desiredOfPlan(
  { plan, fresh }: PlannedProject,
  host?: string,
): ReadonlyMap<string, DesiredResource> {
  const codeOfAddress = codeOf({ plan, fresh });
  const elsewhereReason = host === undefined ? undefined : elsewhereInPlan(plan, host);
  const resources = new Map<string, DesiredResource>();
  const unknown = new Map(
    plan.resource_changes?.map(({ address, change }) => [address, change.after_unknown]),
  );
  const visit = (module: PlanModule | undefined): void => {
    for (const resource of module?.resources ?? []) {
      if (resource.mode !== "managed") continue;
      const { address, type, name } = resource;
      const attributes = prunedJson(resource.values ?? {}, namesWithNonZeroDefault(type));
      if (!isDesiredObject(attributes)) continue;
      wrapSensitive(attributes, resource.sensitive_values);
      markUnknown(attributes, unknown.get(address), fieldsOf(type), "");
      const reason = elsewhereReason?.({ address, type });
      const unsetValues = unsetValuesOf(type, resource.values, codeOfAddress(address)).values;
      for (const { steps } of unsetValues) clear(attributes, steps);
      resources.set(address, {
        address,
        type,
        name,
        attributes: markSensitive(type, attributes),
        ignoreChanges: [],
        ...(unsetValues.length === 0
          ? {}
          : {
              inherited: Object.fromEntries(
                unsetValues.map(({ path, value }) => [path, { value }]),
              ),
            }),
        ...defined({ elsewhere: reason }),
      });
    }
    module?.child_modules?.forEach(visit);
  };
  visit(plan.planned_values?.root_module);
  return resources;
}

/** True if only a plan from an empty state shows which values the code sets. */
export function needsFreshPlan(plan: PlanJson): boolean {
  const codeOfAddress = codeOf({ plan });
  const hasUnclearValues = (module: PlanModule | undefined): boolean =>
    (module?.resources ?? []).some(
      ({ mode, address, type, values }) =>
        mode === "managed" && unsetValuesOf(type, values, codeOfAddress(address)).unclear,
    ) || module?.child_modules?.some(hasUnclearValues) === true;
  return hasUnclearValues(plan.planned_values?.root_module);
}

function codeOf({ plan, fresh }: PlannedProject): (address: string) => CodeOfBlock {
  const expressions = expressionsInCode(plan);
  const freshChanges = new Map(
    fresh?.resource_changes?.map(({ address, change }) => [address, change]),
  );
  return (address) => {
    const change = freshChanges.get(address);
    const expressionsOfResource = expressions.get(withoutKeys(address));
    return {
      ...defined({ expressions: expressionsOfResource }),
      ...(isObject(change?.after) && {
        fresh: {
          values: change.after,
          unknown: isObject(change.after_unknown) ? change.after_unknown : {},
        },
      }),
    };
  };
}

function clear(attributes: DesiredObject, steps: readonly (string | number)[]): void {
  let parent: unknown = attributes;
  for (const step of steps.slice(0, -1))
    parent = (parent as Record<string | number, unknown> | undefined)?.[step];
  if (isObject(parent)) parent[String(steps.at(-1))] = null;
}

/** Returns the top-level fields that the code of a plan sets, by address without indices. */
export function fieldsInCode(plan: PlanJson): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    [...expressionsInCode(plan)].map(([address, expressions]) => [
      address,
      new Set(Object.keys(expressions)),
    ]),
  );
}

/** Returns the expressions of each resource in a plan, by address without indices. */
function expressionsInCode(plan: PlanJson): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const expressionsByAddress = new Map<string, Readonly<Record<string, unknown>>>();
  const visit = (configuration: PlanConfiguration | undefined, prefix: string): void => {
    for (const { address, expressions } of configuration?.resources ?? [])
      expressionsByAddress.set(prefix + address, expressions ?? {});
    for (const [name, { module }] of Object.entries(configuration?.module_calls ?? {}))
      visit(module, `${prefix}module.${name}.`);
  };
  visit(plan.configuration?.root_module, "");
  return expressionsByAddress;
}

/**
 * Wraps sensitive values. `sensitive_values` has the structure of the values, with `true` marks.
 */
function wrapSensitive(value: DesiredObject | Desired[], marks: unknown): void {
  if (typeof marks !== "object" || marks === null) return;
  const container = value as unknown as Record<string, Desired | undefined>;
  for (const [key, mark] of Object.entries(marks)) {
    const inner = container[key];
    if (inner === undefined || inner === null) continue;
    if (mark === true) container[key] = new Sensitive(inner);
    else if (Array.isArray(inner) || isDesiredObject(inner)) wrapSensitive(inner, mark);
  }
}

/**
 * Marks values that are known only after an apply. `after_unknown` has the structure of the values,
 * with `true` marks. Skips fields that the platform computes or fills in, and fields without a
 * schema.
 */
function markUnknown(value: Desired, marks: unknown, fields: Fields, prefix: string): void {
  if (Array.isArray(value) && Array.isArray(marks))
    value.forEach((item, index) => markUnknown(item, marks[index], fields, prefix));
  if (!isDesiredObject(value) || !isObject(marks)) return;
  for (const [key, mark] of Object.entries(marks)) {
    const info = fields.get(prefix + key);
    if (mark !== true) markUnknown(value[key] ?? null, mark, fields, `${prefix}${key}.`);
    else if (info !== undefined && !info.computedOnly && !info.optionalComputed)
      value[key] = new Unresolved("(known after apply)", "known only after apply");
  }
}
