import fs from "node:fs";
import {
  DefaultTokenResolver,
  StringConcat,
  TerraformElement,
  Tokenization,
  type Construct,
  type IConstruct,
  type TerraformStack,
} from "./bindings";

/**
 * Resolves tokens faster than cdktf. cdktf searches every value of every resource for tokens four
 * times, tries half a dozen patterns for each value, and allocates a context for it. Once stack
 * traces are off, this takes most of the synth time. Nearly all values contain no token and resolve
 * to themselves, so this function visits them once, and passes only values that may contain a token
 * to cdktf.
 */
export function resolveValues(scope: Construct, value: unknown, isPreparing = false): unknown {
  return new TokenResolution(scope, isPreparing).resolve(value);
}

const tokenResolver = new DefaultTokenResolver(new StringConcat());

class TokenResolution {
  constructor(
    private readonly scope: Construct,
    private readonly isPreparing: boolean,
  ) {}

  resolve(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        return mayContainToken(value) ? this.#byCdktf(value) : value;
      case "number":
        // cdktf encodes number tokens as numbers of this magnitude.
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
      // cdktf may treat an array with a token as an encoded list.
      const hasToken = value.some(
        (item) =>
          (typeof item === "string" && item.includes("TfToken[")) ||
          (typeof item === "number" && item < -1e200),
      );
      if (hasToken) return this.#byCdktf(value);
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
      if (mayContainToken(key)) return this.#byCdktf(value);
      const resolved = this.resolve((value as Record<string, unknown>)[key]);
      if (resolved !== undefined) result[key] = resolved;
    }
    return result;
  }

  #byCdktf(value: unknown): unknown {
    return Tokenization.resolve(value, {
      scope: this.scope,
      resolver: tokenResolver,
      preparing: this.isPreparing,
    });
  }
}

/**
 * Returns the sorted keys of a block, without the undefined fields. The bindings write every field,
 * and most are undefined.
 */
function sortedKeys(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys: string[] = [];
  let isSorted = true;
  let previousKey = "";
  for (const key in value) {
    if (value[key] === undefined) continue;
    isSorted &&= previousKey <= key;
    previousKey = key;
    keys.push(key);
  }
  return isSorted ? keys : keys.sort();
}

/**
 * Whether a string may contain a token: `${TfToken[…]}`, or a number token such as
 * `-1.8881545897087626e+289`. Both have more than eight characters.
 */
function mayContainToken(value: string): boolean {
  if (value.length < 9) return false;
  return value.includes("TfToken[") || value.includes("e+2");
}

/**
 * Elements of a stack with the same address in the output. Terraform would see only the last of
 * them.
 */
export interface Collision {
  /** The address: `databricks_job.ab`. */
  readonly address: string;
  /** The elements that have the address. */
  readonly elements: readonly TerraformElement[];
}

/**
 * Records the elements that wrote each address. Lists (provider aliases, moves) and Terraform
 * settings have no addresses.
 */
export class AddressRegistry {
  readonly #byAddress = new Map<string, TerraformElement[]>();

  /** Records the addresses in the output of an element. */
  add(element: TerraformElement, fragment: Readonly<Record<string, unknown>>): void {
    for (const address of addressesIn(fragment)) {
      const elements = this.#byAddress.get(address);
      if (elements === undefined) this.#byAddress.set(address, [element]);
      else elements.push(element);
    }
  }

  /** Returns the addresses that several elements wrote. */
  collisions(): Collision[] {
    return [...this.#byAddress]
      .filter(([, elements]) => elements.length > 1)
      .map(([address, elements]) => ({ address, elements }));
  }
}

function addressesIn(fragment: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fragment).flatMap(([section, content]) => {
    if (section === "terraform" || section === "provider" || !isObject(content)) return [];
    if (section !== "resource" && section !== "data")
      return Object.keys(content).map((name) => `${section}.${name}`);
    const prefix = section === "data" ? "data." : "";
    return Object.entries(content).flatMap(([type, bodies]) =>
      isObject(bodies) ? Object.keys(bodies).map((id) => `${prefix}${type}.${id}`) : [],
    );
  });
}

/** Replaces a method of an element with a function that returns an empty object. */
const emptyRendering = { configurable: true, value: () => ({}) };

type Fragments = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
>;

/**
 * Renders a stack with cdktf's own `toTerraform`, but without the resources and data sources, which
 * are nearly all of the output. {@link resolveValues} resolves these, and this function adds them
 * afterwards. Overrides of the stack take precedence, as in cdktf.
 * @param constructs all constructs of the stack
 * @param render cdktf's own rendering
 * @param addresses receives the addresses that each element writes
 */
export function renderFast(
  stack: TerraformStack,
  constructs: readonly IConstruct[],
  render: () => Record<string, unknown>,
  addresses = new AddressRegistry(),
): Record<string, unknown> {
  const elements: TerraformElement[] = [];
  const fragments: Fragments[] = [];
  for (const element of constructs) {
    if (!TerraformElement.isTerraformElement(element)) continue;
    const fragment = element.toTerraform() as Record<string, unknown>;
    addresses.add(element, fragment);
    // cdktf handles moves, imports and other parts of a fragment.
    const sections = Object.keys(fragment).filter((key) => fragment[key] !== undefined);
    if (sections.length !== 1 || (sections[0] !== "resource" && sections[0] !== "data")) continue;
    elements.push(element);
    fragments.push(resolveValues(stack, fragment) as Fragments);
  }
  let output: Record<string, unknown>;
  try {
    for (const element of elements) {
      Object.defineProperty(element, "toTerraform", emptyRendering);
      // The metadata lists overrides, imports and moves, which hardly any resource has.
      if (Object.values(element.toMetadata() as object).every((value) => value === undefined))
        Object.defineProperty(element, "toMetadata", emptyRendering);
    }
    output = render();
  } finally {
    for (const element of elements) {
      Reflect.deleteProperty(element, "toTerraform");
      Reflect.deleteProperty(element, "toMetadata");
    }
  }
  for (const fragment of fragments) {
    for (const [section, types] of Object.entries(fragment)) {
      const outputTypes = (output[section] ??= {}) as Record<string, Record<string, unknown>>;
      for (const [type, bodies] of Object.entries(types)) {
        const outputBodies = (outputTypes[type] ??= {});
        for (const [name, body] of Object.entries(bodies))
          outputBodies[name] = name in outputBodies ? mergeDeep(body, outputBodies[name]) : body;
      }
    }
  }
  return output;
}

/** Merges two values deeply; the second one takes precedence. Used for the overrides of a stack. */
function mergeDeep(base: unknown, override: unknown): unknown {
  if (!isObject(base) || !isObject(override)) return override;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(override))
    result[key] = key in result ? mergeDeep(result[key], value) : value;
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Writes a stack's JSON with sorted keys, as cdktf does. It is faster because nearly all objects
 * are already sorted.
 */
export function writeStack(file: string, output: Record<string, unknown>): void {
  fs.writeFileSync(file, JSON.stringify(withSortedKeys(output), null, 2));
}

/** Returns the value with sorted keys; the same object if its keys are already sorted. */
function withSortedKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const sortedItem = withSortedKeys(value[index]);
      if (sortedItem !== value[index]) (items ??= [...(value as unknown[])])[index] = sortedItem;
    }
    return items ?? value;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  let changes: Map<string, unknown> | undefined;
  let isSorted = true;
  let previousKey = "";
  for (const key in fields) {
    isSorted &&= key >= previousKey;
    previousKey = key;
    const field = fields[key];
    if (typeof field !== "object" || field === null) continue;
    const sortedField = withSortedKeys(field);
    if (sortedField !== field) (changes ??= new Map<string, unknown>()).set(key, sortedField);
  }
  if (isSorted && changes === undefined) return value;
  const result: Record<string, unknown> = {};
  const keys = Object.keys(fields);
  for (const key of isSorted ? keys : keys.sort()) result[key] = changes?.get(key) ?? fields[key];
  return result;
}
