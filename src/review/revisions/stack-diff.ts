import { schemaOf, type Block } from "../../resources/shape/schema";
import { canonical, isEmpty, isList, isObject, object, type JsonObject } from "../plan/json";
import type { PlanChange, PlanFacts } from "../plan/plan";
import type { Artifact } from "../secrets/scan";
import { readStack, type StackResource } from "../plan/stack";

/**
 * Returns the differences between two synthesized stacks in the form of a plan, for a review of two
 * revisions without workspace or state. Expressions are not evaluated, and values that a provider
 * would fill in are absent.
 * @param before,after undefined if the revision does not have the stack
 */
export function planBetween(
  before: unknown,
  after: unknown,
  contents: {
    readonly before: ReadonlyMap<string, Artifact>;
    readonly after: ReadonlyMap<string, Artifact>;
  },
): PlanFacts {
  const previousResources =
    before === undefined ? new Map<string, StackResource>() : readStack(before).resources;
  const currentResources =
    after === undefined ? new Map<string, StackResource>() : readStack(after).resources;
  const changes: PlanChange[] = [];
  for (const address of [
    ...new Set([...previousResources.keys(), ...currentResources.keys()]),
  ].sort()) {
    const [a, b] = [previousResources.get(address), currentResources.get(address)];
    const [valuesBefore, valuesAfter] = [
      valuesOf(a, contents.before.get(address)),
      valuesOf(b, contents.after.get(address)),
    ];
    const isSame = JSON.stringify(valuesBefore) === JSON.stringify(valuesAfter);
    const type = (b ?? a)?.type ?? "";
    const replacePaths =
      valuesBefore === null || valuesAfter === null
        ? []
        : replacingPaths(type, valuesBefore, valuesAfter);
    changes.push({
      address,
      mode: "managed",
      type,
      name: address.slice(address.indexOf(".") + 1),
      actions: isSame
        ? ["no-op"]
        : valuesBefore === null
          ? ["create"]
          : valuesAfter === null
            ? ["delete"]
            : replacePaths.length > 0
              ? ["delete", "create"]
              : ["update"],
      ...(valuesAfter === null ? { reason: "delete_because_no_resource_config" } : {}),
      importing: false,
      before: valuesBefore,
      after: valuesAfter,
      afterUnknown: {},
      beforeSensitive: {},
      afterSensitive: {},
      replacePaths,
    });
  }
  return {
    changes,
    drift: [],
    outputs: [],
    secrets: [],
    variables: {},
    modules: undefined,
    checks: undefined,
    errored: false,
    complete: true,
  };
}

/** Returns the changed fields that force the provider to create a new object. */
function replacingPaths(type: string, before: JsonObject, after: JsonObject): string[][] {
  const schema = schemaOf(type);
  if (schema === undefined) return [];
  const differ = (a: unknown, b: unknown): boolean =>
    !(isEmpty(a) && isEmpty(b)) && canonical(a) !== canonical(b);
  // Each change of an object that has no update call replaces it.
  if (schema.updatable !== true) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.filter((name) => differ(before[name], after[name])).map((name) => [name]);
  }
  const forcedPathsIn = (
    { attributes, blocks }: Block,
    before: JsonObject,
    after: JsonObject,
    path: readonly string[],
  ): string[][] => {
    const isChanged = (name: string): boolean => differ(before[name], after[name]);
    const forcedFields = (
      fields: Readonly<Record<string, { readonly forceNew?: boolean }>>,
    ): string[][] =>
      Object.entries(fields)
        .filter(([name, { forceNew }]) => forceNew === true && isChanged(name))
        .map(([name]) => [...path, name]);
    const nestedPaths = Object.entries(blocks)
      .filter(([name, { forceNew }]) => forceNew !== true && isChanged(name))
      .flatMap(([name, { block }]) => {
        const [a, b] = [before[name], after[name]].map((value) =>
          isList(value) ? value : [value],
        ) as [readonly unknown[], readonly unknown[]];
        return a.flatMap((element, index) =>
          index < b.length
            ? forcedPathsIn(block, object(element), object(b[index]), [...path, name])
            : [],
        );
      });
    return [...forcedFields(attributes), ...forcedFields(blocks), ...nestedPaths];
  };
  return forcedPathsIn(schema.block, before, after, []);
}

/**
 * Returns the configuration, with the SHA-256 of a file instead of its path. It is in the field
 * `md5`, which `withContent` shows as a change of the content.
 */
function valuesOf(
  resource: StackResource | undefined,
  artifact: Artifact | undefined,
): JsonObject | null {
  if (resource === undefined) return null;
  const config = sortKeys(resource.config) as Record<string, unknown>;
  if (artifact === undefined) return config;
  const { source: _source, content_base64: _content, ...rest } = config;
  return { ...rest, md5: artifact.sha256 };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => key !== "//")
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
