import fs from "node:fs";
import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  Tokenization,
  type Construct,
  type TerraformStack,
} from "./bindings";

/**
 * cdktf walks every value of every resource four times for tokens, and for each value tries half a
 * dozen patterns and allocates a context: this takes most of the synth time once stack traces are
 * off. Nearly all values are plain, and a plain value resolves to itself; so this file walks once,
 * and passes only values that can contain a token to cdktf.
 */
export function resolveValues(scope: Construct, value: unknown, preparing = false): unknown {
  return new Walk(scope, preparing).resolve(value);
}

const tokenResolver = new DefaultTokenResolver(new StringConcat());

class Walk {
  constructor(
    private readonly scope: Construct,
    private readonly preparing: boolean,
  ) {}

  resolve(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        return mayHoldToken(value) ? this.#byCdktf(value) : value;
      case "number":
        // Tokens for numbers are encoded as numbers of this magnitude.
        return value < -1e200 ? this.#byCdktf(value) : value;
      case "object":
        return value === null ? null : this.#structure(value);
      case "boolean":
      case "undefined":
        return value;
      default:
        return this.#byCdktf(value);
    }
  }

  #structure(value: object): unknown {
    if (Array.isArray(value)) {
      const isList = value.some(
        (item) =>
          (typeof item === "string" && item.includes("TfToken[")) ||
          (typeof item === "number" && item < -1e200),
      );
      if (isList) return this.#byCdktf(value);
      const items: unknown[] = [];
      for (const item of value) {
        const resolved = this.resolve(item);
        if (resolved !== undefined) items.push(resolved);
      }
      return items;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if ((prototype !== Object.prototype && prototype !== null) || "resolve" in value)
      return this.#byCdktf(value);
    const result: Record<string, unknown> = {};
    for (const key of sortedKeys(value as Record<string, unknown>)) {
      if (mayHoldToken(key)) return this.#byCdktf(value);
      const resolved = this.resolve((value as Record<string, unknown>)[key]);
      if (resolved !== undefined) result[key] = resolved;
    }
    return result;
  }

  #byCdktf(value: unknown): unknown {
    return Tokenization.resolve(value, {
      scope: this.scope,
      resolver: tokenResolver,
      preparing: this.preparing,
    });
  }
}

/**
 * The bindings write every field of a block, and most are undefined: these are dropped before the
 * rest is sorted.
 */
function sortedKeys(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys: string[] = [];
  let sorted = true;
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    sorted &&= keys.length === 0 || (keys.at(-1) ?? "") < key;
    keys.push(key);
  }
  return sorted ? keys : keys.sort();
}

/**
 * Tokens in strings: `${TfToken[…]}`, and numbers of the magnitude above inside a string. Both are
 * long.
 */
function mayHoldToken(value: string): boolean {
  if (value.length < 9) return false;
  return value.includes("TfToken[") || value.includes("e+2");
}

/**
 * Elements of a stack with the same name in the output, of which Terraform would see only the last.
 */
export interface Collision {
  /** `databricks_job.ab` */
  readonly name: string;
  readonly elements: readonly TerraformElement[];
}

/**
 * The element that wrote each name. Lists (aliases of a provider, moves) and Terraform settings are
 * not names.
 */
export class Names {
  readonly #byName = new Map<string, TerraformElement[]>();

  add(element: TerraformElement, fragment: Readonly<Record<string, unknown>>): void {
    for (const name of namesIn(fragment)) {
      const known = this.#byName.get(name);
      if (known === undefined) this.#byName.set(name, [element]);
      else known.push(element);
    }
  }

  collisions(): Collision[] {
    return [...this.#byName]
      .filter(([, elements]) => elements.length > 1)
      .map(([name, elements]) => ({ name, elements }));
  }
}

function namesIn(fragment: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fragment).flatMap(([section, named]) => {
    if (section === "terraform" || section === "provider" || !isObject(named)) return [];
    if (section !== "resource" && section !== "data")
      return Object.keys(named).map((name) => `${section}.${name}`);
    const prefix = section === "data" ? "data." : "";
    return Object.entries(named).flatMap(([type, bodies]) =>
      isObject(bodies) ? Object.keys(bodies).map((id) => `${prefix}${type}.${id}`) : [],
    );
  });
}

const nothing = { configurable: true, value: () => ({}) };

type Fragments = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

/**
 * Renders a stack with cdktf's own `toTerraform`, but resolves the resources and data sources
 * (nearly all of the output) here and adds them afterwards. Overrides of the stack take precedence,
 * as in cdktf.
 * @param render cdktf's own rendering
 * @param names receives the names written by each element
 */
export function renderFast(
  stack: TerraformStack,
  render: () => Record<string, unknown>,
  names = new Names(),
): Record<string, unknown> {
  const heavy: TerraformElement[] = [];
  const fragments: Fragments[] = [];
  for (const element of stack.node.findAll()) {
    if (!TerraformElement.isTerraformElement(element)) continue;
    const fragment = element.toTerraform() as Record<string, unknown>;
    names.add(element, fragment);
    // Moves, imports and other parts of a fragment are left to cdktf.
    const sections = Object.keys(fragment).filter((key) => fragment[key] !== undefined);
    if (sections.length !== 1 || (sections[0] !== "resource" && sections[0] !== "data")) continue;
    heavy.push(element);
    fragments.push(resolveValues(stack, fragment) as Fragments);
  }
  let output: Record<string, unknown>;
  try {
    for (const element of heavy) {
      Object.defineProperty(element, "toTerraform", nothing);
      // Overrides, imports and moves are listed in the metadata; hardly any resource has one.
      if (Object.values(element.toMetadata() as object).every((value) => value === undefined))
        Object.defineProperty(element, "toMetadata", nothing);
    }
    output = render();
  } finally {
    for (const element of heavy) {
      Reflect.deleteProperty(element, "toTerraform");
      Reflect.deleteProperty(element, "toMetadata");
    }
  }
  for (const fragment of fragments) {
    for (const [section, types] of Object.entries(fragment)) {
      const all = (output[section] ??= {}) as Record<string, Record<string, unknown>>;
      for (const [type, named] of Object.entries(types)) {
        const ofType = (all[type] ??= {});
        for (const [name, body] of Object.entries(named))
          ofType[name] = name in ofType ? merged(body, ofType[name]) : body;
      }
    }
  }
  return output;
}

/** Merges two values deeply; the second takes precedence. Used for the overrides of a stack. */
function merged(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above))
    result[key] = key in result ? merged(result[key], value) : value;
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Writes a stack's JSON with sorted keys, like cdktf but faster: nearly all objects are already
 * sorted.
 */
export function writeStack(file: string, output: Record<string, unknown>): void {
  fs.writeFileSync(file, JSON.stringify(inOrder(output), null, 2));
}

/** Returns the same value if it is already sorted, without copying it. */
function inOrder(value: unknown): unknown {
  if (isInOrder(value)) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const keys = Object.keys(value as object).sort();
  return Object.fromEntries(
    keys.map((key) => [key, inOrder((value as Record<string, unknown>)[key])]),
  );
}

function isInOrder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = "";
  for (const key of Object.keys(value)) {
    if (key < before || !isInOrder((value as Record<string, unknown>)[key])) return false;
    before = key;
  }
  return true;
}
