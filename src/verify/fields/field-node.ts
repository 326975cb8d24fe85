import type { BackendDefault, Rules, Value } from "../../resources/kind";
import type { FieldInfo, Fields } from "./field-rules";

/**
 * What is known about a field before any object is read: the schema joined with the kind's rules,
 * once. A comparison visits each field of each block of thousands of objects; looking up rules by
 * path (built and hashed each time) took most of the time.
 */
export class FieldNode {
  readonly info: FieldInfo | undefined;
  /** Why it is never compared. */
  readonly skip: string | undefined;
  /** Why no REST call returns it. */
  readonly unverifiable: string | undefined;
  /** A scalar that is compared. */
  readonly isScalar: boolean;
  readonly rule: BackendDefault | undefined;
  /** Whether two values are equal according to the kind. */
  readonly equivalent: ((a: Value, b: Value) => boolean) | undefined;
  /** How the elements of a list are matched; `*` by complete value, undefined by position. */
  readonly key: string | undefined;
  readonly #children = new Map<string, FieldNode>();
  #names: readonly string[] | undefined;
  #withDefault: readonly string[] | undefined;

  /** @param field path without indices, as in the rules; "" is the resource itself */
  constructor(
    readonly field: string,
    private readonly fields: Fields,
    private readonly rules: Rules,
    /** A map entry: an empty value is a value there. */
    readonly isEntry = false,
  ) {
    this.info = fields.get(field);
    this.skip =
      rules.configOnly[field] ??
      (this.info?.computedOnly === true ? "computed by the platform" : undefined);
    this.unverifiable = rules.unverifiable[field];
    this.isScalar =
      this.info?.is === "scalar" && this.skip === undefined && this.unverifiable === undefined;
    this.rule = rules.backendDefaults[field];
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

  /** Those with a provider default. */
  get withDefault(): readonly string[] {
    return (this.#withDefault ??= this.names.filter(
      (name) => this.child(name).info?.default !== undefined,
    ));
  }
}

const roots = new WeakMap<Rules, WeakMap<Fields, FieldNode>>();

/** The node of a block; "" is the resource itself. */
export function nodeOf(fields: Fields, rules: Rules, field: string): FieldNode {
  const byFields = roots.get(rules) ?? new WeakMap<Fields, FieldNode>();
  roots.set(rules, byFields);
  const root = byFields.get(fields) ?? new FieldNode("", fields, rules);
  byFields.set(fields, root);
  return field === "" ? root : field.split(".").reduce((node, step) => node.child(step), root);
}
