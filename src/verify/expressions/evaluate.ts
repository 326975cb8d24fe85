/**
 * This folder parses and evaluates Terraform's expressions. `scripts/import-order.cjs` lists what
 * it may import.
 */
import { isDeepStrictEqual } from "node:util";
import { parseTemplate } from "./parse";
import type { ForNode, Node } from "./syntax";
import { FunctionError, UnsupportedError } from "./function-arguments";
import { functions } from "./functions";
import { withMarkers, withOuterMarkers, findUnresolved } from "./markers";
import { calculate } from "./numbers";
import { toOneType } from "./one-type";
import type { Desired, DesiredObject } from "./values";
import {
  Sensitive,
  Unresolved,
  containsWholeResource,
  isDesiredObject,
  isWholeResource,
  iterate,
  textOf,
} from "./values";

/** Resolves the names in an expression. */
export interface Scope {
  /** The folder of `path.module`; files are read below it. */
  readonly directory: string;
  /** The value of `root.step.step…`; unused steps are returned as `rest`. */
  reference(
    root: string,
    steps: readonly (string | number)[],
  ): { readonly value: Desired; readonly rest: readonly (string | number)[] };
}

/** Adds names to a scope, for `for`, `templatefile` and dynamic blocks. */
export function withNames(scope: Scope, names: Readonly<Record<string, Desired>>): Scope {
  return {
    directory: scope.directory,
    reference: (root, steps) => {
      const value = names[root];
      return value === undefined ? scope.reference(root, steps) : { value, rest: steps };
    },
  };
}

/**
 * Replaces every expression in a configuration value by its value or by a marker. Parts without
 * expressions are returned unchanged, not copied.
 */
export function resolve(value: unknown, scope: Scope): Desired {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return resolveText(value, scope);
  if (Array.isArray(value)) return resolveList(value, scope);
  const source = value as Readonly<Record<string, unknown>>;
  let result: DesiredObject | undefined;
  for (const key in source) {
    const inner = source[key];
    const name = key.includes("${") ? resolveText(key, scope) : key;
    const resolved = resolve(inner, scope);
    if (result === undefined && resolved === inner && name === key) continue;
    result ??= fieldsBefore(source, key);
    result[typeof name === "string" ? name : key] = resolved;
  }
  return result ?? (source as DesiredObject);
}

function resolveList(list: readonly unknown[], scope: Scope): Desired {
  const items = list.map((item) => resolve(item, scope));
  return items.every((item, index) => item === list[index]) ? (list as Desired[]) : items;
}

/** Copies the fields that come before a key. */
function fieldsBefore(source: Readonly<Record<string, unknown>>, key: string): DesiredObject {
  const result: DesiredObject = {};
  for (const name in source) {
    if (name === key) break;
    result[name] = source[name] as Desired;
  }
  return result;
}

function resolveText(text: string, scope: Scope): Desired {
  const node = parseTemplate(text);
  if (node instanceof Unresolved) return node;
  if (node.is === "literal") return node.value;
  const resolvedValue = evaluate(node, scope);
  if (resolvedValue instanceof Unresolved) return new Unresolved(text, resolvedValue.reason);
  return containsWholeResource(resolvedValue)
    ? new Unresolved(text, "a whole resource as a value is not supported")
    : withExpression(resolvedValue, text);
}

/** Adds the source expression to unresolved values nested in a value. */
function withExpression(value: Desired, text: string): Desired {
  if (value instanceof Unresolved)
    return value.expression === "" ? new Unresolved(text, value.reason) : value;
  if (
    value === null ||
    typeof value !== "object" ||
    value instanceof Sensitive ||
    findUnresolved(value) === undefined
  )
    return value;
  if (Array.isArray(value)) return value.map((inner) => withExpression(inner, text));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withExpression(inner, text)]),
  );
}

export function evaluate(node: Node, scope: Scope): Desired {
  const evaluateAll = (nodes: readonly Node[], compute: (values: Desired[]) => Desired): Desired =>
    withMarkers(
      nodes.map((inner) => evaluate(inner, scope)),
      compute,
    );
  switch (node.is) {
    case "literal":
      return node.value;
    case "template":
      return evaluateAll(node.parts, (values) => {
        const invalidPart = values.find((value) => value === null || typeof value === "object");
        return invalidPart === undefined
          ? values.map(textOf).join("")
          : unresolved("a template accepts only strings, numbers and booleans");
      });
    case "list":
      // Markers may stay inside lists and objects: only the affected elements are unverifiable.
      return node.items.map((item) => evaluate(item, scope));
    case "object": {
      const entries: [string, Desired][] = [];
      for (const [key, inner] of node.entries) {
        const name = evaluate(key, scope);
        if (name instanceof Unresolved) return name;
        entries.push([textOf(name), evaluate(inner, scope)]);
      }
      return Object.fromEntries(entries);
    }
    case "reference": {
      const steps: (string | number)[] = [];
      for (const step of node.steps) {
        const value = evaluate(step, scope);
        if (typeof value !== "string" && typeof value !== "number")
          return value instanceof Unresolved
            ? value
            : unresolved("an index must be a string or number");
        steps.push(value);
      }
      const { value, rest } = scope.reference(node.root, steps);
      return followSteps(value, rest);
    }
    case "index":
      return withOuterMarkers(
        [node.base, ...node.steps].map((inner) => evaluate(inner, scope)),
        ([value = null, ...steps]) => followSteps(value, steps.map(stepOf)),
      );
    case "unary":
      return evaluateAll([node.of], ([value = null]) =>
        node.operator === "!" ? !isTrue(value) : -Number(value),
      );
    case "binary":
      return evaluateAll([node.left, node.right], ([left = null, right = null]) =>
        binary(node.operator, left, right),
      );
    case "conditional":
      return evaluateAll([node.test], ([test = null]) =>
        isBooleanLike(test)
          ? convertBranch(evaluate(isTrue(test) ? node.yes : node.no, scope), () =>
              evaluate(isTrue(test) ? node.no : node.yes, scope),
            )
          : unresolved("a condition must be true or false"),
      );
    case "call":
      return call(node.name, argumentsOf(node, scope), scope);
    case "splat":
      return withOuterMarkers(
        [node.base, ...node.steps].map((inner) => evaluate(inner, scope)),
        ([value = null, ...steps]) => {
          const items = Array.isArray(value) ? value : value === null ? [] : [value];
          return items.map((item) => followSteps(item, steps.map(stepOf)));
        },
      );
    case "for":
      return withOuterMarkers([evaluate(node.of, scope)], ([value = null]) =>
        forExpression(node, value, scope),
      );
  }
}

/** Returns the value of the branch taken, converted to the common type of both branches. */
function convertBranch(taken: Desired, other: () => Desired): Desired {
  return taken === null || taken instanceof Unresolved
    ? taken
    : (toOneType([taken, other()])[0] ?? null);
}

function stepOf(step: Desired): string | number {
  return typeof step === "number" ? step : textOf(step);
}

/** The arguments of a call; `f(list...)` passes each element as a separate argument. */
function argumentsOf(node: Node & { readonly is: "call" }, scope: Scope): readonly Desired[] {
  const values = node.args.map((inner) => evaluate(inner, scope));
  if (!node.expand) return values;
  const last = values.pop() ?? null;
  return [
    ...values,
    ...(Array.isArray(last)
      ? last
      : [last instanceof Unresolved ? last : unresolved("only a list can be expanded")]),
  ];
}

function forExpression(node: ForNode, value: Desired, scope: Scope): Desired {
  if (!Array.isArray(value) && !isDesiredObject(value))
    return unresolved("only lists and maps can be iterated");
  const result: [Desired, Desired][] = [];
  for (const [key, item] of iterate(value)) {
    const inner = withNames(scope, {
      ...(node.key === undefined ? {} : { [node.key]: key }),
      [node.name]: item,
    });
    const condition = node.test === undefined ? true : evaluate(node.test, inner);
    // It is unknown whether an element exists, so the complete collection is unknown.
    if (condition instanceof Unresolved) return condition;
    if (condition instanceof Sensitive) return unresolved("a sensitive condition is not supported");
    if (!isTrue(condition)) continue;
    const name = node.as === undefined ? null : evaluate(node.as, inner);
    if (name instanceof Unresolved || name instanceof Sensitive) return name;
    result.push([name, evaluate(node.value, inner)]);
  }
  const values = result.map(([, value]) => value);
  if (node.result === "list") return values;
  if (node.result === "text") return withMarkers(values, (parts) => parts.map(textOf).join(""));
  const object: DesiredObject = {};
  for (const [name, value] of result) {
    const key = textOf(name);
    const previous = object[key];
    if (!node.isGrouped && previous !== undefined)
      return unresolved(`two elements have the key ${key}`);
    if (node.isGrouped) object[key] = [...(Array.isArray(previous) ? previous : []), value];
    else object[key] = value;
  }
  return object;
}

/**
 * Functions that return their arguments or parts of these. The arguments may contain sensitive
 * values, unresolved values and whole resources.
 */
const movingFunctions = new Set([
  "merge",
  "concat",
  "flatten",
  "values",
  "element",
  "lookup",
  "one",
  "tolist",
  "tomap",
  "zipmap",
  "slice",
  "reverse",
  "coalesce",
]);
/**
 * Functions that accept a map of resources, but not a single resource, because its zero-valued
 * attributes are missing.
 */
const resourceMapFunctions = new Set(["length", "keys"]);

function call(name: string, args: readonly Desired[], scope: Scope): Desired {
  if (name === "sensitive") return args[0] instanceof Unresolved ? args[0] : new Sensitive(args[0]);
  if (name === "nonsensitive")
    return args[0] instanceof Sensitive
      ? (args[0].reveal() ?? unresolved("the value of a sensitive variable is unknown here"))
      : (args[0] ?? null);
  if (name === "try") return firstWithoutFailure(args);
  if (["uuid", "timestamp", "plantimestamp", "bcrypt"].includes(name))
    return unresolved(`${name}() returns a different value each time`);
  const guarded =
    (compute: (values: readonly Desired[]) => Desired) =>
    (values: readonly Desired[]): Desired => {
      try {
        return compute(values);
      } catch (error) {
        if (error instanceof UnsupportedError) return unresolved(`${name}(): ${error.message}`);
        if (error instanceof FunctionError || error instanceof SyntaxError)
          return failure(`${name}(): ${error.message}`);
        throw error;
      }
    };
  if (name === "templatefile")
    return withMarkers(
      args,
      guarded((values) => templateFile(values, scope)),
    );
  const compute = functions.get(name);
  if (compute === undefined) return unresolved(`the function ${name}() is not supported`);
  const acceptsResourceMap = resourceMapFunctions.has(name) && !isWholeResource(args[0]);
  if (!movingFunctions.has(name) && !acceptsResourceMap && args.some(containsWholeResource))
    return unresolved(`a whole resource in ${name}() is not supported`);
  const run = guarded((values) => compute(values, scope.directory));
  return movingFunctions.has(name) || acceptsResourceMap
    ? withOuterMarkers(args, run)
    : withMarkers(args, run);
}

/** Returns the value of `try()`. It is unknown if lakeform cannot tell whether Terraform fails. */
function firstWithoutFailure(alternatives: readonly Desired[]): Desired {
  for (const value of alternatives) {
    const unknown = findUnresolved(value);
    if (unknown === undefined) return value;
    if (!unknown.isFailure) return unknown;
  }
  return unresolved("every alternative of try() fails");
}

function templateFile([name = null, names = null]: readonly Desired[], scope: Scope): Desired {
  if (!isDesiredObject(names)) return unresolved("templatefile() needs a map of names");
  const text = functions.get("file")?.([name], scope.directory) ?? null;
  const node = parseTemplate(textOf(text));
  if (node instanceof Unresolved) return unresolved(`${textOf(name)}: ${node.reason}`);
  const unknownName = (root: string): ReturnType<Scope["reference"]> => ({
    value: unresolved(`${root} is not passed to ${textOf(name)}`),
    rest: [],
  });
  return evaluate(node, withNames({ directory: scope.directory, reference: unknownName }, names));
}

function followSteps(start: Desired, steps: readonly (string | number)[]): Desired {
  let value = start;
  for (const step of steps) {
    if (value instanceof Unresolved || value instanceof Sensitive) return value;
    const index = typeof step === "number" ? step : /^\d+$/.test(step) ? Number(step) : undefined;
    if (Array.isArray(value) && index !== undefined)
      value = index < value.length ? (value[index] ?? null) : failure(`no element ${index}`);
    // A block that occurs at most once may be written as an object; references to it have [0].
    else if (isDesiredObject(value) && index === 0 && value["0"] === undefined) continue;
    else if (isDesiredObject(value))
      value = Object.hasOwn(value, String(step))
        ? (value[String(step)] ?? null)
        : failure(`no attribute ${String(step)}`);
    else return failure(`cannot read ${String(step)}: the value has no attributes`);
  }
  return value;
}

function isBooleanLike(value: Desired): boolean {
  return value === true || value === false || value === "true" || value === "false";
}

function isTrue(value: Desired): boolean {
  return value === true || value === "true";
}

function binary(operator: string, left: Desired, right: Desired): Desired {
  switch (operator) {
    case "==":
    case "!=":
      // In Terraform, a list differs from a tuple with the same elements, and a map from an object.
      return isCollection(left) && isCollection(right)
        ? unresolved(`${operator} of lists or maps is not supported`)
        : isDeepStrictEqual(left, right) === (operator === "==");
    case "&&":
      return isTrue(left) && isTrue(right);
    case "||":
      return isTrue(left) || isTrue(right);
    default:
      return arithmetic(operator, Number(left), Number(right));
  }
}

const isCollection = (value: Desired): boolean => typeof value === "object" && value !== null;

function arithmetic(operator: string, left: number, right: number): Desired {
  if (Number.isNaN(left) || Number.isNaN(right)) return unresolved(`${operator} needs numbers`);
  return (
    calculate(operator, left, right) ??
    unresolved(`the result of ${left} ${operator} ${right} cannot be calculated exactly`)
  );
}

function unresolved(reason: string): Unresolved {
  return new Unresolved("", reason);
}

/** Returns the marker of an expression that Terraform cannot evaluate either. */
function failure(reason: string): Unresolved {
  return new Unresolved("", reason, true);
}
