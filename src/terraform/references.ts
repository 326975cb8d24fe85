/**
 * References between stacks: cdktf adds an output to the used stack, and a `terraform_remote_state`
 * data source to the stack that uses it.
 */
import path from "node:path";
import { readSavedJson } from "../exact-json";
import type { StackJson, SynthesizedStack } from "./stack";

/** A use of an output of another stack. */
export interface StackReference {
  readonly stack: string;
  readonly output: string;
}

const dataPrefix = "cross-stack-reference-input-";
const outputPrefix = "cross-stack-output-";
const referencePattern =
  /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+)\.outputs(?:\.([\w-]+)|\["([^"]+)"\])/g;

/** True if an output exists only for references from other stacks. */
export const isReferenceOutput = (name: string): boolean => name.startsWith(outputPrefix);

/**
 * True if cdktf generated the `output.…` or `data.…` block for a reference. Such blocks are hidden,
 * because the fields that use them show the reference.
 */
export const isReferenceBlock = (name: string): boolean =>
  name.startsWith(`output.${outputPrefix}`) ||
  name.startsWith(`data.terraform_remote_state.${dataPrefix}`);

/** Returns the outputs of other stacks that a configuration uses, without duplicates. */
export function referencesOf(value: unknown): StackReference[] {
  const references = new Map<string, StackReference>();
  const walk = (inner: unknown): void => {
    if (typeof inner === "string" && inner.includes(dataPrefix)) {
      for (const [, stack = "", plain, quoted] of inner.matchAll(referencePattern)) {
        const output = plain ?? quoted ?? "";
        references.set(`${stack}\0${output}`, { stack, output });
      }
    } else if (typeof inner === "object" && inner !== null) Object.values(inner).forEach(walk);
  };
  walk(value);
  return [...references.values()];
}

/**
 * Copies a value, and replaces each reference to another stack.
 * @param replacementOf returns the replacement; undefined keeps the reference
 */
export function replaceReferences<T>(
  value: T,
  replacementOf: (reference: StackReference) => string | undefined,
): T {
  const replace = (inner: unknown): unknown => {
    if (typeof inner === "string") {
      if (!inner.includes(dataPrefix)) return inner;
      return inner.replaceAll(
        referencePattern,
        (match: string, stack: string, plain?: string, quoted?: string) => {
          return replacementOf({ stack, output: plain ?? quoted ?? "" }) ?? match;
        },
      );
    }
    if (Array.isArray(inner)) return inner.map(replace);
    if (typeof inner === "object" && inner !== null)
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, replace(item)]));
    return inner;
  };
  return replace(value) as T;
}

/**
 * Returns the strings in a value, at any depth. Not a generator, for speed: a stack of 400 jobs has
 * 100,000 strings.
 */
export function textsOf(value: unknown): readonly string[] {
  const texts: string[] = [];
  collectTexts(value, texts);
  return texts;
}

function collectTexts(value: unknown, texts: string[]): void {
  if (typeof value === "string") texts.push(value);
  else if (typeof value === "object" && value !== null)
    for (const key in value) collectTexts((value as Readonly<Record<string, unknown>>)[key], texts);
}

/**
 * Returns each `${…}` in the strings of a configuration, without the braces. `$${` is an escape,
 * not an expression.
 */
export function expressionsIn(value: unknown): readonly string[] {
  const expressions: string[] = [];
  for (const text of textsOf(value)) {
    for (let start = text.indexOf("${"); start >= 0; start = text.indexOf("${", start + 2)) {
      if (text[start - 1] === "$") continue;
      let [end, depth, isQuoted] = [start + 2, 1, false];
      for (; end < text.length && depth > 0; end += 1) {
        if (text[end] === '"' && text[end - 1] !== "\\") isQuoted = !isQuoted;
        else if (!isQuoted) depth += text[end] === "{" ? 1 : text[end] === "}" ? -1 : 0;
      }
      expressions.push(text.slice(start + 2, end - 1));
      start = end - 2;
    }
  }
  return expressions;
}

/** Returns the stacks whose outputs a configuration reads. */
export function remoteStacksOf(json: Pick<StackJson, "data">): string[] {
  const names = Object.keys(json.data?.terraform_remote_state ?? {});
  return names
    .filter((name) => name.startsWith(dataPrefix))
    .map((name) => name.slice(dataPrefix.length));
}

/**
 * Returns the stacks that must be deployed before this one: referenced stacks, and those added with
 * `addDependency`.
 */
export function usesOf(stack: Pick<SynthesizedStack, "name" | "directory" | "json">): string[] {
  return [...new Set([...remoteStacksOf(stack.json), ...declaredDependencies(stack)])]
    .filter((name) => name !== stack.name)
    .sort();
}

function declaredDependencies({
  name,
  directory,
}: Pick<SynthesizedStack, "name" | "directory">): readonly string[] {
  const file = path.join(path.dirname(path.dirname(path.resolve(directory))), "manifest.json");
  // A stack that a test synthesizes alone has no manifest.
  return (
    readSavedJson<{ stacks: Record<string, { dependencies?: readonly string[] }> }>(file)?.stacks?.[
      name
    ]?.dependencies ?? []
  );
}

/**
 * Returns the address of an instance's block, which is the same for all instances of a `count` or
 * `for_each`.
 */
export const withoutKey = (address: string): string =>
  address.replace(/\[(?:\d+|"(?:\\.|[^"\\])*")\]$/, "");

/**
 * Returns the address without the instance keys of the resource and its modules:
 * `module.m["x"].databricks_job.a[0]` → `module.m.databricks_job.a`.
 */
export const withoutKeys = (address: string): string =>
  address.replaceAll(/\[(?:\d+|"(?:\\.|[^"\\])*")\]/g, "");

/** Returns the name of the `data.terraform_remote_state` block for a stack. */
export const remoteStateName = (stack: string): string => `${dataPrefix}${stack}`;

/**
 * Returns the stack that a `data.terraform_remote_state` block reads; undefined for other blocks.
 */
export const remoteStackOf = (name: string): string | undefined =>
  name.startsWith(dataPrefix) ? name.slice(dataPrefix.length) : undefined;

/**
 * Returns the expression behind a stack's output, without `${}`:
 * `databricks_cluster_policy.policy_E16B4B70.id`.
 */
export function outputExpression(json: StackJson, output: string): string | undefined {
  const outputs = (json.output ?? {}) as Readonly<Record<string, { readonly value?: unknown }>>;
  const value = outputs[output]?.value;
  if (typeof value !== "string") return undefined;
  return /^\$\{([^{}]*)\}$/s.exec(value)?.[1] ?? value;
}

/**
 * Returns a readable form of a reference: the construct path and the attribute, such as
 * `platform-dev/policy.id`, or the stack and the output if the used stack's code is not available.
 */
export function meaningOf(
  { stack, output }: StackReference,
  used: Pick<SynthesizedStack, "json" | "metadata"> | undefined,
): string {
  const expression = used === undefined ? undefined : outputExpression(used.json, output);
  if (used === undefined || expression === undefined) return `${stack}/${output}`;
  const [, address = "", attributePath = ""] =
    /^((?:data\.)?\w+\.[\w-]+)(.*)$/s.exec(expression) ?? [];
  const origin = used.metadata.resources[address];
  return origin === undefined ? `${stack}/${expression}` : `${origin.path}${attributePath}`;
}
