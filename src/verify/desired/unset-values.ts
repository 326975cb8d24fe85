/**
 * Values of a plan that the code does not set. The provider fills in omitted fields from the state,
 * and matches list elements by position. So an element can get a value of another element, and no
 * later plan shows it.
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

/** Information about one block in the code. Both parts are optional. */
export interface CodeOfBlock {
  /** The block's expressions as listed in a plan, without dynamic blocks. */
  readonly expressions?: Values | undefined;
  /**
   * The same block in a plan without a state: the values in the code, and those known only after an
   * apply.
   */
  readonly fresh?: { readonly values: Values; readonly unknown: Values } | undefined;
}

type Values = Readonly<Record<string, unknown>>;

export interface UnsetValue {
  /** Readable path with keys: `task[c].run_if`. */
  readonly path: string;
  /** Its position in the plan's values. */
  readonly steps: readonly (string | number)[];
  readonly value: unknown;
}

export interface UnsetValues {
  readonly values: readonly UnsetValue[];
  /**
   * True if some elements were not found in the code, so it is unknown whether the code sets their
   * values.
   */
  readonly unclear: boolean;
}

/**
 * Finds the values inside elements of keyed lists that neither the code nor the platform sets, in a
 * planned resource.
 */
export function unsetValuesOf(type: string, planned: unknown, code: CodeOfBlock): UnsetValues {
  const [kind, schema] = [findKind(type), schemaOf(type)];
  if (kind === undefined || schema === undefined || !isObject(planned))
    return { values: [], unclear: false };
  const walk = new Walk(kind, planned as Attributes);
  walk.visitBlock(schema.block, planned, code, {
    path: "",
    steps: [],
    field: "",
    inElement: false,
    unclear: false,
  });
  return { values: walk.unsetValues, unclear: walk.unclear };
}

interface ValuePosition extends Omit<UnsetValue, "value"> {
  readonly field: string;
  /** True inside an element of a keyed list: only there can values come from another element. */
  readonly inElement: boolean;
  /** True inside an element that was not found in the code. */
  readonly unclear: boolean;
  /** The rule of an enclosing block, and the names of the fields from that block to this one. */
  readonly parentRule?: {
    readonly rule: BackendDefault;
    readonly parentBlock: Values;
    readonly names: readonly string[];
  };
}

class Walk {
  readonly unsetValues: UnsetValue[] = [];
  unclear = false;

  constructor(
    private readonly kind: Kind,
    private readonly resource: Attributes,
  ) {}

  visitBlock(block: Block, planned: Values, code: CodeOfBlock, position: ValuePosition): void {
    for (const [name, value] of Object.entries(planned)) {
      if (isZeroValue(value as Value)) continue;
      const childPosition = {
        ...position,
        path: position.path === "" ? name : `${position.path}.${name}`,
        steps: [...position.steps, name],
        field: position.field === "" ? name : `${position.field}.${name}`,
      };
      const attribute = block.attributes[name];
      const nested = block.blocks[name];
      if (attribute !== undefined)
        this.#visitAttribute(attribute, name, value, planned, code, childPosition);
      else if (nested?.nesting === "list" && Array.isArray(value))
        this.#visitList(nested, name, value, planned, code, childPosition);
    }
  }

  #visitAttribute(
    attribute: Attribute,
    name: string,
    value: unknown,
    parentBlock: Values,
    code: CodeOfBlock,
    position: ValuePosition,
  ): void {
    if (
      !position.inElement ||
      !this.#keepsStateValue(attribute, position.field) ||
      isSetInCode(code, name, attribute) ||
      this.#isPlatformValue(name, value, parentBlock, position)
    )
      return;
    if (position.unclear) this.unclear = true;
    else this.unsetValues.push({ path: position.path, steps: position.steps, value });
  }

  #visitList(
    nested: NestedBlock,
    name: string,
    items: readonly unknown[],
    parentBlock: Values,
    code: CodeOfBlock,
    position: ValuePosition,
  ): void {
    const key = this.kind.rules.keyed[position.field];
    if (nested.maxItems === 1) {
      const [item] = items;
      if (!isObject(item) || (!position.unclear && isSetByExpression(code, name))) return;
      const rule = this.kind.rules.backendDefaults[position.field];
      const parentRule =
        rule === undefined
          ? position.parentRule && {
              ...position.parentRule,
              names: [...position.parentRule.names, name],
            }
          : { rule, parentBlock, names: [] };
      const innerCode = codeOfElement(code, name, () => 0);
      // A dynamic block is not among the expressions: only a plan from no state shows whether the
      // code has one.
      const unclear =
        position.unclear ||
        (position.inElement && innerCode.expressions === undefined && code.fresh === undefined);
      return this.visitBlock(nested.block, item, innerCode, {
        ...position,
        steps: [...position.steps, 0],
        unclear,
        ...defined({ parentRule }),
      });
    }
    if (key === undefined || key === "*") return;
    for (const [index, item] of items.entries()) {
      if (!isObject(item)) continue;
      const elementCode = codeOfElement(code, name, (elements) =>
        elements.findIndex((element) => keyOf(element, key) === item[key]),
      );
      const unclear =
        position.unclear ||
        (elementCode.expressions === undefined && elementCode.fresh === undefined);
      const [path, steps] = [`${position.path}[${String(item[key])}]`, [...position.steps, index]];
      this.visitBlock(nested.block, item, elementCode, {
        path,
        steps,
        field: position.field,
        inElement: true,
        unclear,
      });
    }
  }

  /** Whether the provider keeps the state's value if the code does not set one. */
  #keepsStateValue(attribute: Attribute, field: string): boolean {
    return (
      (attribute.computed === true && attribute.optional === true) ||
      attribute.suppress === true ||
      this.kind.suppress?.[field] !== undefined
    );
  }

  /** Whether a rule of the field, or of the block around it, accepts the value. */
  #isPlatformValue(
    name: string,
    value: unknown,
    parentBlock: Values,
    { field, parentRule }: ValuePosition,
  ): boolean {
    const rule = this.kind.rules.backendDefaults[field];
    if (rule !== undefined)
      return rule.when(value as Value, parentBlock as Attributes, this.resource);
    if (parentRule === undefined) return false;
    const blockValue = wrapInBlocks(parentRule.names, { [name]: value as Value });
    return parentRule.rule.when(blockValue, parentRule.parentBlock as Attributes, this.resource);
  }
}

/** Rebuilds the value of a block: `[{ name: [{ … }] }]`, with the names of the inner blocks. */
function wrapInBlocks(names: readonly string[], fields: Attributes): Value {
  return names.reduceRight<Value>((inner, name) => [{ [name]: inner }], [fields]);
}

/**
 * Returns the code of one element of a block.
 * @param indexOf returns the index of the element in a list of its code or of its fresh values
 */
function codeOfElement(
  { expressions, fresh }: CodeOfBlock,
  name: string,
  indexOf: (elements: readonly unknown[]) => number,
): CodeOfBlock {
  const elementExpressions = expressions?.[name];
  const elements = Array.isArray(elementExpressions)
    ? (elementExpressions as unknown[])
    : elementExpressions === undefined
      ? []
      : [elementExpressions];
  const freshValue = fresh?.values[name];
  const freshElements = Array.isArray(freshValue) ? (freshValue as unknown[]) : [];
  const [ownExpressions, freshIndex] = [elements[indexOf(elements)], indexOf(freshElements)];
  const unknown = fresh?.unknown[name];
  return {
    ...(isObject(ownExpressions) && { expressions: ownExpressions }),
    ...(isObject(freshElements[freshIndex]) && {
      fresh: {
        values: freshElements[freshIndex],
        unknown: Array.isArray(unknown) && isObject(unknown[freshIndex]) ? unknown[freshIndex] : {},
      },
    }),
  };
}

/**
 * Returns the key of an element of a plan's values, or of a plan's expressions if it is constant.
 */
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
  // An expression with neither references nor a constant is a function call, and sets the field. A
  // constant null does not.
  const isWritten =
    isObject(expression) && ("references" in expression || expression["constant_value"] !== null);
  if (fresh === undefined) return isWritten;
  if (fresh.unknown[name] !== true) return (fresh.values[name] ?? null) !== null;
  // Known only after an apply: a value of another object, or one that the platform computes.
  // Without expressions, only a string counts as a value of another object.
  if (attribute.computed !== true) return true;
  return expressions === undefined ? attribute.type === "string" : isWritten;
}

/** True if an expression provides the complete block. */
const isSetByExpression = ({ fresh }: CodeOfBlock, name: string): boolean =>
  fresh?.unknown[name] === true;
