import { isEmpty, isList, isObject, object, type JsonObject } from "../plan/json";
import type { PlanChange } from "../plan/plan";
import type { StackResource } from "../plan/stack";
import { annotate, Sensitive, Unknown } from "./unknown-and-sensitive";

/**
 * Returns the planned values that the code may have set. Replaces unknown and sensitive values by
 * the expression `${…}`, and drops the empty values that providers plan for unset fields.
 */
export function asConfigured({
  after,
  afterUnknown,
  afterSensitive,
  type,
}: PlanChange): JsonObject {
  const annotated = object(annotate(after, afterUnknown, afterSensitive, type));
  const toPlain = (value: unknown): unknown => {
    if (value instanceof Unknown || value instanceof Sensitive) return "${…}";
    if (isList(value)) return value.map(toPlain);
    return isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, inner]) =>
            isEmpty(inner) || inner === "" ? [] : [[key, toPlain(inner)]],
          ),
        )
      : value;
  };
  return object(toPlain(annotated));
}

/** Returns the planned values of the top-level fields that have an expression in the code. */
export function plannedValues(
  resource: StackResource,
  after: unknown,
): Readonly<Record<string, unknown>> {
  const planned = object(after);
  return Object.fromEntries(
    Object.entries(resource.config).flatMap(([key, value]) =>
      hasExpression(value) && !isEmpty(planned[key]) ? [[key, planned[key]]] : [],
    ),
  );
}

function hasExpression(value: unknown): boolean {
  if (typeof value === "string") return value.includes("${");
  if (isList(value)) return value.some(hasExpression);
  if (!isObject(value)) return false;
  for (const key in value) if (key.includes("${") || hasExpression(value[key])) return true;
  return false;
}
