/**
 * Values of a plan that the code does not set. A provider completes what the code leaves out from
 * the state, in lists by position: an element has what another one had, the plan repeats it, and
 * Terraform never shows it again.
 */
import { defined } from "../../defined";
import { findKind } from "../../resources";
import type { Attributes, BackendDefault, Kind, Value } from "../../resources/kind";
import {
  schemaOf,
  type Attribute,
  type Block,
  type NestedBlock,
} from "../../resources/shape/schema";
import { isZeroValue } from "../../resources/shape/shape";
import { isObject } from "../expressions/values";

/** The code of one block. Either part may be missing. */
export interface CodeOfBlock {
  /** Its expressions, as a plan lists them. Dynamic blocks are not among them. */
  readonly expressions?: Values | undefined;
  /**
   * The same block in a plan without a state: the values in the code, and those known only after an
   * apply.
   */
  readonly fresh?: { readonly values: Values; readonly unknown: Values } | undefined;
}

type Values = Readonly<Record<string, unknown>>;

export interface Unsaid {
  /** Readable path with keys: `task[c].run_if`. */
  readonly path: string;
  /** Where it is in the plan's values. */
  readonly steps: readonly (string | number)[];
  readonly value: unknown;
}

export interface UnsaidValues {
  readonly values: readonly Unsaid[];
  /**
   * True if elements of the plan are not found in the code, and would have such values if the code
   * does not set them.
   */
  readonly unclear: boolean;
}

/** The values of one planned resource that no rule of its kind explains. */
export function unsaidIn(type: string, planned: unknown, code: CodeOfBlock): UnsaidValues {
  const [kind, schema] = [findKind(type), schemaOf(type)];
  if (kind === undefined || schema === undefined || !isObject(planned))
    return { values: [], unclear: false };
  const walk = new Walk(kind, planned as Attributes);
  walk.block(schema.block, planned, code, {
    path: "",
    steps: [],
    field: "",
    inElement: false,
    unclear: false,
  });
  return { values: walk.found, unclear: walk.unclear };
}

interface Place extends Omit<Unsaid, "value"> {
  readonly field: string;
  /** Within an element of a list with keys: only there can a value come from another element. */
  readonly inElement: boolean;
  /** Within an element that is not found in the code. */
  readonly unclear: boolean;
  /** The rule of the block around, and the fields from there to here. */
  readonly ruled?: {
    readonly rule: BackendDefault;
    readonly around: Values;
    readonly names: readonly string[];
  };
}

class Walk {
  readonly found: Unsaid[] = [];
  unclear = false;

  constructor(
    private readonly kind: Kind,
    private readonly whole: Attributes,
  ) {}

  block(block: Block, planned: Values, code: CodeOfBlock, place: Place): void {
    for (const [name, value] of Object.entries(planned)) {
      if (isZeroValue(value as Value)) continue;
      const at = {
        ...place,
        path: place.path === "" ? name : `${place.path}.${name}`,
        steps: [...place.steps, name],
        field: place.field === "" ? name : `${place.field}.${name}`,
      };
      const attribute = block.attributes[name];
      const nested = block.blocks[name];
      if (attribute !== undefined) this.#attribute(attribute, name, value, planned, code, at);
      else if (nested?.nesting === "list" && Array.isArray(value))
        this.#list(nested, name, value, planned, code, at);
    }
  }

  #attribute(
    attribute: Attribute,
    name: string,
    value: unknown,
    around: Values,
    code: CodeOfBlock,
    at: Place,
  ): void {
    if (
      !at.inElement ||
      !this.#keeps(attribute, at.field) ||
      isSetInCode(code, name, attribute) ||
      this.#isUsual(name, value, around, at)
    )
      return;
    if (at.unclear) this.unclear = true;
    else this.found.push({ path: at.path, steps: at.steps, value });
  }

  #list(
    nested: NestedBlock,
    name: string,
    items: readonly unknown[],
    around: Values,
    code: CodeOfBlock,
    at: Place,
  ): void {
    const key = this.kind.rules.keyed[at.field];
    if (nested.maxItems === 1) {
      const [item] = items;
      if (!isObject(item) || (!at.unclear && isSetByExpression(code, name))) return;
      const rule = this.kind.rules.backendDefaults[at.field];
      const ruled =
        rule === undefined
          ? at.ruled && { ...at.ruled, names: [...at.ruled.names, name] }
          : { rule, around, names: [] };
      const within = inner(code, name, () => 0);
      // A dynamic block is not among the expressions: only a plan from no state shows whether the
      // code has one.
      const unclear =
        at.unclear ||
        (at.inElement && within.expressions === undefined && code.fresh === undefined);
      return this.block(nested.block, item, within, {
        ...at,
        steps: [...at.steps, 0],
        unclear,
        ...defined({ ruled }),
      });
    }
    if (key === undefined || key === "*") return;
    for (const [index, item] of items.entries()) {
      if (!isObject(item)) continue;
      const named = inner(code, name, (elements) =>
        elements.findIndex((element) => keyOf(element, key) === item[key]),
      );
      const unclear = at.unclear || (named.expressions === undefined && named.fresh === undefined);
      const [path, steps] = [`${at.path}[${String(item[key])}]`, [...at.steps, index]];
      this.block(nested.block, item, named, {
        path,
        steps,
        field: at.field,
        inElement: true,
        unclear,
      });
    }
  }

  /** Whether the provider keeps the state's value if the code does not set one. */
  #keeps(attribute: Attribute, field: string): boolean {
    return (
      (attribute.computed === true && attribute.optional === true) ||
      attribute.suppress === true ||
      this.kind.suppress?.[field] !== undefined
    );
  }

  /** The platform's own value, by the rule of the field or of the block around it. */
  #isUsual(name: string, value: unknown, around: Values, { field, ruled }: Place): boolean {
    const rule = this.kind.rules.backendDefaults[field];
    if (rule !== undefined) return rule.when(value as Value, around as Attributes, this.whole);
    if (ruled === undefined) return false;
    const wrapped = [...ruled.names, name].reduceRight<Value>((within, step, at, all) => (at === all.length - 1 ? { [step]: within } : { [step]: [within] }), value as Value); // prettier-ignore
    return ruled.rule.when([wrapped], ruled.around as Attributes, this.whole);
  }
}

/** @param position of the element among those of the code */
function inner(
  { expressions, fresh }: CodeOfBlock,
  name: string,
  position: (elements: readonly unknown[]) => number,
): CodeOfBlock {
  const listed = expressions?.[name];
  const elements = Array.isArray(listed)
    ? (listed as unknown[])
    : listed === undefined
      ? []
      : [listed];
  const planned = fresh?.values[name];
  const values = Array.isArray(planned) ? (planned as unknown[]) : [];
  const [ownExpressions, other] = [elements[position(elements)], position(values)];
  const unknown = fresh?.unknown[name];
  return {
    ...(isObject(ownExpressions) && { expressions: ownExpressions }),
    ...(isObject(values[other]) && {
      fresh: {
        values: values[other],
        unknown: Array.isArray(unknown) && isObject(unknown[other]) ? unknown[other] : {},
      },
    }),
  };
}

/** The key of an element: of a plan's value, or of an expression that is a constant. */
function keyOf(element: unknown, key: string): unknown {
  const value = isObject(element) ? element[key] : undefined;
  return isObject(value) ? value["constant_value"] : value;
}

function isSetInCode(
  { expressions, fresh }: CodeOfBlock,
  name: string,
  attribute: Attribute,
): boolean {
  const expression = expressions?.[name];
  // (an expression without references and without a constant is a call of a function)
  const written =
    isObject(expression) && ("references" in expression || expression["constant_value"] !== null);
  if (fresh === undefined) return written;
  if (fresh.unknown[name] !== true) return (fresh.values[name] ?? null) !== null;
  // Known after an apply: another object's, or what the platform computes. A switch is never
  // another object's.
  if (attribute.computed !== true) return true;
  return expressions === undefined ? attribute.type === "string" : written;
}

/** An expression in place of the complete block. */
const isSetByExpression = ({ fresh }: CodeOfBlock, name: string): boolean =>
  fresh?.unknown[name] === true;
