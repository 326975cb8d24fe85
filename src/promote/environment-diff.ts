import { minimatch } from "minimatch";
import { defined } from "../defined";
import type { Mask } from "../mask";
import { diffFields } from "../review/changes/diff";
import type { FieldChange, Json } from "../review/model";
import { fieldsOf } from "../verify/fields/field-rules";
import { rulesOf } from "../review/changes/rules";
import { siblingStack } from "../deploy/used-stacks";
import { meaningOf, replaceReferences, type StackReference } from "../terraform/references";
import type { SynthesizedStack } from "../terraform/stack";

/** Why a difference between two environments is allowed. */
export interface Allowance {
  /**
   * `profile`: caused by a setting of the environments' profiles; `rule`: an entry of
   * `allowedDifferences`.
   */
  readonly by: "profile" | "rule";
  readonly reason: string;
}

export interface EnvironmentDifference {
  /** Construct path without the stack's name, or the address. */
  readonly path: string;
  readonly kind: string;
  /**
   * Field path as shown to users, with list items by key:
   * `job_cluster[shared].new_cluster.num_workers`. Absent if only one side has the resource.
   */
  readonly field?: string;
  readonly change: FieldChange["kind"] | "only in from" | "only in to";
  /** The value in the environment `from`; absent if it has none. */
  readonly from?: Json;
  /** The value in the environment `to`; absent if it has none. */
  readonly to?: Json;
  /** Set if the profiles allow the difference. */
  readonly allowed?: Allowance;
}

export interface EnvironmentDiff {
  readonly format: "lakeform.environment-diff";
  readonly version: 1;
  readonly from: string;
  readonly to: string;
  /** The stacks, paired by name. A stack that only one environment has is not paired. */
  readonly stacks: readonly {
    readonly name: string;
    readonly from?: string;
    readonly to?: string;
    readonly differences: readonly EnvironmentDifference[];
  }[];
  /** Number of differences that the profiles allow. */
  readonly allowed: number;
  /** Number of all other differences. */
  readonly notAllowed: number;
}

/** Returns the diff with the values of secrets masked. */
export function maskDiff(diff: EnvironmentDiff, mask: Mask): EnvironmentDiff {
  const maskDifference = (difference: EnvironmentDifference): EnvironmentDifference => ({
    ...difference,
    path: mask.ownText(difference.path),
    ...(difference.field !== undefined && { field: mask.ownText(difference.field) }),
    ...(difference.from !== undefined && { from: mask.deep(difference.from) }),
    ...(difference.to !== undefined && { to: mask.deep(difference.to) }),
  });
  return {
    ...diff,
    stacks: diff.stacks.map((stack) => ({
      ...stack,
      differences: stack.differences.map(maskDifference),
    })),
  };
}

interface AllowedDifference {
  readonly path?: string;
  readonly kind?: string;
  readonly field?: string;
  readonly reason: string;
}

interface Settings {
  readonly namePrefix?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly schedules?: string;
  readonly runAs?: unknown;
  readonly workspaceId?: unknown;
  readonly notifications?: unknown;
  readonly allowedDifferences?: readonly AllowedDifference[];
}

/** Comments and arguments that control Terraform. */
const uncomparedFields = new Set(["//", "provider", "lifecycle", "depends_on"]);
const nameFields = new Set(["name", "instance_pool_name", "cluster_name"]);

/**
 * Compares the synthesized stacks of two environments, resource by resource (paired by type and
 * construct path). A difference is allowed if it is in a field that the profiles set differently
 * (prefix, tags, schedules, run_as, workspaceId, notifications), or if a rule of
 * `allowedDifferences` matches it. The stamps and the stacks' own names are not compared.
 */
export function diffEnvironments(
  from: readonly SynthesizedStack[],
  to: readonly SynthesizedStack[],
  names: { readonly from: string; readonly to: string },
): EnvironmentDiff {
  const fromStacks = new Map(from.map((stack) => [baseName(stack), stack]));
  const toStacks = new Map(to.map((stack) => [baseName(stack), stack]));
  const stacks = [...new Set([...fromStacks.keys(), ...toStacks.keys()])].sort().map((name) => {
    const [fromStack, toStack] = [fromStacks.get(name), toStacks.get(name)];
    return {
      name,
      ...defined({ from: fromStack?.name, to: toStack?.name }),
      differences: diffStacks(name, fromStack, toStack, [meaningIn(from), meaningIn(to)]),
    };
  });
  const differences = stacks.flatMap((stack) => stack.differences);
  const notAllowed = differences.filter((difference) => difference.allowed === undefined).length;
  return {
    format: "lakeform.environment-diff",
    version: 1,
    ...names,
    stacks,
    allowed: differences.length - notAllowed,
    notAllowed,
  };
}

/** Returns the stack name without the environment: `daily-etl` for `daily-etl-dev`. */
export function baseName(stack: SynthesizedStack): string {
  const suffix = `-${stack.metadata.environment}`;
  return stack.name.endsWith(suffix) ? stack.name.slice(0, -suffix.length) : stack.name;
}

interface Resource {
  readonly kind: string;
  readonly path: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Returns a readable name for a reference in a stack. */
type Meaning = (stack: SynthesizedStack, reference: StackReference) => string;

/**
 * Returns a function that names references without the environment: `platform/policy.id` for
 * another stack of the same environment.
 */
function meaningIn(stacks: readonly SynthesizedStack[]): Meaning {
  return (stack, reference) => {
    const usedStack =
      stacks.find(({ name }) => name === reference.stack) ?? siblingStack(stack, reference.stack);
    const meaning = meaningOf(reference, usedStack);
    const isSameEnvironment =
      usedStack !== undefined && usedStack.metadata.environment === stack.metadata.environment;
    return isSameEnvironment
      ? meaning.replace(`${usedStack.name}/`, `${baseName(usedStack)}/`)
      : meaning;
  };
}

function diffStacks(
  name: string,
  from: SynthesizedStack | undefined,
  to: SynthesizedStack | undefined,
  [meaningFrom, meaningTo]: readonly [Meaning, Meaning],
): EnvironmentDifference[] {
  if (from === undefined || to === undefined) {
    const missingStack = {
      path: name,
      kind: "stack",
      change: from === undefined ? ("only in to" as const) : ("only in from" as const),
    };
    const allowed = ruleFor([settingsOf(from ?? to)], missingStack.path, missingStack.kind, "");
    return [{ ...missingStack, ...defined({ allowed }) }];
  }
  const settings: [Settings, Settings] = [settingsOf(from), settingsOf(to)];
  const [fromResources, toResources] = [resourcesOf(from), resourcesOf(to)];
  const differences: EnvironmentDifference[] = [];
  for (const key of [...new Set([...fromResources.keys(), ...toResources.keys()])].sort()) {
    const [fromResource, toResource] = [fromResources.get(key), toResources.get(key)];
    const resource = fromResource ?? toResource;
    if (resource === undefined) continue;
    const { path, kind } = resource;
    if (fromResource === undefined || toResource === undefined) {
      const allowed = ruleFor(settings, path, kind, "");
      differences.push({
        path,
        kind,
        change: fromResource === undefined ? "only in to" : "only in from",
        ...defined({ allowed }),
      });
      continue;
    }
    for (const change of diffFields(
      comparableConfig(fromResource, from, meaningFrom),
      comparableConfig(toResource, to, meaningTo),
      { rules: rulesOf(kind).keyed, fields: fieldsOf(kind) },
    )) {
      const allowed =
        profileFor(change, settings) ?? ruleFor(settings, path, kind, change.path, change.field);
      differences.push({
        path,
        kind,
        field: change.path,
        change: change.kind,
        ...defined({ from: change.before, to: change.after, allowed }),
      });
    }
  }
  return differences;
}

function resourcesOf(stack: SynthesizedStack): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const [kind, resourcesById] of Object.entries(stack.json.resource ?? {})) {
    if (kind === "//") continue;
    for (const [id, config] of Object.entries(resourcesById)) {
      const fullPath = stack.metadata.resources[`${kind}.${id}`]?.path ?? `${kind}.${id}`;
      const path = fullPath.startsWith(`${stack.name}/`)
        ? fullPath.slice(stack.name.length + 1)
        : fullPath;
      resources.set(`${kind} ${path}`, { kind, path, config });
    }
  }
  return resources;
}

/**
 * Returns the configuration with placeholders for the parts that always differ between
 * environments: the stamp, and the stack's own name. A reference to another stack is replaced by
 * its target: stack, resource and attribute.
 */
function comparableConfig(resource: Resource, stack: SynthesizedStack, meaning: Meaning): unknown {
  const comparedFields = Object.fromEntries(
    Object.entries(resource.config).filter(([key]) => !uncomparedFields.has(key)),
  );
  const config = replaceReferences(comparedFields, (reference) => meaning(stack, reference));
  const replaceNames = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replaceAll(stack.metadata.stamp, "<stamp>").replaceAll(stack.name, "<stack>");
    if (Array.isArray(value)) return value.map(replaceNames);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, replaceNames(inner)]),
      );
    return value;
  };
  return replaceNames(config);
}

function settingsOf(stack: SynthesizedStack | undefined): Settings {
  return stack?.metadata.profileSettings ?? {};
}

/** Returns an allowance if the difference is in a field that the two profiles set differently. */
function profileFor(
  change: FieldChange,
  [from, to]: readonly [Settings, Settings],
): Allowance | undefined {
  const allowedBy = (reason: string): Allowance => ({ by: "profile", reason });
  const differ = (key: keyof Settings): boolean =>
    JSON.stringify(from[key]) !== JSON.stringify(to[key]);
  const leaf = change.field.slice(change.field.lastIndexOf(".") + 1);
  if (nameFields.has(leaf) && differ("namePrefix")) {
    const withoutPrefix = (value: Json | undefined, prefix: string | undefined): unknown =>
      typeof value === "string" && value.startsWith(prefix ?? "")
        ? value.slice((prefix ?? "").length)
        : value;
    if (
      withoutPrefix(change.before, from.namePrefix) === withoutPrefix(change.after, to.namePrefix)
    )
      return allowedBy("namePrefix of the profiles");
  }
  // The tags of a warehouse are a list of keys and values.
  const tag =
    /(?:^|\.)custom_tags\[(.+)\]\.value$/.exec(change.path)?.[1] ??
    /(?:^|\.)(?:tags|custom_tags)\.(.+)$/.exec(change.field)?.[1];
  if (
    tag !== undefined &&
    from.tags?.[tag] !== to.tags?.[tag] &&
    isEqualValue(change.before, from.tags?.[tag]) &&
    isEqualValue(change.after, to.tags?.[tag])
  ) {
    return allowedBy("tags of the profiles");
  }
  if (leaf === "pause_status" && differ("schedules")) return allowedBy("schedules of the profiles");
  if (/^run_as(\.|$)/.test(change.field) && differ("runAs"))
    return allowedBy("runAs of the profiles");
  if (/^provider_config(\.|$)/.test(change.field) && differ("workspaceId"))
    return allowedBy("workspaceId of the profiles");
  if (
    /(^|\.)(email_notifications|webhook_notifications)(\.|$)/.test(change.field) &&
    differ("notifications")
  )
    return allowedBy("notifications of the profiles");
  return undefined;
}

function isEqualValue(value: Json | undefined, expected: string | undefined): boolean {
  return (value ?? undefined) === expected;
}

function ruleFor(
  settings: readonly Settings[],
  path: string,
  kind: string,
  field: string,
  fieldWithoutKeys = field,
): Allowance | undefined {
  for (const rule of settings.flatMap((setting) => setting.allowedDifferences ?? [])) {
    if (rule.path !== undefined && !minimatch(path, rule.path)) continue;
    if (rule.kind !== undefined && rule.kind !== kind) continue;
    if (rule.field !== undefined && !matchesField(rule.field, field, fieldWithoutKeys)) continue;
    return { by: "rule", reason: rule.reason };
  }
  return undefined;
}

/**
 * Matches a glob against dotted field paths, with or without list keys. A field includes the fields
 * below it.
 */
function matchesField(rule: string, field: string, fieldWithoutKeys: string): boolean {
  const glob = rule.replaceAll(".", "/");
  return [field, fieldWithoutKeys].some((name) => {
    const path = name.replaceAll(".", "/");
    return (
      minimatch(path, glob, { nobrace: true, noext: true }) ||
      minimatch(path, `${glob}/**`, { nobrace: true, noext: true })
    );
  });
}
