/**
 * Determines the desired resources: all resources of the configuration, with resolved references.
 */
import { defined } from "../../defined";
import { resolve, withNames, type Scope } from "../expressions/evaluate";
import { markSensitive } from "../fields/field-rules";
import { remoteStackOf } from "../../terraform/references";
import type { SynthesizedStack } from "../input";
import type { UsedStack } from "../target";
import { elsewhereInStack } from "./provider-host";
import type { InheritedValues } from "../deployed/record";
import { addressOf, type StateEntry } from "../deployed/state-index";
import type { Desired, DesiredObject } from "../expressions/values";
import {
  Sensitive,
  Unresolved,
  fromJson,
  isDesiredObject,
  isObject,
  iterate,
  textOf,
  wholeResource,
} from "../expressions/values";

export interface DesiredResource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly attributes: DesiredObject;
  /** `lifecycle.ignore_changes`: field paths, or "all". */
  readonly ignoreChanges: readonly string[] | "all";
  /** Values that its elements have although the code does not set them, by path. */
  readonly inherited?: InheritedValues[string];
  /** Set if the resource is in another workspace, so it must not be read: the reason. */
  readonly elsewhere?: string;
}

export interface ResolveOptions {
  readonly directory: string;
  readonly state: ReadonlyMap<string, StateEntry>;
  readonly used?: ReadonlyMap<string, UsedStack>;
  readonly variable?: (name: string) => string | undefined;
  /** The verified workspace. */
  readonly host?: string;
  /** `terraform.workspace`. @default "default" */
  readonly workspace?: string;
}

/** Arguments that Terraform handles itself and does not pass to a provider. */
const metaArguments = new Set([
  "//",
  "count",
  "for_each",
  "depends_on",
  "lifecycle",
  "provider",
  "connection",
  "provisioner",
]);

/** Returns the managed resources of a configuration in JSON syntax, by address. */
export function desiredOfStack(
  stack: SynthesizedStack,
  options: ResolveOptions,
): ReadonlyMap<string, DesiredResource> {
  const resolver = new Resolver(stack, options);
  const resources = new Map<string, DesiredResource>();
  const elsewhereReason =
    options.host === undefined ? undefined : elsewhereInStack(stack, resolver.scope, options.host);
  for (const [type, resourcesByName] of Object.entries(stack.resource ?? {})) {
    if (type === "//") continue;
    for (const [name, config] of Object.entries(resourcesByName)) {
      const reason = elsewhereReason?.({
        address: `${type}.${name}`,
        type,
        provider: config.provider,
      });
      for (const { index, each } of resolver.instances(type, name, config)) {
        const address = addressOf("managed", type, name, index);
        const attributes = resolver.attributes(type, config, each);
        resources.set(address, {
          address,
          type,
          name,
          attributes,
          ignoreChanges: ignoreChangesOf(config),
          ...defined({ elsewhere: reason }),
        });
      }
    }
  }
  return resources;
}

interface Each {
  readonly key: string | number;
  readonly value: Desired;
}

class Resolver {
  readonly scope: Scope;
  /** References being resolved, to detect cycles. */
  readonly #open = new Set<string>();
  readonly #instances = new Map<string, ReadonlyMap<string, { readonly each?: Each }>>();

  constructor(
    private readonly stack: SynthesizedStack,
    private readonly options: ResolveOptions,
  ) {
    this.scope = this.#scopeWith(undefined);
  }

  attributes(
    type: string,
    raw: Readonly<Record<string, unknown>>,
    each: Each | undefined,
  ): DesiredObject {
    const scope = each === undefined ? this.scope : this.#scopeWith(each);
    const object: DesiredObject = {};
    for (const [field, value] of Object.entries(raw)) {
      if (metaArguments.has(field)) continue;
      if (field !== "dynamic") object[field] = resolve(value, scope);
    }
    for (const [field, blocks] of dynamicBlocks(raw.dynamic, scope)) {
      const staticBlocks = object[field];
      if (Array.isArray(blocks) && staticBlocks !== undefined)
        object[field] = [
          ...(Array.isArray(staticBlocks) ? staticBlocks : [staticBlocks]),
          ...blocks,
        ];
      else object[field] = blocks;
    }
    return markSensitive(type, object);
  }

  /**
   * Returns the instances of a resource with `count` or `for_each`, from the state if they cannot
   * be evaluated. A plain resource is one instance.
   */
  instances(
    type: string,
    name: string,
    raw: Readonly<Record<string, unknown>>,
  ): { readonly index?: string | number; readonly each?: Each }[] {
    const argument =
      raw.count !== undefined ? "count" : raw.for_each !== undefined ? "for_each" : undefined;
    if (argument === undefined) return [{}];
    const value = resolve(raw[argument], this.scope);
    const count = typeof value === "string" ? Number(value) : value;
    if (argument === "count" && typeof count === "number" && Number.isInteger(count)) {
      return Array.from({ length: count }, (_, index) => ({
        index,
        each: { key: index, value: index },
      }));
    }
    if (argument === "for_each" && Array.isArray(value)) {
      return value.map((item) => ({
        index: textOf(item),
        each: { key: textOf(item), value: item },
      }));
    }
    if (argument === "for_each" && isDesiredObject(value)) {
      return Object.entries(value).map(([key, item]) => ({
        index: key,
        each: { key, value: item },
      }));
    }
    const reason =
      value instanceof Unresolved
        ? value
        : new Unresolved(`${argument} of ${type}.${name}`, "it is not known here");
    return [...this.options.state.values()]
      .filter(
        (entry) =>
          entry.mode === "managed" &&
          entry.type === type &&
          entry.name === name &&
          entry.index !== undefined &&
          entry.deposed !== true,
      )
      .map((entry) => ({
        index: entry.index,
        each: { key: entry.index ?? "", value: argument === "count" ? (entry.index ?? 0) : reason },
      }));
  }

  #scopeWith(each: Each | undefined): Scope {
    return {
      directory: this.options.directory,
      reference: (root, steps) => this.#reference(root, steps, each),
    };
  }

  #reference(
    root: string,
    steps: readonly (string | number)[],
    each: Each | undefined,
  ): { value: Desired; rest: readonly (string | number)[] } {
    const [first = "", ...rest] = steps;
    switch (root) {
      case "var":
        return { value: this.#variable(String(first)), rest };
      case "local":
        return {
          value: this.#withCycleCheck(`local.${first}`, () => this.#local(String(first))),
          rest,
        };
      case "path":
        return { value: first === "cwd" ? this.options.directory : ".", rest };
      case "terraform":
        return {
          value:
            first === "workspace"
              ? (this.options.workspace ?? "default")
              : unresolved(`terraform.${first} is unknown here`),
          rest,
        };
      case "count":
      case "each":
        if (each === undefined)
          return { value: unresolved(`${root}.${first} outside a repeated resource`), rest };
        return { value: first === "value" ? each.value : each.key, rest };
      case "module":
      case "self":
        return { value: unresolved(`references to ${root}.… are not supported`), rest: [] };
      case "data":
        return first === "terraform_remote_state"
          ? this.#output(rest)
          : this.#resource("data", String(first), rest);
      default:
        return this.#resource("managed", root, steps);
    }
  }

  /**
   * Returns an output of another stack: its value at the last apply, as Terraform does, or else the
   * value that its code defines.
   */
  #output(steps: readonly (string | number)[]): {
    value: Desired;
    rest: readonly (string | number)[];
  } {
    const [name = "", , output = "", ...rest] = steps.map(String);
    const stack = remoteStackOf(name);
    const used = stack === undefined ? undefined : this.options.used?.get(stack);
    if (stack === undefined || used === undefined)
      return this.#resource("data", "terraform_remote_state", steps);
    const code = (
      used.stack.output as Readonly<Record<string, { readonly value?: unknown }>> | undefined
    )?.[output]?.value;
    const codeValue = this.#withCycleCheck(`${stack}.${output}`, () =>
      code === undefined
        ? unresolved(`${stack} has no output ${output}`)
        : resolve(code, new Resolver(used.stack, used).scope),
    );
    const value = used.outputs[output];
    if (value === undefined)
      return {
        value: codeValue instanceof Unresolved ? unresolved(used.missing) : codeValue,
        rest,
      };
    // cdktf marks every such output as sensitive, so only its expression shows whether it is
    // secret.
    const isPublic = !(codeValue instanceof Sensitive) && !(codeValue instanceof Unresolved);
    return { value: isPublic ? fromJson(value) : new Sensitive(fromJson(value)), rest };
  }

  #variable(name: string): Desired {
    const declaration = this.stack.variable?.[name];
    const isSensitive = declaration?.sensitive === true;
    const text = this.options.variable?.(name);
    const value = text === undefined ? declaration?.default : parseAs(text, declaration?.type);
    if (value === undefined)
      return isSensitive
        ? new Sensitive(undefined)
        : unresolved(`the value of variable ${name} is unknown here`);
    return isSensitive ? new Sensitive(fromJson(value)) : fromJson(value);
  }

  #local(name: string): Desired {
    const value = this.stack.locals?.[name];
    return value === undefined ? unresolved(`no local.${name}`) : resolve(value, this.scope);
  }

  /**
   * Returns the value of an attribute in the code or else in the state. Without an attribute,
   * returns the whole resource or all its instances.
   */
  #resource(
    mode: "managed" | "data",
    type: string,
    steps: readonly (string | number)[],
  ): { value: Desired; rest: readonly (string | number)[] } {
    const [name, ...remainingSteps] = steps;
    if (name === undefined) return { value: unresolved(`${type} is unknown here`), rest: [] };
    const raw = (mode === "data" ? this.stack.data : this.stack.resource)?.[type]?.[String(name)];
    const isRepeated = raw !== undefined && (raw.count !== undefined || raw.for_each !== undefined);
    if (isRepeated && remainingSteps.length === 0)
      return { value: this.#allInstances(mode, type, String(name), raw), rest: [] };
    const index = isRepeated ? remainingSteps.shift() : undefined;
    const [attribute, ...rest] = remainingSteps;
    const address = addressOf(mode, type, String(name), index);
    if (attribute === undefined)
      return { value: this.#wholeResource(mode, type, raw, address, undefined), rest: [] };
    const codeValue = mode === "managed" ? raw?.[attribute] : undefined;
    const instance =
      codeValue === undefined ? undefined : this.#instance(type, String(name), raw ?? {}, index);
    if (instance !== undefined) {
      const value = this.#withCycleCheck(
        `${address}.${attribute}`,
        () => this.attributes(type, { [attribute]: codeValue }, instance.each)[attribute] ?? null,
      );
      return { value, rest };
    }
    const entry = this.options.state.get(address);
    if (entry === undefined) {
      const isUndeclared = raw === undefined;
      return {
        value: new Unresolved("", `${address} is not deployed yet`, isUndeclared),
        rest: [],
      };
    }
    return { value: entry.attributes[attribute] ?? entry.zeros[attribute] ?? null, rest };
  }

  #instance(
    type: string,
    name: string,
    raw: Readonly<Record<string, unknown>>,
    index: string | number | undefined,
  ): { readonly each?: Each } | undefined {
    if (index === undefined) return {};
    const key = `${type}.${name}`;
    let instances = this.#instances.get(key);
    if (instances === undefined) {
      instances = new Map(
        this.instances(type, name, raw).map((instance) => [String(instance.index), instance]),
      );
      this.#instances.set(key, instances);
    }
    return instances.get(String(index));
  }

  /** The instances of a repeated resource: a list for `count`, a map for `for_each`. */
  #allInstances(
    mode: "managed" | "data",
    type: string,
    name: string,
    raw: Readonly<Record<string, unknown>>,
  ): Desired {
    return this.#withCycleCheck(`${mode} ${type}.${name}`, () => {
      const instances = this.instances(type, name, raw).map(
        ({ index, each }) =>
          [
            String(index),
            this.#wholeResource(mode, type, raw, addressOf(mode, type, name, index), each),
          ] as const,
      );
      return raw.count === undefined
        ? Object.fromEntries(instances)
        : instances.map(([, value]) => value);
    });
  }

  #wholeResource(
    mode: "managed" | "data",
    type: string,
    raw: Readonly<Record<string, unknown>> | undefined,
    address: string,
    each: Each | undefined,
  ): Desired {
    const entry = this.options.state.get(address);
    if (raw === undefined && entry === undefined) return unresolved(`${address} is unknown here`);
    return this.#withCycleCheck(`the whole of ${address}`, () => {
      const codeValue =
        mode === "managed" && raw !== undefined ? this.attributes(type, raw, each) : {};
      return wholeResource({ ...entry?.zeros, ...entry?.attributes, ...codeValue });
    });
  }

  #withCycleCheck(key: string, evaluate: () => Desired): Desired {
    if (this.#open.has(key)) return unresolved(`${key} refers to itself`);
    this.#open.add(key);
    try {
      return evaluate();
    } finally {
      this.#open.delete(key);
    }
  }
}

function unresolved(reason: string): Unresolved {
  return new Unresolved("", reason);
}

/** Converts a variable's string to its declared type; lists and maps are JSON, as in TF_VAR_… */
function parseAs(text: string, type: unknown): unknown {
  if (type === undefined || type === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Returns the blocks that `dynamic "task" { for_each, iterator, content }` generates, by field. */
function dynamicBlocks(value: unknown, scope: Scope): [string, Desired][] {
  const parts = asObjects(value).flatMap((part) => Object.entries(part));
  return parts.flatMap(([field, blocks]) =>
    asObjects(blocks).map((block): [string, Desired] => [
      field,
      generatedBlocks(field, block, scope),
    ]),
  );
}

function generatedBlocks(
  field: string,
  { for_each, iterator = field, content }: Readonly<Record<string, unknown>>,
  scope: Scope,
): Desired {
  const items = resolve(for_each, scope);
  const expression = `dynamic "${field}"`;
  if (items instanceof Unresolved) return new Unresolved(expression, items.reason);
  if (!Array.isArray(items) && !isDesiredObject(items))
    return new Unresolved(expression, "its for_each cannot be evaluated here");
  const name = typeof iterator === "string" ? iterator : field;
  // Like that of a resource, only the attributes of the iterator can be used: `key` and `value`.
  return iterate(items).map(([key, item]) =>
    resolve(content, withNames(scope, { [name]: wholeResource({ key, value: item }) })),
  );
}

const asObjects = (value: unknown): Readonly<Record<string, unknown>>[] =>
  (Array.isArray(value) ? value : [value]).filter(isObject);

function ignoreChangesOf(raw: Readonly<Record<string, unknown>>): readonly string[] | "all" {
  const blocks = Array.isArray(raw.lifecycle) ? raw.lifecycle : [raw.lifecycle];
  const ignoredFields = blocks.flatMap((block) => (isObject(block) ? [block.ignore_changes] : []));
  if (ignoredFields.includes("all")) return "all";
  return ignoredFields.flatMap((fields) => (Array.isArray(fields) ? fields.map(String) : []));
}
