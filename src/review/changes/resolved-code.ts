/**
 * Evaluates dynamic blocks and list expressions in a resource's code, because their source does not
 * show which element has a value.
 */
import { desiredOfStack } from "../../verify/desired/desired";
import {
  isDesiredObject,
  Sensitive,
  Unresolved,
  type Desired,
  type DesiredObject,
} from "../../verify/expressions/values";
import type { SynthesizedStack } from "../../verify/input";
import { isObject, object, type JsonObject } from "../plan/json";
import type { StackResource } from "../plan/stack";

/** Returns the evaluated code of a resource. */
export type CodeOf = (address: string, resource: StackResource) => JsonObject;

/**
 * Returns a function that evaluates a resource's code. It evaluates the stack once, when a resource
 * first needs it.
 * @param variables the values used for the plan
 */
export function codeOfStack(stack: unknown, variables: JsonObject): CodeOf {
  let resolved: ReadonlyMap<string, { readonly attributes: DesiredObject }> | undefined;
  return (address, { config }) => {
    if (!Object.values(config).some(hasExpression) && !hasDynamicBlock(config)) return config;
    resolved ??= desiredOfStack(withValues(object(stack), variables), {
      directory: "",
      state: new Map(),
    });
    const resolvedAttributes = resolved.get(address)?.attributes;
    return resolvedAttributes === undefined ? config : object(withoutMarkers(resolvedAttributes));
  };
}

const hasExpression = (value: unknown): boolean =>
  typeof value === "string" && value.includes("${");

function hasDynamicBlock(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasDynamicBlock);
  if (!isObject(value)) return false;
  for (const key in value) if (key === "dynamic" || hasDynamicBlock(value[key])) return true;
  return false;
}

function withValues(stack: JsonObject, variables: JsonObject): SynthesizedStack {
  const declared = Object.entries(object(stack.variable)).map(
    ([name, variable]): [string, unknown] => [
      name,
      name in variables && isObject(variable)
        ? { ...variable, default: variables[name] }
        : variable,
    ],
  );
  return { ...stack, variable: Object.fromEntries(declared) } as SynthesizedStack;
}

/** Replaces markers by an expression, because their values still count as set by the code. */
function withoutMarkers(value: Desired): unknown {
  if (value instanceof Unresolved || value instanceof Sensitive) return "${…}";
  if (Array.isArray(value)) return value.map(withoutMarkers);
  return isDesiredObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, withoutMarkers(inner)]),
      )
    : value;
}
