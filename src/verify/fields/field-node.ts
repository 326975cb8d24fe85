import type { BackendDefault, Rules, Value } from "../../resources/kind";
import type { FieldInfo, Fields } from "./field-rules";

/**
 * The schema and the rules of a field, looked up once. A comparison visits each field of thousands
 * of objects, and looking up the rules by path each time would take most of its time.
 */
export class FieldNode {
  readonly info: FieldInfo | undefined;
  /** Why the field is never compared; undefined if it is compared. */
  readonly skipReason: string | undefined;
  /** Why no REST call returns the field; undefined if one does. */
  readonly unverifiableReason: string | undefined;
  /** True for a scalar that is compared; false for one that is skipped or unverifiable. */
  readonly isComparedScalar: boolean;
  /** The values that the platform uses if the code does not set the field. */
  readonly backendDefault: BackendDefault | undefined;
  /** True if two values are equal according to the resource type. */
  readonly equivalent: ((a: Value, b: Value) => boolean) | undefined;
  /** How list elements are matched: a field name, `*` (complete value) or undefined (position). */
  readonly key: string | undefined;
  readonly #children = new Map<string, FieldNode>();
  #names: readonly string[] | undefined;
  #namesWithDefault: readonly string[] | undefined;

  /** @param field path without indices, as in the rules; "" is the resource itself */
  constructor(
    readonly field: string,
    private readonly fields: Fields,
    private readonly rules: Rules,
    /** True for a map entry, where an empty value counts as a value. */
    readonly isEntry = false,
  ) {
    this.info = fields.get(field);
    this.skipReason =
      rules.configOnly[field] ??
      (this.info?.computedOnly === true ? "computed by the platform" : undefined);
    this.unverifiableReason = rules.unverifiable[field];
    this.isComparedScalar =
      this.info?.is === "scalar" &&
      this.skipReason === undefined &&
      this.unverifiableReason === undefined;
    this.backendDefault = rules.backendDefaults[field];
    this.equivalent = rules.equivalent?.[field];
    this.key = rules.keyed[field];
  }

  /** A field inside this block, in the schema or not. */
  child(name: string): FieldNode {
    let child = this.#children.get(name);
    if (child === undefined) {
      child = new FieldNode(
        this.field === "" ? name : `${this.field}.${name}`,
        this.fields,
        this.rules,
        this.info?.is === "map",
      );
      this.#children.set(name, child);
    }
    return child;
  }

  /** The schema's field names in this block. */
  get names(): readonly string[] {
    const prefix = this.field === "" ? "" : `${this.field}.`;
    return (this.#names ??= [...this.fields.keys()]
      .filter(
        (field) =>
          field.startsWith(prefix) &&
          field.length > prefix.length &&
          !field.includes(".", prefix.length),
      )
      .map((field) => field.slice(prefix.length)));
  }

  /** The field names with a provider default. */
  get namesWithDefault(): readonly string[] {
    return (this.#namesWithDefault ??= this.names.filter(
      (name) => this.child(name).info?.default !== undefined,
    ));
  }
}

const roots = new WeakMap<Rules, WeakMap<Fields, FieldNode>>();

/** Returns the node of a field; "" is the resource itself. */
export function nodeOf(fields: Fields, rules: Rules, field: string): FieldNode {
  const byFields = roots.get(rules) ?? new WeakMap<Fields, FieldNode>();
  roots.set(rules, byFields);
  const root = byFields.get(fields) ?? new FieldNode("", fields, rules);
  byFields.set(fields, root);
  return field === "" ? root : field.split(".").reduce((node, step) => node.child(step), root);
}
