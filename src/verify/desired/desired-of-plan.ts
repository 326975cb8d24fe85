import { fieldsOf, markSensitive, namesWithDefault, type Fields } from "../fields/field-rules";
import type { PlanConfiguration, PlanJson, PlanModule } from "../input";
import { Sensitive, Unresolved, isDesiredObject, isObject, prunedJson, type Desired, type DesiredObject } from "../expressions/values";
import type { DesiredResource } from "./desired";
import { elsewhereInPlan } from "./provider-host";

/** The managed resources of a plan, by address: for projects whose configuration is HCL. */
export function desiredOfPlan(plan: PlanJson, host?: string): ReadonlyMap<string, DesiredResource> {
  const elsewhere = host === undefined ? undefined : elsewhereInPlan(plan, host);
  const found = new Map<string, DesiredResource>();
  const unknown = new Map(plan.resource_changes?.map(({ address, change }) => [address, change.after_unknown]));
  const visit = (module: PlanModule | undefined): void => {
    for (const resource of module?.resources ?? []) {
      if (resource.mode !== "managed") continue;
      const { address, type, name } = resource;
      const attributes = prunedJson(resource.values ?? {}, namesWithDefault(type));
      if (!isDesiredObject(attributes)) continue;
      hide(attributes, resource.sensitive_values);
      leaveOpen(attributes, unknown.get(address), fieldsOf(type), "");
      const where = elsewhere?.({ address, type });
      found.set(address, {
        address,
        type,
        name,
        attributes: markSensitive(type, attributes),
        ignoreChanges: [],
        ...(where === undefined ? {} : { elsewhere: where }),
      });
    }
    module?.child_modules?.forEach(visit);
  };
  visit(plan.planned_values?.root_module);
  return found;
}

/** The fields of the top level that the code of a plan sets, by address without indices. */
export function fieldsInCode(plan: PlanJson): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  const visit = (configuration: PlanConfiguration | undefined, prefix: string): void => {
    for (const { address, expressions } of configuration?.resources ?? [])
      found.set(prefix + address, new Set(Object.keys(expressions ?? {})));
    for (const [name, { module }] of Object.entries(configuration?.module_calls ?? {})) visit(module, `${prefix}module.${name}.`);
  };
  visit(plan.configuration?.root_module, "");
  return found;
}

/** `sensitive_values` has the shape of the values, with `true` where one is sensitive. */
function hide(value: DesiredObject | Desired[], marks: unknown): void {
  if (typeof marks !== "object" || marks === null) return;
  const container = value as unknown as Record<string, Desired | undefined>;
  for (const [key, mark] of Object.entries(marks)) {
    const inner = container[key];
    if (inner === undefined || inner === null) continue;
    if (mark === true) container[key] = new Sensitive(inner);
    else if (Array.isArray(inner) || isDesiredObject(inner)) hide(inner, mark);
  }
}

/** What is known only after an apply: `after_unknown` has the shape of the values. What the platform computes is not the configuration's. */
function leaveOpen(value: Desired, marks: unknown, fields: Fields, prefix: string): void {
  if (Array.isArray(value) && Array.isArray(marks)) value.forEach((item, at) => leaveOpen(item, marks[at], fields, prefix));
  if (!isDesiredObject(value) || !isObject(marks)) return;
  for (const [key, mark] of Object.entries(marks)) {
    const info = fields.get(prefix + key);
    if (mark !== true) leaveOpen(value[key] ?? null, mark, fields, `${prefix}${key}.`);
    else if (info !== undefined && !info.computedOnly && !info.optionalComputed)
      value[key] = new Unresolved("(known after apply)", "Terraform knows it only after an apply");
  }
}
