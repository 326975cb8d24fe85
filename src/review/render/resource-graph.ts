import type { ResourceChange, ResourceGraph, StackReview } from "../model";
import { withoutKey } from "../../terraform/references";
import type { ResourceDrawing } from "./graph-svg";
import { actionName, typeName } from "./values";

/**
 * Above this number, equal changes are one node each, and so are unchanged resources of one type.
 */
const MOST_SINGLE = 100;
/** Larger graphs cannot be read. */
const MOST = 150;

const tones: Readonly<Record<string, string>> = {
  create: "ok",
  update: "wait",
  replace: "bad",
  destroy: "bad",
  import: "run",
};
/** So that no action is shown by its colour alone. */
const signs: Readonly<Record<string, string>> = {
  create: "+ ",
  update: "~ ",
  replace: "± ",
  destroy: "− ",
  import: "↓ ",
};

interface Node {
  readonly key: string;
  readonly label: string;
  readonly tone: string;
  /** The anchor of its change. */
  readonly anchor?: string;
}

/**
 * The resources of a stack, changed or not, and which one uses which. A graph that is too large
 * shows the changed ones and their neighbours first; `cut` states what is missing. undefined for a
 * stack of fewer than two resources.
 */
export function drawResources(
  stack: StackReview,
  anchorOf: (group: number) => string,
): (ResourceDrawing & { readonly cut?: string }) | undefined {
  const { nodes, edges } = stack.resourceGraph;
  if (nodes.length < 2) return undefined;
  const nodeOf = nodesOf(stack, anchorOf, nodes.length > MOST_SINGLE);
  const drawn = new Map([...nodeOf.values()].map((node) => [node.key, node]));
  const links = new Map<string, { readonly from: string; readonly to: string }>();
  for (const edge of edges) {
    const [from, to] = [nodeOf.get(edge.from)?.key, nodeOf.get(edge.to)?.key];
    if (from !== undefined && to !== undefined && from !== to)
      links.set(JSON.stringify([from, to]), { from, to });
  }
  const kept = new Set(mostRelevant([...drawn.values()], [...links.values()]));
  const shown = [...links.values()].filter(({ from, to }) => kept.has(from) && kept.has(to));
  const covered = [...nodeOf.values()].filter(({ key }) => kept.has(key)).length;
  return {
    nodes: [...kept].flatMap((key) => drawn.get(key) ?? []),
    edges: shown,
    ...(covered < nodes.length && {
      cut: `The graph shows ${covered} of ${nodes.length} resources and ${shown.length} of ${links.size} references: the changed ones and their neighbours first. The JSON has all of them.`,
    }),
  };
}

/** The node of each resource, by address. */
function nodesOf(
  { resourceGraph, changes, groups }: StackReview,
  anchorOf: (group: number) => string,
  isLarge: boolean,
): Map<string, Node> {
  const changed = new Map<
    string,
    { readonly change: ResourceChange; readonly group: number; count: number }
  >();
  for (const [group, { members }] of groups.entries()) {
    for (const member of members) {
      const change = changes[member];
      if (change === undefined) continue;
      const address = withoutKey(change.address);
      const known = changed.get(address);
      if (known === undefined) changed.set(address, { change, group, count: 1 });
      else known.count += 1;
    }
  }
  const sizes = sizesOf(resourceGraph, changed);
  const nodes = new Map<string, Node>();
  for (const { address, type, path } of resourceGraph.nodes) {
    const found = changed.get(address);
    const action = found === undefined ? "" : actionName[found.change.action];
    const name = found?.change.title ?? path.slice(path.lastIndexOf("/") + 1);
    const key = isLarge ? foldedKey(type, found?.group) : address;
    const count = isLarge ? (sizes.get(key) ?? 1) : (found?.count ?? 1);
    const label = `${signs[action] ?? ""}${count > 1 ? `${count} × ${typeName(type)}` : `${typeName(type)} ${name}`}`;
    nodes.set(address, {
      key,
      label,
      tone: tones[action] ?? "",
      ...(found !== undefined && { anchor: anchorOf(found.group) }),
    });
  }
  return nodes;
}

const foldedKey = (type: string, group: number | undefined): string =>
  group === undefined ? `unchanged ${type}` : `change ${group}`;

function sizesOf(
  { nodes }: ResourceGraph,
  changed: ReadonlyMap<string, { readonly group: number }>,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { address, type } of nodes) {
    const key = foldedKey(type, changed.get(address)?.group);
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return sizes;
}

/** Keys of the changed nodes, then of their neighbours, then of all others, up to the limit. */
function mostRelevant(
  nodes: readonly Node[],
  edges: readonly { readonly from: string; readonly to: string }[],
): readonly string[] {
  const changed = new Set(nodes.filter(({ tone }) => tone !== "").map(({ key }) => key));
  const neighbours = edges
    .filter(({ from, to }) => changed.has(from) || changed.has(to))
    .flatMap(({ from, to }) => [from, to]);
  return [...new Set([...changed, ...neighbours, ...nodes.map(({ key }) => key)])].slice(0, MOST);
}
