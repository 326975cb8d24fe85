import { withoutKey } from "../../terraform/references";
import { defined } from "../../defined";
import type { StackMetadata } from "../../terraform/metadata";
import { isList, isObject, object, text, type JsonObject } from "./json";

/** One resource block of a synthesized stack. */
export interface StackResource {
  readonly address: string;
  readonly type: string;
  readonly config: JsonObject;
  /**
   * Arguments that control Terraform and are not part of the object: `lifecycle`, `provisioner`,
   * `depends_on`, …
   */
  readonly controlArguments: JsonObject;
  readonly path: string;
  readonly source?: string;
}

/**
 * The parts of cdk.tf.json that a review needs. A plain Terraform JSON stack has no metadata, so
 * its review has less detail.
 */
export interface StackFacts {
  readonly metadata?: StackMetadata;
  readonly resources: ReadonlyMap<string, StackResource>;
  /** The `terraform` block as if it were a resource; empty for a stack without metadata. */
  readonly terraform: readonly StackResource[];
  /** Names of sensitive variables. */
  readonly sensitive: ReadonlySet<string>;
}

export function readStack(stack: unknown): StackFacts {
  const root = object(stack);
  const rawMetadata = object(root["//"]).lakeform;
  const metadata =
    isObject(rawMetadata) && rawMetadata.version === 1
      ? (rawMetadata as unknown as StackMetadata)
      : undefined;
  const resources = new Map<string, StackResource>();
  for (const [type, blocksByName] of Object.entries(object(root.resource))) {
    for (const [name, blocks] of Object.entries(object(blocksByName))) {
      const config = object(isList(blocks) ? blocks[0] : blocks);
      const address = `${type}.${name}`;
      const origin = metadata?.resources[address];
      const path = origin?.path ?? text(object(object(config["//"]).metadata).path) ?? address;
      resources.set(address, {
        address,
        type,
        ...separateControlArguments(config),
        path,
        ...defined({ source: origin?.source }),
      });
    }
  }
  const sensitive = new Set(
    Object.entries(object(root.variable))
      .filter(([, variable]) => object(variable).sensitive === true)
      .map(([name]) => name),
  );
  const address = "terraform";
  const block = { address, type: address, config: object(root.terraform), controlArguments: {} };
  const terraform = metadata === undefined ? [] : [{ ...block, path: metadata.stack }];
  return { ...defined({ metadata }), resources, terraform, sensitive };
}

/**
 * Returns the block of a planned object. All instances of `count` and `for_each`
 * (`databricks_job.x["a"]`) come from one block.
 */
export const resourceAt = (
  stack: StackFacts | undefined,
  address: string,
): StackResource | undefined =>
  stack?.resources.get(address) ?? stack?.resources.get(withoutKey(address));

/** Arguments that control Terraform and are not part of the object. */
const controlArgumentNames = new Set([
  "lifecycle",
  "depends_on",
  "provider",
  "count",
  "for_each",
  "connection",
  "provisioner",
]);

function separateControlArguments(
  body: JsonObject,
): Pick<StackResource, "config" | "controlArguments"> {
  const entries = Object.entries(body).filter(([key]) => key !== "//");
  return {
    config: Object.fromEntries(entries.filter(([key]) => !controlArgumentNames.has(key))),
    controlArguments: Object.fromEntries(entries.filter(([key]) => controlArgumentNames.has(key))),
  };
}

/**
 * Returns the expression in a configured value: `databricks_job.x.id` if the value is a single
 * `${…}`, otherwise the complete string.
 */
export function expressionIn(value: unknown): string | undefined {
  if (typeof value !== "string" || !value.includes("${")) return undefined;
  const singleExpression = /^\$\{([^{}]*)\}$/.exec(value);
  return singleExpression?.[1] ?? value;
}

/**
 * Returns the value at a readable path in a configuration:
 * `task[ingest].notebook_task.notebook_path`. Single blocks may be objects or lists of one.
 */
export function valueAt(config: unknown, path: string): unknown {
  let value: unknown = config;
  const parts = splitPath(path);
  for (const [index, part] of parts.entries()) {
    if (value === undefined) return undefined;
    if (part.isKey) {
      const isMapEntry =
        index === parts.length - 1 && isObject(value) && Object.hasOwn(value, part.name);
      value = isMapEntry
        ? (value as JsonObject)[part.name]
        : elementWith(isList(value) ? value : [value], part.name);
    } else {
      if (isList(value)) value = value.length === 1 ? value[0] : undefined;
      value = isObject(value) ? value[part.name] : undefined;
    }
  }
  return value;
}

/** Caches the elements of each list by their field values. */
const byValue = new WeakMap<readonly unknown[], Map<unknown, unknown>>();

/** Returns the first element that has this value in one of its fields. */
function elementWith(list: readonly unknown[], value: string): unknown {
  const elementsByValue = byValue.get(list) ?? new Map<unknown, unknown>();
  if (!byValue.has(list)) {
    byValue.set(list, elementsByValue);
    for (const element of list)
      if (isObject(element))
        for (const fieldValue of Object.values(element))
          if (!elementsByValue.has(fieldValue)) elementsByValue.set(fieldValue, element);
  }
  return elementsByValue.get(value);
}

function splitPath(path: string): { name: string; isKey: boolean }[] {
  const steps: { name: string; isKey: boolean }[] = [];
  for (const match of path.matchAll(/\["([^"]*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)) {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    steps.push({ name, isKey: match[2] !== undefined });
  }
  return steps;
}
