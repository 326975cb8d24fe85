import type { Json } from "../model";
import { isList, isObject, object } from "../plan/json";
import { sensitivePaths } from "../../verify/fields/field-rules";

/**
 * Unknown and sensitive values inside a plan's values during the comparison. {@link show} turns them into markers; a hidden value leaves
 * this file only as the result of {@link sameHidden}.
 */
export class Unknown {
  constructor(readonly origin: Origin = {}) {}
}
/** The expression in the code that a value comes from; `after`: the stacks that must be applied before it is known. */
export interface Origin {
  readonly from?: string;
  readonly after?: string;
}
export class Sensitive {
  readonly #value: unknown;
  constructor(
    value: unknown,
    readonly from?: string,
  ) {
    this.#value = value;
  }
  equals(other: Sensitive): boolean {
    return JSON.stringify(this.#value) === JSON.stringify(other.#value);
  }
  get empty(): boolean {
    return this.#value === null || this.#value === undefined;
  }
}

/** The values of a plan with unknown and sensitive ones wrapped. @param unknown,sensitive Terraform's parallel trees of `true` */
export function annotate(value: unknown, unknown: unknown, sensitive: unknown, type: string): unknown {
  // Independent of the plan: an old provider schema or an edited plan must not leak fields that the type keeps secret.
  return sensitivePaths(type).reduce((tree, steps) => wrapAt(tree, steps), wrap(value, unknown, sensitive));
}

function wrapAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (value === null || value === undefined || value instanceof Sensitive) return value;
  if (step === undefined) return new Sensitive(value instanceof Unknown ? { $unknown: true } : value);
  if (isList(value)) return value.map((item) => wrapAt(item, [step, ...rest]));
  return isObject(value) && !(value instanceof Unknown) && step in value ? { ...value, [step]: wrapAt(object(value)[step], rest) } : value;
}

function wrap(value: unknown, unknown: unknown, sensitive: unknown): unknown {
  // Sensitive takes precedence over unknown: the value is hidden in both cases, and that it is secret matters more.
  if (sensitive === true) return new Sensitive(unknown === true ? { $unknown: true } : value);
  if (unknown === true) return new Unknown();
  if (isList(value) || isList(unknown)) {
    const values = isList(value) ? value : [];
    const unknowns = isList(unknown) ? unknown : [];
    const marks = isList(sensitive) ? sensitive : [];
    if (unknowns.length === 0 && marks.length === 0) return value;
    return Array.from({ length: Math.max(values.length, unknowns.length) }, (_, index) =>
      wrap(values[index], unknowns[index], marks[index]),
    );
  }
  if (isObject(value) || isObject(unknown)) {
    const values = isObject(value) ? value : {};
    const unknowns = isObject(unknown) ? unknown : {};
    const marks = isObject(sensitive) ? sensitive : {};
    const touched = Object.keys(unknowns).length > 0 || Object.keys(marks).length > 0;
    if (!touched) return value ?? null;
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(values)) out[key] = wrap(values[key], unknowns[key], marks[key]);
    for (const key of Object.keys(unknowns)) if (!(key in values)) out[key] = wrap(undefined, unknowns[key], marks[key]);
    return out;
  }
  return value ?? null;
}

/** Converts a wrapped tree to plain JSON: hidden values become markers; nulls and empty values inside objects are dropped. */
export function show(value: unknown, origin: Origin = {}): Json {
  if (value instanceof Unknown) return { $lakeform: "unknown", ...origin, ...value.origin };
  if (value instanceof Sensitive) return { $lakeform: "sensitive", ...from(value.from ?? origin.from) };
  if (isList(value)) return value.map((element) => show(element));
  if (isObject(value)) {
    const out: Record<string, Json> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner === null || inner === undefined || (isList(inner) && inner.length === 0)) continue;
      out[key] = show(inner);
    }
    return out;
  }
  return value === undefined ? null : (value as Json);
}

const from = (expression: string | undefined): { from?: string } => (expression === undefined ? {} : { from: expression });
