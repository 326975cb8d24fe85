/**
 * Plans one resource value by value, with the rules of the SDK that the official provider uses:
 * null equals zero, defaults, computed values, suppressed differences, replacement. Unlike the SDK,
 * it works on complete values instead of flattened keys, so a suppressed difference in a list leaves
 * no empty elements. docs/provider.md lists the intentional differences.
 */
import type { Value } from "../resources/kind";
import type { Attribute, Block, NestedBlock } from "../resources/shape/schema";
import {
  isObject,
  isZero,
  sameButForZero,
  sameValue,
  UNKNOWN,
  Unknown,
  type Dynamic,
  type DynamicObject,
} from "./unknown";

/** The path of a value: attribute names and list positions. */
export type Path = readonly (string | number)[];

export interface PlanInput {
  readonly block: Block;
  /** The prior state; undefined for a create. */
  readonly prior: DynamicObject | undefined;
  /**
   * Terraform's proposed state: the configuration, with the computed values of the prior state for
   * attributes that are not configured.
   */
  readonly proposed: DynamicObject;
  /** The configuration. */
  readonly config: DynamicObject;
  /**
   * The key field of each list whose elements have one, by path without indices. The elements of
   * other lists, and of those with the key `"*"`, are matched by position.
   */
  readonly keyed?: Readonly<Record<string, string>>;
  /** Set for resources of the newer plugin framework, for which null and zero differ. */
  readonly strict?: boolean;
  /**
   * Returns the value to plan for a value of the configuration, such as a default if it is null.
   * The path has no indices.
   */
  readonly adjust?: (path: string, before: Value, after: Value) => Value;
  /** Whether a difference forces replacement although the schema does not. As for `adjust`. */
  readonly forcesNew?: (path: string, before: Value, after: Value) => boolean;
  /**
   * Whether the kind suppresses a difference; undefined if it has no rule for this path, which has
   * no indices.
   */
  readonly suppresses: (path: string, before: Value, after: Value) => boolean | undefined;
}

export interface PlanOutput {
  readonly planned: DynamicObject;
  /** Paths whose change forces replacement. */
  readonly replaces: readonly Path[];
  /** Whether `planned` differs from the prior state. */
  readonly changed: boolean;
}

/** Plans a create or an update. */
export function planResource(input: PlanInput): PlanOutput {
  const planner = new Planner(input);
  const planned = planner.planBlock(
    input.block,
    input.prior,
    withoutPositions(input),
    [],
    "",
    false,
  );
  // If the only differences are between null and zero, there is no change, as in the SDK.
  if (
    input.prior !== undefined &&
    (!planner.changed || (input.strict !== true && sameButForZero(input.prior, planned)))
  ) {
    return { planned: input.prior, replaces: [], changed: false };
  }
  return { planned, replaces: planner.replaces, changed: true };
}

/**
 * Terraform completes list elements with the computed values of the previous element at the same
 * position. The planner matches by key instead, so for lists it starts from the configuration.
 */
function withoutPositions({ block, proposed, config }: PlanInput): DynamicObject {
  const lists = Object.keys(block.blocks).filter((name) => block.blocks[name]?.nesting === "list");
  return { ...proposed, ...Object.fromEntries(lists.map((name) => [name, config[name] ?? []])) };
}

class Planner {
  changed = false;
  readonly replaces: Path[] = [];
  readonly #isCreate: boolean;

  constructor(private readonly input: PlanInput) {
    this.#isCreate = input.prior === undefined;
  }

  /**
   * Plans the values of a block.
   * @param isNewSetElement whether the block is in a new element of a set: computed values are
   * unknown there, even if the resource exists
   */
  planBlock(
    block: Block,
    prior: DynamicObject | undefined,
    config: DynamicObject,
    path: Path,
    schemaPath: string,
    isNewSetElement: boolean,
  ): DynamicObject {
    const planned: DynamicObject = {};
    for (const name in block.attributes) {
      const attribute = block.attributes[name];
      if (attribute === undefined) continue;
      planned[name] = this.planAttribute(
        attribute,
        prior?.[name] ?? null,
        config[name] ?? null,
        [...path, name],
        schemaPath + name,
        isNewSetElement,
      );
    }
    for (const name in block.blocks) {
      const nested = block.blocks[name];
      if (nested === undefined) continue;
      planned[name] = this.planNested(
        nested,
        prior?.[name],
        config[name],
        [...path, name],
        schemaPath + name,
        isNewSetElement,
      );
    }
    return planned;
  }

  private planAttribute(
    attribute: Attribute,
    before: Dynamic,
    config: Dynamic,
    path: Path,
    schemaPath: string,
    isNewSetElement: boolean,
  ): Dynamic {
    const configured =
      config === null && attribute.default !== undefined ? attribute.default : config;
    const after =
      configured instanceof Unknown
        ? configured
        : (this.input.adjust?.(schemaPath, before as Value, configured as Value) ?? configured);
    if (attribute.computed && attribute.optional !== true && attribute.required !== true) {
      // The attribute is not configurable: use the state's value; during a create it is unknown.
      return before === null && (this.#isCreate || isNewSetElement) ? UNKNOWN : before;
    }
    if (after === null)
      return this.planUnsetAttribute(attribute, before, path, schemaPath, isNewSetElement);
    if (after instanceof Unknown)
      return this.recordChange(attribute, before, after, path, schemaPath);
    if (sameValue(before, after)) return before;
    if (before === null && after === "") return after;
    if (before === null && (Array.isArray(after) || isObject(after)) && isZero(after))
      return this.changed || this.#isCreate ? after : before;
    if (this.isSuppressed(attribute, before, after, schemaPath)) return before ?? config;
    return this.recordChange(attribute, before, after, path, schemaPath);
  }

  private planUnsetAttribute(
    attribute: Attribute,
    before: Dynamic,
    path: Path,
    schemaPath: string,
    isNewSetElement: boolean,
  ): Dynamic {
    if (before === null) {
      if (attribute.computed) return this.#isCreate || isNewSetElement ? UNKNOWN : null;
      // In elements of a set, use "" like the SDK, because the value affects the order of the set.
      return isNewSetElement && attribute.type === "string" ? "" : null;
    }
    if (attribute.computed || isZero(before)) return before;
    const zero = zeroOf(attribute);
    if (this.isSuppressed(attribute, before, zero, schemaPath)) return before;
    // A collection that the backend added to a suppressed block becomes empty. The SDK would keep
    // its elements, but without values.
    return this.recordChange(
      attribute,
      before,
      Array.isArray(before) ? [] : isObject(before) ? {} : null,
      path,
      schemaPath,
    );
  }

  /** Whether a rule of the kind or the schema suppresses a difference of an attribute. */
  private isSuppressed(
    attribute: Attribute,
    before: Dynamic,
    after: Value | Dynamic,
    schemaPath: string,
  ): boolean {
    const byRule = this.input.suppresses(schemaPath, before as Value, after as Value);
    if (byRule !== undefined) return byRule;
    return attribute.suppress === true && isZero(after) && !Array.isArray(after);
  }

  /** Records a difference, and whether it forces replacement. @returns `after` */
  private recordChange(
    field: Attribute | NestedBlock,
    before: Dynamic,
    after: Dynamic,
    path: Path,
    schemaPath = "",
  ): Dynamic {
    this.changed = true;
    const forced =
      field.forceNew === true ||
      this.input.forcesNew?.(schemaPath, before as Value, after as Value) === true;
    if (forced && !this.#isCreate && !(before === null && after === null)) this.replaces.push(path);
    return after;
  }

  private planNested(
    nested: NestedBlock,
    before: Dynamic | undefined,
    config: Dynamic | undefined,
    path: Path,
    schemaPath: string,
    isNewSetElement: boolean,
  ): Dynamic {
    // The block "timeouts" is stored with the values, but does not cause an update.
    if (nested.nesting === "single") return config ?? null;
    const prior = Array.isArray(before) ? before : [];
    if (nested.computed && Array.isArray(config) && config.length === 0)
      return this.#isCreate ? UNKNOWN : prior;
    if (config instanceof Unknown) return this.recordChange(nested, prior, config, path);
    const configured = Array.isArray(config) ? config : [];
    if (nested.nesting === "set") return this.planSet(nested, prior, configured, path, schemaPath);
    if (
      configured.length === 0 &&
      prior.length > 0 &&
      this.input.suppresses(schemaPath, prior as Value, []) === true
    )
      return prior;
    if (configured.length === 0 && prior.length > 0 && this.keepsBlock(nested, prior, schemaPath)) {
      // Keep a block that the platform added and the configuration does not set; compare its values
      // with "not set".
      return prior.map((item, i) =>
        this.planElement(
          nested,
          item,
          emptyOf(nested.block),
          [...path, i],
          schemaPath,
          isNewSetElement,
        ),
      );
    }
    const predecessors = this.predecessors(prior, configured, this.input.keyed?.[schemaPath]);
    if (configured.length !== prior.length || predecessors.some((item, i) => item !== prior[i])) {
      this.recordChange(nested, prior, configured, path);
      const keptElements = new Set(predecessors);
      for (const removedElement of prior)
        if (!keptElements.has(removedElement))
          this.reportRemoved(nested.block, removedElement, path);
    }
    return configured.map((item, i) =>
      this.planElement(nested, predecessors[i], item, [...path, i], schemaPath, isNewSetElement),
    );
  }

  /**
   * Returns the previous element of each configured element: the one with the same key or, in lists
   * without keys, the one at the same position.
   */
  private predecessors(
    prior: readonly Dynamic[],
    config: readonly Dynamic[],
    key: string | undefined,
  ): (Dynamic | undefined)[] {
    if (key === undefined || key === "*") return config.map((_, i) => prior[i]);
    const keyOf = (item: Dynamic | undefined): Dynamic | undefined =>
      isObject(item) ? (item[key] ?? null) : undefined;
    // Skip the search if the order is the same, as in most plans.
    if (
      config.length === prior.length &&
      config.every((item, i) => sameValue(keyOf(item), keyOf(prior[i])))
    )
      return [...prior];
    const byKey = new Map<Dynamic | undefined, Dynamic[]>();
    for (const item of prior) {
      const itemKey = keyOf(item);
      byKey.set(itemKey, [...(byKey.get(itemKey) ?? []), item]);
    }
    // Match elements that the code does not name (such as served entities) by position, because the
    // platform has named them.
    const configuredKeys = new Set(config.map(keyOf));
    const matchUnnamed = (item: Dynamic, i: number): Dynamic | undefined =>
      keyOf(item) === null && !configuredKeys.has(keyOf(prior[i])) ? prior[i] : undefined;
    return config.map((item, i) => byKey.get(keyOf(item))?.shift() ?? matchUnnamed(item, i));
  }

  /** Whether blocks that are not configured stay as they are in the state. */
  private keepsBlock(nested: NestedBlock, priorItems: Dynamic[], schemaPath: string): boolean {
    const byRule = this.input.suppresses(schemaPath, priorItems as Value, []);
    return byRule ?? (nested.suppress === true && nested.maxItems === 1);
  }

  private planElement(
    nested: NestedBlock,
    before: Dynamic | undefined,
    config: Dynamic | undefined,
    path: Path,
    schemaPath: string,
    isNewSetElement: boolean,
  ): Dynamic {
    if (config instanceof Unknown) return this.recordChange(nested, before ?? null, config, path);
    return this.planBlock(
      nested.block,
      isObject(before) ? before : undefined,
      isObject(config) ? config : emptyOf(nested.block),
      path,
      `${schemaPath}.`,
      isNewSetElement,
    );
  }

  private planSet(
    nested: NestedBlock,
    priorItems: Dynamic[],
    config: Dynamic[],
    path: Path,
    schemaPath: string,
  ): Dynamic {
    const unmatched = [...priorItems];
    const matches = config.map((item) => {
      const matchIndex = unmatched.findIndex((candidate) => sameButForZero(candidate, item));
      return matchIndex < 0 ? undefined : unmatched.splice(matchIndex, 1)[0];
    });
    if (unmatched.length === 0 && matches.every((match) => match !== undefined)) return priorItems;
    if (config.length === 0 && this.keepsBlock(nested, priorItems, schemaPath)) return priorItems;
    if (
      !this.#isCreate &&
      !config.some((item) => item instanceof Unknown) &&
      this.input.suppresses(schemaPath, priorItems as Value, config as Value) === true
    )
      return priorItems;
    const replacesBefore = this.replaces.length;
    this.recordChange(nested, priorItems, config, path);
    for (const removedElement of unmatched) this.reportRemoved(nested.block, removedElement, path);
    const planned = config.map(
      (item, i) =>
        matches[i] ??
        (isObject(item)
          ? this.planBlock(nested.block, undefined, item, [...path, i], `${schemaPath}.`, true)
          : item),
    );
    // Elements of a set have no path, so report the path of the set, and only once.
    if (this.replaces.splice(replacesBefore).length > 0) this.replaces.push(path);
    return planned;
  }

  /** Reports values with `force_new` in a removed element. */
  private reportRemoved(block: Block, removedElement: Dynamic, path: Path): void {
    if (!isObject(removedElement)) return;
    for (const [name, attribute] of Object.entries(block.attributes)) {
      if (attribute.forceNew && !attribute.computed && !isZero(removedElement[name]))
        this.recordChange(attribute, removedElement[name] ?? null, null, path);
    }
  }
}

function zeroOf(attribute: Attribute): Value {
  switch (attribute.type) {
    case "string":
      return "";
    case "number":
      return 0;
    case "bool":
      return false;
    default:
      return attribute.type[0] === "map" ? {} : [];
  }
}

const emptyValues = new WeakMap<Block, DynamicObject>();

/** The value of a block that is not set. */
function emptyOf(block: Block): DynamicObject {
  let result = emptyValues.get(block);
  if (result === undefined) {
    result = {};
    for (const name in block.attributes) result[name] = null;
    for (const [name, nested] of Object.entries(block.blocks))
      result[name] = nested.nesting === "single" ? null : [];
    emptyValues.set(block, result);
  }
  return result;
}
