import type { ResourceChange, ResourceGraph, ResourceNode } from "../model";
import { expressionsIn, withoutKey } from "../../terraform/references";
import type { StackFacts, StackResource } from "../plan/stack";

interface Sources {
  readonly stack: StackFacts;
  /** The last deployed stack, for the references of destroyed resources. */
  readonly previous: StackFacts | undefined;
  readonly changes: readonly ResourceChange[];
  /** Objects that only the plan contains, because modules or other files declare them. */
  readonly unlisted: readonly { readonly address: string; readonly type: string }[];
}

/**
 * Matches the address of a resource in an expression (`databricks_job.x`). Of a data source's
 * address, it matches only `data.<type>`, which is not a node.
 */
const reference = /(?<![\w.-])(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*[a-z]\w*\.[A-Za-z_][\w-]*/g;

/**
 * Builds the graph of all resources in the stack and of those that the deploy destroys.
 * Dependencies come from expressions and `depends_on`.
 */
export function resourceGraph({ stack, previous, changes, unlisted }: Sources): ResourceGraph {
  const nodes = new Map<string, ResourceNode>();
  const usesOf = new Map<string, Iterable<string>>();
  const add = (address: string, type: string, path: string, uses: Iterable<string>): void => {
    if (nodes.has(address)) return;
    nodes.set(address, { address, type, path });
    usesOf.set(address, uses);
  };
  for (const resource of stack.resources.values())
    add(resource.address, resource.type, resource.path, usesIn(resource));
  for (const { address, type, path } of changes) {
    const block = withoutKey(address);
    const previousResource = previous?.resources.get(block);
    add(block, type, path, previousResource === undefined ? [] : usesIn(previousResource));
  }
  for (const { address, type } of unlisted) add(withoutKey(address), type, withoutKey(address), []);
  for (const change of changes) {
    const unknownValueSources = change.fields.flatMap(({ after }) => [
      ...addressesIn(originsOf(after)),
    ]);
    if (unknownValueSources.length > 0)
      usesOf.set(withoutKey(change.address), [
        ...(usesOf.get(withoutKey(change.address)) ?? []),
        ...unknownValueSources,
      ]);
  }
  const edges = [...usesOf].flatMap(([to, uses]) =>
    [...new Set(uses)]
      .filter((from) => from !== to && nodes.has(from))
      .map((from) => ({ from, to })),
  );
  return { nodes: [...nodes.values()], edges };
}

function* usesIn({ config, controlArguments }: StackResource): Generator<string> {
  yield* addressesIn(expressionsIn([config, controlArguments]));
  const { depends_on: dependencies } = controlArguments;
  if (Array.isArray(dependencies))
    yield* dependencies.filter((address) => typeof address === "string");
}

function* addressesIn(expressions: Iterable<string>): Generator<string> {
  for (const expression of expressions)
    for (const [address] of expression.matchAll(reference)) yield address;
}

/** Returns the expressions that the unknown and sensitive values inside a value come from. */
function* originsOf(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if ("$lakeform" in value && "from" in value && typeof value.from === "string") yield value.from;
  else for (const inner of Object.values(value)) yield* originsOf(inner);
}
