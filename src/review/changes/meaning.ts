import { defined } from "../../defined";
import type { Json } from "../model";
import type { StackBlock } from "../plan/blocks";
import { canonical, isList, isObject, object, sha256, type JsonObject } from "../plan/json";
import { expressionIn, type StackFacts } from "../plan/stack";
import type { Artifact } from "../secrets/scan";
import { blockMeaning } from "./blocks";
import type { TypeRules } from "./change";
import { sortKeyedLists } from "./diff";
import { annotate, Sensitive } from "./unknown-and-sensitive";

/**
 * Returns one line for each resource and block of a stack. Equal lines have the same effect.
 * Excludes everything without an effect: comments (`//`), construct paths, source lines, the order
 * of object keys, keyed lists, sets and `depends_on`, and the local path of an uploaded file. Also
 * excludes secret values, but not their origin.
 */
export function meaningOf(
  stack: StackFacts,
  blocks: readonly StackBlock[],
  rules: (type: string) => TypeRules,
  artifacts: ReadonlyMap<string, Artifact> = new Map(),
): string[] {
  const resources = [...stack.resources.values()].map(({ address, type, config }) => {
    const artifact = artifacts.get(address);
    const normalizedConfig = sortKeyedLists(
      withoutSecrets(config, annotate(config, undefined, undefined, type)),
      "",
      rules(type).keyed,
    );
    const { source: _source, content_base64: _content, ...rest } = object(normalizedConfig);
    return `${address} ${sha256(canonical(artifact === undefined ? normalizedConfig : { ...rest, content: artifact.sha256 }))}`;
  });
  return [
    ...resources,
    ...blocks.map(
      (block) => `${block.kind} ${block.name} ${sha256(canonical(blockMeaning(block)))}`,
    ),
  ].sort();
}

/** Replaces sensitive fields by markers with the expression that they come from. */
function withoutSecrets(config: JsonObject, markedConfig: unknown): Json {
  const walk = (value: unknown, mark: unknown): unknown => {
    // A subtree without secrets is identical in the marked tree.
    if (value === mark) return value;
    if (mark instanceof Sensitive) {
      const from = expressionIn(value);
      return { $lakeform: "sensitive", ...defined({ from }) };
    }
    if (isList(value))
      return value.map((inner, index) => walk(inner, isList(mark) ? mark[index] : undefined));
    return isObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [key, walk(inner, object(mark)[key])]),
        )
      : value;
  };
  return walk(config, markedConfig) as Json;
}
