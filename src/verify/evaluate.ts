import type { Node } from "./expression";
import { parseTemplate } from "./expression";
import { FunctionError, functions } from "./functions";
import type { Desired } from "./values";
import { Sensitive, Unresolved, isDesiredObject, textOf } from "./values";

/** What the names in an expression stand for. */
export interface Scope {
  /** The folder of `path.module`; files are read below it. */
  readonly directory: string;
  /** The value of `root.step.step…`; steps that it does not use up are returned as `rest`. */
  reference(root: string, steps: readonly (string | number)[]): { readonly value: Desired; readonly rest: readonly (string | number)[] };
}

/** Replaces every expression in a configuration value by what it stands for, or by a marker. */
export function resolve(value: unknown, scope: Scope): Desired {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return resolveText(value, scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  const object: Record<string, Desired> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = key.includes("${") ? resolveText(key, scope) : key;
    object[typeof name === "string" ? name : key] = resolve(inner, scope);
  }
  return object;
}

function resolveText(text: string, scope: Scope): Desired {
  const node = parseTemplate(text);
  if (node instanceof Unresolved) return node;
  if (node.is === "literal") return node.value;
  const found = evaluate(node, scope);
  return found instanceof Unresolved ? new Unresolved(text, found.reason) : found;
}

export function evaluate(node: Node, scope: Scope): Desired {
  const each = (nodes: readonly Node[], work: (values: Desired[]) => Desired): Desired =>
    over(
      nodes.map((inner) => evaluate(inner, scope)),
      work,
    );
  switch (node.is) {
    case "literal":
      return node.value;
    case "template":
      return each(node.parts, (values) => values.map(textOf).join(""));
    case "list":
      // Markers may stay inside lists and objects: only what they touch is unverifiable.
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
          return value instanceof Unresolved ? value : unresolved("an index is neither text nor number");
        steps.push(value);
      }
      const { value, rest } = scope.reference(node.root, steps);
      return walk(value, rest);
    }
    case "index":
      return each([node.of, ...node.steps], ([of = null, ...steps]) =>
        walk(
          of,
          steps.map((step) => (typeof step === "number" ? step : textOf(step))),
        ),
      );
    case "unary":
      return each([node.of], ([value = null]) => (node.operator === "!" ? !truth(value) : -Number(value)));
    case "binary":
      return each([node.left, node.right], ([left = null, right = null]) => binary(node.operator, left, right));
    case "conditional":
      return each([node.test], ([test = null]) => evaluate(truth(test) ? node.yes : node.no, scope));
    case "call":
      return call(node.name, node.given.map((inner) => evaluate(inner, scope)), scope.directory); // prettier-ignore
  }
}

function call(name: string, given: readonly Desired[], directory: string): Desired {
  if (name === "sensitive") return new Sensitive(given[0]);
  if (name === "nonsensitive")
    return given[0] instanceof Sensitive
      ? (given[0].reveal() ?? unresolved("the value of a sensitive variable is not known here"))
      : (given[0] ?? null);
  if (name === "try")
    return given.find((value) => !(value instanceof Unresolved)) ?? unresolved("no alternative of try() can be worked out");
  const work = functions.get(name);
  if (work === undefined) return unresolved(`the function ${name}() is not supported`);
  return over(given, (values) => {
    try {
      return work(values, directory);
    } catch (error) {
      if (error instanceof FunctionError || error instanceof SyntaxError) return unresolved(`${name}(): ${error.message}`);
      throw error;
    }
  });
}

/** Runs a computation over values: unresolved ones make the result unresolved, sensitive ones make it sensitive. */
function over(values: readonly Desired[], work: (values: Desired[]) => Desired): Desired {
  const unknown = values.map((value) => deepUnresolved(value)).find((value) => value !== undefined);
  if (unknown !== undefined) return unknown;
  if (!values.some((value) => value instanceof Sensitive)) return work([...values]);
  const revealed = values.map((value) => (value instanceof Sensitive ? value.reveal() : value));
  if (revealed.some((value) => value === undefined)) return new Sensitive(undefined);
  const result = work(revealed.map((value) => value ?? null));
  return result instanceof Unresolved ? result : new Sensitive(result);
}

function deepUnresolved(value: Desired): Unresolved | undefined {
  if (value instanceof Unresolved) return value;
  if (value === null || typeof value !== "object" || value instanceof Sensitive) return undefined;
  return Object.values(value).map(deepUnresolved).find((inner) => inner !== undefined); // prettier-ignore
}

function walk(start: Desired, steps: readonly (string | number)[]): Desired {
  let value = start;
  for (const step of steps) {
    if (value instanceof Unresolved || value instanceof Sensitive) return value;
    const at = typeof step === "number" ? step : /^\d+$/.test(step) ? Number(step) : undefined;
    if (Array.isArray(value) && at !== undefined) value = value[at] ?? unresolved(`there is no element ${at}`);
    // A block that can occur once may be written as an object; its references have [0].
    else if (isDesiredObject(value) && at === 0 && value["0"] === undefined) continue;
    else if (isDesiredObject(value)) value = value[String(step)] ?? unresolved(`there is no attribute ${String(step)}`);
    else return unresolved(`${String(step)} of something that has no parts`);
  }
  return value;
}

function truth(value: Desired): boolean {
  return value === true || value === "true";
}

function binary(operator: string, left: Desired, right: Desired): Desired {
  switch (operator) {
    case "==":
      return JSON.stringify(left) === JSON.stringify(right);
    case "!=":
      return JSON.stringify(left) !== JSON.stringify(right);
    case "&&":
      return truth(left) && truth(right);
    case "||":
      return truth(left) || truth(right);
    default:
      return arithmetic(operator, Number(left), Number(right));
  }
}

function arithmetic(operator: string, left: number, right: number): Desired {
  if (Number.isNaN(left) || Number.isNaN(right)) return unresolved(`${operator} of something that is no number`);
  const results: Readonly<Record<string, number | boolean>> = {
    "+": left + right, "-": left - right, "*": left * right, "/": left / right, "%": left % right,
    "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right,
  }; // prettier-ignore
  return results[operator] ?? unresolved(`the operator ${operator} is not supported`);
}

function unresolved(reason: string): Unresolved {
  return new Unresolved("", reason);
}
